"""A whole build: read, settle, plan, make what is not there yet, and only then write."""

import contextlib
import datetime as dt
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from blogops.config import Config
from blogops.errors import Failed
from blogops.website import apart, compress, pages, watching, words
from blogops.website.apart import Lost
from blogops.website.digests import digest, digest_of_value
from blogops.website.extensions import loaded
from blogops.website.metadata import Facts
from blogops.website.model import Entry
from blogops.website.moves import Address, Manifest
from blogops.website.notes import Notes
from blogops.website.output import Output, Paper, Recipe, Sheet
from blogops.website.pages import Broken, Made, Page, Pages
from blogops.website.papers import Press
from blogops.website.past import Past
from blogops.website.report import BuildReport, Coming, Progress, Stages, Work
from blogops.website.stamp import Due, Stamp
from blogops.website.store import Damaged, Store
from blogops.website.survey import Survey, survey
from blogops.website.sweep import State
from blogops.website.tree import Tree

# So few pages are made without a child, and so many go to one at once: to ask and to answer costs both.
_FEW, _BATCH = 80, 16

T = TypeVar("T")
R = TypeVar("R")


class Maker:
    """Makes the site of *config* where *stamp* looked; what can be used again is in *store* and *cache*.

    Afterwards *states* are those of the files that are there, and *due* tells when they are to be others.
    """

    def __init__(self, config: Config, stamp: Stamp, store: Store, cache: Path, progress: Progress) -> None:
        self._config, self._stamp, self._store, self._cache = config, stamp, store, cache
        self._progress, self.stages = progress, Stages()
        self.due, self.states = Due(None, always=True), dict[str, State]()
        with self.stages.stage("recall"):
            self._past = Past(store, stamp.out.name)
            self._memory, self._pages = self._past.memory, self._past.pages()

    def make(self, *, preview: bool, keep_going: bool) -> BuildReport:
        """Build the site. Raises what `blogops.website.build` does."""
        notes, now = Notes(), self._stamp.moment
        with loaded(self._config) as extensions:
            seen = survey(
                self._config,
                extensions,
                notes,
                now=now,
                cache=self._cache,
                memory=self._memory,
                preview=preview,
                seen=self._stamp.content,
                progress=self._progress,
                stages=self.stages,
            )
            seen.pictures.keep()
            # Whatever happens from here on, what was read is read; and children see only what is written.
            self._store.commit()
            if keep_going and preview:
                notes.give_up_stopping()
            notes.stop_if_broken()
            work = self._written(seen, preview=preview)
            always = any(map(Facts(self._config, now, preview).is_of_now, seen.entries))
            self.due = Due(next((each.at for each in self._coming(seen)), None), always)
        with self.stages.stage("remember"):
            self._past.keep(self._pages)
        return self._report(seen, notes, work)

    def _written(self, seen: Survey, *, preview: bool) -> Work:
        tree = Tree(self._stamp.out, self._stamp.made)
        compressed = self._cache / "compressed" if self._config.build.compress else None
        bench = Pages(seen, self._pages, tree, compressed)
        found: dict[str, Page] = {}
        stale: list[tuple[Output, str]] = []
        with self.stages.stage("compare"):
            for output in seen.outputs:
                key = bench.key(output)
                page = bench.fresh(output, key)
                if page:
                    found[output.place.path] = page
                else:
                    stale.append((output, key))
                    bench.prepare(output)
            bench.forget()
        press = Press(self._config, seen.outputs, seen.theme, self._cache / "papers")
        try:
            with self.stages.stage("render"):
                for number, (output, key, made) in enumerate(self._made(stale, seen, bench, press), 1):
                    found[output.place.path] = _laid(key, made, tree)
                    self._progress("pages", number, len(stale))
            with self.stages.stage("write"):
                changed = tree.settle(pages.names(found))
        finally:
            tree.abandon()
        for output, _ in stale:
            name = output.place.path
            found[name] = pages.placed(name, found[name], tree)
        self._pages, self.states = found, tree.states
        if not preview:
            seen.pictures.forget()
            press.forget()
        if compressed and stale:
            compress.forget(compressed, pages.digests(found.values()))
        return Work(
            parsed=self._memory.parsed_now,
            made=len(stale),
            pictures=seen.pictures.prepared_now,
            written=changed,
        )

    def _made(
        self, stale: list[tuple[Output, str]], seen: Survey, bench: Pages, press: Press
    ) -> Iterator[tuple[Output, str, Made]]:
        papers = [each for each in stale if isinstance(each[0].body, Paper)]
        others = [each for each in stale if not isinstance(each[0].body, Paper)]
        templates = {each.body.template for each, _ in others if isinstance(each.body, Sheet)}
        # Of the rest the build before has worded all that is said.
        changed = (entry for entry in seen.entries if entry.source.name in seen.changes)
        prepare = partial(seen.theme.prepare, templates, changed) if len(others) > _FEW else None
        every = _each(bench.made, [output for output, _ in others])
        # Whatever happens, children end before what they lay aside is taken away.
        with watching.watched(seen.entries), contextlib.closing(every) as made:
            _keep_parts(others, prepare)
            for (output, key), one in zip(others, made, strict=True):
                yield output, key, one
        for output, key in papers:
            assert isinstance(output.body, Paper)  # noqa: S101 - sorted out above
            yield output, key, bench.finished(output, press.printed(output.body), {})

    def _coming(self, seen: Survey) -> tuple[Coming, ...]:
        """Return when the same files will give another site, and by which text."""
        return tuple(
            sorted(
                Coming(moment.astimezone(dt.UTC), what, entry.title, entry.source.name, entry.url)
                for entry in seen.entries
                if entry.status != "draft"
                for moment, what in ((entry.date, "appears"), (entry.expires, "expires"))
                if moment and moment > self._stamp.moment
            )
        )

    def _report(self, seen: Survey, notes: Notes, work: Work) -> BuildReport:
        entries = seen.entries
        posts = [entry for entry in entries if not entry.source.page]
        newest = next(iter(seen.found.newest_first), None)
        warnings = [str(note) for note in sorted(set(notes.warnings))]
        if not newest:
            warnings.append("no post is published yet: all are drafts, scheduled or expired")
        slowest = sorted(self._memory.known.reads.values(), key=lambda read: -read.seconds)[:10]
        files = list(pages.names(self._pages))
        manifest = Manifest(
            addresses=tuple(_address(entry) for entry in entries if entry.is_out),
            declared=seen.moved,
            headers=seen.headers,
            expired=seen.expired,
        )
        told = sorted((name, page.digest) for name, page in self._pages.items())
        return BuildReport(
            posts=sum(post.is_out for post in posts),
            drafts=sum(entry.status == "draft" for entry in entries),
            scheduled=sum(entry.status == "scheduled" for entry in entries),
            expired=sum(entry.status == "expired" for entry in entries),
            pages=sum(path.endswith(".html") for path in files),
            files=len(files),
            warnings=tuple(warnings),
            newest=newest.url if newest else "",
            coming=self._coming(seen),
            site=digest_of_value((told, len(files), manifest.json)),
            manifest=manifest,
            work=work,
            stages=tuple(self.stages.seconds.items()),
            slowest=tuple((read.name, read.seconds) for read in slowest),
        )


def _laid(key: str, made: Made, tree: Tree) -> Page:
    tree.take(made.laid)
    words.WORDED.update(made.worded)
    twins = None if made.twins is None else dict.fromkeys(made.twins)
    return Page(key, made.reads, made.digest, None, twins)


def _keep_parts(stale: list[tuple[Output, str]], meanwhile: Callable[[], None] | None) -> None:
    """Make what the *stale* outputs share, once for all the children that make these, and do *meanwhile*."""
    recipes = (output.body for output, _ in stale if isinstance(output.body, Recipe))
    every = dict.fromkeys(part for recipe in recipes for part in recipe.parts())
    parts = [part for part in every if not part.is_kept()]
    with contextlib.closing(_each(Pages.part, parts, meanwhile)) as made:
        for part, data in zip(parts, made, strict=True):
            part.keep(data)


def _each(
    work: Callable[[T], R | Broken | OSError | None],
    items: Sequence[T],
    meanwhile: Callable[[], None] | None = None,
) -> Generator[R, None, None]:
    """Yield what *work* makes of each of *items*, as `apart.each` does. Raises what it could not do."""
    batches = [items[start : start + _BATCH] for start in range(0, len(items), _BATCH)]

    def several(batch: Sequence[T]) -> list[R | Broken | OSError | None]:
        return [work(item) for item in batch]

    with contextlib.closing(apart.each(several, batches, few=_FEW // _BATCH, meanwhile=meanwhile)) as made:
        for batch in made:
            yield from map(_sound, _sound(batch))


def _sound(made: R | Broken | OSError | Lost | None) -> R:
    if made is None:
        raise Damaged
    if isinstance(made, OSError):
        raise made
    if isinstance(made, Broken):
        raise Failed(made.problem, where=made.where, hint=made.hint)
    if isinstance(made, Lost):
        raise RuntimeError(f"a process that rendered pages ended with code {made.code}")
    return made


def _address(entry: Entry) -> Address:
    told = digest(f"{entry.title}\n{entry.body.told()}")
    return Address(entry.url, entry.identity, entry.source.name, told[:16])
