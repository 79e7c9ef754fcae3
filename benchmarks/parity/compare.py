"""What differs between two builds of one tree, URL by URL. Nothing is judged here: see `explained`."""

import datetime as dt
import email.utils
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any
from urllib.parse import unquote

from benchmarks.parity.reading import Built, Item, Page

_SAME_AS_WRITTEN = ("title", "lang", "category", "tags", "authors")
_LISTS = ("index", "tag", "category", "author", "archives", "period")
_OVERVIEWS = ("tags", "categories", "authors")


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same: at which path, in what, and what each builder says."""

    path: str
    what: str
    pelican: Any
    blogops: Any
    source: str = ""

    def __str__(self) -> str:
        return f"/{self.path}  {self.what}: Pelican {_short(self.pelican)}, blogops {_short(self.blogops)}"


def differences(pelican: Built, blogops: Built, site: str) -> Iterator[Difference]:
    """Yield what differs between *pelican* and *blogops*, both built for the address *site*."""
    for path in sorted(pelican.paths ^ blogops.paths):
        here = pelican if path in pelican.paths else blogops
        page = here.pages.get(path)
        source = str(page.facts.get("source", "")) if page else ""
        yield Difference(path, "existence", here is pelican, here is blogops, source)
    for path in sorted(pelican.pages.keys() & blogops.pages.keys()):
        yield from _pages(path, pelican.pages[path], blogops.pages[path], site)
    for path in sorted(pelican.feeds.keys() & blogops.feeds.keys()):
        yield from _feeds(path, pelican.feeds[path], blogops.feeds[path])
    for path in sorted(pelican.files.keys() & blogops.files.keys()):
        if pelican.files[path] != blogops.files[path]:
            yield Difference(path, "bytes", pelican.files[path][:8], blogops.files[path][:8])


def _pages(path: str, one: Page, other: Page, site: str) -> Iterator[Difference]:
    if one.kind != other.kind:
        yield Difference(path, "kind", one.kind, other.kind)
    elif one.kind in _LISTS:
        yield from _unequal(path, "posts", *(_urls(page.facts["posts"], site) for page in (one, other)))
        yield from _unequal(path, "title", _plain(one.facts["title"]), _plain(other.facts["title"]))
    elif one.kind in _OVERVIEWS:
        yield from _overview(path, one, other, site)
    else:
        source = str(one.facts["source"])
        for found in (*_facts(path, one, other, site), *_bodies(path, one, other)):
            yield Difference(found.path, found.what, found.pelican, found.blogops, source)


def _facts(path: str, one: Page, other: Page, site: str) -> Iterator[Difference]:
    for what in _SAME_AS_WRITTEN:
        yield from _unequal(path, what, *(_plain(page.facts[what]) for page in (one, other)))
    for what in ("date", "modified"):
        yield from _unequal(path, what, *(moment(page.facts[what]) for page in (one, other)))
    yield from _unequal(path, "summary", *(_plain(page.facts["summary"]) for page in (one, other)))
    urls = (sorted(_urls(page.facts["translations"], site)) for page in (one, other))
    yield from _unequal(path, "translations", *urls)


def _bodies(path: str, one: Page, other: Page) -> Iterator[Difference]:
    if not one.body or not other.body:
        return
    if one.body.text != other.body.text:
        yield Difference(path, "text", *_where_they_part(one.body.text, other.body.text))
    for what in ("links", "images"):
        for old, new in _apart(getattr(one.body, what), getattr(other.body, what)):
            yield Difference(path, what, old, new)
    if missing := sorted(one.body.ids - other.body.ids):
        yield Difference(path, "anchors", missing, sorted(other.body.ids - one.body.ids))


def _apart(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    """Yield what is in one of two rows and not at the same place of the other."""
    for kind, start, end, begin, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from zip_longest(old[start:end], new[begin:stop])


def _overview(path: str, one: Page, other: Page, site: str) -> Iterator[Difference]:
    old, new = (
        {url: (_plain(name), _urls(posts, site)) for name, address, posts in page.facts["labels"] for url in
         _urls([address], site)}
        for page in (one, other)
    )  # fmt: skip
    for url in sorted(old.keys() | new.keys()):
        yield from _unequal(path, f"label {url}", old.get(url), new.get(url))


def _feeds(path: str, old: tuple[Item, ...], new: tuple[Item, ...]) -> Iterator[Difference]:
    ours = {item.link: item for item in new}
    yield from _unequal(path, "entries", [item.link for item in old], [item.link for item in new])
    for item in old:
        other = ours.get(item.link)
        if other:
            yield from _unequal(path, f"id of {item.link}", item.id, other.id)
            yield from _unequal(path, f"title of {item.link}", _plain(item.title), _plain(other.title))
            for what in ("published", "updated"):
                dates = (_to_the_second(getattr(each, what)) for each in (item, other))
                yield from _unequal(path, f"{what} of {item.link}", *dates)


def _unequal(path: str, what: str, old: Any, new: Any) -> Iterator[Difference]:
    if old != new:
        yield Difference(path, what, old, new)


def _urls(addresses: list[str], site: str) -> list[str]:
    """Return *addresses* as paths from the root, whether they were written with the site or not."""
    return [unquote("/" + address.removeprefix(site).lstrip("/")) for address in addresses]


def moment(text: str) -> dt.datetime | str:
    """Return the moment that *text* names, or else the text."""
    try:
        return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return text


def _to_the_second(text: str) -> dt.datetime | str:
    found = moment(text)
    return found.replace(microsecond=0) if isinstance(found, dt.datetime) else found


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return re.sub(r"\s+", " ", unicodedata.normalize("NFC", value)).strip()
    return value


def _where_they_part(old: str, new: str) -> tuple[str, str]:
    same = next((i for i, pair in enumerate(zip_longest(old, new)) if pair[0] != pair[1]), 0)
    start = max(0, same - 30)
    return old[start : same + 60], new[start : same + 60]


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return "has it" if value else "has none"
    if isinstance(value, dt.datetime):
        return value.isoformat()
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 200 else text[:199] + "…"
