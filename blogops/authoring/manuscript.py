"""The manuscript as a task on it needs it: every entry, and what was read of it."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from blogops.config import Config
from blogops.errors import Refused
from blogops.website.basis import of_extensions, reading
from blogops.website.discover import discover
from blogops.website.extensions import loaded
from blogops.website.memory import Memory
from blogops.website.metadata import Facts
from blogops.website.model import Entry
from blogops.website.notes import Notes
from blogops.website.read import read
from blogops.website.rst import Parsed
from blogops.website.store import DATABASE, Store

Text = tuple[Entry, Parsed]


def texts(config: Config, now: dt.datetime) -> list[Text]:
    """Return every post and page that can be read; those that have problems are left out.

    Raises `UsageError` when there is no content folder, `Failed` when an extension is wrong.
    """
    notes = Notes()
    with loaded(config), Store(cache_of(config) / DATABASE) as store:
        memory = Memory(store)
        memory.begin(basis="", reading=reading(of_extensions(config)))
        reads = read(discover(config, notes), Facts(config, now, preview=True), notes, memory)
        store.commit()
        return [(each.entry, memory.parsed(each.row)) for each in reads if each.entry]


def cache_of(config: Config) -> Path:
    """Return the folder for what builds on this machine remember; `blogops build` has it too."""
    return config.folder / "var" / "work" / "cache"


def quick(config: Config) -> Config:
    """Return *config* without what costs time and changes nothing that an author looks at on a laptop."""
    return config._replace(
        images=config.images._replace(variants=False),
        build=config.build._replace(compress=False, pdf=False),
    )


def named(name: str, found: Iterable[Text], config: Config) -> list[Text]:
    """Return the texts that *name* means: one by its file, or all languages of one slug.

    Raises `Refused` where there is none, or where the name means a post as well as a page.
    """
    every = list(found)
    wanted = {_path(name), _path(config.folder / name), _path(config.manuscript / name)}
    chosen = [text for text in every if _path(text[0].source.path) in wanted]
    if chosen:
        same = chosen[0][0]
        return [text for text in every if _is_same(text[0], same)]
    chosen = [text for text in every if text[0].slug == name]
    if not chosen:
        raise Refused(
            f'no post and no page is called "{name}"',
            hint="Name its file, or its slug. One with problems is not found: see `fab check`.",
        )
    if len({entry.source.page for entry, _ in chosen}) > 1:
        files = " and ".join(entry.source.shown for entry, _ in chosen)
        raise Refused(f'"{name}" is the slug of {files}', hint="Name the file. Nothing was changed.")
    return chosen


def _is_same(entry: Entry, other: Entry) -> bool:
    return (entry.source.page, entry.slug) == (other.source.page, other.slug)


def _path(name: str | Path) -> Path:
    return Path(name).absolute()
