"""The one writer of a site: afterwards the folder holds exactly the files it should."""

import filecmp
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from blogops.website.sweep import State, state_of


class Tree:
    """The folder of a site, with the *states* of its files.

    What is new is laid aside first, so that a build that fails leaves it as it was. A file whose bytes are
    right already is not touched: its mtime is what browsers remember it by.
    """

    def __init__(self, out: Path, states: dict[str, State]) -> None:
        self.out, self.states = out, states
        self._aside = out.with_name(f".{out.name}.new")
        self._laid: dict[str, Path] = {}
        shutil.rmtree(self._aside, ignore_errors=True)

    def state(self, name: str) -> State | None:
        """Return the state of a file that is there."""
        return self.states.get(name)

    def lay(self, name: str, data: bytes | Path) -> None:
        """Lay *data*, bytes or a file to copy, aside for the file *name*, unless it has those bytes."""
        found = self.states.get(name)
        if found and found.is_file and not found.is_link and _is_same(self.out / name, found, data):
            return
        if not self._laid:
            self._aside.mkdir(parents=True, exist_ok=True)
        path = self._aside / str(len(self._laid))
        if isinstance(data, Path):
            shutil.copyfile(data, path)
        else:
            path.write_bytes(data)
        self._laid[name] = path

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
            target = f"{self.out}/{name}"
            path.replace(target)
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


def _is_same(path: Path, found: State, data: bytes | Path) -> bool:
    if isinstance(data, Path):
        return filecmp.cmp(path, data, shallow=False)
    return found.size == len(data) and path.read_bytes() == data
