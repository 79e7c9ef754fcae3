"""Whether anything has changed since the last build: one look at each file, and nothing that takes time."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from blogops.config import Config
from blogops.website import sweep
from blogops.website.report import BuildReport, Work
from blogops.website.store import Store, recalled, remember
from blogops.website.sweep import Look, State
from blogops.website.versions import versions


class Due(NamedTuple):
    """When the same manuscript gives another site: at the moment *next*, if there is one, or *always*."""

    next: dt.datetime | None
    always: bool


class _Kept(NamedTuple):
    """What was true after a build."""

    inputs: str
    tree: str
    built: dt.datetime
    due: Due
    report: BuildReport


class Stamp(NamedTuple):
    """What a build of *out* is made from, and what there is of it; *is_sure* where no file can race us.

    *content* and *made* are what was seen of the manuscript, and of *out*.
    """

    out: Path
    inputs: str
    tree: str
    moment: dt.datetime
    is_sure: bool
    content: Look
    made: dict[str, State]

    @classmethod
    def now(
        cls, config: Config, out: Path, moment: dt.datetime, *, preview: bool, keep_going: bool
    ) -> "Stamp":
        """Look at everything that a build depends on."""
        folder, content, seen = config.folder, config.content, Look.at(config.manuscript)
        trees = [seen.states]
        # What is read of these by name may be hidden, or behind a link.
        own = (folder / content.templates, folder / content.extensions)
        trees += [sweep.sweep(path, hidden=True, linked=True) for path in own]
        single = {"redirects": content.redirects, "headers": content.headers}
        states = [*trees, {name: sweep.state_of(folder / file) or _NONE for name, file in single.items()}]
        told = repr((versions(), config, preview, keep_going))
        settled = all(state.is_settled(seen.seen_at) for tree in states for state in tree.values())
        made = sweep.sweep(out, hidden=True)
        inputs = f"{told}{sweep.digest_of(states)}"
        return cls(out, inputs, sweep.digest_of([made]), moment, settled, seen, made)

    def keep(self, store: Store, report: BuildReport, due: Due, tree: Mapping[str, State]) -> None:
        """Remember that *report* came of it, and a *tree* of files in these states."""
        if self.is_sure and not due.always:
            again = dataclasses.replace(report, work=Work(), manifest=None, stages=(), slowest=())
            kept = _Kept(self.inputs, sweep.digest_of([tree]), self.moment, due, again)
            remember(store, f"stamp/{self.out.name}", kept)
        else:
            store.commit(forget=[f"stamp/{self.out.name}"])
        store.commit()


def stamped(store: Store, stamp: Stamp) -> BuildReport | None:
    """Return what the last build told, if another would tell and make the same."""
    kept: _Kept | None = recalled(store, f"stamp/{stamp.out.name}")
    if kept is None:
        return None
    same = (kept.inputs, kept.tree) == (stamp.inputs, stamp.tree)
    in_time = kept.built <= stamp.moment and (kept.due.next is None or stamp.moment < kept.due.next)
    return kept.report if same and in_time else None


_NONE = State(0, 0, 0, 0, 0, False)
