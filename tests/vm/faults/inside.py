"""Inside the machine, as the blog's user: runs the blog's own commands, each of which comes to grief as told.

A JSON object a line comes in, one goes out. `blogops` is imported once, and each command is a fork of this
process, so that it takes as long as its work.
"""

import fcntl
import http.client
import importlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import blogops.cli
import blogops.rollback
from blogops import jobs
from blogops.releases import MANIFEST, MOVES, SCHEDULE, Ledger, Outcome, Release, Run, content_hash, live_id
from faults import mutants, striking
from faults.striking import FILLER, HERE, ROOT, Fault

AT = jobs.place(str(ROOT))
EDITION = re.compile(r"Edition-[0-9a-z]+")
PATIENCE = 120  # seconds until a command is taken for hanging


def main() -> None:
    """Answer until nobody asks any more."""
    for line in sys.stdin:
        asked = json.loads(line)
        answer = ACTS[asked.pop("act")](**asked)
        print(json.dumps(answer), flush=True)  # noqa: T201 (the test reads it)


def start(words: list[str], fault: dict[str, str] | None = None, mutant: str = "", edition: str = "") -> int:
    """Start ``blogops WORDS`` with what is to go wrong in it; return its process.

    With an *edition* it is written into the manuscript once the command has the lock.
    """
    forget()
    child = os.fork()
    if child:
        return child
    try:
        _be_the_command(words, Fault(**fault) if fault else None, mutant, edition)
    finally:
        os._exit(99)


def _be_the_command(words: list[str], fault: Fault | None, mutant: str, edition: str) -> None:
    told = os.open(_told(os.getpid()), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (told, 1), (told, 2)):
        os.dup2(source, target)
    if mutant:
        mutants.MUTANTS[mutant]()
    if fault:
        striking.afflict(fault)
    if edition:
        _under_the_lock(edition)
    sys.argv = ["blogops", *words, "--root", str(ROOT)]
    code: object = 0
    try:
        blogops.cli.main()
    except SystemExit as done:
        code = done.code or 0
    sys.stdout.flush()
    (HERE / "modules").write_text(json.dumps([name for name in sys.modules if name != "__main__"]))
    os._exit(int(str(code)))


def _under_the_lock(edition: str) -> None:
    def config(real: Callable[..., Any]) -> Callable[..., Any]:
        def read(at: jobs.Place) -> Any:
            say(edition)
            return real(at)

        return read

    striking.patched("blogops.jobs.place.Place.config", config)


def _told(pid: int) -> Path:
    return HERE / f"told.{pid}"


def end(pid: int) -> dict[str, Any]:
    """Wait for a command; return its exit code (minus the signal), what it said, and what was live when."""
    links: list[tuple[float, str]] = []
    deadline = time.monotonic() + PATIENCE
    while True:
        live = live_id(AT.layout)
        if not links or links[-1][1] != live:
            links.append((time.monotonic(), live))
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        assert time.monotonic() < deadline, f"hangs: {_told(pid).read_text()}"
        time.sleep(0.002)
    told = _told(pid)
    text = told.read_text() if told.exists() else ""
    told.unlink(missing_ok=True)
    return {"code": os.waitstatus_to_exitcode(status), "told": text, "links": links}


def run(**asked: Any) -> dict[str, Any]:
    """Start a command and wait for it."""
    began = time.monotonic()
    return {**end(start(**asked)), "seconds": time.monotonic() - began}


def say(edition: str) -> None:
    """Put *edition* into the manuscript's title, and so on every page."""
    toml = ROOT / "source/blog.toml"
    toml.write_text(EDITION.sub(edition, toml.read_text()))


def write(name: str, text: str) -> None:
    """Write a file of the blog's folder."""
    (ROOT / name).write_text(text)


def look() -> dict[str, Any]:
    """Return how it stands: what is live, the edition of each release, the ledger's end, the lock."""
    known = Ledger(AT.layout.ledger)
    return {
        "live": live_id(AT.layout),
        "editions": dict(_editions()),
        "states": {name: str(state) for name, state in known.states().items()},
        "last": asdict(known.attempts[-1]) if known.attempts else {},
        "torn": len(known.warnings),
        "is_locked": _is_locked(),
        "pinned": known.pinned(),
        "entries": sorted(path.name for path in AT.layout.releases.iterdir()),
    }


def ledger(count: int) -> list[dict[str, Any]]:
    """Return its last lines, *count* of them."""
    return [asdict(each) for each in Ledger(AT.layout.ledger).attempts[-count:]]


def _editions() -> Iterator[tuple[str, str]]:
    for path in sorted(AT.layout.releases.glob("*/public/index.html")):
        found = EDITION.search(path.read_text())
        yield path.parts[-3], found[0] if found else ""


def _is_locked() -> bool:
    with AT.layout.lock.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def pages() -> list[str]:
    """Return what is wrong with the live release: each of its files is asked of nginx."""
    live = live_id(AT.layout)
    public = AT.layout.public(live)
    files = sorted(path for path in public.rglob("*") if path.is_file())
    if not files:
        return [f"{live} has no pages"]
    with closing(_nginx()) as nginx:
        return [problem for path in files if (problem := _asked(nginx, path, public, live))]


def _nginx() -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", 80, timeout=10)


def _asked(nginx: http.client.HTTPConnection, path: Path, public: Path, live: str) -> str:
    answer, body = _got(nginx, f"/{path.relative_to(public).as_posix()}")
    if answer.status != 200:
        return f"{path}: {answer.status}"
    if answer.getheader("X-Release") != live:
        return f"{path}: {answer.getheader('X-Release')} is not {live}"
    return "" if body == path.read_bytes() else f"{path}: other bytes"


def _got(
    nginx: http.client.HTTPConnection, address: str, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    nginx.request("GET", address, headers={"Host": "blog.example.org", **headers})
    answer = nginx.getresponse()
    return answer, answer.read()


def etags() -> dict[str, str]:
    """Return address -> ETag of each file of the live release."""
    public = AT.layout.public(live_id(AT.layout))
    names = [path.relative_to(public).as_posix() for path in public.rglob("*") if path.is_file()]
    with closing(_nginx()) as nginx:
        return {name: _got(nginx, f"/{name}")[0].getheader("ETag") or "" for name in sorted(names)}


def changed(etags: dict[str, str]) -> list[str]:
    """Return the addresses that do not answer 304 to the ETag they had."""
    with closing(_nginx()) as nginx:
        asked = {name: _got(nginx, f"/{name}", **{"If-None-Match": tag})[0] for name, tag in etags.items()}
    return [name for name, answer in asked.items() if answer.status != 304]


def hashes() -> dict[str, list[str]]:
    """Return release -> the hash of its content as it says, and as it is."""
    found = {}
    for path in sorted(AT.layout.releases.iterdir()):
        if release := Release.read(AT.layout, path.name):
            beside = {name: (path / name).read_text() for name in (MANIFEST, MOVES)}
            found[path.name] = [release.content, content_hash(path / "public", beside)]
    return found


def switches(count: int, mutant: str = "") -> int:
    """Switch *count* times between the two newest good releases, to the one that is not live."""
    if mutant:
        mutants.MUTANTS[mutant]()
    switch = sys.modules["blogops.releases.switch"].switch  # as it is by now
    live = live_id(AT.layout)
    for _ in range(count // 2):
        for name in (_another(live), live):
            switch(AT.layout, name)
            time.sleep(0.005)
    return count // 2 * 2


def _another(live: str) -> str:
    return max(name for name, _ in _editions() if name != live)


def nights(count: int, *, is_changed: bool) -> list[dict[str, Any]]:
    """Rebuild as cron does, night after night, in this process; return the attempts."""
    for number in range(count):
        if is_changed:
            post = f"A night\n#######\n\n:date: 2026-11-07 09:00\n:tags: test\n\nNight {number}.\n"
            write("source/content/night.rst", post)
        elif number % 10 == 5:  # as if the work were lost: it is all built again
            AT.layout.built.unlink()
            AT.layout.manifest.unlink()
        jobs.rebuild(AT, Run(who="cron", reason=SCHEDULE))
    return ledger(count)


def disk() -> int:
    """Return how many bytes the releases and what is kept of them take up; shared files count once."""
    states = [path.lstat() for top in ("releases", "assets") for path in (ROOT / top).rglob("*")]
    return sum({state.st_ino: state.st_blocks * 512 for state in states}.values())


def forget() -> None:
    """Forget who was paused."""
    for name in ("paused", "go"):
        (HERE / name).unlink(missing_ok=True)


def is_paused() -> int:
    """Return the process that waits to be told to go, or 0."""
    paused = HERE / "paused"
    return int(paused.read_text() or 0) if paused.exists() else 0


def go() -> None:
    """Let it go on."""
    (HERE / "go").touch()


def cut(pid: int) -> None:
    """Kill the sshd that a process came by, as a lost connection or a crash would."""
    while not (Path("/proc") / str(pid) / "comm").read_text().startswith("sshd"):
        status = (Path("/proc") / str(pid) / "status").read_text()
        pid = int(status.partition("PPid:")[2].split()[0])
    kill(pid)


def kill(pid: int) -> None:
    """End a process as the kernel does when memory is short."""
    os.kill(pid, 9)


def mode(name: str, bits: int) -> None:
    """Change who may do what with a file or folder of the blog."""
    (ROOT / name).chmod(bits)


def pad() -> None:
    """Lengthen the ledger by a line, so that a hundred bytes are left of its last page."""
    line = Ledger(AT.layout.ledger).attempts[-1]
    line = replace(line, outcome=Outcome.UNCHANGED)
    page, size = os.sysconf("SC_PAGESIZE"), AT.layout.ledger.stat().st_size + len(line.to_json()) + 1
    Ledger(AT.layout.ledger).append(replace(line, who=line.who + "x" * ((-100 - size) % page)))


def fill() -> None:
    """Leave neither a byte nor an inode."""
    striking.strike("both")


def free() -> None:
    """Give back the room that was filled."""
    for path in FILLER.iterdir() if FILLER.is_dir() else ():
        path.unlink()
    if FILLER.is_dir():
        FILLER.rmdir()


def room() -> list[int]:
    """Return the bytes and inodes that are free."""
    found = os.statvfs(ROOT)
    return [found.f_bavail * found.f_frsize, found.f_favail]


def reset() -> None:
    """Forget every release, as on a server that nothing was deployed to."""
    for name in ("current", "ledger.jsonl", "assets.json", "reserve"):
        (ROOT / name).unlink(missing_ok=True)
    for name in ("releases", "assets", "work"):
        for folder, _, _ in os.walk(ROOT / name):
            Path(folder).chmod(0o700)
        shutil.rmtree(ROOT / name, ignore_errors=True)
    AT.layout.prepare()


def warm() -> None:
    """Import what a deploy imports, so that no fork has to."""
    assert run(words=["rebuild"])["code"] == 0
    for name in json.loads((HERE / "modules").read_text()):
        importlib.import_module(name)


def process() -> int:
    """Return this process, and with it that of `switches`."""
    return os.getpid()


ACTS: dict[str, Callable[..., Any]] = {
    act.__name__: act
    for act in (
        *(start, end, run, say, write, look, ledger, pages, etags, changed, hashes, switches, nights, disk),
        *(forget, is_paused, go, cut, kill, mode, pad, fill, free, room, reset, warm, process),
    )
}


if __name__ == "__main__":
    main()
