"""The map of the site for search engines. https://www.sitemaps.org/protocol.html"""

import datetime as dt
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from blogops.website import structured
from blogops.website.addresses import place
from blogops.website.frame import Frame
from blogops.website.model import Entry
from blogops.website.output import Output

MOST = 50_000
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_LINKS = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'


def sitemap(frame: Frame, extra: Iterable[str] = (), most: int = MOST) -> Iterator[Output]:
    """Yield the map: one file, or several of up to *most* addresses each and one that names them.

    *extra* are addresses that no post, page or list has.
    """
    lines = [*_lists(frame), *(_line(frame.root + url, "") for url in extra), *_entries(frame)]
    parts = [lines[start : start + most] for start in range(0, len(lines), most)] or [[]]
    if len(parts) == 1:
        yield _file("sitemap.xml", "urlset", f"{_SPACE} {_LINKS}", parts[0])
        return
    names = [f"sitemap{number}.xml" for number in range(1, len(parts) + 1)]
    for name, part in zip(names, parts, strict=True):
        yield _file(name, "urlset", f"{_SPACE} {_LINKS}", part)
    index = [f"<sitemap><loc>{escape(f'{frame.root}/{name}')}</loc></sitemap>" for name in names]
    yield _file("sitemap.xml", "sitemapindex", _SPACE, index)


def _lists(frame: Frame) -> Iterator[str]:
    newest = _newest(frame.found.posts)
    for each in frame.places.values():
        yield _line(frame.root + each.url, newest)
    for listing in frame.found.listings:
        yield _line(frame.root + listing.url, _newest(listing.posts))
    for period in frame.found.periods:
        yield _line(frame.root + period.place.url, _newest(period.posts))


def _entries(frame: Frame) -> Iterator[str]:
    for entry in (*frame.found.posts, *frame.found.pages):
        if entry.status == "published":
            links = "".join(_link(*each, frame) for each in structured.alternates(entry, frame.found))
            yield _line(frame.root + entry.url, _newest([entry]), links)


def _line(address: str, changed: str, links: str = "") -> str:
    last = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<url><loc>{escape(address)}</loc>{last}{links}</url>"


def _link(language: str, url: str, frame: Frame) -> str:
    address = quoteattr(frame.root + url)
    return f'<xhtml:link rel="alternate" hreflang={quoteattr(language)} href={address}/>'


def _newest(entries: Iterable[Entry]) -> str:
    changes = [entry.changed for entry in entries if entry.changed]
    return max(changes).astimezone(dt.UTC).isoformat() if changes else ""


def _file(name: str, root: str, attributes: str, lines: list[str]) -> Output:
    text = "\n".join((f"{_XML}<{root} {attributes}>", *lines, f"</{root}>\n"))
    return Output(place(name), "the map of the site", text.encode())
