"""The only module that prints: plain words on stdout, problems on stderr.

Colour is used on a terminal only, and never when ``NO_COLOR`` is set (https://no-color.org).
"""

import codecs
import contextlib
import io
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

_CODES = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


_prefix: ContextVar[str] = ContextVar("prefix", default="")
_one_line_at_a_time = threading.Lock()


@contextmanager
def prefixed(prefix: str) -> Iterator[None]:
    """Begin every line of the block, in this thread, with *prefix*."""
    token = _prefix.set(prefix)
    try:
        yield
    finally:
        _prefix.reset(token)


def paint(text: str, colour: str, stream: TextIO | None = None) -> str:
    """Return *text* in *colour* if *stream* (stdout by default) is a terminal that wants colour."""
    stream = stream or sys.stdout
    if os.environ.get("NO_COLOR") or not stream.isatty():
        return text
    return f"\x1b[{_CODES[colour]}m{text}\x1b[0m"


def say(text: str = "", colour: str = "") -> None:
    """Print one line on stdout."""
    _put(paint(text, colour) if colour else text, sys.stdout)


def data(text: str) -> None:
    """Print one line for a script to read: never coloured, never prefixed."""
    with prefixed(""):
        _put(text, sys.stdout)


def report(record: Any) -> None:
    """Print *record* as JSON for a script to read: named tuples as tables, in others too."""
    import json  # takes a millisecond, which most commands need not spend

    data(json.dumps(_plain(record), indent=2, ensure_ascii=_encoding(sys.stdout) != "utf-8"))


def _plain(record: Any) -> Any:
    if hasattr(record, "_asdict"):
        return {name: _plain(value) for name, value in record._asdict().items()}
    return [_plain(value) for value in record] if isinstance(record, tuple | list) else record


def warn(text: str) -> None:
    """Print one warning line on stderr."""
    _put(paint(f"warning: {text}", "yellow", sys.stderr), sys.stderr)


def complain(text: str) -> None:
    """Print a problem on stderr."""
    _put(paint(text, "red", sys.stderr), sys.stderr)


def _put(text: str, stream: TextIO, end: str = "\n") -> None:
    """Print text; a listener that went away, or knows fewer letters, must not stop the work that is told."""
    if prefix := _prefix.get():
        text = "\n".join(f"{prefix}{line}" for line in text.split("\n"))
    try:
        with _one_line_at_a_time:
            print(_said(text, stream), end=end, file=stream, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _said(text: str, stream: TextIO) -> str:
    """Return *text* in the letters of *stream*, the others as Python writes them."""
    return text.encode(_encoding(stream), "backslashreplace").decode(_encoding(stream))


def _encoding(stream: TextIO) -> str:
    return (stream.encoding or "utf-8").lower()


class Echo:
    """Shows on *stream*, as it comes, what a program elsewhere says in UTF-8.

    A line is seen while it grows. Where lines are `prefixed` others talk too, and it is shown once it is
    whole, be it that a carriage return ends it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._whole_lines = bool(_prefix.get())
        utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._decoder = io.IncrementalNewlineDecoder(utf8, translate=True) if self._whole_lines else utf8
        self._rest = ""

    def show(self, data: bytes) -> None:
        """Show *data*, which may begin and end in the middle of a line, or of a letter."""
        self._tell(self._decoder.decode(data))

    def end(self) -> None:
        """Show what is left, for nothing comes after it."""
        self._tell(self._decoder.decode(b"", final=True))
        if self._rest:
            _put(self._rest, self._stream)

    def _tell(self, text: str) -> None:
        if not self._whole_lines:
            _put(text, self._stream, end="")
            return
        lines, newline, self._rest = (self._rest + text).rpartition("\n")
        if newline:
            _put(lines, self._stream)


class Meter:
    """Tells how long work goes on: what is done, at which rate, how long the rest may take.

    On a terminal it is one line of stderr that changes; elsewhere a line now and then.
    """

    _SOON, _SELDOM = 0.1, 5.0  # seconds between two lines, on a terminal and elsewhere
    _PATIENCE = 0.5  # seconds in which nobody wonders

    def __init__(self) -> None:
        self._what, self._began, self._told, self._shown = "", 0.0, 0.0, False

    def show(self, what: str, done: int, of: int) -> None:
        """Tell that so many of *what* are *done*, if it is time to."""
        now = time.monotonic()
        if what != self._what:
            self.clear()
            self._what, self._began, self._told = what, now, now
        live, spent = sys.stderr.isatty(), now - self._began
        if spent < self._PATIENCE or now - self._told < (self._SOON if live else self._SELDOM) or done >= of:
            return
        rate = done / spent
        line = f"  {done} of {of} {what}, {rate:.0f} a second, {(of - done) / rate:.0f} s left"
        self._told = now
        if live:
            self._shown = True
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
        else:
            _put(line, sys.stderr)

    def clear(self) -> None:
        """Take the line away that changes."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
        self._what, self._shown = "", False


class Steps:
    """Tells the steps of a run as they end; and of one that says nothing for long, that it goes on.

    Who listens over a network knows by that that the line is not dead.
    """

    _LONG = 10.0  # seconds

    def __init__(self) -> None:
        self._meter, self._name, self._began, self._heard = Meter(), "", 0.0, 0.0

    def begin(self, name: str) -> None:
        """Begin the step *name*; of the main thread alone."""
        self._name, self._began, self._heard = name, time.monotonic(), time.monotonic()
        signal.signal(signal.SIGALRM, self._beat)
        signal.setitimer(signal.ITIMER_REAL, self._LONG, self._LONG)

    def progress(self, what: str, done: int, of: int) -> None:
        """Tell that so many of *what* are *done*."""
        self._heard = time.monotonic()
        self._meter.show(what, done, of)

    def end(self, name: str, seconds: float) -> None:
        """Tell that the step *name* took so many *seconds*."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._meter.clear()
        say(f"  {name:9} {seconds:6.2f} s", "dim")

    def _beat(self, _number: int, _frame: object) -> None:
        if time.monotonic() - self._heard < self._LONG / 2:
            return
        line = f"  {self._name}: {time.monotonic() - self._began:.0f} s so far\n"
        with contextlib.suppress(OSError):  # straight to the file: a signal may come in the middle of a print
            os.write(sys.stderr.fileno(), line.encode())


def table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print *rows* as aligned columns; the first row is the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
