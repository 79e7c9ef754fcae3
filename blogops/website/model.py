"""What a site is made of, once its manuscript is read."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

from blogops.website.rst import Heading

_WORDS_A_MINUTE = 200


def minutes(words: int) -> int:
    """Return how many minutes the reading of so many *words* takes, one at the least."""
    return max(1, round(words / _WORDS_A_MINUTE))


class Source(NamedTuple):
    """One .rst file: where it is, its name below the content folder, and its name for its author."""

    file: str
    name: str
    shown: str
    page: bool

    @property
    def path(self) -> Path:
        """Where it is."""
        return Path(self.file)


class Place(NamedTuple):
    """Where something is: its address, as it stands in a link, and its file below the site's root."""

    url: str
    path: str


class Label(NamedTuple):
    """A tag, a category, an author or a series; *place* is that of its list, if it has one."""

    kind: str
    name: str
    slug: str
    place: Place | None

    @property
    def url(self) -> str:
        """The address of the list of its posts, or nothing."""
        return self.place.url if self.place else ""

    def __reduce__(self) -> tuple[Callable[..., "Label"], tuple[object, ...]]:
        # Ten thousand posts share a few dozen: out of a pickle comes the one that is there.
        return _label, (self.kind, self.name, self.slug, self.place)


@lru_cache(maxsize=4096)
def _label(kind: str, name: str, slug: str, place: Place | None) -> Label:
    return Label(kind, name, slug, place)


class Variant(NamedTuple):
    """One version of an image: its address, its file, its width in pixels, its media type."""

    url: str
    path: Path
    width: int
    type: str


class Picture(NamedTuple):
    """An image as it is published: *bytes_path* is the file for its own address.

    *width* and *height* are in pixels, as shown; 0 where an SVG does not say. *variants* are sorted by type,
    widest first, the smaller format (AVIF) before the other.
    """

    width: int
    height: int
    bytes_path: Path
    variants: tuple[Variant, ...]


class Body(Protocol):
    """The text of an entry as HTML, fetched when it is asked for: a site may be larger than memory."""

    def html(self) -> str:
        """Return it."""

    def headings(self) -> tuple[Heading, ...]:
        """Return its headings."""

    def told(self) -> str:
        """Return what tells it from any other text, without fetching it."""


@dataclass(frozen=True)
class Plain:
    """A text at hand."""

    text: str = ""

    def html(self) -> str:
        """Return it."""
        return self.text

    def headings(self) -> tuple[Heading, ...]:
        """Return none."""
        return ()

    def told(self) -> str:
        """Return it."""
        return self.text


def moment(entry: "Entry") -> float:
    """Return the date of *entry* in seconds since 1970, 0 where it has none: what lists are sorted by."""
    return entry.date.timestamp() if entry.date else 0.0


# Two entries are the same when they are one: nothing compares their texts by chance.
@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """A post or a page.

    *status* is published, hidden, scheduled, expired or draft; *is_out* tells whether this build shows it.
    *summary* is HTML, *description* one plain sentence. *identity* is what feed readers know it by.
    *minutes* is how long its reading takes, *words* how many it has. *fields* holds every field as text.
    """

    source: Source
    title: str
    subtitle: str
    slug: str
    lang: str
    status: str
    is_out: bool
    date: dt.datetime | None
    modified: dt.datetime | None
    expires: dt.datetime | None
    category: Label
    tags: tuple[Label, ...]
    authors: tuple[Label, ...]
    series: Label | None
    place: Place
    identity: str
    translation: bool
    template: str
    fields: Mapping[str, str]
    aliases: tuple[str, ...]
    words: int
    minutes: int
    summary: str = ""
    description: str = ""
    image: str = ""
    body: Body = Plain()

    def __repr__(self) -> str:
        return f"<{self.source.name}>"

    @property
    def html(self) -> str:
        """Its text as HTML."""
        return self.body.html()

    @property
    def headings(self) -> tuple[Heading, ...]:
        """The headings inside its text."""
        return self.body.headings()

    @property
    def url(self) -> str:
        """Its address."""
        return self.place.url

    @property
    def labels(self) -> tuple[Label, ...]:
        """Every list that it stands in."""
        return (self.category, *self.tags, *self.authors, *((self.series,) if self.series else ()))

    @property
    def changed(self) -> dt.datetime | None:
        """When it was last changed by its author's account."""
        return self.modified or self.date
