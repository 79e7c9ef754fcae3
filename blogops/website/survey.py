"""What a manuscript would become: read, settled and planned, with nothing rendered or written yet."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from blogops.config import Config
from blogops.website import rst
from blogops.website.aliases import declared
from blogops.website.collection import Collection, collect
from blogops.website.colours import faint
from blogops.website.discover import Manuscript, discover, shown
from blogops.website.extensions import Extensions
from blogops.website.links import Links, Static
from blogops.website.metadata import Facts
from blogops.website.model import Entry, Place
from blogops.website.notes import Notes
from blogops.website.output import Output, Paper, Sheet
from blogops.website.pictures import Pictures
from blogops.website.read import ParseAll, links_of, read
from blogops.website.rst import Parsed
from blogops.website.settle import Settled, settle
from blogops.website.site import check_addresses, claims, plan
from blogops.website.theme import Theme


@dataclass(frozen=True)
class Survey:
    """A site before it is rendered.

    *texts* are the entries as they were read, with what was read; *entries* are the finished ones, drafts
    and scheduled posts among them. *statics* are the files that readers may see. *outputs* are all files of
    the site, and *moved* its old addresses with where they lead (nowhere: they are gone).
    """

    manuscript: Manuscript
    texts: tuple[tuple[Entry, Parsed], ...]
    links: Links
    entries: tuple[Entry, ...]
    statics: tuple[tuple[Static, Place], ...]
    found: Collection
    theme: Theme
    outputs: tuple[Output, ...]
    moved: tuple[tuple[str, str], ...]
    pictures: Pictures

    def rendered(self, output: Output) -> bytes | Path:
        """Return the bytes of *output*, or the file to copy. Raises `Failed` when its template is wrong.

        Not for a `Paper`, which only a build prints.
        """
        assert not isinstance(output.body, Paper)  # noqa: S101 - a survey for a preview has none
        if isinstance(output.body, Sheet):
            return self.theme.render(output.body.template, output.body.context)
        return output.body


def survey(
    config: Config,
    extensions: Extensions,
    notes: Notes,
    *,
    now: dt.datetime,
    cache: Path,
    preview: bool = False,
    parse_all: ParseAll = rst.parse_all,
) -> Survey:
    """Read the manuscript of *config* and plan its site; what is wrong goes to *notes*.

    To be called while *extensions* are loaded. *parse_all* is for callers who remember what they read.
    Raises `UsageError` when there is no content folder, `Failed` when a template or an extension is wrong.
    """
    facts = Facts(config, now, preview)
    manuscript = discover(config, notes)
    texts = read(manuscript, facts, notes, parse_all)
    links = links_of(texts, manuscript, facts, notes)
    pictures = Pictures(config, cache, notes)
    settled = settle(texts, manuscript.statics, links, pictures.tag, notes)
    found = collect(settled.entries, config, notes)
    theme = Theme(config, extensions)
    planned = (*plan(config, found, theme, extensions), *_statics(settled, pictures, config))
    outputs = _overridden(planned, settled, config)
    scheduled = [each for each in settled.entries if each.status == "scheduled" and not each.is_out]
    check_addresses(outputs, [claim for each in scheduled for claim in claims(each, config)], notes)
    moved = declared(settled.entries, config, notes)
    for text in faint(config):
        notes.warning(config.path.name, 1, text)
    return Survey(
        manuscript=manuscript,
        texts=tuple(texts),
        links=links,
        entries=settled.entries,
        statics=settled.statics,
        found=found,
        theme=theme,
        outputs=outputs,
        moved=moved,
        pictures=pictures,
    )


def _overridden(outputs: Iterable[Output], settled: Settled, config: Config) -> tuple[Output, ...]:
    """Return *outputs* without the theme's files whose place its author takes, by ``:save_as:`` or a file."""
    taken = {place.path for _, place in settled.statics}
    taken |= {entry.place.path for entry in settled.entries if entry.is_out and entry.fields.get("save_as")}
    own = f"{config.content.path}/"
    return tuple(each for each in outputs if each.place.path not in taken or each.origin.startswith(own))


def _statics(settled: Settled, pictures: Pictures, config: Config) -> Iterable[Output]:
    for static, place in settled.statics:
        yield Output(place, shown(static.path, config), pictures.published(static, place))
    for place, path in pictures.variants():
        yield Output(place, "the pictures", path)
