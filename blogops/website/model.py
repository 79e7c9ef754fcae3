"""What a site is made of, once its manuscript is read."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """One .rst file: where it is, its name below the content folder, and its name for its author."""

    path: Path
    name: str
    shown: str
    page: bool


@dataclass(frozen=True)
class Label:
    """A tag, a category or an author of a post."""

    kind: str
    name: str
    slug: str

    @property
    def url(self) -> str:
        """The address of the list of its posts."""
        return f"/{self.kind}/{self.slug}.html"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A post or a page. Its *status* is published, hidden, scheduled or draft."""

    source: Source
    title: str
    subtitle: str
    slug: str
    lang: str
    status: str
    date: dt.datetime | None
    modified: dt.datetime | None
    category: Label
    tags: tuple[Label, ...]
    authors: tuple[Label, ...]
    summary: str
    url: str
    html: str = ""

    @property
    def is_out(self) -> bool:
        """Whether readers can reach it."""
        return self.status in ("published", "hidden")

    @property
    def labels(self) -> tuple[Label, ...]:
        """Every list that it stands in."""
        return (self.category, *self.tags, *self.authors)

    @property
    def changed(self) -> dt.datetime | None:
        """When it was last changed by its author's account."""
        return self.modified or self.date
