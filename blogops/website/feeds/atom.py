"""Atom. https://www.rfc-editor.org/rfc/rfc4287"""

import datetime as dt
from collections.abc import Iterator

from blogops.website.feeds.items import Head, Item, Person
from blogops.website.feeds.xml import element, opened

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_NAMESPACE = "http://www.w3.org/2005/Atom"


def frame(head: Head) -> tuple[str, str]:
    """Return what stands before and what stands after the entries of a feed."""
    opening = _DECLARATION + opened("feed", {"xmlns": _NAMESPACE, "xml:lang": head.lang})
    return "\n".join((opening, *_head(head), "")), "\n</feed>\n"


def entry(item: Item) -> str:
    """Return a post."""
    return "\n".join((opened("entry", {"xml:lang": item.lang}), *_entry(item), "</entry>"))


def _head(head: Head) -> Iterator[str]:
    yield element("id", head.id)
    yield element("title", head.title)
    if head.description:
        yield element("subtitle", head.description)
    yield element("link", "", {"rel": "alternate", "type": "text/html", "href": head.page})
    yield element("link", "", {"rel": "self", "type": "application/atom+xml", "href": head.url})
    yield element("updated", _date(head.updated))
    yield _author(head.author)
    if head.icon:
        yield element("icon", head.icon)
    if head.logo:
        yield element("logo", head.logo)
    yield element("generator", "blogops")


def _entry(item: Item) -> Iterator[str]:
    yield element("id", item.id)
    yield element("title", item.title)
    link = {"rel": "alternate", "type": "text/html", "hreflang": item.lang, "href": item.url}
    yield element("link", "", link)
    if item.published:
        yield element("published", _date(item.published))
    yield element("updated", _date(item.updated))
    yield from map(_author, item.authors)
    for name in item.categories:
        yield element("category", "", {"term": name})
    if item.summary:
        yield element("summary", item.summary, {"type": "html"})
    if item.text:
        yield element("content", item.text, {"type": "html"})


def _author(person: Person) -> str:
    uri = element("uri", person.url) if person.url else ""
    return f"<author>{element('name', person.name)}{uri}</author>"


def _date(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds")
