"""What the files of a run were before it, until whoever reads them has accepted what they are now.

A check (``nginx -t``) judges the whole tree, so files are judged together: when the last one that a check
is about is written. Is one refused, every file of the run gets its old bytes back. Files with a check are
written down on disk as well: a run that was killed half way is taken back by the next.

What has no bytes to keep, or too many, is not removed but renamed, and deleted when the run ends.
"""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .behalf import on_behalf
from .writing import clear_aside, link_aside, move_aside, move_back, state_of, write_aside

_BYTES_MAX = 1024 * 1024  # of a file that is kept in memory; settings are shorter


class Saved(NamedTuple):
    """A path as it was: absent (``kind`` is empty), a file, a link, or what was moved aside."""

    title: str
    path: str
    check: tuple[str, ...]
    kind: str = ""
    data: str = ""
    mode: int = 0
    uid: int = 0
    gid: int = 0

    def back(self) -> None:
        """Make the path what it was."""
        on_behalf(Path(self.path), self._put_back)

    def _put_back(self) -> None:
        path = Path(self.path)
        if self.kind == "file":
            write_aside(path, base64.b64decode(self.data), self.mode, (self.uid, self.gid))
        elif self.kind == "link":
            link_aside(path, self.data)
        elif self.kind == "aside":
            move_back(path)
        else:
            path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Delete what was moved aside."""
        if self.kind == "aside":
            on_behalf(Path(self.path), lambda: clear_aside(Path(self.path)))


class Undo:
    """The paths this run has changed, oldest first; without a journal in memory only."""

    def __init__(self, journal: Path | None) -> None:
        self._journal = journal
        self._saved: list[Saved] = []
        self._open: dict[tuple[str, ...], list[str]] = {}
        self.title = ""  # the resource now being brought about

    def save(self, path: Path, check: Sequence[str] = ()) -> None:
        """Remember *path*, which is about to change; *check* is the command that must accept it then."""
        self._remember(_saved(self.title, path, tuple(check)))

    def remove(self, path: Path, check: Sequence[str] = ()) -> None:
        """Remove *path*, whatever it is; *check* is the command that must accept it then."""
        state = path.lstat()
        if stat.S_ISLNK(state.st_mode) or (stat.S_ISREG(state.st_mode) and state.st_size <= _BYTES_MAX):
            self.save(path, check)
            on_behalf(path, path.unlink)
        else:
            self._remember(Saved(self.title, str(path), tuple(check), "aside"))
            on_behalf(path, lambda: move_aside(path))

    def _remember(self, saved: Saved) -> None:
        self._saved.append(saved)
        if saved.check:
            self._open.setdefault(saved.check, []).append(self.title)
        if saved.check or saved.kind == "aside":
            self._write_down(saved)

    def unjudged(self) -> dict[tuple[str, ...], list[str]]:
        """Return check -> titles of the resources that it has not judged yet."""
        return dict(self._open)

    def accepted(self, check: tuple[str, ...]) -> None:
        """Take note that *check* has succeeded."""
        self._open.pop(check, None)
        if not self._open:
            self._keep_asides()

    def used(self, path: Path) -> None:
        """Keep *path* as it is now: something runs by it already."""
        self._saved = [saved for saved in self._saved if saved.path != str(path) or saved.kind == "aside"]

    def end(self) -> None:
        """Delete what was moved aside: nothing is refused any more."""
        while self._saved:
            self._saved.pop().clear()
        self._forget()

    def back(self) -> list[str]:
        """Give every path its old bytes back, the last first; return the titles."""
        titles = [saved.title for saved in self._saved]
        for saved in reversed(self._saved):
            saved.back()
        self._saved, self._open = [], {}
        self._forget()
        return list(dict.fromkeys(titles))

    def leftovers(self) -> list[str]:
        """Take back what a killed run left unjudged, and return the paths; delete what else it had aside."""
        if not self._journal or not self._journal.exists():
            return []
        found = []
        for line in self._journal.read_text(encoding="utf-8").splitlines():
            try:
                found.append(Saved(**json.loads(line)))
            except ValueError:
                break  # cut off while it was written: the change it was for was not made
        for saved in reversed(found):
            saved.back() if saved.check else saved.clear()
        self._forget()
        return list(dict.fromkeys(saved.path for saved in found if saved.check))

    def _write_down(self, saved: Saved) -> None:
        if not self._journal:
            return
        self._journal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(json.dumps(saved._asdict()).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _keep_asides(self) -> None:
        """Leave in the journal only what the end of the run, or the next one, has to delete."""
        asides = [saved._replace(check=()) for saved in self._saved if saved.kind == "aside"]
        if not self._journal or not asides:
            self._forget()
            return
        lines = b"".join(json.dumps(saved._asdict()).encode() + b"\n" for saved in asides)
        write_aside(self._journal, lines, 0o600, (os.geteuid(), os.getegid()))

    def _forget(self) -> None:
        if self._journal:
            self._journal.unlink(missing_ok=True)


def _saved(title: str, path: Path, check: tuple[str, ...]) -> Saved:
    state = state_of(path)
    if state is None:
        return Saved(title, str(path), check)
    if stat.S_ISLNK(state.st_mode):
        return Saved(title, str(path), check, "link", str(path.readlink()))
    data = base64.b64encode(path.read_bytes()).decode()
    return Saved(
        title, str(path), check, "file", data, stat.S_IMODE(state.st_mode), state.st_uid, state.st_gid
    )
