"""The one writer of a site: afterwards the folder holds exactly the files it should."""

import contextlib
import filecmp
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from blogops.website.sweep import State, state_of


class Tree:
    """The folder of a site, with the *states* of its files.

    What is new is laid aside first, so that a build that fails leaves it as it was. A file whose bytes are
    right already is not touched: its mtime is what browsers remember it by.
    """

    def __init__(self, out: Path, states: dict[str, State]) -> None:
        self.out, self.states = out, states
        self._root, self._aside = os.fspath(out), out.with_name(f".{out.name}.new")
        self._owner, self._number = 0, 0
        self._laid: dict[str, str] = {}
        shutil.rmtree(self._aside, ignore_errors=True)

    def has(self, name: str, data: bytes | Path) -> bool:
        """Tell whether the file *name* is there, and holds *data*."""
        found = self.states.get(name)
        return bool(
            found and found.is_file and not found.is_link and _is_same(f"{self._root}/{name}", found, data)
        )

    def lay(self, data: bytes | Path) -> str:
        """Lay *data*, bytes or a file to copy, aside; return where. A child may do it, and tell `take`."""
        path = self._free()
        if isinstance(data, Path):
            shutil.copyfile(data, path)
        else:
            _write(path, data)
        return path

    def _free(self) -> str:
        # Each process has a folder: ext4 lets one at a time make files in one.
        if self._owner != os.getpid():
            self._owner = os.getpid()
            (self._aside / str(self._owner)).mkdir(parents=True)
        self._number += 1
        return f"{self._aside}/{self._owner}/{self._number}"

    def take(self, laid: Mapping[str, str]) -> None:
        """Take what was laid aside, by the names of the files it is for."""
        self._laid.update(laid)

    def settle(self, wanted: Iterable[str]) -> int:
        """Move what was laid aside to its place, remove what is not *wanted*; return how many changed."""
        every = set(wanted)
        self.out.mkdir(parents=True, exist_ok=True)
        gone = [name for name, state in self.states.items() if name not in every or state.is_link]
        for name in gone:
            (self.out / name).unlink()
            del self.states[name]
        if gone or self._laid:
            self._remove_empty_folders()
        for folder in {name.rpartition("/")[0] for name in self._laid}:
            (self.out / folder).mkdir(parents=True, exist_ok=True)
        for name, path in self._laid.items():
            target = f"{self._root}/{name}"
            # ext4 writes out at once what takes another file's place; a build that is cut here is made again.
            if name in self.states:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(target)  # noqa: PTH108
            os.rename(path, target)  # noqa: PTH104
            state = state_of(target)
            assert state  # noqa: S101 - it was put there just now
            self.states[name] = state
        changed = len(gone) + len(self._laid)
        self.abandon()
        return changed

    def abandon(self) -> None:
        """Forget what was laid aside."""
        shutil.rmtree(self._aside, ignore_errors=True)
        self._laid.clear()

    def _remove_empty_folders(self) -> None:
        for root, _, _ in os.walk(self.out, topdown=False):
            if root != os.fspath(self.out) and not any(Path(root).iterdir()):
                Path(root).rmdir()


def _write(path: str, data: bytes) -> None:
    # Half of the system calls of a file object; there are thousands of files.
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(file, left) :]
    finally:
        os.close(file)


def _is_same(path: str, found: State, data: bytes | Path) -> bool:
    if isinstance(data, Path):
        return filecmp.cmp(path, data, shallow=False)
    if found.size != len(data):
        return False
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read() == data
