"""The posts as PDFs, where blog.toml has ``build.pdf``: each is made anew only when it would be another."""

import hashlib
import json
import posixpath
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from blogops.config import Config
from blogops.errors import Failed
from blogops.website import apart, cached, pdf
from blogops.website.addresses import place
from blogops.website.model import Entry, Place
from blogops.website.output import Output, Paper
from blogops.website.theme import Theme
from blogops.website.words import shown_date

_LIMITS = apart.Limits(seconds=30, memory=2 << 30)
_MADE_BY = 2
"""Raise it when the same post would be made into another PDF."""


def paper_place(entry: Entry, config: Config) -> Place | None:
    """Return the place of the PDF of *entry*, beside its page: ``x.html`` has ``x.pdf``.

    In a folder of its own, ``x/index.html``, it is ``x/SLUG.pdf``: readers keep it under that name. None
    where there is no PDF: without ``build.pdf``, and of a page.
    """
    if entry.source.page or not config.build.pdf:
        return None
    folder, name = posixpath.split(entry.place.path)
    stem = entry.slug if name == "index.html" else name.removesuffix(".html")
    return place(posixpath.join(folder, f"{stem}.pdf"))


def byline(entry: Entry, zone: ZoneInfo) -> str:
    """Return who wrote *entry* and on which day in *zone*: "Jeanne, Rémy, 1er février 2026"."""
    names = [author.name for author in entry.authors]
    if entry.date:
        names.append(shown_date(entry.date.astimezone(zone).date(), entry.lang))
    return ", ".join(names)


class Press:
    """Makes the PDFs of one build, whose files are *outputs*; what is made is kept in *cache*."""

    def __init__(self, config: Config, outputs: Iterable[Output], theme: Theme, cache: Path) -> None:
        self._site, self._theme, self._cache = config.site, theme, cache
        self._files = {each.place.path: each.body for each in outputs if isinstance(each.body, bytes | Path)}
        self._used: set[Path] = set()

    def printed(self, paper: Paper) -> bytes:
        """Return the PDF. Raises `Failed` when it costs too much, `UsageError` without WeasyPrint."""
        entry = paper.entry
        job = self._job(entry)
        path = self._path(job)
        self._used.add(path)
        known = cached.recall(path)
        if known is None or not self._stands(known):
            known = self._made(entry, job)
            cached.keep(path, known)
        return known.partition(b"\n")[2]

    def forget(self) -> None:
        """Take out of the cache what this build did not use."""
        cached.prune(self._cache, self._used)

    @cached_property
    def _style(self) -> str:
        return self._theme.render("print-pdf.css", {}).decode()

    def _job(self, entry: Entry) -> dict[str, str]:
        return {
            "html": entry.html,
            "url": self._site.url.rstrip("/") + entry.url,
            "title": entry.title,
            "byline": byline(entry, ZoneInfo(self._site.timezone)),
            "language": entry.lang,
            "style": self._style,
        }

    def _path(self, job: dict[str, str]) -> Path:
        how = json.dumps([_MADE_BY, pdf.version(), job])
        key = hashlib.sha256(how.encode()).hexdigest()
        return self._cache / key[:2] / key

    def _made(self, entry: Entry, job: dict[str, str]) -> bytes:
        """Return the PDF, behind a line of JSON: which files it was made of, with their SHA-256."""
        pdf.load()  # Once, for all the children.
        seen: dict[str, str] = {}

        def read(name: str) -> bytes:
            seen[name] = self._digest(name)
            return self._bytes(name)

        def work() -> bytes:
            made = pdf.render(read=read, **job)
            return json.dumps(seen, sort_keys=True).encode() + b"\n" + made

        try:
            return apart.done(work, _LIMITS)
        except apart.Undone as error:
            raise Failed(
                f"its PDF cannot be made: {error}",
                where=entry.source.shown,
                hint="Nothing was built. Make the post simpler, or set pdf = false in blog.toml.",
            ) from error

    def _stands(self, known: bytes) -> bool:
        seen: dict[str, str] = json.loads(known.partition(b"\n")[0])
        return all(self._digest(name) == digest for name, digest in seen.items())

    def _digest(self, name: str) -> str:
        return hashlib.sha256(self._bytes(name)).hexdigest() if name in self._files else ""

    def _bytes(self, name: str) -> bytes:
        body = self._files[name]
        return body.read_bytes() if isinstance(body, Path) else body
