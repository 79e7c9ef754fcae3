"""Redirects as an author writes them: a `redirects` file, and the addresses in it.

Its lines are those of Netlify's and Cloudflare's ``_redirects``: an old path, and where it leads. What
cannot be a path or an address is refused here, so that nothing an author (or a guest) writes ever reaches
the web server's configuration or breaks a header.
"""

import re
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

from blogops.website.notes import Notes

# nginx answers for these itself; see templates/server/nginx-site.conf.j2.
_NEVER_ASKED = re.compile(r"/(theme|media|_blog)/|.*/\.")
_READY = "/:?#[]@!$&'()*+,;=~%"


def parse_redirects(text: str, shown: str, notes: Notes) -> list[tuple[str, str, int]]:
    """Return (old path, target, line) of each line of a redirects file; the target is empty for 410.

    ``/old /new``, ``/old https://…`` or ``/old 410``; a third word may say 301. ``#`` begins a comment.
    Wrong lines go to *notes* as problems of the file *shown*.
    """
    found: dict[str, tuple[str, str, int]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        words = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].split()
        if not words:
            continue
        try:
            old, target = _pair(words)
            if old in found:
                raise ValueError(f"{old} was given in line {found[old][2]} already; take one of them out")
            found[old] = (old, target, number)
        except ValueError as error:
            notes.problem(shown, number, str(error))
    for old, _, number in found.values():
        if _leads_back(old, found):
            notes.problem(shown, number, f"{old} leads back to itself")
    return list(found.values())


def _leads_back(old: str, found: dict[str, tuple[str, str, int]]) -> bool:
    path, seen = old, set[str]()
    while path in found and path not in seen:
        seen.add(path)
        path = inside(found[path][1])
    return path == old


def _pair(words: list[str]) -> tuple[str, str]:
    if not 2 <= len(words) <= 3:
        raise ValueError('write "/old /new", "/old https://example.org/new" or "/old 410"')
    if words[2:] not in ([], ["301"]):
        raise ValueError(f'"{words[2]}" is not possible here: a redirect is a 301')
    return old_path(words[0]), "" if words[1] == "410" else target_address(words[1])


def old_path(given: str) -> str:
    """Return the path *given*, decoded, as nginx compares it.

    Raises `ValueError`, in a sentence for its author, if no browser ever asks this site for it.
    """
    if not given.startswith("/") or re.search(r"[?#*\\]|/:", given):
        raise ValueError(f'"{given}" is not an old path; write one like /old.html, without ?, # or *')
    path = _decoded(given)
    if re.search(r"[\x00-\x1f\x7f]|//|/\.\.?(/|$)", path):
        raise ValueError(f'"{given}" is not a path that a browser asks for; write one like /old.html')
    if _NEVER_ASKED.match(path):
        raise ValueError(
            f'"{given}" cannot lead elsewhere: hidden names, /theme/, /media/ and /_blog/ are kept'
        )
    return path


def target_address(given: str) -> str:
    """Return the address *given*, encoded so that it can stand in a header as it is (RFC 3986).

    Raises `ValueError`, in a sentence for its author, unless it is a path of this site or a whole http or
    https address.
    """
    if re.search(r"[\x00-\x20\x7f\\]", given):
        raise ValueError(f'"{given}" is not an address: spaces, \\ and control characters cannot be in one')
    is_path = given.startswith("/") and not given.startswith("//")
    if not is_path and not _is_web_address(given):
        raise ValueError(
            f'"{given}" is not a target; write a path like /new.html, or https://example.org/new'
        )
    if is_path:
        _decoded(urlsplit(given).path)
    return quote(given, safe=_READY)


def inside(target: str) -> str:
    """Return the path of this site that *target* names, decoded; empty for another site's address."""
    return unquote(urlsplit(target).path) if target.startswith("/") else ""


def _decoded(path: str) -> str:
    try:
        return unquote_to_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f'"{path}" is not UTF-8 when it is decoded') from None


def _is_web_address(given: str) -> bool:
    try:
        parts = urlsplit(given)
        parts.port  # noqa: B018  raises for one that is no number
    except ValueError:
        return False
    # A name before the host ("https://blog.example.org@evil.example/") only deceives.
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and parts.netloc.isascii()
        and "@" not in parts.netloc
    )
