"""Writing blog.toml: every line with where it came from above it."""

import json
import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from blogops.pelican.model import Line

_HEAD = """# Written by `blogops import pelican` from {origin}.
# Each comment says where a value came from; what is not here has its default (example/blog.toml).
"""


def written(lines: Iterable[Line], origin: str) -> str:
    """Return the blog.toml of *lines*, which are in the order of their tables."""
    parts = [_HEAD.format(origin=origin)]
    for table, group in groupby(lines, lambda line: line.table):
        parts.append(f"\n[{table}]\n")
        for line in group:
            parts.append(f"# {_comment(line.reason)}\n{_key(line.key)} = {value(line.value)}\n")
    return "".join(parts)


def _comment(text: str) -> str:
    return re.sub(r"\s+", " ", "".join(letter for letter in text if letter.isprintable()))


def value(given: Any) -> str:
    """Return *given* as a value of TOML on one line.

    >>> value({"a b": ["x", 1, True]})
    '{"a b" = ["x", 1, true]}'
    """
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, str):
        return _text(given)
    if isinstance(given, Mapping):
        return "{" + ", ".join(f"{_key(str(key))} = {value(item)}" for key, item in given.items()) + "}"
    if isinstance(given, (list, tuple)):
        return "[" + ", ".join(value(item) for item in given) + "]"
    return str(given)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _text(text: str) -> str:
    # A regular expression reads best as it is.
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
