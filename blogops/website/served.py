"""What a reader gets for an address: the rules of templates/server/nginx-site.conf.j2 and of the service."""

import posixpath
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from blogops.website import redirects

SERVICE = ("/_blog/", "/_preview/")
"""What the service answers here is no file of the site."""

GONE, NOWHERE = "leads to a page that is gone (410)", "leads nowhere"
# What needs no joining: thousands of addresses of a site are like this.
_PLAIN = re.compile(r"((?:/(?![./])[^/?#\s\\]*+)++)(?:[?#]\S*+)?\Z")
_AS_IT_IS = ("/theme/", "/media/", "/feeds/")
_PORTS = {"http": 80, "https": 443}  # what need not be said
# And most links to other sites: a name that is not ours, without a port.
_HOST = re.compile(r"https?://([a-z0-9.-]+)(?:[/?#]|\Z)")


def inside(address: str, page: str, site: str) -> tuple[str, str] | None:
    """Return the path and the fragment, encoded, of an *address* that stands on *page* (a path) of *site*.

    None for one of another site, and for what is no address of the web.
    """
    own, host = urlsplit(site), _HOST.match(address)
    if host and host[1] != own.hostname:
        return None
    try:
        parts = urlsplit(urljoin(f"{own.scheme}://{own.netloc}{page}", address))
        is_own = (parts.hostname, _port(parts)) == (own.hostname, _port(own))
    except ValueError:
        return None
    return (parts.path or "/", parts.fragment) if is_own and parts.scheme in ("http", "https") else None


def _port(parts: SplitResult) -> int | None:
    return None if parts.port == _PORTS.get(parts.scheme) else parts.port


def own_path(address: str, page: str, site: str) -> str:
    """Return the path, encoded, of an *address* on *page* of *site*; nothing for one of another site."""
    plain = _PLAIN.match(address.removeprefix(site.rstrip("/")))
    found = (plain[1],) if plain else inside(address, page, site)
    return found[0] if found else ""


def tries(path: str) -> tuple[str, ...]:
    """Return the files that nginx looks for, in turn, when it is asked for *path* (decoded).

    >>> tries("/about")
    ('about', 'about/index.html', 'about.html')
    """
    path = re.sub(r"/{2,}", "/", path)
    name = path[1:]
    if path.startswith(_AS_IT_IS):
        return (name,)
    if not path or "/." in path:
        return ()
    return (name, f"{name.rstrip('/')}/index.html".lstrip("/"), f"{name}.html")


def file_at(path: str, files: Container[str]) -> str:
    """Return which of *files* nginx sends for *path* (decoded), or nothing."""
    return next((name for name in tries(path) if name in files), "")


def target_of(path: str, moves: Mapping[str, str | None]) -> str | None:
    """Return where an old *path* (decoded) leads, as the service answers: None where it or that is gone.

    Empty if *moves* tells nothing of it.
    """
    old = known_as(path, moves)
    target = moves[old] if old else ""
    end = redirects.inside(target or "")
    if moves.get(end, "") is None:
        return None
    # Only what the disk has not is asked for: this would go round for ever.
    return "" if end and end == path else target


def known_as(path: str, paths: Container[str]) -> str:
    """Return which of *paths* the service takes *path* for, or nothing; it may be a short form of one."""
    return next((old for old in _spellings(path) if old in paths), "")


def _spellings(path: str) -> Iterator[str]:
    yield path
    base = path.removesuffix("/index.html").rstrip("/")
    yield from (base, f"{base}.html", f"{base}/", f"{base}/index.html")


@dataclass(frozen=True)
class Served:
    """A *site* (its address) of these *files*, where old addresses lead by *moves*."""

    site: str
    files: frozenset[str]
    moves: Mapping[str, str | None]
    _fates: dict[tuple[str, str], str] = field(default_factory=dict)

    def path(self, address: str, name: str) -> str:
        """Return the path, decoded, of an *address* in the file *name*; nothing for one of another site."""
        return unquote(own_path(address, f"/{quote(name)}", self.site))

    def file(self, address: str) -> str:
        """Return the file that is sent for a whole *address*, or nothing."""
        return file_at(self.path(address, ""), self.files)

    def fate(self, address: str, name: str) -> str:
        """Return `GONE` or `NOWHERE` for an *address* of the site, in the file *name*, that leads there."""
        # Most stand in many files, and mean the same there.
        key = (address, "" if address.startswith("/") else posixpath.dirname(name))
        if key not in self._fates:
            path = self.path(address, name)
            self._fates[key] = self._fate(path) if path else ""
        return self._fates[key]

    def _fate(self, path: str) -> str:
        if self._is_answered(path):
            return ""
        target = target_of(path, self.moves)
        if target is None:
            return GONE
        end = self.path(target, "") if target else path
        return NOWHERE if end and not self._is_answered(end) else ""

    def _is_answered(self, path: str) -> bool:
        return path.startswith(SERVICE) or bool(file_at(path, self.files))
