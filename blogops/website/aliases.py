"""Old addresses that an author names: in a post's ``:aliases:``, or in the redirects file."""

from collections.abc import Iterable, Iterator

from blogops.config import Config
from blogops.errors import Failed
from blogops.website.discover import shown
from blogops.website.memory import Read
from blogops.website.notes import Notes
from blogops.website.redirects import old_path, parse_redirects


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
                yield old_path("/" + alias.lstrip("/")), entry.url, entry.source.shown, line
            except ValueError as error:
                notes.problem(entry.source.shown, line, f":aliases: {error}")


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
