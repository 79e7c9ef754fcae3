"""The pages that list posts: the index, and those of the tags, categories, authors and series."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from blogops.config import Lists
from blogops.website import structured
from blogops.website.collection import Listing
from blogops.website.frame import Frame
from blogops.website.model import Entry, Place
from blogops.website.output import Output
from blogops.website.words import words

Posts = tuple[Entry, ...]
OVERVIEW_OF = {"category": "categories", "tag": "tags", "author": "authors"}


@dataclass(frozen=True)
class Pager:
    """Where a page of a list stands in it: its number of *count*, and the addresses of its neighbours."""

    number: int
    count: int
    newer: str
    older: str


def index(frame: Frame) -> Iterator[Output]:
    """Yield the pages of the front page's list."""
    site, first = frame.config.site, frame.places.get("index")
    if not first:
        return
    for place, posts, pager in _numbered(first, frame.found.originals, "index", frame):
        is_first = pager.number == 1
        yield frame.page(
            place,
            "the list of posts",
            "index.html",
            _titled("", pager, site.language),
            posts=posts,
            pager=pager,
            description=site.description if is_first else "",
            data=(structured.website(frame.config, frame.root),) if is_first else (),
        )


def labelled(listing: Listing, frame: Frame) -> Iterator[Output]:
    """Yield the pages of the list of one tag, category, author or series."""
    label, word = listing.label, words(frame.config.site.language)
    if not label.place:
        return
    title = f"{word[label.kind]}{word['colon']}{label.name}"
    feeds, data = frame.feeds(listing), (frame.way((*_above(listing, frame), (label.name, label.url))),)
    for place, posts, pager in _numbered(label.place, listing.posts, label.kind, frame):
        yield frame.page(
            place,
            f'the list of the {label.kind} "{label.name}"',
            "listing.html",
            _titled(title, pager, frame.config.site.language),
            listing=listing,
            posts=posts,
            pager=pager,
            feeds=feeds,
            data=data,
        )


def overviews(frame: Frame) -> Iterator[Output]:
    """Yield the lists of all categories, of all tags and of all authors."""
    found = frame.found
    for name, listings in (
        ("categories", found.categories),
        ("tags", found.tags),
        ("authors", found.authors),
    ):
        place = frame.places.get(name)
        if place:
            title = words(frame.config.site.language)[name]
            data = (frame.way([(title, place.url)]),)
            origin = f"the list of all {name}"
            yield frame.page(place, origin, "overview.html", title, listings=listings, data=data)


def paged(posts: Posts, name: str, settings: Lists) -> list[Posts]:
    """Cut *posts* into pages, where the list *name* is to have any.

    As Pelican does: up to ``orphans`` posts too many stay on the last page.
    https://docs.getpelican.com/en/latest/settings.html#pagination
    """
    if name not in settings.paginated:
        return [posts]
    size = settings.per_page
    count = math.ceil(max(1, len(posts) - settings.orphans) / size)
    cuts = [*range(0, count * size, size), len(posts)]
    return [posts[start:end] for start, end in itertools.pairwise(cuts)]


def _numbered(first: Place, posts: Posts, name: str, frame: Frame) -> Iterator[tuple[Place, Posts, Pager]]:
    pages = paged(posts, name, frame.config.lists)
    places = [frame.addresses.numbered(first, number) for number in range(1, len(pages) + 1)]
    urls = ["", *(place.url for place in places), ""]
    for number, (place, shown) in enumerate(zip(places, pages, strict=True), 1):
        yield place, shown, Pager(number, len(pages), urls[number - 1], urls[number + 1])


def _above(listing: Listing, frame: Frame) -> Iterator[tuple[str, str]]:
    name = OVERVIEW_OF.get(listing.label.kind, "")
    if name in frame.places:
        yield words(frame.config.site.language)[name], frame.places[name].url


def _titled(title: str, pager: Pager, language: str) -> str:
    if pager.number == 1:
        return title
    page = words(language)["page_of"].format(number=pager.number, count=pager.count)
    return f"{title}, {page}" if title else page.capitalize()
