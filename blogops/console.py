"""The only module that prints: plain words on stdout, problems on stderr.

Colour is used on a terminal only, and never when ``NO_COLOR`` is set (https://no-color.org).
"""

import os
import sys
from collections.abc import Callable, Sequence
from typing import TextIO

_CODES = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


def paint(text: str, colour: str, stream: TextIO | None = None) -> str:
    """Return *text* in *colour* if *stream* (stdout by default) is a terminal that wants colour."""
    stream = stream or sys.stdout
    if os.environ.get("NO_COLOR") or not stream.isatty():
        return text
    return f"\x1b[{_CODES[colour]}m{text}\x1b[0m"


def say(text: str = "", colour: str = "") -> None:
    """Print one line on stdout."""
    print(paint(text, colour) if colour else text, flush=True)


def warn(text: str) -> None:
    """Print one warning line on stderr."""
    print(paint(f"warning: {text}", "yellow", sys.stderr), file=sys.stderr, flush=True)


def complain(text: str) -> None:
    """Print a problem on stderr."""
    print(paint(text, "red", sys.stderr), file=sys.stderr, flush=True)


def table(rows: Sequence[tuple[str, ...]], write: Callable[[str], None] = say) -> None:
    """Print *rows* as aligned columns; the first row is the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
