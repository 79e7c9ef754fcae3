"""Ctrl-C, counted: once asks the work to stop where it is sound, twice lets go of it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Presses:
    """How often Ctrl-C was pressed."""

    count = 0

    def press(self, number: int, frame: FrameType | None) -> None:
        """Count one; a signal handler."""
        self.count += 1


_none = Presses()
_current = _none


@contextmanager
def counted() -> Iterator[Presses]:
    """Count Ctrl-C in the block rather than raise; threads of the block see the same count."""
    global _current
    if _current is not _none or threading.current_thread() is not threading.main_thread():
        yield _current
        return
    _current = Presses()
    before = signal.signal(signal.SIGINT, _current.press)
    try:
        yield _current
    finally:
        signal.signal(signal.SIGINT, before)
        _current = _none


def pressed() -> int:
    """Return how often Ctrl-C was pressed in the block of `counted` that is at work; 0 where it raises."""
    return _current.count
