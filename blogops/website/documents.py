"""What programs read of a site: whether a feed is a feed, and what its map names."""

import json
import posixpath
import re
import string
from typing import NamedTuple

from blogops.config import Config, FeedPaths
from blogops.website import wellformed

MAP = "sitemap.xml"

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_ATOM = "http://www.w3.org/2005/Atom"
_ROOTS = {"atom": f"{_ATOM} feed", "rss": "rss"}


class Map(NamedTuple):
    """The *addresses* of a map: those of pages, or of its parts."""

    addresses: tuple[str, ...]
    of_parts: bool


def read_map(data: bytes) -> Map:
    """Return what a map names; raise `ValueError`, in a sentence, if it is none."""
    found = wellformed.read(data, f"{_SITEMAP} loc")
    space, _, root = found.root.rpartition(" ")
    if space != _SITEMAP or root not in ("urlset", "sitemapindex"):
        raise ValueError(f'it is no map of a site: it begins with "{found.root}"')
    return Map(found.texts, root == "sitemapindex")


def feeds(config: Config) -> dict[str, str]:
    """Return the paths that ``[feeds]`` asks for, as they stand there, each with its format."""
    patterns = (
        (getattr(getattr(config.feeds, kind), name), kind)
        for kind in ("atom", "rss", "json")
        for name in FeedPaths._fields
    )
    return {posixpath.normpath(pattern.lstrip("/")): kind for pattern, kind in patterns if pattern}


def matching(pattern: str) -> re.Pattern[str]:
    """Return what all paths match that a *pattern* of blog.toml can give."""
    parts = string.Formatter().parse(pattern)
    return re.compile("".join(re.escape(text) + ("" if name is None else ".+") for text, name, *_ in parts))


def check_feed(data: bytes, kind: str) -> None:
    """Raise `ValueError`, in a sentence, if that is no feed of this *kind* (atom, rss, json)."""
    if kind == "json":
        _check_json_feed(data)
        return
    root, found = _ROOTS[kind], wellformed.read(data)
    if found.root != root:
        raise ValueError(f'it is no feed: it begins with "{found.root}" and not with "{root}"')


def _check_json_feed(data: bytes) -> None:
    try:
        feed = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON: {error}") from error
    if not (isinstance(feed, dict) and isinstance(feed.get("items"), list)):
        raise ValueError("it is no JSON Feed: it has no items")
