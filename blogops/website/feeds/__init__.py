"""The feeds: Atom, RSS and JSON Feed of the whole site and of each of its lists.

Each post is serialised once for a format, however many feeds it stands in.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from blogops.config import Config
from blogops.website.collection import Collection, Listing
from blogops.website.feeds import atom, json_feed, rss
from blogops.website.feeds.items import Head, Item, Items
from blogops.website.feeds.which import FORMATS, address, addressed, subjects, title, typed
from blogops.website.model import Entry
from blogops.website.output import Output, Recipe

__all__ = ["FeedLink", "feeds", "links"]


_HELD = 1024  # posts in one format; they may be 10 MB


class FeedLink(NamedTuple):
    """A feed as the head of a page names it; *url* begins with a slash."""

    url: str
    type: str
    title: str


class _Format(NamedTuple):
    name: str
    type: str
    between: bytes
    entry: Callable[[Item], str]
    frame: Callable[[Head], tuple[str, str]]


_BY_NAME = {
    "atom": _Format("Atom", "application/atom+xml", b"\n", atom.entry, atom.frame),
    "rss": _Format("RSS", "application/rss+xml", b"\n", rss.entry, rss.frame),
    "json": _Format("JSON", "application/feed+json", b",\n", json_feed.entry, json_feed.frame),
}


def feeds(config: Config, found: Collection, *, icon: str = "", logo: str = "") -> Iterator[Output]:
    """Yield the feeds that ``[feeds]`` asks for.

    *icon* and *logo* are the addresses of the site's pictures, if it has any. Raises `UsageError` where a
    path of ``[feeds]`` cannot be used.
    """
    items = Items(config, found.memory)
    every = subjects(config, found)
    entries = {name: _Entries(_BY_NAME[name], items) for name in FORMATS}
    settings = (config.site.timezone, config.feeds.summaries, config.feeds.kilobytes)
    for name, subject, place in addressed(config, every):
        head = items.head(subject, place, icon=icon, logo=logo)
        inputs = (name, head, subject.posts, settings)
        make = partial(_written, head, subject.posts, entries[name])
        parts = partial(entries[name].parts, subject.posts)
        yield Output(place, f"blog.toml: feeds.{name}.{subject.kind}", Recipe(inputs, make, parts))


def links(config: Config, found: Collection, listing: Listing | None = None) -> tuple[FeedLink, ...]:
    """Return what the head of a page says of feeds: those of the whole site, then those of *listing*."""
    languages = found.languages if len(found.languages) > 1 else {}
    wanted = [("all", "", ""), ("posts", "", "")]
    wanted += [("language", typed(code, posts), code) for code, posts in languages.items()]
    wanted += [(listing.label.kind, listing.label.slug, listing.label.name)] if listing else []
    return tuple(_links(config, wanted))


def _links(config: Config, wanted: list[tuple[str, str, str]]) -> Iterator[FeedLink]:
    for kind, slug, of in wanted:
        for name in FORMATS:
            place, format_ = address(config, name, kind, slug), _BY_NAME[name]
            if place:
                yield FeedLink(place.url, format_.type, f"{title(config, kind, of)} ({format_.name})")


class _Entries:
    """The posts in one format, each made once for all builds, and most of them for all their feeds."""

    def __init__(self, format_: _Format, items: Items) -> None:
        self.format, self.items = format_, items
        self._held: dict[str, bytes] = {}

    def parts(self, posts: Iterable[Entry]) -> Iterator["_Part"]:
        """Yield what is to be made of each of *posts*."""
        return (_Part(self, post) for post in posts)

    def of(self, post: Entry) -> bytes:
        """Return the entry of *post*."""
        data = self.kept(post)
        if data is None:
            data = self._hold(self.items.key(post), self.made(post))
        return data

    def kept(self, post: Entry) -> bytes | None:
        """Return the entry of *post* if it was made before."""
        key = self.items.key(post)
        if key in self._held:
            return self._held[key]
        data = self.items.memory.piece(self._name(post), key)
        return None if data is None else self._hold(key, data)

    def made(self, post: Entry) -> bytes:
        """Make the entry of *post*."""
        return self.format.entry(self.items.of(post)).encode()

    def keep(self, post: Entry, data: bytes) -> None:
        """Keep *data*, the entry of *post*."""
        key = self.items.key(post)
        self.items.memory.keep_piece(self._name(post), key, self._hold(key, data))

    def _name(self, post: Entry) -> str:
        return f"{self.format.name}/{post.source.name}"

    def _hold(self, key: str, data: bytes) -> bytes:
        if len(self._held) >= _HELD:
            del self._held[next(iter(self._held))]
        self._held[key] = data
        return data


class _Part(NamedTuple):
    """One post in one format."""

    entries: _Entries
    post: Entry

    def is_kept(self) -> bool:
        return self.entries.kept(self.post) is not None

    def made(self) -> bytes:
        return self.entries.made(self.post)

    def keep(self, data: bytes) -> None:
        self.entries.keep(self.post, data)


def _written(head: Head, posts: Iterable[Entry], entries: _Entries) -> bytes:
    """Return the feed, no larger than it may be: the oldest posts give way, one stays."""
    format_ = entries.format
    size = sum(len(part.encode()) for part in format_.frame(head))
    kept: list[bytes] = []
    shown: list[Entry] = []
    for post in posts:
        data = entries.of(post)
        size += len(format_.between) + len(data)
        if kept and size > entries.items.most_bytes:
            break
        kept.append(data)
        shown.append(post)
    # As long as before: a date always has as many signs.
    head = head._replace(updated=entries.items.updated(*shown)) if shown else head
    opening, closing = (part.encode() for part in format_.frame(head))
    return opening + format_.between.join(kept) + closing
