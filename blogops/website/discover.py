"""The files of a manuscript."""

import fnmatch
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from blogops.config import Config
from blogops.errors import Failed, UsageError
from blogops.website.links import Static
from blogops.website.model import Source
from blogops.website.notes import Notes

# What Pelican reads and blogops does not.
_OTHER_SOURCES = (".md", ".markdown", ".mkd", ".mdown", ".html", ".htm")


@dataclass(frozen=True)
class Manuscript:
    """Every file that a build reads, in a stable order."""

    sources: tuple[Source, ...]
    statics: tuple[Static, ...]


def discover(config: Config, notes: Notes) -> Manuscript:
    """List the posts, pages and static files of *config*.

    Raises `UsageError` when there is no content folder and `Failed` when there is no post in it.
    """
    content = config.manuscript
    if not content.is_dir():
        raise UsageError(
            f'content.path: there is no folder "{config.content.path}" beside {config.path.name}',
            where=str(config.path),
            hint="Make the folder and write a post in it, or name the right one.",
        )
    texts = [path for path in _files(content, config, notes) if _is_text(path, config, notes)]
    sources = tuple(_source(path, config) for path in texts)
    if all(source.page for source in sources):
        raise Failed(
            f'no post in "{config.content.path}": an empty manuscript is never built into an empty site',
            where=str(config.path),
            hint="Write a post (a file ending in .rst), or name the right folder in content.path.",
        )
    # A text below a static folder is a text, as with Pelican.
    every = {path for name in config.content.static for path in _files(content / name, config, notes)}
    named = ((path.relative_to(content).as_posix(), path) for path in every - set(texts))
    return Manuscript(sources, tuple(Static(name, path) for name, path in sorted(named)))


def _files(start: Path, config: Config, notes: Notes) -> Iterator[Path]:
    """Yield the files at and below *start* that are not to be ignored."""
    content = config.manuscript.resolve()
    if start.is_file() and _wanted(start.name, config):
        yield start
    for root, folders, names in os.walk(start):
        folders[:] = sorted(name for name in folders if _wanted(name, config))
        for path in (Path(root, name) for name in sorted(names) if _wanted(name, config)):
            trouble = _trouble(path, content)
            if trouble:
                notes.problem(printable(shown(path, config)), 1, trouble)
            else:
                yield path


def _trouble(path: Path, content: Path) -> str:
    # A link out of the folder would publish files of the machine.
    if not path.resolve().is_relative_to(content):
        return "a link that leads out of the content folder"
    if not path.is_file() or not os.access(path, os.R_OK):
        return "not a file that can be read"
    return "" if printable(path.name) == path.name else "a name that is not UTF-8; rename the file"


def printable(name: str) -> str:
    """Return *name* as it can be printed: unchanged, unless the disk holds it in an odd encoding."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _wanted(name: str, config: Config) -> bool:
    ignored = any(fnmatch.fnmatch(name, pattern.split("/")[-1]) for pattern in config.content.ignore)
    return not ignored and not name.startswith(".") and not name.endswith("~")


def _is_text(path: Path, config: Config, notes: Notes) -> bool:
    """Tell whether *path* is a post or a page; what looks like one and is not built is told."""
    told = config.content
    if _is_below(path, told.exclude, config):
        return False
    if not _is_below(path, told.pages, config) and told.posts and not _is_below(path, told.posts, config):
        return False
    if path.suffix.lower() in _OTHER_SOURCES:
        message = (
            f"is not built: blogops reads .rst, not {path.suffix}; a file to copy belongs in a static folder"
        )
        notes.warning(shown(path, config), 1, message)
    return path.suffix == ".rst"


def _is_below(path: Path, names: tuple[str, ...], config: Config) -> bool:
    return any(path.is_relative_to(config.manuscript / name) for name in names)


def _source(path: Path, config: Config) -> Source:
    name = path.relative_to(config.manuscript).as_posix()
    return Source(path, name, shown(path, config), _is_below(path, config.content.pages, config))


def shown(path: Path, config: Config) -> str:
    """Return *path* as its author calls it: seen from the folder of blog.toml."""
    return path.relative_to(config.folder).as_posix()
