"""The files of a manuscript."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from blogops.config import Config
from blogops.errors import Failed, UsageError
from blogops.website.model import Source
from blogops.website.notes import Notes


@dataclass(frozen=True)
class Manuscript:
    """Every file that a build reads, in a stable order."""

    sources: tuple[Source, ...]
    statics: tuple[Path, ...]


def discover(config: Config, notes: Notes) -> Manuscript:
    """List the posts, pages and static files of *config*.

    Raises `UsageError` when there is no content folder and `Failed` when there is no post in it.
    """
    content = config.folder / config.content.path
    if not content.is_dir():
        raise UsageError(
            f'content.path: there is no folder "{config.content.path}" beside {config.path.name}',
            where=str(config.path),
            hint="Make the folder and write a post in it, or name the right one.",
        )
    sources = [_source(path, config) for path in _files(content, notes, config) if path.suffix == ".rst"]
    posts = [source for source in sources if not _is_static(source.path, config)]
    if not any(not source.page for source in posts):
        raise Failed(
            f'no post in "{config.content.path}": an empty manuscript is never built into an empty site',
            where=str(config.path),
            hint="Write a post (a file ending in .rst), or name the right folder in content.path.",
        )
    statics = [path for name in config.content.static for path in _files(content / name, notes, config)]
    return Manuscript(tuple(posts), tuple(dict.fromkeys(statics)))


def _files(folder: Path, notes: Notes, config: Config) -> Iterator[Path]:
    content = (config.folder / config.content.path).resolve()
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if _wanted(name))
        for path in (Path(root, name) for name in sorted(names) if _wanted(name)):
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


def _wanted(name: str) -> bool:
    return not name.startswith(".") and not name.endswith("~")


def _is_static(path: Path, config: Config) -> bool:
    content = config.folder / config.content.path
    return any(path.is_relative_to(content / name) for name in config.content.static)


def _source(path: Path, config: Config) -> Source:
    content = config.folder / config.content.path
    page = path.is_relative_to(content / config.content.pages)
    return Source(path, path.relative_to(content).as_posix(), shown(path, config), page)


def shown(path: Path, config: Config) -> str:
    """Return *path* as its author calls it: seen from the folder of blog.toml."""
    return path.relative_to(config.folder).as_posix()
