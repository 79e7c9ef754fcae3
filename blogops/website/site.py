"""Which files make the site, and what each is made from. Nothing is rendered here."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from blogops.config import Config
from blogops.website.collection import Collection, absolute
from blogops.website.model import Entry
from blogops.website.notes import Notes
from blogops.website.theme import style_path
from blogops.website.words import language_name, shown_date, words

FEED = "/feeds/all.atom.xml"


@dataclass(frozen=True)
class Sheet:
    """A template and what to fill it with."""

    template: str
    context: Mapping[str, Any]


@dataclass(frozen=True)
class Output:
    """One file of the site: its address, who asks for it, and its bytes or how to get them."""

    url: str
    origin: str
    body: Sheet | Path | bytes


def plan(config: Config, found: Collection, style: bytes) -> Iterator[Output]:
    """Say which files make the site, the static ones aside."""
    common = _common(config, found, style_path(style))
    yield Output(style_path(style), "the theme", style)
    for entry in (*found.posts, *found.hidden, *found.pages):
        yield _entry(entry, found, common)
    yield from _index(config, found, common)
    for listing in found.listings:
        title = f"{common['words'][listing.label.kind]}{common['words']['colon']}{listing.label.name}"
        yield _list(listing.url, "listing.html", title, common, listing=listing)
    yield from _overviews(found, common)
    yield _list("/404.html", "404.html", common["words"]["lost"], common)
    yield from _for_machines(config, found, common)


def check_addresses(outputs: list[Output], withheld: tuple[Entry, ...], notes: Notes) -> None:
    """Tell in *notes* of two sources that want one address; scheduled posts claim theirs already."""
    claims = [(output.url, output.origin) for output in outputs]
    claims += [(entry.url, entry.source.shown) for entry in withheld]
    first: dict[str, str] = {}
    for url, origin in claims:
        # Case does not tell two files apart on every machine.
        other = first.setdefault(url.casefold(), origin)
        if other is not origin:
            file, rival = (origin, other) if origin.endswith(".rst") else (other, origin)
            advice = "give it another :slug:" if file.endswith(".rst") else "rename it"
            notes.problem(file, 1, f"wants the address {url}, and so does {rival}; {advice}")


def _common(config: Config, found: Collection, css: str) -> dict[str, Any]:
    zone, language = ZoneInfo(config.site.timezone), config.site.language
    changes = [post.changed for post in found.posts if post.changed]
    return {
        "site": config.site,
        "root": config.site.url.rstrip("/"),
        "host": urlsplit(config.site.url).hostname,
        "language": language,
        "words": words(language),
        "css": css,
        "feed": FEED,
        "menu": found.menu,
        "lists": frozenset(listing.url for listing in found.listings),
        "updated": max(changes, default=dt.datetime(2000, 1, 1, tzinfo=dt.UTC)).isoformat(),
        "day": lambda moment: shown_date(moment.astimezone(zone), language),
        "iso": lambda moment: moment.astimezone(zone).isoformat(),
        "language_name": language_name,
        "description": "",
        "translations": (),
    }


def _list(url: str, template: str, title: str, common: Mapping[str, Any], **more: Any) -> Output:
    return Output(url, "the theme", Sheet(template, {**common, "url": url, "title": title, **more}))


def _entry(entry: Entry, found: Collection, common: Mapping[str, Any]) -> Output:
    newer, older = found.around(entry)
    context = {
        **common,
        "url": entry.url,
        "title": entry.title,
        "description": entry.summary,
        "entry": entry,
        "newer": newer,
        "older": older,
        "translations": found.translations(entry),
    }
    template = "page.html" if entry.source.page else "post.html"
    return Output(entry.url, entry.source.shown, Sheet(template, context))


def _index(config: Config, found: Collection, common: Mapping[str, Any]) -> Iterator[Output]:
    size, posts = config.site.posts_per_page, found.originals
    count = max(1, -(-len(posts) // size))
    for number in range(1, count + 1):
        more = {
            "posts": posts[(number - 1) * size : number * size],
            "number": number,
            "count": count,
            "newer_url": _index_url(number - 1) if number > 1 else "",
            "older_url": _index_url(number + 1) if number < count else "",
            "description": config.site.description,
        }
        title = "" if number == 1 else f"{common['words']['page']} {number}"
        sheet = _list(_index_url(number), "index.html", title, common, **more)
        yield Output("/index.html" if number == 1 else sheet.url, sheet.origin, sheet.body)


def _index_url(number: int) -> str:
    return "/" if number == 1 else f"/index{number}.html"


def _overviews(found: Collection, common: Mapping[str, Any]) -> Iterator[Output]:
    word = common["words"]
    yield _list("/archives.html", "archives.html", word["archives"], common, posts=found.originals)
    for name, listings in (
        ("categories", found.categories),
        ("tags", found.tags),
        ("authors", found.authors),
    ):
        yield _list(f"/{name}.html", "overview.html", word[name], common, listings=listings)


def _for_machines(config: Config, found: Collection, common: Mapping[str, Any]) -> Iterator[Output]:
    root = common["root"]
    items = [(post, absolute(post.html, root + post.url)) for post in found.posts[: config.site.feed_items]]
    yield _list(FEED, "atom.xml", config.site.title, common, items=items)
    addresses = ["/", "/archives.html", "/categories.html", "/tags.html", "/authors.html"]
    addresses += [listing.url for listing in found.listings]
    public = (*found.posts, *(page for page in found.pages if page.status == "published"))
    yield _list("/sitemap.xml", "sitemap.xml", "", common, entries=public, addresses=addresses)
    yield _list("/robots.txt", "robots.txt", "", common)
