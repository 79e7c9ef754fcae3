"""Explained differences in what is there, and in what the lists hold."""

import re
from pathlib import PurePosixPath
from typing import Any

from benchmarks.parity.both import Both, address, is_hidden
from benchmarks.parity.compare import Difference, moment
from benchmarks.parity.reading import Built

_OURS = frozenset({"sitemap.xml", "robots.txt", "404.html", "410.html"})
_MADE = re.compile(r"\.(gz|br|webp|avif|json)$|^theme/|^series/|^sitemap|^favicon|\.[0-9a-f]{8,}\.\w+$")
_IMAGE = re.compile(r"\.(jpe?g|png|gif|webp|avif|svg)$", re.IGNORECASE)


def draft(found: Difference, both: Both) -> bool:
    """A draft, or a post of the future: Pelican publishes both."""
    return found.what == "existence" and bool(found.pelican) and address(found.path) in both.kept_back()


def saved(found: Difference, both: Both) -> bool:
    """A post that Pelican rejected for a warning."""
    return found.what == "existence" and bool(found.blogops) and address(found.path) in both.saved()


def theme(found: Difference, both: Both) -> bool:
    """A file that only dresses Pelican's pages."""
    return found.what == "existence" and bool(found.pelican) and found.path.startswith("theme/")


def ours(found: Difference, both: Both) -> bool:
    """A file that blogops makes besides."""
    if found.what != "existence" or not found.blogops:
        return False
    return found.path in _OURS or bool(_MADE.search(found.path))


def hidden_file(found: Difference, both: Both) -> bool:
    """A file or folder whose name begins with a dot."""
    return found.what == "existence" and is_hidden(found.source or found.path)


def copied(found: Difference, both: Both) -> bool:
    """A file that a link names, which Pelican did not find outside its STATIC_PATHS."""
    return (
        found.what == "existence"
        and found.path in both.blogops.files
        and bool(PurePosixPath(found.path).suffix)
    )


def pictures(found: Difference, both: Both) -> bool:
    """A picture without what a camera wrote into it."""
    return found.what == "bytes" and bool(_IMAGE.search(found.path))


def lists(found: Difference, both: Both) -> bool:
    """A list that is the same but for posts that only one of the builders publishes."""
    apart = both.kept_back() | both.saved() | both.partial()
    if not apart:
        return False
    if found.what == "existence":
        built = both.pelican if found.pelican else both.blogops
        if _only(built, found.path, apart, both.site):
            return True
    elif _without(found.pelican, apart, both.site) == _without(found.blogops, apart, both.site):
        return True
    old, new = (_whole(built, found.path, both) for built in (both.pelican, both.blogops))
    return bool(old) and _without(old, apart, both.site) == _without(new, apart, both.site)


def _whole(built: Built, path: str, both: Both) -> list[str]:
    """Return the posts of all pages of the list that *path* is one page of."""
    page = both.pelican.pages.get(path) or both.blogops.pages.get(path)
    if page is None or "posts" not in page.facts:
        return []
    same = (
        (_number(name), list(each.facts["posts"]))
        for name, each in built.pages.items()
        if (each.kind, each.facts.get("title")) == (page.kind, page.facts["title"])
    )
    return [post.lstrip("/") for _, posts in sorted(same) for post in posts]


def _number(path: str) -> int:
    found = re.search(r"(\d+)(/index)?\.html$", path)
    return int(found[1]) if found else 1


def _only(built: Built, path: str, apart: frozenset[str], site: str) -> bool:
    page, feed = built.pages.get(path), built.feeds.get(path)
    if feed is not None:
        return not _without([item.link for item in feed], apart, site)
    return bool(page and "posts" in page.facts and not _without(page.facts["posts"], apart, site))


def _without(value: Any, apart: frozenset[str], site: str) -> Any:
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return [item for item in value if "/" + item.removeprefix(site).lstrip("/") not in apart]
    if isinstance(value, tuple):  # a label: its name is that of the newest post, which may be apart
        kept = _without(value[1], apart, site)
        return kept or None
    return value


def newest_first(found: Difference, both: Both) -> bool:
    """A feed in the order of its dates, where the lists have another."""
    if found.what != "entries" or sorted(found.pelican) != sorted(found.blogops):
        return False
    dates = [moment(item.published) for item in both.blogops.feeds[found.path]]
    return dates == sorted(dates, key=str, reverse=True)


def twice(found: Difference, both: Both) -> bool:
    """Pelican lists a post once for each spelling of a tag that it has."""
    old, new = ((value[1] if isinstance(value, tuple) else value) for value in (found.pelican, found.blogops))
    return isinstance(old, list) and old != list(dict.fromkeys(old)) and list(dict.fromkeys(old)) == new


def partial_date(found: Difference, both: Both) -> bool:
    """A date without a day: the first, not today's."""
    post = address(found.path)
    if found.path in both.pelican.feeds:
        post = found.what.partition(" of ")[2].removeprefix(both.site)
    return bool(re.match(r"date|published|updated|id", found.what)) and post in both.partial()
