"""From a pattern of blog.toml to an address and its file, as Pelican's ``*_URL`` and ``*_SAVE_AS``.

https://docs.getpelican.com/en/latest/settings.html#url-settings
"""

import datetime as dt
import posixpath
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from blogops.config import Config
from blogops.website.model import Place

# Bytes of a file's name, with room for the ".br" of its compressed twin.
_LONGEST = 252
_NEVER_IN_A_PATH = re.compile(r"[\x00-\x1f\x7f\\]")
# Most addresses: nothing of them has to be looked at, and their files are called as they are.
_PLAIN = re.compile(r"(?!index\.html)(?:[\w~-]+/)*[\w~-]+\.[\w~-]+", re.ASCII)
# And most links: a whole address without anything to look at, and a path that is one already.
_WHOLE = re.compile(r"https?://[a-zA-Z0-9.-]+(?:/[\w/.~%+@,=&-]*)?", re.ASCII)
_ROOTED = re.compile(r"/(?:[\w~%+-][\w~%+.-]*/)*(?:[\w~%+-][\w~%+.-]*)?", re.ASCII)


class BadPlace(ValueError):
    """A pattern that cannot be filled, or leads out of the site."""


def place(url: str, save_as: str = "") -> Place:
    """Return the place of the address *url*, without its first slash; its file follows from it.

    >>> place("2012/").path, place("about").path, place("feeds/all.json").url
    ('2012/index.html', 'about.html', '/feeds/all.json')
    """
    if not save_as and len(url) <= _LONGEST and _PLAIN.fullmatch(url):
        return Place(f"/{url}", url)
    url = url.lstrip("/")
    path = posixpath.normpath(save_as.lstrip("/") or _file_of(url))
    if _NEVER_IN_A_PATH.search(path) or path.split("/")[0] in ("..", ".", "") or "/../" in f"/{url}/":
        raise BadPlace(f'"{url or save_as}" is not a place inside the site')
    if any(len(name.encode("utf-8", "surrogatepass")) > _LONGEST for name in path.split("/")):
        shown = f'the address "{path[:40]}…"'
        raise BadPlace(f"{shown} is too long for the name of a file; shorten the name, or write :slug:")
    return Place("/" if url == "index.html" else "/" + quote(url, safe="/~"), path)


def joined(base: str, address: str) -> str:
    """Return what the link *address* leads to on the page *base*: what `urljoin` says, only sooner.

    Raises `ValueError` for what is no address.

    >>> joined("https://example.org/a/b.html", "/c.html"), joined("/a/b.html", "c.html")
    ('https://example.org/c.html', '/a/c.html')
    """
    if _ROOTED.fullmatch(address):
        return _root(base) + address
    if _WHOLE.fullmatch(address):
        return address
    urlsplit(address).port  # noqa: B018 - looks at the whole of it
    return urljoin(base, address)


@lru_cache(maxsize=1024)
def _root(base: str) -> str:
    found = urlsplit(base)
    return f"{found.scheme}://{found.netloc}" if found.netloc else ""


def _file_of(url: str) -> str:
    if not url or url.endswith("/"):
        return url + "index.html"
    return url if "." in posixpath.basename(url) else url + ".html"


class Addresses:
    """The places that the patterns of one blog.toml give."""

    def __init__(self, config: Config) -> None:
        self._urls = config.urls

    def has(self, kind: str) -> bool:
        """Tell whether a *kind* has places at all."""
        return bool(getattr(self._urls, kind, ""))

    def of(self, kind: str, values: Mapping[str, Any]) -> Place | None:
        """Return the place of a *kind* (post, page_lang, tag, year, …), or None where it has none.

        Raises `BadPlace` where a value is missing or leads out of the site.
        """
        pattern, save_as = (getattr(self._urls, name, "") for name in (kind, f"{kind}_save_as"))
        if not pattern:
            return None
        return place(filled(pattern, values), filled(save_as, values))

    def numbered(self, first: Place, number: int) -> Place:
        """Return the place of page *number* of the list that begins at *first*."""
        if number == 1:
            return first
        name, extension = posixpath.splitext(first.path)
        folder, file = posixpath.split(first.path)
        base = folder if file == "index.html" else name
        values = {"name": name, "base_name": base, "number": number, "extension": extension}
        values |= {"url": first.url, "save_as": first.path}
        return place(filled(self._urls.numbered, values))


class _Date(dt.datetime):
    """A date that a pattern can write on any machine: the C locale's names, and ``%-d`` (GNU)."""

    def __format__(self, form: str) -> str:
        return self.strftime(form) if form else str(self)


def filled(pattern: str, values: Mapping[str, Any]) -> str:
    """Return *pattern* with *values* in it; raise `BadPlace` where one is missing."""
    date = values.get("date")
    if isinstance(date, dt.datetime):
        values = {**values, "date": _Date.fromtimestamp(date.timestamp(), date.tzinfo)}
    try:
        return pattern.format(**values)
    except KeyError as error:
        raise BadPlace(f'the address "{pattern}" needs the field :{error.args[0]}:') from error
    except (ValueError, TypeError, IndexError) as error:
        raise BadPlace(f'the address "{pattern}" cannot be filled: {error}') from error
