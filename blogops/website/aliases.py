"""Old addresses that an author names: in a post's ``:aliases:``, or in the redirects file."""

from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from urllib.parse import unquote

from blogops.config import Config
from blogops.errors import Failed
from blogops.website.addresses import Addresses
from blogops.website.discover import shown
from blogops.website.memory import Read
from blogops.website.model import Entry, Place
from blogops.website.notes import Notes
from blogops.website.papers import paper_place
from blogops.website.redirects import inside, old_path, parse_redirects


def declared(reads: Iterable[Read], config: Config, notes: Notes) -> tuple[tuple[str, str], ...]:
    """Return each old path with its target, empty for 410; two that claim one path go to *notes*."""
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    for old, target, file, line in (*_aliases(reads, notes), *_written(config, notes)):
        if first.setdefault(old, file) != file:
            notes.problem(file, line, f"{old} leads elsewhere already, by {first[old]}; take one of them out")
        found[old] = target
    return tuple(sorted(found.items()))


def _aliases(reads: Iterable[Read], notes: Notes) -> Iterator[tuple[str, str, str, int]]:
    for entry, line in ((each.entry, each.aliases_line) for each in reads if each.entry):
        for alias in entry.aliases if entry.is_out else ():
            try:
                yield _old(alias), entry.url, entry.source.shown, line
            except ValueError as error:
                notes.problem(entry.source.shown, line, f":aliases: {error}")


def _old(alias: str) -> str:
    return old_path("/" + alias.lstrip("/"))


def expired(
    entries: Iterable[Entry], config: Config, there: Container[str], moved: Iterable[tuple[str, str]]
) -> tuple[str, ...]:
    """Return the paths, decoded, of what ``:expires:`` took down, and the old ones that led there.

    With a post go its PDF and the lists that no other is in: none of *there*, the addresses of the site.
    """
    found: set[str] = set()
    for entry in entries:
        if entry.status == "expired":
            urls = (entry.url, *(each.url for each in _gone_with(entry, config)))
            found.update(unquote(url) for url in urls if url not in there)
            with suppress(ValueError):  # told when it was out
                found.update(_old(alias) for alias in entry.aliases)
    # A line of the redirects file may lead to another one.
    while new := {old for old, target in moved if inside(target) in found} - found:
        found |= new
    return tuple(sorted(found))


def _gone_with(entry: Entry, config: Config) -> Iterator[Place]:
    spans = () if entry.source.page or not entry.date else ("year", "month", "day")
    lists = (Addresses(config).of(span, {"date": entry.date}) for span in spans)
    yield from filter(None, (*(label.place for label in entry.labels), *lists, paper_place(entry, config)))


def _written(config: Config, notes: Notes) -> Iterator[tuple[str, str, str, int]]:
    path = config.folder / config.content.redirects
    if not path.is_file():
        return
    file = shown(path, config)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"cannot be read: {error}", where=file, hint="Save it as UTF-8.") from error
    for old, target, line in parse_redirects(text, file, notes):
        yield old, target, file, line
