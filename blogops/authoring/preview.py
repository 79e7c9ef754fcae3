"""The site as its author would see it now: drafts shown, pages rendered when they are asked for."""

import datetime as dt
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from blogops import config as configuration
from blogops.authoring.manuscript import cache_of, quick
from blogops.config import Config
from blogops.errors import Failed, OpsError
from blogops.website.extensions import loaded
from blogops.website.memory import Memory
from blogops.website.notes import Note, Notes
from blogops.website.output import Output
from blogops.website.served import file_at, target_of
from blogops.website.store import DATABASE, Damaged, Store
from blogops.website.survey import Survey, survey


@dataclass(frozen=True)
class Trouble:
    """Something to mend: where (a file and line, where there is one), what, and what to do."""

    where: str
    problem: str
    hint: str = ""


@dataclass(frozen=True)
class Answer:
    """What a browser gets for a path: *path* is the file of the site that it is, *target* where it moved."""

    status: int
    path: str
    body: bytes = b""
    target: str = ""
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True)
class _Site:
    """One state of the site; what was rendered of it is kept."""

    survey: Survey
    files: Mapping[str, Output]
    rendered: dict[str, bytes] = field(default_factory=dict)

    def body(self, name: str) -> bytes:
        """Return the bytes of a file. Raises `Failed` when its template is wrong."""
        if name not in self.rendered:
            made = self.survey.rendered(self.files[name])
            self.rendered[name] = made if isinstance(made, bytes) else _read(made)
        return self.rendered[name]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Failed(f"cannot be read: {error.strerror}", where=str(path)) from error


class Preview:
    """The site of one blog.toml, made again by `renew`; the last state that was sound stays within reach."""

    def __init__(self, blog_toml: Path) -> None:
        self.blog_toml = blog_toml
        self.config: Config | None = None
        self.troubles: tuple[Trouble, ...] = ()
        self.warnings: tuple[str, ...] = ()
        self._memory: Memory | None = None
        self._now: _Site | None = None
        self._sound: _Site | None = None

    def renew(self, now: dt.datetime) -> None:
        """Read what has changed and plan the site again; what is wrong is then in *troubles*."""
        notes = Notes()
        try:
            self.config = quick(configuration.load(self.blog_toml))
            try:
                self._now = self._planned(self.config, notes, now)
            except Damaged:
                self._memory, notes = None, Notes()
                self._now = self._planned(self.config, notes, now)
            self.troubles = tuple(_of_note(note) for note in sorted(set(notes.problems)))
        except OpsError as error:
            self.troubles = (Trouble(error.where, error.problem, error.hint),)
        # Whatever it is, the author's next save may mend it, and must be seen.
        except Exception as error:
            self.troubles = (_of_bug(error),)
        self.warnings = tuple(str(note) for note in sorted(set(notes.warnings)))
        if not self.troubles:
            self._sound = self._now

    @property
    def pages(self) -> int:
        """How many pages the site has."""
        return sum(name.endswith(".html") for name in self._now.files) if self._now else 0

    def answer(self, address: str) -> Answer:
        """Return what a browser gets for the path *address*. What is wrong comes with every page."""
        path = unquote(address)
        failed: tuple[Trouble, ...] = ()
        for site in self._sites():
            name = file_at(path, site.files)
            try:
                if name:
                    return Answer(200, name, site.body(name), troubles=(*self.troubles, *failed))
            except Failed as error:
                failed = (Trouble(error.where, error.problem, error.hint),)
        if failed or not self._now:
            return Answer(500, "", troubles=(*self.troubles, *failed))
        target = target_of(path, self._now.survey.moves)
        if target == "":
            return self._missing()
        return Answer(301 if target else 410, "", target=target or "", troubles=self.troubles)

    def _sites(self) -> tuple[_Site, ...]:
        # A post that is broken now is shown as it was when it was sound.
        every = (self._now, self._sound if self._sound is not self._now else None)
        return tuple(site for site in every if site)

    def _missing(self) -> Answer:
        try:
            body = self._now.body("404.html") if self._now and "404.html" in self._now.files else b""
        except Failed as error:
            return Answer(500, "", troubles=(Trouble(error.where, error.problem, error.hint),))
        return Answer(404, "404.html", body, troubles=self.troubles)

    def _remembered(self, config: Config) -> Memory:
        if not self._memory:
            self._memory = Memory(Store(cache_of(config) / DATABASE))
        return self._memory

    def _planned(self, config: Config, notes: Notes, now: dt.datetime) -> _Site:
        with loaded(config) as extensions:
            seen = survey(
                config,
                extensions,
                notes,
                now=now,
                cache=cache_of(config),
                memory=self._remembered(config),
                preview=True,
            )
            seen.pictures.keep()
            seen.memory.store.commit()
        return _Site(seen, {output.place.path: output for output in seen.outputs})


def _of_note(note: Note) -> Trouble:
    column = f":{note.column}" if note.column else ""
    return Trouble(f"{note.file}:{note.line}{column}", note.message)


def _of_bug(error: Exception) -> Trouble:
    last = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__}: {error}".strip().rstrip(":")
    return Trouble(
        f"{last.filename}:{last.lineno}", what, "This is a bug in blogops: please report it with these words."
    )
