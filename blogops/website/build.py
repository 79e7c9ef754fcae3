"""Building a whole site: discover, read, collect, plan, render, and only then write."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from blogops.config import Config
from blogops.errors import Failed
from blogops.website.collection import collect
from blogops.website.discover import Manuscript, discover, shown
from blogops.website.metadata import Facts
from blogops.website.model import Entry
from blogops.website.notes import Notes
from blogops.website.read import Reading, read
from blogops.website.site import Output, Sheet, check_addresses, plan
from blogops.website.theme import Theme
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


def build(config: Config, out: Path, *, now: dt.datetime) -> BuildReport:
    """Build the site of *config* into *out*, which afterwards holds exactly that site.

    Posts dated after *now* are withheld. Raises `UsageError` when there is no content folder, and one
    `Failed` that names the file and line of every problem; *out* is then as it was.
    """
    notes = Notes()
    manuscript = discover(config, notes)
    reading = read(manuscript, Facts(config, now), notes)
    found = collect(reading.entries, config.site.language, notes)
    theme = Theme(config)
    outputs = [*plan(config, found, theme.style()), *_statics(manuscript, reading, config)]
    withheld = tuple(entry for entry in reading.entries if entry.status == "scheduled")
    check_addresses(outputs, withheld, notes)
    notes.stop_if_broken()
    files = {output.url.lstrip("/"): _rendered(output, theme) for output in outputs}
    _write(out, files)
    newest = found.posts[0].url if found.posts else ""
    return _report(reading.entries, files, notes, newest)


def _statics(manuscript: Manuscript, reading: Reading, config: Config) -> Iterable[Output]:
    content = config.folder / config.content.path
    paths = {path.relative_to(content).as_posix(): path for path in manuscript.statics}
    for name, path in sorted((paths | reading.linked).items()):
        yield Output(f"/{name}", shown(path, config), path)


def _rendered(output: Output, theme: Theme) -> bytes | Path:
    if isinstance(output.body, Sheet):
        return theme.render(output.body.template, output.body.context)
    return output.body


def _write(out: Path, files: dict[str, bytes | Path]) -> None:
    try:
        write(out, files)
    except OSError as error:
        raise Failed(
            f"the site cannot be written: {error.strerror or error}",
            where=str(error.filename or out),
            hint="Look at the free space and the owner of that folder (df -h, ls -ld), and build again.",
        ) from error


def _report(
    entries: tuple[Entry, ...], files: dict[str, bytes | Path], notes: Notes, newest: str
) -> BuildReport:
    posts = [entry for entry in entries if not entry.source.page]
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
        newest=newest,
    )
