"""One kernel lock for everything that changes releases, and one for what is sent; gone with who holds it."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from blogops.errors import Busy
from blogops.releases.ledger import utc_now


class Holder(NamedTuple):
    """Who holds the lock, told to whoever must wait."""

    task: str
    who: str
    pid: int
    since: str


@contextmanager
def held(
    path: Path, *, task: str, who: str, wait: float = 0, waiting: Callable[[str], None] | None = None
) -> Iterator[bool]:
    """Hold the lock at *path* for the block, which is told whether it had to be waited for.

    Raises `Busy` naming the holder after *wait* seconds; *waiting* hears who is waited for.
    """
    with _opened(path, os.O_RDWR) as descriptor:
        waited = _acquire(descriptor, fcntl.LOCK_EX, lambda: _sentence(path), wait, waiting)
        _sign(descriptor, task, who)
        yield waited
        os.ftruncate(descriptor, 0)


@contextmanager
def unsent(path: Path, *, wait: float = 0, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Keep away for the block who sends a manuscript: rsync, which has the lock at *path* (`remote.sync`).

    Raises `Busy` where one is being sent for longer than *wait* seconds; *waiting* hears of the wait.
    """
    with _opened(path, os.O_RDONLY) as descriptor:
        _acquire(descriptor, fcntl.LOCK_SH, lambda: "a manuscript is being sent here", wait, waiting)
        yield


@contextmanager
def _opened(path: Path, mode: int) -> Iterator[int]:
    # O_CLOEXEC, Python's default: no child keeps the lock after us.
    descriptor = os.open(path, mode | os.O_CREAT, 0o644)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _sign(descriptor: int, task: str, who: str) -> None:
    holder = Holder(task=task, who=who, pid=os.getpid(), since=utc_now())
    os.ftruncate(descriptor, 0)
    with contextlib.suppress(OSError):  # on a full disk it goes unsaid: a rollback needs no room
        os.pwrite(descriptor, json.dumps(holder._asdict()).encode(), 0)


def _acquire(
    descriptor: int, kind: int, because: Callable[[], str], wait: float, waiting: Callable[[str], None] | None
) -> bool:
    deadline, waited = time.monotonic() + wait, False
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Busy(because(), hint="Wait for it to end, then run this again.") from None
            if waiting and not waited:
                waiting(f"waiting: {because()}")
            waited = True
            time.sleep(0.1)
        else:
            return waited


def _sentence(path: Path) -> str:
    try:
        holder = Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        return "another run is at work here"
    return f"{holder.task} by {holder.who} (process {holder.pid}) is at work here since {holder.since}"
