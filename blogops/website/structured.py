"""What machines are told of a page: JSON-LD in the words of schema.org, and its other languages."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from blogops.config import Config
from blogops.website.addresses import joined
from blogops.website.dates import local
from blogops.website.model import Entry

Data = dict[str, Any]


def alternates(entry: Entry, others: Sequence[Entry], native: str) -> tuple[tuple[str, str], ...]:
    """Return the languages of *entry* and of its translations, *others*, with their addresses.

    Nothing when there is one only. *native* is the language of the site.

    "x-default" is the text that is listed: https://developers.google.com/search/docs/specialty/international
    """
    if not others:
        return ()
    same = sorted((entry, *others), key=lambda each: each.lang)
    ours = [each for each in same if each.lang == native]
    listed = (ours or [each for each in same if not each.translation] or same)[0]
    return (*((each.lang, each.url) for each in same), ("x-default", listed.url))


def website(config: Config, root: str) -> Data:
    """Return what the front page is."""
    author = {"@type": "Person", "name": config.site.author, "sameAs": list(config.site.profiles)}
    return _kept(
        {
            "@type": "WebSite",
            "@id": f"{root}/#site",
            "url": f"{root}/",
            "name": config.site.title,
            "description": config.site.description,
            "inLanguage": config.site.language,
            "author": _kept(author),
        }
    )


def posting(entry: Entry, config: Config, root: str) -> Data:
    """Return what a post (or a page) is. https://schema.org/BlogPosting"""
    return _kept(
        {
            "@type": "WebPage" if entry.source.page else "BlogPosting",
            "@id": root + entry.url,
            "url": root + entry.url,
            "mainEntityOfPage": root + entry.url,
            "headline": entry.title,
            "description": entry.description,
            "inLanguage": entry.lang,
            "datePublished": _iso(entry.date, config),
            "dateModified": _iso(entry.changed, config),
            "author": [_person(author.name, author.url, root) for author in entry.authors],
            "articleSection": "" if entry.source.page else entry.category.name,
            "keywords": [tag.name for tag in entry.tags],
            "wordCount": entry.words,
            "image": absolute(entry.image, root),
            "isPartOf": {"@id": f"{root}/#site"},
        }
    )


def breadcrumbs(steps: Sequence[tuple[str, str]], root: str) -> Data:
    """Return the way to a page: names and addresses, the front page first."""
    items = [
        {"@type": "ListItem", "position": number, "name": name, "item": root + url}
        for number, (name, url) in enumerate(steps, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def absolute(address: str, root: str) -> str:
    """Return *address* as another site needs it."""
    return joined(f"{root}/", address) if address else ""


def _person(name: str, url: str, root: str) -> Data:
    return _kept({"@type": "Person", "name": name, "url": absolute(url, root)})


def _kept(data: Data) -> Data:
    return {key: value for key, value in data.items() if value}


def _iso(moment: dt.datetime | None, config: Config) -> str:
    return local(moment, ZoneInfo(config.site.timezone)).isoformat() if moment else ""
