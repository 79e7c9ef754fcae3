"""Old addresses: those that an author names (``:aliases:``, the redirects file), and what expired."""

import math
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from blogops.config import Config
from blogops.errors import Failed
from blogops.website.addresses import Addresses
from blogops.website.discover import shown
from blogops.website.memory import Read
from blogops.website.model import Entry, Place, moment
from blogops.website.notes import Notes
from blogops.website.papers import paper_place
from blogops.website.redirects import inside, old_path, parse_redirects


class _Claim(NamedTuple):
    """An old path, and what its author says of it there, from one moment to another (seconds since 1970).

    *holds* tells whether that is so in this build.
    """

    old: str
    target: str
    file: str
    line: int
    holds: bool = True
    since: float = 0
    until: float = math.inf


def declared(reads: Iterable[Read], config: Config, notes: Notes) -> tuple[tuple[str, str], ...]:
    """Return each old path with its target, empty for 410; two that claim one path go to *notes*.

    What is scheduled claims its own already, for its time: nobody will be there then to mend it.
    """
    claims: dict[str, list[_Claim]] = {}
    for one in (*_aliases(reads, notes), *_written(config, notes)):
        others = claims.setdefault(one.old, [])
        for each in others:
            if each.file != one.file and each.since < one.until and one.since < each.until:
                message = f"{one.old} leads elsewhere already, by {each.file}; take one of them out"
                notes.problem(one.file, one.line, message)
        others.append(one)
    found = {each.old: each.target for every in claims.values() for each in every if each.holds}
    return tuple(sorted(found.items()))


def _aliases(reads: Iterable[Read], notes: Notes) -> Iterator[_Claim]:
    for entry, line in ((each.entry, each.aliases_line) for each in reads if each.entry):
        for alias in entry.aliases if entry.is_out or entry.status == "scheduled" else ():
            until = entry.expires.timestamp() if entry.expires else math.inf
            try:
                old, since = _old(alias), moment(entry)
                yield _Claim(old, entry.url, entry.source.shown, line, entry.is_out, since, until)
            except ValueError as error:
                notes.problem(entry.source.shown, line, f":aliases: {error}")


def _old(alias: str) -> str:
    return old_path("/" + alias.lstrip("/"))


def expired(
    went: Iterable[Entry], config: Config, there: Container[str], moved: Iterable[tuple[str, str]]
) -> tuple[str, ...]:
    """Return the paths, decoded, of what *went* by its ``:expires:``, and the old ones that led there.

    With a post go its PDF and the lists that no other is in: none of *there*, the addresses of the site.
    """
    found: set[str] = set()
    for entry in went:
        urls = (entry.url, *(each.url for each in _gone_with(entry, config)))
        found.update(unquote(url) for url in urls if url not in there)
        with suppress(ValueError):  # told when it was out
            found.update(_old(alias) for alias in entry.aliases)
    # A line of the redirects file may lead to another one.
    while new := {old for old, target in moved if inside(target) in found} - found:
        found |= new
    return tuple(sorted(found))


def _gone_with(entry: Entry, config: Config) -> Iterator[Place]:
    if entry.source.page or not entry.date:
        return
    date = entry.date.astimezone(ZoneInfo(config.site.timezone))
    lists = (Addresses(config).of(span, {"date": date}) for span in ("year", "month", "day"))
    yield from filter(None, (*(label.place for label in entry.labels), *lists, paper_place(entry, config)))


def _written(config: Config, notes: Notes) -> Iterator[_Claim]:
    path = config.folder / config.content.redirects
    if not path.is_file():
        return
    file = shown(path, config)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"cannot be read: {error}", where=file, hint="Save it as UTF-8.") from error
    for old, target, line in parse_redirects(text, file, notes):
        yield _Claim(old, target, file, line)
