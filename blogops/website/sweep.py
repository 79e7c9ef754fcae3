"""The files that a site is made from, and whether they are still what they were, by one look at each."""

import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from blogops.website.digests import digest_of_value

# A file that was changed so short a time before it was read may change once more without another time: the
# kernel's clock of files ticks every 10 ms at the slowest, that of some shared folders every 2 s.
_TICK, _SLOW_TICK, _SECOND = 20_000_000, 2_000_000_000, 1_000_000_000


class State(NamedTuple):
    """What a look at a file tells: bytes, nanoseconds, number, kind. Other bytes mean another state."""

    size: int
    modified: int
    changed: int
    inode: int
    mode: int
    is_link: bool

    def is_settled(self, now: int) -> bool:
        """Tell whether a change after *now* (nanoseconds since 1970) would show as another state."""
        tick = _TICK if self.changed % _SECOND else _SLOW_TICK
        return self.changed + tick < now

    @property
    def is_file(self) -> bool:
        """Tell whether it is a file, or a link to one."""
        return stat.S_ISREG(self.mode)


_GONE = State(0, 0, 0, 0, 0, True)
_SHUT = State(0, 0, 0, 0, stat.S_IFDIR, False)

States = Mapping[str, State]


class Look(NamedTuple):
    """What was seen of a folder: its files, and the time just before, in nanoseconds since 1970."""

    states: dict[str, State]
    seen_at: int

    @classmethod
    def at(cls, folder: Path) -> "Look":
        """Look at *folder* now."""
        seen_at = now()
        return cls(sweep(folder), seen_at)


def sweep(folder: Path, *, hidden: bool = False, linked: bool = False) -> dict[str, State]:
    """Return the state of every file below *folder* by its name there.

    The files of a folder come before those of the folders in it, both by name. What begins with a dot is
    passed over unless *hidden*; links to folders are followed if *linked*. A folder that may not be read
    stands for what is in it.
    """
    return dict(_below(os.fspath(folder), "", hidden, () if linked else None))


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of every file below *folder*, hidden ones and those behind links, too.

    What Python compiled of them is none.
    """
    for name, state in sweep(folder, hidden=True, linked=True).items():
        if state.is_file and "__pycache__" not in name:
            with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123 - of a hundred files, at each start
                yield name, file.read()


def state_of(path: Path | str) -> State | None:
    """Return the state of one file, or None if there is none."""
    try:
        found = os.lstat(path)
        is_link = stat.S_ISLNK(found.st_mode)
        return _state(Path(path).stat() if is_link else found, is_link=is_link)
    except OSError:
        return None


def is_within(path: Path | str, folder: Path) -> bool:
    """Tell whether *path* lies in *folder*, itself no link, whatever links lead there."""
    # Path.resolve() raises RuntimeError for a link that leads to itself.
    return Path(os.path.realpath(path)).is_relative_to(folder)


def digest_of(states: Iterable[States]) -> str:
    """Return one digest of many states, names and all."""
    return digest_of_value([sorted((name, *state) for name, state in each.items()) for each in states])


def now() -> int:
    """Return the time in nanoseconds, to be taken before a look."""
    return time.time_ns()


def _below(
    folder: str, prefix: str, hidden: bool, links: tuple[str, ...] | None
) -> Iterator[tuple[str, State]]:
    """Yield the files below *folder*; *links* led to it, in turn; None to follow none."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except PermissionError:
        yield prefix.rstrip("/"), _SHUT
        return
    except OSError:
        return  # Not there: a build tells of what it misses.
    folders = []
    for entry in entries:
        if entry.name.startswith(".") and not hidden:
            continue
        if _is_folder(entry, links):
            folders.append(entry)
            continue
        try:
            yield prefix + entry.name, _state(entry.stat(), is_link=entry.is_symlink())
        except OSError:
            yield prefix + entry.name, _GONE
    for entry in folders:
        more = (*links, os.path.realpath(entry.path)) if links is not None and entry.is_symlink() else links
        yield from _below(f"{folder}/{entry.name}", f"{prefix}{entry.name}/", hidden, more)


def _is_folder(entry: os.DirEntry[str], links: tuple[str, ...] | None) -> bool:
    if links is None or not entry.is_symlink():
        return entry.is_dir(follow_symlinks=False)
    # Links may lead in a circle.
    return entry.is_dir() and os.path.realpath(entry.path) not in links


def _state(found: os.stat_result, *, is_link: bool) -> State:
    return State(
        found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, stat.S_IFMT(found.st_mode), is_link
    )
