"""What every format says of a feed and of a post, made ready once for all of them."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from blogops.config import Config
from blogops.website.addresses import joined
from blogops.website.dates import local
from blogops.website.digests import digest_of_value
from blogops.website.feeds.html import for_readers
from blogops.website.feeds.which import Subject
from blogops.website.memory import Memory
from blogops.website.model import Entry, Place
from blogops.website.watching import note, taken

_NAMESPACE = uuid.UUID("6b1ad4a5-0c0f-5a53-9d5c-8f5f3b6f2a11")
_NEVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class Person(NamedTuple):
    """An author; *url* may be empty."""

    name: str
    url: str


class Item(NamedTuple):
    """A post; *summary* and *text* are HTML, *description* is plain.

    *text* is empty in feeds of summaries, and *summary* where it would be the whole text.
    """

    id: str
    url: str
    title: str
    lang: str
    published: dt.datetime | None
    updated: dt.datetime
    authors: tuple[Person, ...]
    categories: tuple[str, ...]
    description: str
    summary: str
    text: str
    image: str


class Head(NamedTuple):
    """A feed without its posts. Addresses are absolute; *icon* and *logo* may be empty."""

    id: str
    url: str
    page: str
    title: str
    description: str
    lang: str
    author: Person
    updated: dt.datetime
    icon: str
    logo: str


class Items:
    """The posts of one site as its feeds show them."""

    def __init__(self, config: Config, memory: Memory) -> None:
        self._config, self.memory = config, memory
        self._root = config.site.url.rstrip("/") + "/"
        self._zone = ZoneInfo(config.site.timezone)
        settings = (config.site.timezone, config.feeds.summaries)
        self._told = repr((memory.reading, self._root, settings))
        self._keys: dict[Entry, tuple[str, Mapping[Entry, int]]] = {}
        self.most_bytes = config.feeds.kilobytes * 1024

    def key(self, entry: Entry) -> str:
        """Return a digest of all that feeds say of *entry*: of all that `of` looks at."""
        if entry not in self._keys:
            with taken() as read:
                self._keys[entry] = (self._key(entry), read)
        key, reads = self._keys[entry]
        note(reads)
        return key

    def updated(self, *entries: Entry) -> dt.datetime:
        """Return when the last of *entries* was changed, as feeds say it."""
        return local(max(entry.changed or _NEVER for entry in entries), self._zone)

    def head(self, subject: Subject, place: Place, *, icon: str, logo: str) -> Head:
        """Return what the feed of *subject* at *place* says of itself."""
        site = self._config.site
        return Head(
            id=self._id(subject),
            url=self._absolute(place.url),
            page=self._absolute(subject.page),
            title=subject.title,
            description=site.description,
            lang=subject.lang,
            author=Person(site.author, self._root),
            updated=_NEVER,
            icon=self._absolute(icon) if icon else "",
            logo=self._absolute(logo) if logo else "",
        )

    def _id(self, subject: Subject) -> str:
        """Return the id of a feed: one that no move of the blog or of the feed changes, or Pelican's."""
        if self._config.feeds.ids == "pelican":
            return self._root
        site = self._config.site
        return uuid.uuid5(_NAMESPACE, "\n".join((site.author, site.title, subject.kind, subject.slug))).urn

    def _key(self, entry: Entry) -> str:
        authors = [(each.name, each.url) for each in entry.authors]
        plain = (entry.identity, entry.url, entry.title, entry.lang, entry.description, entry.summary)
        names = (entry.category.name, [tag.name for tag in entry.tags], authors)
        dates = [each and each.isoformat() for each in (entry.date, entry.changed)]
        return digest_of_value((self._told, plain, names, dates, entry.image, entry.body.told()))

    def of(self, entry: Entry) -> Item:
        """Return what feeds say of *entry*."""
        url = self._absolute(entry.url)
        names = (entry.category.name, *(tag.name for tag in entry.tags))
        summary, text = (for_readers(html, url) for html in (entry.summary, entry.html))
        return Item(
            id=entry.identity,
            url=url,
            title=entry.title,
            lang=entry.lang,
            published=local(entry.date, self._zone) if entry.date else None,
            updated=self.updated(entry),
            authors=tuple(Person(each.name, self._absolute(each.url)) for each in entry.authors),
            categories=tuple(dict.fromkeys(names)),
            description=entry.description,
            # As with Pelican, a summary that is the whole text is not said twice.
            summary=summary if summary != text or self._config.feeds.summaries else "",
            text="" if self._config.feeds.summaries else text,
            image=self._absolute(entry.image),
        )

    def _absolute(self, url: str) -> str:
        return joined(self._root, url) if url else ""
