"""What an author may change: a look at it costs a millisecond for some hundred files, and needs no thread."""

import os
from collections.abc import Iterator
from pathlib import Path

from blogops.config import Config, Content

# The size and the time of every file, by its path.
State = dict[str, tuple[int, int]]


def state(blog_toml: Path, config: Config | None) -> State:
    """Return the state of blog.toml and of all that the site of *config* is made from."""
    content = config.content if config else Content()
    names = (content.path, content.templates, content.extensions, content.redirects, content.headers)
    found: State = {}
    for path in (blog_toml, *(blog_toml.parent / name for name in names)):
        found.update(_below(path))
    return found


def changed(before: State, after: State) -> list[str]:
    """Return the paths that came, went or are others than before."""
    every = before.keys() | after.keys()
    return sorted(path for path in every if before.get(path) != after.get(path))


def _below(path: str | Path) -> Iterator[tuple[str, tuple[int, int]]]:
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name == "__pycache__":
                    continue
                if entry.is_dir(follow_symlinks=False):
                    yield from _below(entry.path)
                else:
                    yield from _one(entry)
    except NotADirectoryError:
        yield from _one(Path(path))
    except OSError:
        return  # Gone, or not to be read: the build tells of what it misses.


def _one(file: os.DirEntry[str] | Path) -> Iterator[tuple[str, tuple[int, int]]]:
    try:
        found = file.stat()
    except OSError:
        return
    yield os.fspath(file), (found.st_size, found.st_mtime_ns)
