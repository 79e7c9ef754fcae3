"""JSON Feed 1.1. https://www.jsonfeed.org/version/1.1/"""

import json
from typing import Any

from blogops.website.feeds.items import Head, Item, Person
from blogops.website.feeds.xml import clean


def frame(head: Head) -> tuple[str, str]:
    """Return what stands before and what stands after the items of a feed."""
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head.title,
        "home_page_url": head.page,
        "feed_url": head.url,
        "description": head.description,
        "icon": head.logo,
        "favicon": head.icon,
        "authors": [_person(head.author)],
        "language": head.lang,
    }
    return _written(told)[:-1] + ', "items": [\n', "\n]}\n"


def entry(item: Item) -> str:
    """Return a post."""
    return _written(
        {
            "id": item.id,
            "url": item.url,
            "title": item.title,
            "content_html": item.text or item.summary,
            "summary": item.description,
            "image": item.image,
            "date_published": item.published.isoformat(timespec="seconds") if item.published else "",
            "date_modified": item.updated.isoformat(timespec="seconds"),
            "authors": [_person(person) for person in item.authors],
            "tags": [clean(name) for name in item.categories],
            "language": item.lang,
        }
    )


def _person(person: Person) -> dict[str, str]:
    known = {"name": clean(person.name), "url": person.url}
    return {key: value for key, value in known.items() if value}


def _written(told: dict[str, Any]) -> str:
    """Write what is told in that order; what is not known is left out, but never the text."""
    kept = {
        key: clean(value) if isinstance(value, str) else value
        for key, value in told.items()
        if value or key == "content_html"
    }
    return json.dumps(kept, ensure_ascii=False)
