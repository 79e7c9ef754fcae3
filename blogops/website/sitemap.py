"""The map of the site for search engines. https://www.sitemaps.org/protocol.html"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from blogops.website import structured
from blogops.website.addresses import place
from blogops.website.feeds.xml import escape, quoted
from blogops.website.frame import Frame
from blogops.website.model import Entry
from blogops.website.output import Output, Recipe

MOST = 50_000
_ORIGIN = "the map of the site"
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_LINKS = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'


class _Subject(NamedTuple):
    """One address of the map: that of a list of *posts*, or of an *entry* with its translations *others*."""

    url: str = ""
    posts: tuple[Entry, ...] = ()
    entry: Entry | None = None
    others: tuple[Entry, ...] = ()


def sitemap(frame: Frame, extra: Iterable[str] = (), most: int = MOST) -> Iterator[Output]:
    """Yield the map: one file, or several of up to *most* addresses each and one that names them.

    *extra* are addresses that no post, page or list has.
    """
    every = (*_lists(frame), *(_Subject(url) for url in extra), *_entries(frame))
    parts = [every[start : start + most] for start in range(0, len(every), most)] or [()]
    if len(parts) == 1:
        yield _part("sitemap.xml", parts[0], frame)
        return
    names = [f"sitemap{number}.xml" for number in range(1, len(parts) + 1)]
    for name, part in zip(names, parts, strict=True):
        yield _part(name, part, frame)
    index = [f"<sitemap><loc>{escape(f'{frame.root}/{name}')}</loc></sitemap>" for name in names]
    yield Output(place("sitemap.xml"), _ORIGIN, _text("sitemapindex", _SPACE, index))


def _lists(frame: Frame) -> Iterator[_Subject]:
    for each in frame.places.values():
        yield _Subject(each.url, frame.found.posts)
    for listing in frame.found.listings:
        yield _Subject(listing.url, listing.posts)
    for period in frame.found.periods:
        yield _Subject(period.place.url, period.posts)


def _entries(frame: Frame) -> Iterator[_Subject]:
    for entry in (*frame.found.posts, *frame.found.pages):
        if entry.status == "published":
            yield _Subject(entry=entry, others=frame.found.translations(entry))


def _part(name: str, subjects: tuple[_Subject, ...], frame: Frame) -> Output:
    inputs = (frame.root, frame.config.site.language, subjects)
    make = partial(_made, subjects, frame)
    return Output(place(name), _ORIGIN, Recipe(inputs, make))


def _made(subjects: Iterable[_Subject], frame: Frame) -> bytes:
    lines = [
        _of_entry(each.entry, each.others, frame) if each.entry else _of_list(each, frame)
        for each in subjects
    ]
    return _text("urlset", f"{_SPACE} {_LINKS}", lines)


def _of_list(subject: _Subject, frame: Frame) -> str:
    return _line(frame.root + subject.url, _newest(subject.posts))


def _of_entry(entry: Entry, others: Sequence[Entry], frame: Frame) -> str:
    alternates = structured.alternates(entry, others, frame.config.site.language)
    links = "".join(_link(*each, frame) for each in alternates)
    return _line(frame.root + entry.url, _newest([entry]), links)


def _line(address: str, changed: str, links: str = "") -> str:
    last = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<url><loc>{escape(address)}</loc>{last}{links}</url>"


def _link(language: str, url: str, frame: Frame) -> str:
    address = quoted(frame.root + url)
    return f'<xhtml:link rel="alternate" hreflang={quoted(language)} href={address}/>'


def _newest(entries: Iterable[Entry]) -> str:
    changes = [entry.changed for entry in entries if entry.changed]
    return max(changes).astimezone(dt.UTC).isoformat() if changes else ""


def _text(root: str, attributes: str, lines: Iterable[str]) -> bytes:
    return "\n".join((f"{_XML}<{root} {attributes}>", *lines, f"</{root}>\n")).encode()
