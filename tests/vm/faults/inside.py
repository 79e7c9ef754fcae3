"""Inside the machine, as the blog's user: runs the blog's own commands, each of which comes to grief as told.

A JSON object a line comes in, one goes out. `blogops` is imported once, and each command is a fork of this
process, so that it takes as long as its work.
"""

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import blogops.cli
from blogops import jobs
from blogops.releases import SCHEDULE, Run, live_id
from faults import arranging, looking, mutants, striking
from faults.looking import AT, ledger, note_live
from faults.striking import HERE, ROOT, Fault

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
    except BaseException:
        traceback.print_exc()
    os._exit(1)


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
    """Have the command write *edition* once it has the lock, and note when it had it."""

    def held(real: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def noted(*words: Any, **more: Any) -> Iterator[Any]:
            with real(*words, **more) as waited:
                began = time.monotonic()
                yield waited
                _held(os.getpid()).write_text(json.dumps([began, time.monotonic()]))

        return noted

    def sent(real: Callable[..., Any]) -> Callable[..., Any]:
        def read(at: jobs.Place) -> Any:
            arranging.say(edition)
            return real(at)

        return read

    striking.patched("blogops.releases.attempt.held", held)
    striking.patched("blogops.jobs.place.Place.sent", sent)


def _told(pid: int) -> Path:
    return HERE / f"told.{pid}"


def _held(pid: int) -> Path:
    return HERE / f"held.{pid}"


def end(pid: int, *, goes: bool = False) -> dict[str, Any]:
    """Wait for a command; return its exit code (minus the signal), what it said, and what was live when.

    One that is paused *goes* on once what is live before it does has been seen.
    """
    links: list[tuple[float, str]] = []
    deadline = time.monotonic() + PATIENCE
    while True:
        live = live_id(AT.layout)
        if not links or links[-1][1] != live:
            links.append((time.monotonic(), live))
            note_live()
        if goes:
            go()
            goes = False
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        assert time.monotonic() < deadline, f"hangs: {_told(pid).read_text()}"
        time.sleep(0.002)
    text, held = _taken(_told(pid)), json.loads(_taken(_held(pid)) or "[]")
    return {"code": os.waitstatus_to_exitcode(status), "told": text, "links": links, "held": held}


def _taken(path: Path) -> str:
    """Return what stands in a file, and remove it; nothing if it is not there."""
    text = path.read_text() if path.exists() else ""
    path.unlink(missing_ok=True)
    return text


def run(**asked: Any) -> dict[str, Any]:
    """Start a command and wait for it."""
    began = time.monotonic()
    return {**end(start(**asked)), "seconds": time.monotonic() - began}


def switches(count: int, mutant: str = "") -> int:
    """Switch *count* times, to the newest release but the live one and back; return how often."""
    child = os.fork()
    if not child:
        try:
            _switch(count, mutant)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    return count // 2 * 2


def _switch(count: int, mutant: str) -> None:
    if mutant:
        mutants.MUTANTS[mutant]()
    switch = sys.modules["blogops.releases.switch"].switch  # as it is by now
    live = live_id(AT.layout)
    for _ in range(count // 2):
        for name in (_another(live), live):
            switch(AT.layout, name)
            time.sleep(0.005)


def _another(live: str) -> str:
    return max(path.name for path in AT.layout.releases.glob("0*") if path.name != live)


def nights(count: int, *, is_changed: bool) -> list[dict[str, Any]]:
    """Rebuild as cron does, night after night, in this process; return the attempts."""
    for number in range(count):
        if is_changed:
            post = f"A night\n#######\n\n:date: 2026-11-07 09:00\n:tags: test\n\nNight {number}.\n"
            arranging.write("source/content/night.rst", post)
        elif number % 10 == 5:  # as if the work were lost: it is all built again
            AT.layout.built.unlink()
            AT.layout.manifest.unlink()
        jobs.rebuild(AT, Run(who="cron", reason=SCHEDULE))
        note_live()
    return ledger(count)


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


def warm() -> None:
    """Import what a deploy imports, so that no fork has to."""
    assert run(words=["rebuild"])["code"] == 0
    for name in json.loads((HERE / "modules").read_text()):
        importlib.import_module(name)


def process() -> int:
    """Return this process, and with it that of `switches`."""
    return os.getpid()


ACTS: dict[str, Callable[..., Any]] = {
    **looking.ACTS,
    **arranging.ACTS,
    **{
        act.__name__: act
        for act in (
            *(start, end, run, switches, nights),
            *(forget, is_paused, go, cut, kill, warm, process),
        )
    },
}


if __name__ == "__main__":
    main()
