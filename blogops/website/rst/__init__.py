"""reStructuredText to HTML by docutils, with its doors shut.

A post may format text; it may not read files of the machine, run scripts in a reader's browser or make
the output depend on anything but itself (docs/security-of-content.md).
"""

from blogops.website.rst.model import Field, Heading, Link, Message, Options, Parsed
from blogops.website.rst.reading import parse
from blogops.website.rst.worker import Task, limits, parse_all, parse_one, refusal

__all__ = [
    "Field",
    "Heading",
    "Link",
    "Message",
    "Options",
    "Parsed",
    "Task",
    "limits",
    "parse",
    "parse_all",
    "parse_one",
    "refusal",
]
