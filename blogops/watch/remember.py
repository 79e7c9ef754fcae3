"""What the check remembers from one minute to the next: what fails, what waits, what could not be sent.

The file keeps its size and is written in place, so that a full disk does not make it forget that it has told
of the full disk.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from blogops.errors import Busy
from blogops.watch.look import memory

SIZE = 16 * 1024  # bytes


@dataclass
class Memory:
    """*failing*: since when, and when last tried (seconds since 1970). *waiting*: the pin that was told of.

    *blind* is when a run last went well that told nothing of the next. *unsent* is a message that
    some channels did not take, and when it was last tried.
    """

    failing: dict[str, int] | None = None
    waiting: str = ""
    blind: int = 0
    unsent: dict[str, Any] | None = None


@contextmanager
def remembered(root: str) -> Iterator[Memory]:
    """Yield the memory, and keep what the block makes of it.

    Raises `Busy` while another check is at work, and `OSError` where it cannot be kept.
    """
    descriptor = os.open(memory(root), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy("a check is at work already", hint="`fab log` tells how it ended.") from error
        _write(descriptor, kept := _read(descriptor))  # before anybody is told what would then be forgotten
        try:
            yield kept
        finally:
            _write(descriptor, kept)
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> Memory:
    try:
        return Memory(**json.loads(os.pread(descriptor, SIZE, 0)))
    except (ValueError, TypeError):  # new, or torn by a power cut
        return Memory()


def _write(descriptor: int, kept: Memory) -> None:
    data = json.dumps(vars(kept), ensure_ascii=False).encode()
    if len(data) > SIZE:  # rather no message a second time than no memory of the first
        data = json.dumps({**vars(kept), "unsent": None}).encode()
    os.pwrite(descriptor, data.ljust(SIZE), 0)
    os.ftruncate(descriptor, SIZE)
    os.fsync(descriptor)
