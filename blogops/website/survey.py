"""What a manuscript would become: read, settled and planned, with nothing rendered or written yet."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from blogops.config import Config
from blogops.headers import Rule
from blogops.website import compress, watching
from blogops.website.aliases import declared, expired
from blogops.website.basis import basis, of_extensions, reading
from blogops.website.collection import Collection, collect
from blogops.website.colours import faint
from blogops.website.digests import digest
from blogops.website.discover import Manuscript, discover, refuse_empty, shown
from blogops.website.extensions import Extensions
from blogops.website.headers import written
from blogops.website.links import Links, Static
from blogops.website.memory import Memory, Read
from blogops.website.metadata import Facts
from blogops.website.model import Entry, Place
from blogops.website.moves import ended
from blogops.website.notes import Notes
from blogops.website.output import Output, Paper, Recipe, Sheet
from blogops.website.pictures import Pictures
from blogops.website.read import links_of, read
from blogops.website.report import Progress, Stages
from blogops.website.rst import Parsed
from blogops.website.settle import Settled, settle
from blogops.website.site import check_addresses, claims, plan, template_of
from blogops.website.sweep import Look
from blogops.website.theme import Theme
from blogops.website.watching import SHOWN_ONLY, Reads


@dataclass(frozen=True)
class Survey:
    """A site before it is rendered.

    *reads* are the texts as they were read; *entries* are the finished ones, drafts and scheduled posts among
    them, and *changes* the fields of them that are not what they were in the build before. *statics* are the
    files that readers may see. *outputs* are all files of the site, and *moved* its old addresses with where
    they lead (nowhere: they are gone); *headers* are those of single paths. *as_before* tells whether each
    output is made from the same templates and the same things as before, whatever texts among these say now.
    """

    manuscript: Manuscript
    reads: tuple[Read, ...]
    links: Links
    entries: tuple[Entry, ...]
    changes: Reads
    as_before: bool
    statics: tuple[tuple[Static, Place], ...]
    found: Collection
    theme: Theme
    outputs: tuple[Output, ...]
    moved: tuple[tuple[str, str], ...]
    headers: tuple[Rule, ...]
    pictures: Pictures
    memory: Memory

    @cached_property
    def moves(self) -> dict[str, str | None]:
        """The old addresses, decoded, with where they lead in the end; None where one is gone."""
        gone: dict[str, str | None] = dict.fromkeys(self.expired)
        return ended(gone | {old: target or None for old, target in self.moved})

    @cached_property
    def expired(self) -> tuple[str, ...]:
        """The paths, decoded, of what was taken down by its date, the old ones among them."""
        went = [each for each in self.entries if each.status == "expired"]
        there = frozenset(output.place.url for output in self.outputs) if went else ()
        return expired(went, self.found.config, there, self.moved)

    @cached_property
    def texts(self) -> tuple[tuple[Entry, Parsed], ...]:
        """The entries as they were read, with what was read."""
        return tuple((each.entry, self.memory.parsed(each.row)) for each in self.reads if each.entry)

    def rendered(self, output: Output) -> bytes | Path:
        """Return the bytes of *output*, or the file to copy. Raises `Failed` when its template is wrong.

        Not for a `Paper`, which only a build prints.
        """
        assert not isinstance(output.body, Paper)  # noqa: S101 - a survey for a preview has none
        if isinstance(output.body, Sheet):
            return self.theme.render(output.body.template, output.body.context())
        return output.body.make() if isinstance(output.body, Recipe) else output.body


def survey(
    config: Config,
    extensions: Extensions,
    notes: Notes,
    *,
    now: dt.datetime,
    cache: Path,
    memory: Memory,
    preview: bool = False,
    seen: Look | None = None,
    progress: Progress | None = None,
    stages: Stages | None = None,
) -> Survey:
    """Read the manuscript of *config* and plan its site; what is wrong goes to *notes*.

    To be called while *extensions* are loaded. What *memory* knows of the last survey of this tree is used
    again where it is still true; the manuscript is looked at unless it was *seen* already. *progress* hears
    of each text that has to be read. Raises `UsageError` when there is no content folder, `Failed` when there
    is no post in it, or a template or an extension is wrong.
    """
    facts, stage = Facts(config, now, preview), (stages or Stages()).stage
    before = {name: each.entry for name, each in memory.known.finished.items()}
    with stage("list"):
        manuscript = discover(config, notes, seen)
        refuse_empty(manuscript, config)
        extended = of_extensions(config)
        memory.begin(basis=basis(config, extended, preview=preview), reading=reading(extended))
    with stage("read"):
        reads = read(manuscript, facts, notes, memory, progress)
    with stage("settle"):
        links = links_of(reads, manuscript, facts, notes)
        pictures = Pictures(config, cache, notes, manuscript, memory.store)
        settled = settle(reads, manuscript, links, pictures.tag, notes, memory)
        memory.let_go()
        after = {entry.source.name: entry for entry in settled.entries}
        changes = watching.changed(before, after)
    with stage("plan"):
        found = collect(settled.entries, config, notes, memory)
        theme = Theme(config, extensions, memory)
        statics = tuple(_statics(settled, pictures, config, memory))
        out = [each for each in settled.entries if each.is_out]
        taken = {place.path for _, place in settled.statics} | _taken(out)
        outputs = _overridden((*plan(config, found, theme, extensions), *statics), taken, config)
        scheduled = [each for each in settled.entries if each.status == "scheduled" and not each.is_out]
        for each in scheduled:
            template_of(each, theme)  # nobody will be there to mend it
        by_then = _overridden(outputs, _taken(scheduled), config)
        check_addresses(by_then, [claim for each in scheduled for claim in claims(each, config)], notes)
        moved = declared(reads, config, notes)
        headers = written(config, notes)
        told = _told(config, theme, outputs)
        same = memory.known.plan == told and before.keys() == after.keys() and not extensions.pages
        memory.known.plan = told
    for text in faint(config):
        notes.warning(config.path.name, 1, text)
    return Survey(
        manuscript=manuscript,
        reads=tuple(reads),
        links=links,
        entries=settled.entries,
        changes=changes,
        as_before=same and not any(bits & ~SHOWN_ONLY for bits in changes.values()),
        statics=settled.statics,
        found=found,
        theme=theme,
        outputs=outputs,
        moved=moved,
        headers=headers,
        pictures=pictures,
        memory=memory,
    )


def _told(config: Config, theme: Theme, outputs: Iterable[Output]) -> str:
    """Return a digest of what *outputs* are made from beside texts, templates and files."""
    twins = [each.place.path for each in outputs if each.place.path.endswith(compress.ENDINGS)]
    return digest(repr((config, theme.icon, theme.logo, twins)))


def _taken(entries: Iterable[Entry]) -> set[str]:
    """Return the places that *entries* take, whatever else wants them."""
    return {entry.place.path for entry in entries if entry.fields.get("save_as")}


def _overridden(outputs: Iterable[Output], taken: set[str], config: Config) -> tuple[Output, ...]:
    """Return *outputs* without the theme's files whose place its author takes, by ``:save_as:`` or a file."""
    if not taken:
        return tuple(outputs)
    own = f"{config.content.path}/"
    return tuple(each for each in outputs if each.place.path not in taken or each.origin.startswith(own))


def _statics(settled: Settled, pictures: Pictures, config: Config, memory: Memory) -> Iterator[Output]:
    for static, place in settled.statics:
        yield Output(place, shown(static.path, config), pictures.published(static, place))
    names = {name for each in memory.known.finished.values() for name in each.pictures}
    for place, path in pictures.variants(names, memory.known.places):
        yield Output(place, "the pictures", path)
