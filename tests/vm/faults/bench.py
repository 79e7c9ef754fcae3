"""The blog that it all happens to: a machine, a manuscript of six posts, and a session inside."""

import http.client
import itertools
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from driving import REPO, Driver

from blogops import vm
from faults.measured import Numbers
from faults.polling import Poller, Seen
from faults.striking import HERE, ROOT, Fault

TOML = """[site]
title = "{edition}"
url = "http://blog.example.org"
author = "A. Author"

[urls]
author = ""
authors = ""
year = ""
month = ""

[feeds]
atom = {{author = "", language = ""}}
rss = {{all = "", category = "", tag = "", author = "", language = ""}}
json = {{all = "", category = "", tag = "", author = "", language = ""}}

[theme]
accent = "#9a3412"

[build]
compress = false

[releases]
keep = 5

[server]
hosts = ["root@blog.example.org"]
domains = ["blog.example.org"]

[rebuild]
at = "04:10"
"""
POST = (
    "Post {n}\n######\n\n:date: 2026-11-0{n} 09:00\n:tags: test\n:category: Tests\n\nThe text of post {n}.\n"
)
PYTHON = ROOT / "toolkit/current/bin/python"
DEPLOY = ("rebuild", "--reason", "deploy")


@dataclass(frozen=True)
class Done:
    """What came of a command: its exit code (minus the signal), what it said, what was live since when, and
    from when to when it had the lock.
    """

    code: int
    told: str
    links: list[tuple[float, str]]
    held: list[float]
    seconds: float = 0.0


@dataclass(frozen=True)
class Reply:
    """What a reader gets."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass(frozen=True)
class Look:
    """How it stands on the server."""

    live: str
    editions: dict[str, str]
    states: dict[str, str]
    last: dict[str, Any]
    torn: int
    is_locked: bool
    pinned: str
    entries: list[str]


class Bench(Driver):
    """One blog on one machine, driven from outside by `fab`, and from inside fault by fault."""

    def __init__(self, machine: vm.Machine, folder: Path, numbers: Numbers) -> None:
        super().__init__(machine, folder)
        self.numbers = numbers
        self.editions: dict[str, str] = {}  # of every release there ever was
        self._count = itertools.count(1)
        self._session: subprocess.Popen[str] | None = None
        self._turn = threading.Lock()

    def write_blog(self) -> None:
        """Write the manuscript and its fabfile."""
        (self.folder / "content").mkdir(parents=True)
        (self.folder / "fabfile.py").write_bytes((REPO / "fabfile.py").read_bytes())
        (self.folder / "blog.toml").write_text(TOML.format(edition=self.edition()))
        for n in range(1, 7):
            (self.folder / f"content/post-{n}.rst").write_text(self.post(n))

    def post(self, n: int) -> str:
        """Return the text of post *n*."""
        return POST.format(n=n)

    def edition(self) -> str:
        """Return a word that no release has yet."""
        return f"Edition-{next(self._count):04d}"

    def open(self) -> None:
        """Start the session inside, as the blog's user."""
        package = Path(__file__).parent
        tar = subprocess.run(
            ["tar", "-C", package.parent, "--exclude=__pycache__", "-c", package.name],
            check=True,
            capture_output=True,
        )
        unpack = f"mkdir -p {HERE} && tar -C {HERE} -x"
        subprocess.run(self.ssh_line("blog", unpack), input=tar.stdout, check=True, capture_output=True)
        self._session = subprocess.Popen(
            self.ssh_line("blog", f"PYTHONPATH={HERE} {PYTHON} -m faults.inside"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start_over(self, releases: int = 2) -> None:
        """Forget all releases; there are one or two new ones then."""
        self.do("reset")
        self.do("say", edition=self.edition())
        self.do("warm")
        if releases > 1:
            assert self.deploy().code == 0
        self.look()

    def close(self) -> None:
        """End the session."""
        if self._session:
            self._session.communicate(timeout=30)
            self._session = None

    def ssh_line(self, user: str, command: str) -> list[str]:
        """Return the command line of ssh for *user*."""
        return ["ssh", "-F", str(self.machine.ssh_config), "-l", user, self.machine.name, command]

    def do(self, act: str, **words: Any) -> Any:
        """Have the session do *act* and return what it answers."""
        session = self._session
        assert session, "not open"
        assert session.stdin, "not open"
        assert session.stdout, "not open"
        with self._turn:
            session.stdin.write(json.dumps({"act": act, **words}) + "\n")
            session.stdin.flush()
            line = session.stdout.readline()
        assert line, f"{act} ended the session"
        return json.loads(line)

    def blogops(self, *words: str, fault: Fault | None = None, mutant: str = "") -> Done:
        """Run ``blogops WORDS`` there, with what is to go wrong in it."""
        return Done(**self.do("run", words=words, fault=asdict(fault) if fault else None, mutant=mutant))

    def start_inside(self, *words: str, fault: Fault | None = None, edition: str = "") -> int:
        """Start it and return its process."""
        asked = asdict(fault) if fault else None
        return int(self.do("start", words=words, fault=asked, edition=edition))

    def end_inside(self, pid: int, *, goes: bool = False) -> Done:
        """Wait for what `start_inside` began, and which *goes* on now if it is paused."""
        return Done(**self.do("end", pid=pid, goes=goes))

    def deploy(self, edition: str = "", *, fault: Fault | None = None, mutant: str = "") -> Done:
        """Deploy *edition* from what lies on the server, pinned or not."""
        self.do("say", edition=edition or self.edition())
        return self.blogops(*DEPLOY, "--unpin", fault=fault, mutant=mutant)

    def get(self, path: str) -> Reply:
        """Ask for a page once, from outside."""
        nginx = http.client.HTTPConnection("127.0.0.1", self.machine.http_port, timeout=10)
        with closing(nginx):
            nginx.request("GET", path, headers={"Host": "blog.example.org"})
            answer = nginx.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read().decode())

    def look(self) -> Look:
        """See how it stands there."""
        seen = Look(**self.do("look"))
        self.editions |= seen.editions
        return seen

    @contextmanager
    def polled(self, **more: Any) -> Iterator[Seen]:
        """Have readers ask for pages for the block: none may lose an answer, or get one of two releases."""
        with self.watched(**more) as seen:
            yield seen
        self.numbers.requests += seen.requests
        self.numbers.lost += len(seen.lost)
        assert seen.requests > 0
        assert seen.lost == []

    @contextmanager
    def watched(self, **more: Any) -> Iterator[Seen]:
        """The same where an outage is expected: only what was answered must be of one release."""
        with Poller(self.machine.http_port, **more) as seen:
            yield seen
        self.look()
        wrong = {pair for pair in seen.pairs if self.editions.get(pair[0]) != pair[1]}
        assert wrong == set()

    def until(self, act: str, seconds: float = 30) -> Any:
        """Wait until *act* answers something, and return it."""
        deadline = time.monotonic() + seconds
        while not (answer := self.do(act)):
            assert time.monotonic() < deadline, act
            time.sleep(0.02)
        return answer

    def set_title(self, edition: str) -> None:
        """Write *edition* into the manuscript on the laptop."""
        toml = self.folder / "blog.toml"
        lines = toml.read_text().splitlines(keepends=True)
        lines[1] = f'title = "{edition}"\n'
        toml.write_text("".join(lines))

    @contextmanager
    def surviving(self, kind: str) -> Iterator[None]:
        """Count a fault of this *kind*, and whether the block comes to its end."""
        self.numbers.injected[kind] += 1
        yield
        self.numbers.survived[kind] += 1

    @contextmanager
    def real_fault(self, fault: Fault) -> Iterator[None]:
        """Let *fault* happen to the commands that `fab` runs there, as long as the block lasts."""
        packages = f"{ROOT}/toolkit/current/lib/python3.*/site-packages"
        line = f"import sys; sys.path.append('{HERE}'); import faults.real"
        told = json.dumps(asdict(fault))
        self.ssh(f"cd {packages} && echo '{told}' >{HERE}/fault.json && echo \"{line}\" >faults.pth")
        try:
            yield
        finally:
            self.ssh(f"rm -f {packages}/faults.pth")

    @contextmanager
    def traced(self, calls: str) -> Iterator[list[str]]:
        """Have strace follow the session; the list has its lines once the block is over."""
        where = f"{HERE}/strace"
        program = f"LD_LIBRARY_PATH=$(echo {where}/usr/lib/*-linux-gnu) {where}/usr/bin/strace"
        command = f"{program} -f -o {where}/calls -e trace={calls} -p {self.do('process')}"
        running = subprocess.Popen(self.ssh_line("root", command), stderr=subprocess.PIPE, text=True)
        assert running.stderr
        assert "attached" in running.stderr.readline()
        lines: list[str] = []
        try:
            yield lines
        finally:
            self.ssh("pkill -INT -x strace")
            running.communicate(timeout=30)
            lines += self.ssh(f"cat {where}/calls").splitlines()
