"""Building a whole site: discover, read, settle, collect, plan, render, and only then write."""

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from blogops.config import Config
from blogops.errors import Failed
from blogops.website import compress
from blogops.website.compress import compressed
from blogops.website.extensions import loaded
from blogops.website.model import Entry
from blogops.website.moves import Address, Manifest
from blogops.website.notes import Notes
from blogops.website.output import Output, Paper
from blogops.website.papers import Press
from blogops.website.survey import Survey, survey
from blogops.website.write import write


@dataclass(frozen=True)
class BuildReport:
    """What a build made; *newest* is the address of the newest post, or empty."""

    posts: int
    drafts: int
    scheduled: int
    pages: int
    files: int
    warnings: tuple[str, ...]
    newest: str
    manifest: Manifest


def build(
    config: Config,
    out: Path,
    *,
    now: dt.datetime,
    cache: Path | None = None,
    preview: bool = False,
    keep_going: bool = False,
) -> BuildReport:
    """Build the site of *config* into *out*, which afterwards holds exactly that site.

    Posts dated after *now* are withheld, and drafts; a *preview* shows both. *keep_going* leaves broken posts
    out of a preview rather than stop. What is costly and can be used again is kept in *cache* (default:
    beside *out*). Raises `UsageError` when there is no content folder, and one `Failed` that names the file
    and line of every problem; *out* is then as it was.
    """
    cache = cache or out.parent / f"{out.name}.cache"
    config = _for_preview(config) if preview else config
    notes = Notes()
    with loaded(config) as extensions, _written_to(out):
        seen = survey(config, extensions, notes, now=now, cache=cache, preview=preview)
        if keep_going and preview:
            notes.give_up_stopping()
        notes.stop_if_broken()
        press = Press(config, seen.outputs, seen.theme, cache / "papers")
        files = {output.place.path: _rendered(output, seen, press) for output in seen.outputs}
        if config.build.compress:
            # A .gz or .br that the author made stays.
            files = {**compressed(_texts(files), cache / "compressed"), **files}
        write(out, files)
        seen.pictures.forget()
        if not preview:
            press.forget()
    return _report(seen, files, notes)


def _for_preview(config: Config) -> Config:
    """Return *config* without what takes time and a preview does not show."""
    return dataclasses.replace(config, build=dataclasses.replace(config.build, compress=False, pdf=False))


def _rendered(output: Output, seen: Survey, press: Press) -> bytes | Path:
    return press.printed(output.body) if isinstance(output.body, Paper) else seen.rendered(output)


def _texts(files: Mapping[str, bytes | Path]) -> dict[str, bytes]:
    suffixes = tuple(compress.TYPES)
    return {
        name: body if isinstance(body, bytes) else body.read_bytes()
        for name, body in files.items()
        if name.lower().endswith(suffixes)
    }


@contextmanager
def _written_to(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Failed(
            f"the site cannot be written: {error.strerror or error}",
            where=str(error.filename or out),
            hint="Look at the free space and the owner of that folder (df -h, ls -ld), and build again.",
        ) from error


def _report(seen: Survey, files: Mapping[str, bytes | Path], notes: Notes) -> BuildReport:
    entries = seen.entries
    posts = [entry for entry in entries if not entry.source.page]
    newest = next(iter(seen.found.newest_first), None)
    warnings = [str(note) for note in sorted(set(notes.warnings))]
    if not newest:
        warnings.append("no post is published yet: all are drafts or scheduled")
    return BuildReport(
        posts=sum(post.is_out for post in posts),
        drafts=sum(entry.status == "draft" for entry in entries),
        scheduled=sum(entry.status == "scheduled" for entry in entries),
        pages=sum(path.endswith(".html") for path in files),
        files=len(files),
        warnings=tuple(warnings),
        newest=newest.url if newest else "",
        manifest=Manifest(tuple(_address(entry) for entry in entries if entry.is_out), seen.moved),
    )


def _address(entry: Entry) -> Address:
    text = "\n".join((entry.title, entry.html))
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Address(entry.url, entry.identity, entry.source.name, digest)
