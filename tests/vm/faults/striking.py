"""What goes wrong, and where: patched into one command, in the process that runs it."""

import contextlib
import errno
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blogops.releases import Journal

ROOT = Path("/srv/blog")
HERE = Path("/tmp/faults")
FILLER = ROOT / "filler"  # on the file system of the releases
LOOKED_AT = "post-6.html"  # the newest post


@dataclass(frozen=True, kw_only=True)
class Fault:
    """*kind* of thing happens *when* ("before" or "after") the step *step* is taken.

    Or as the function *at* (its full name) is called, with *about* in its first argument.
    """

    kind: str
    step: str = ""
    when: str = "before"
    at: str = ""
    about: str = ""


def afflict(fault: Fault) -> None:
    """Let *fault* happen to this process."""
    if fault.at:
        _at_a_call(fault)
    else:
        _at_a_step(fault)


def patched(where: str, made: Callable[[Any], Any]) -> None:
    """Replace what *where* names (module.name or module.Class.name) by what *made* makes of it."""
    owner, _, name = where.rpartition(".")
    # A package may have a function of the name of one of its modules: the module is meant.
    module, _, inner = owner.rpartition(".")
    place = sys.modules[owner] if owner in sys.modules else getattr(sys.modules[module], inner)
    setattr(place, name, made(getattr(place, name)))


def _at_a_step(fault: Fault) -> None:
    def made(real: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def step(journal: Journal, name: str) -> Iterator[None]:
            hit = name == fault.step
            if hit and fault.when == "before":
                strike(fault.kind)
            with real(journal, name):
                yield
            if hit and fault.when == "after":
                strike(fault.kind)

        return step

    patched("blogops.releases.attempt.Journal.step", made)


def _at_a_call(fault: Fault) -> None:
    def made(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any, **more: Any) -> Any:
            if fault.about in str(words[0] if words else ""):
                strike(fault.kind)
            return real(*words, **more)

        return call

    patched(fault.at, made)


def strike(kind: str) -> None:
    """Let it happen, now."""
    if kind in ("KILL", "TERM", "INT"):
        os.kill(os.getpid(), getattr(signal, f"SIG{kind}"))
    else:
        {
            "bytes": fill_bytes,
            "inodes": fill_inodes,
            "both": fill_both,
            "pause": pause,
            "unreadable": _unreadable,
            "page gone": _page_gone,
        }[kind]()


def fill_bytes() -> None:
    """Leave no byte free on the file system of the releases."""
    FILLER.mkdir(exist_ok=True)
    with (FILLER / "bytes").open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while file.write(b"x" * size):
                    pass


def fill_inodes() -> None:
    """Leave no inode free there."""
    FILLER.mkdir(exist_ok=True)
    try:
        while True:
            (FILLER / str(time.monotonic_ns())).touch(exist_ok=False)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


def fill_both() -> None:
    """Leave neither: the inodes first, for a folder of names takes room."""
    FILLER.mkdir(exist_ok=True)
    (FILLER / "bytes").touch()
    fill_inodes()
    fill_bytes()


def pause() -> None:
    """Wait until the test says go."""
    (HERE / "paused").write_text(str(os.getpid()))
    deadline = time.monotonic() + 60
    while not (HERE / "go").exists() and time.monotonic() < deadline:
        time.sleep(0.01)


def newest() -> Path:
    """Return the release that was made last."""
    return max(ROOT.glob("releases/[0-9]*-*Z-*"))


def _unreadable() -> None:
    (newest() / "public").chmod(0o700)  # nginx is another user


def _page_gone() -> None:
    public = newest() / "public"
    public.chmod(0o755)
    (public / LOOKED_AT).unlink()
