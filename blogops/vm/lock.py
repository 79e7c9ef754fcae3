"""Kernel file locks: one command at a time on a machine, on a cached root, on the choice of ports."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blogops.console import say
from blogops.errors import Busy


@contextmanager
def held(path: Path, *, timeout: float = 120, what: str) -> Iterator[int]:
    """Hold the lock at *path*; yields the descriptor.

    A helper program that is given the descriptor goes on holding the lock if we are killed, so nobody
    cleans up under a `cp` that still writes.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = _acquire(path, time.monotonic() + timeout, what)
    try:
        yield descriptor
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _acquire(path: Path, deadline: float, what: str) -> int:
    said = False
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if _take(descriptor) and _same(descriptor, path):
            return descriptor
        os.close(descriptor)
        if time.monotonic() > deadline:
            raise Busy(f"another command is still working on {what}", hint="try again when it has ended")
        if not said:
            say(f"waiting for another command that works on {what}", "dim")
            said = True
        time.sleep(0.1)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _same(descriptor: int, path: Path) -> bool:
    """Tell whether the file we locked is still the one at *path*: its last holder unlinks it."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
