"""What a plan is made of: the files of a site, and what each is made from."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from blogops.website.model import Entry, Place


class Sheet(NamedTuple):
    """A template and what to fill it with.

    *context* is made from *inputs*, from what the entries among them hold, and from nothing else. Both are
    worked out when they are asked for, *inputs* first: most builds make few pages.
    """

    template: str
    inputs: Callable[[], tuple[object, ...]]
    context: Callable[[], Mapping[str, Any]]


class Part(Protocol):
    """What several recipes need, and is made once for all of them and for later builds."""

    def is_kept(self) -> bool:
        """Tell whether nothing is to be done."""

    def made(self) -> bytes:
        """Make it; a child may do so."""

    def keep(self, data: bytes) -> None:
        """Keep what was made."""


class Recipe(NamedTuple):
    """How to make the bytes of a file without a template: from *inputs*, the entries among them, no more.

    Its *parts* are best made and kept before, for *make* makes those that are not, and forgets them.
    """

    inputs: tuple[object, ...]
    make: Callable[[], bytes]
    parts: Callable[[], Iterable[Part]] = tuple


class Paper(NamedTuple):
    """A post that is printed, as a PDF."""

    entry: Entry


class Output(NamedTuple):
    """One file of the site: its place, who asks for it, and its bytes or how to get them.

    *origin* is the author's file, or what of the theme or of blog.toml makes it.
    """

    place: Place
    origin: str
    body: Sheet | Recipe | Paper | Path | bytes
