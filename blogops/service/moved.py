"""Where an old path leads: what `moves.json` of the live release says, and nothing else."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from blogops.releases import MOVES, Layout, live_id

Moves = Mapping[str, str | None]

# Printable ASCII only, and no "//host" or "/\host", which browsers take for another site.
_SAFE = re.compile(r"(/(?![/\\])|https?://)[!-\[\]-~]*")


def moves(layout: Layout) -> Moves:
    """Return old path -> target, or None where it is gone, of the live release; empty without one.

    The file is read again only when another release is live: the link is read once, so that a switch in
    between never mixes two releases. A damaged one says nothing: the next release makes another.
    """
    path = layout.release(live_id(layout)) / MOVES
    try:
        facts = path.stat()
    except FileNotFoundError:
        return {}
    return _read(path, facts.st_ino, facts.st_mtime_ns)


@lru_cache(maxsize=2)  # a switch, and a rollback soon after
def _read(path: Path, _inode: int, _mtime: int) -> Moves:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {old: target for old, target in found.items() if target is None or _SAFE.fullmatch(target)}
    except (ValueError, TypeError, AttributeError):
        return {}


def target_of(known: Moves, path: str) -> str | None:
    """Return where *path* leads, or a short form of it that nginx takes too.

    None if it, or what it leads to, is gone; empty if nothing is *known* of it.
    """
    old = next((name for name in _spellings(path) if name in known), "")
    target = known.get(old, "")
    end = unquote(urlsplit(target).path) if target and target.startswith("/") else ""
    if known.get(end, "") is None:
        return None
    # Only what the disk has not is asked for here: this would go round for ever.
    return "" if end and end == path else target


def _spellings(path: str) -> Iterator[str]:
    yield path
    base = path.removesuffix("/index.html").rstrip("/")
    yield from (base, f"{base}.html", f"{base}/", f"{base}/index.html")


def location(target: str, query: str) -> str:
    """Return *target* with the *query* of the request: what stands in it cannot break the header."""
    if not query:
        return target
    address, hash_, fragment = target.partition("#")
    joint = "&" if "?" in address else "?"
    return address + joint + quote(query, safe="/:?@!$&'()*+,;=~%-._", encoding="latin-1") + hash_ + fragment
