"""RSS 2.0. https://www.rssboard.org/rss-specification and https://www.rssboard.org/rss-profile"""

import datetime as dt
from collections.abc import Iterator
from urllib.parse import urlsplit

from blogops.website.feeds.items import Head, Item
from blogops.website.feeds.xml import element, opened

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_ATTRIBUTES = {
    "version": "2.0",
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
}
_PICTURES = (".png", ".jpg", ".jpeg", ".gif")


def frame(head: Head) -> tuple[str, str]:
    """Return what stands before and what stands after the items of a feed."""
    opening = _DECLARATION + opened("rss", _ATTRIBUTES)
    return "\n".join((opening, "<channel>", *_head(head), "")), "\n</channel>\n</rss>\n"


def entry(item: Item) -> str:
    """Return a post."""
    return "\n".join(("<item>", *_entry(item), "</item>"))


def _head(head: Head) -> Iterator[str]:
    yield element("title", head.title)
    yield element("link", head.page)
    yield element("description", head.description or head.title)
    yield element("language", head.lang)
    yield element("lastBuildDate", _date(head.updated))
    yield element("generator", "blogops")
    yield element("atom:link", "", {"rel": "self", "type": "application/rss+xml", "href": head.url})
    for picture in _pictures(head)[:1]:
        parts = element("url", picture) + element("title", head.title) + element("link", head.page)
        yield f"<image>{parts}</image>"


def _pictures(head: Head) -> list[str]:
    # The specification knows no other kinds.
    return [url for url in (head.logo, head.icon) if urlsplit(url).path.lower().endswith(_PICTURES)]


def _entry(item: Item) -> Iterator[str]:
    yield element("title", item.title)
    yield element("link", item.url)
    yield element("guid", item.id, {"isPermaLink": "false"})
    if item.published:
        yield element("pubDate", _date(item.published))
    # RSS has only e-mail addresses for its authors.
    for person in item.authors:
        yield element("dc:creator", person.name)
    for name in item.categories:
        yield element("category", name)
    yield element("description", item.summary or item.text)
    if item.text and item.summary:
        yield element("content:encoded", item.text)


def _date(moment: dt.datetime) -> str:
    from email.utils import format_datetime  # which a site without RSS need not wait for

    return format_datetime(moment)
