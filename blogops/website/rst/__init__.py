"""reStructuredText to HTML by docutils, with its doors shut.

A post may format text; it may not read files of the machine, run scripts in a reader's browser or make
the output depend on anything but itself (docs/security-of-content.md). docutils is imported when the first
text is read: many a build reads none.
"""

from typing import TYPE_CHECKING, Any

from blogops.website.rst.model import Field, Heading, Link, Message, Options, Parsed
from blogops.website.rst.worker import Task, limits, load, parse_all, parse_one, refusal

if TYPE_CHECKING:
    from blogops.website.rst.reading import parse

__all__ = [
    "Field",
    "Heading",
    "Link",
    "Message",
    "Options",
    "Parsed",
    "Task",
    "limits",
    "load",
    "parse",
    "parse_all",
    "parse_one",
    "refusal",
]


def __getattr__(name: str) -> Any:
    """Return `parse` to who asks for it."""
    if name != "parse":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from blogops.website.rst import reading

    return reading.parse
