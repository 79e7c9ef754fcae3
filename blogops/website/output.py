"""What a plan is made of: the files of a site, and what each is made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blogops.website.model import Entry, Place


@dataclass(frozen=True)
class Sheet:
    """A template and what to fill it with.

    *context* is made from *inputs*, from what the entries among them hold, and from nothing else.
    """

    template: str
    inputs: tuple[object, ...]
    context: Callable[[], Mapping[str, Any]]


@dataclass(frozen=True)
class Recipe:
    """How to make the bytes of a file without a template: from *inputs*, the entries among them, no more."""

    inputs: tuple[object, ...]
    make: Callable[[], bytes]


@dataclass(frozen=True)
class Paper:
    """A post that is printed, as a PDF."""

    entry: Entry


@dataclass(frozen=True)
class Output:
    """One file of the site: its place, who asks for it, and its bytes or how to get them.

    *origin* is the author's file, or what of the theme or of blog.toml makes it.
    """

    place: Place
    origin: str
    body: Sheet | Recipe | Paper | Path | bytes
