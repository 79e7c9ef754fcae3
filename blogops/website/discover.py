"""The files of a manuscript."""

import fnmatch
import os
import posixpath
import re
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from blogops.config import Config
from blogops.errors import Failed, UsageError
from blogops.website.links import Static
from blogops.website.model import Source
from blogops.website.notes import Notes
from blogops.website.sweep import Look, State, is_within

# What Pelican reads and blogops does not.
_HTML = (".html", ".htm")
_OTHER_SOURCES = (".md", ".markdown", ".mkd", ".mdown", *_HTML)


class Manuscript(NamedTuple):
    """Every file that a build reads, in a stable order, and the *states* of all files of the content folder.

    *unbuilt* are texts in Markdown. *seen_at* is the time of that look in nanoseconds.
    """

    sources: tuple[Source, ...]
    statics: tuple[Static, ...]
    unbuilt: frozenset[str]
    states: dict[str, State]
    seen_at: int


def discover(config: Config, notes: Notes, seen: Look | None = None) -> Manuscript:
    """List the posts, pages and static files of *config*, as they were *seen* (default: now).

    Raises `UsageError` when there is no content folder.
    """
    content = config.manuscript
    if not content.is_dir():
        raise UsageError(
            f'content.path: there is no folder "{config.content.path}" beside {config.path.name}',
            where=str(config.path),
            hint="Make the folder and write a post in it, or name the right one.",
        )
    states, seen_at = seen or Look.at(content)
    files = tuple(_files(states, config, notes))
    texts = [name for name in files if _is_text(name, config)]
    sources = tuple(_source(name, config) for name in texts)
    # A text below a static folder is a text, as with Pelican.
    others = set(files) - set(texts)
    unbuilt = frozenset(name for name in sorted(others) if _is_unbuilt(name, config, notes))
    names = sorted(name for name in others - unbuilt if _is_below(name, config.content.static))
    statics = tuple(Static(name, content / name) for name in names)
    return Manuscript(sources, statics, unbuilt, states, seen_at)


def refuse_empty(manuscript: Manuscript, config: Config) -> None:
    """Raise `Failed` when there is no post in the manuscript."""
    if all(source.page for source in manuscript.sources):
        raise Failed(
            f'no post in "{config.content.path}": an empty manuscript is never built into an empty site',
            where=str(config.path),
            hint="Write a post (a file ending in .rst), or name the right folder in content.path.",
        )


def _files(states: dict[str, State], config: Config, notes: Notes) -> Iterator[str]:
    """Yield the files that are not to be ignored."""
    content = config.manuscript.resolve()
    wanted = _Wanted(config.content.ignore)
    for name, state in states.items():
        if not wanted(name):
            continue
        trouble = _trouble(f"{config.manuscript}/{name}", state, content)
        if trouble:
            notes.problem(printable(shown(config.manuscript / name, config)), 1, trouble)
        else:
            yield name


def _trouble(file: str, state: State, content: Path) -> str:
    # A link out of the folder would publish files of the machine.
    if state.is_link and not is_within(file, content):
        return "a link that leads out of the content folder"
    if stat.S_ISDIR(state.mode) and not state.is_link:
        return "a folder that may not be read"
    if not state.is_file or not os.access(file, os.R_OK):
        return "not a file that can be read"
    return "" if printable(file) == file else "a name that is not UTF-8; rename the file"


def printable(name: str) -> str:
    """Return *name* as it can be printed: unchanged, unless the disk holds it in an odd encoding."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


class _Wanted:
    """Tells which names are not to be ignored; that of a folder is judged once."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        names = (pattern.split("/")[-1] for pattern in (*patterns, "*~"))
        self._ignored = re.compile("|".join(map(fnmatch.translate, names))).match
        self._folders: dict[str, bool] = {"": True}

    def __call__(self, name: str) -> bool:
        """Tell whether the file *name*, and every folder that it is in, is wanted."""
        folder, _, file = name.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = self(folder)
        return self._folders[folder] and not self._ignored(file)


def _is_text(name: str, config: Config) -> bool:
    """Tell whether *name* is a post or a page."""
    return posixpath.splitext(name)[1] == ".rst" and _is_read(name, config)


def _is_read(name: str, config: Config) -> bool:
    """Tell whether posts or pages are looked for where *name* is."""
    told = config.content
    if _is_below(name, told.exclude):
        return False
    return not told.posts or _is_below(name, told.pages) or _is_below(name, told.posts)


def _is_unbuilt(name: str, config: Config, notes: Notes) -> bool:
    """Tell whether *name* is a text in Markdown; what looks like a text and is not built is told."""
    suffix = posixpath.splitext(name)[1]
    is_html = suffix.lower() in _HTML
    if suffix.lower() not in _OTHER_SOURCES or not _is_read(name, config):
        return False
    if is_html and _is_below(name, config.content.static):
        return False
    place = "a static folder" if is_html else "a static folder that content.exclude names, too"
    message = f"is not built: blogops reads .rst, not {suffix}; a file to copy belongs in {place}"
    notes.warning(shown(config.manuscript / name, config), 1, message)
    return not is_html


def _is_below(name: str, folders: tuple[str, ...]) -> bool:
    plain, below = _plain(folders)
    return "." in plain or name in plain or name.startswith(below)


@lru_cache(maxsize=8)
def _plain(folders: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return *folders* in one spelling, and what the names of files in them begin with."""
    plain = frozenset(map(posixpath.normpath, folders))
    return plain, tuple(f"{folder}/" for folder in plain)


def source_at(name: str, config: Config) -> Source | None:
    """Return what a build takes the file *name* for, or None if for no text; be it there or not."""
    is_text = _Wanted(config.content.ignore)(name) and _is_text(name, config)
    return _source(name, config) if is_text else None


def _source(name: str, config: Config) -> Source:
    file = f"{config.manuscript}/{name}"
    return Source(
        file, name, f"{config.content.path.strip('/')}/{name}", _is_below(name, config.content.pages)
    )


def shown(path: Path, config: Config) -> str:
    """Return *path* as its author calls it: seen from the folder of blog.toml."""
    return path.relative_to(config.folder).as_posix()
