"""Which feeds a site has: as Pelican's ``FEED_*`` settings mean them.

https://docs.getpelican.com/en/latest/settings.html#feed-settings
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from blogops.config import Config
from blogops.errors import UsageError
from blogops.website.addresses import BadPlace, place
from blogops.website.collection import Collection
from blogops.website.model import Entry, Place, moment

FORMATS = ("atom", "rss", "json")


class Subject(NamedTuple):
    """What a feed is about, in whatever format; *page* is the address of the page that shows the same."""

    kind: str
    slug: str
    title: str
    lang: str
    page: str
    posts: tuple[Entry, ...]


def subjects(config: Config, found: Collection) -> tuple[Subject, ...]:
    """Return all that there can be a feed of, each with the posts that it may hold, the newest first."""
    native, place = config.site.language, _by_date(found.posts)

    def subject(kind: str, slug: str, name: str, lang: str, page: str, posts: Iterable[Entry]) -> Subject:
        newest = tuple(sorted(posts, key=place.__getitem__)[: config.feeds.items])
        return Subject(kind, slug, title(config, kind, name), lang, page, newest)

    whole = (("all", found.posts), ("posts", found.originals))
    made = [subject(kind, "", "", native, "/", posts) for kind, posts in whole]
    for kind, listings in (
        ("category", found.categories),
        ("tag", found.tags),
        ("author", found.authors),
    ):
        for each in listings:
            label = each.label
            made.append(subject(kind, label.slug, label.name, native, each.url or "/", each.posts))
    for code, posts in found.languages.items():
        name = code if len(found.languages) > 1 else ""
        made.append(subject("language", typed(code, posts), name, code, "/", posts))
    return tuple(made)


def typed(code: str, posts: Sequence[Entry]) -> str:
    """Return *code* as the author of *posts* writes it, like fr_CA: so it stands in an address."""
    return posts[0].fields.get("lang") or code


def title(config: Config, kind: str, name: str) -> str:
    """Return the title of the feed of *name*; that of the whole site has none."""
    site = config.site.title
    if not name:
        return site
    return f"{site} ({name})" if kind == "language" else f"{site} - {name}"


def addressed(config: Config, every: tuple[Subject, ...]) -> Iterator[tuple[str, Subject, Place]]:
    """Yield each feed that blog.toml wants: its format, what it is about, and its place.

    Raises `UsageError` where two want one place.
    """
    taken: dict[str, str] = {}
    for format_, subject in itertools.product(FORMATS, every):
        found = address(config, format_, subject.kind, subject.slug)
        if not found:
            continue
        if found.path in taken:
            problem = f'{_named(subject)} and {taken[found.path]} would both be "{found.path}"'
            raise _wrong(config, f"feeds.{format_}.{subject.kind}", problem)
        taken[found.path] = f"that of feeds.{format_}.{subject.kind}"
        yield format_, subject, found


def address(config: Config, format_: str, kind: str, slug: str) -> Place | None:
    """Return the place of one feed, or None where blog.toml wants none."""
    pattern = getattr(getattr(config.feeds, format_), kind, "")
    if not pattern:
        return None
    key = f"feeds.{format_}.{kind}"
    try:
        filled = pattern.format(lang=slug) if kind == "language" else pattern.format(slug=slug)
        if filled.endswith("/"):
            raise _wrong(config, key, f'"{pattern}" is a folder, and a feed is a file')
        return place(filled, filled)
    except (BadPlace, LookupError, ValueError, TypeError, AttributeError) as error:
        raise _wrong(config, key, f'"{pattern}" cannot be filled: {error}') from error


def _by_date(posts: Iterable[Entry]) -> dict[Entry, int]:
    """Return the place of each of *posts* among them all, the newest first."""

    def newest(post: Entry) -> tuple[float, str]:
        return (-moment(post), post.url)

    return {post: place for place, post in enumerate(sorted(posts, key=newest))}


def _named(subject: Subject) -> str:
    return f'the feed of {subject.kind} "{subject.slug}"' if subject.slug else f"the feed of {subject.kind}"


def _wrong(config: Config, key: str, problem: str) -> UsageError:
    placeholder = "{lang}" if key.endswith("language") else "{slug}"
    return UsageError(
        f"{key}: {problem}",
        where=str(config.path),
        hint=f'Write a path inside the site, with {placeholder} where there is one for each, or "" for none.',
    )
