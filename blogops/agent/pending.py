"""The notifications still owed: on disk, so that a failed or cut run owes them to the next."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from .writing import write_aside


class Pending:
    """Name -> command of what must run once the changes are made; without a path in memory only."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._owed: dict[str, list[str]] = {}
        self._owners: dict[str, set[str]] = {}
        if path:
            self.read(path)

    def read(self, path: Path) -> None:
        """Take over what an earlier run owes."""
        try:
            owed = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, PermissionError):
            return
        for name, command in owed.items():
            self._owed[str(name)] = [str(word) for word in command]
            self._owners[str(name)] = {"an earlier run"}

    def __contains__(self, name: object) -> bool:
        return name in self._owed

    def all(self) -> dict[str, list[str]]:
        """Return what is owed, in the order it was added; a restart makes a reload needless."""
        return {
            name: command
            for name, command in self._owed.items()
            if not (name.endswith(" reload") and f"{name[:-7]} restart" in self._owed)
        }

    def add(self, actions: Mapping[str, list[str]], owner: str) -> None:
        """Owe *actions*, each once, for the change of *owner*."""
        new = {name: command for name, command in actions.items() if name not in self._owed}
        for name in actions:
            self._owners.setdefault(name, set()).add(owner)
        if new:
            self._owed.update(new)
            self._write()

    def disown(self, owner: str) -> None:
        """Owe nothing for *owner* any more: its change was taken back."""
        for name, owners in list(self._owners.items()):
            owners.discard(owner)
            if not owners:
                self._drop({name})

    def remove(self, name: str) -> None:
        """Owe *name* no longer, nor the reload that a restart stands for."""
        self._drop({name, f"{name[:-8]} reload"} if name.endswith(" restart") else {name})

    def _drop(self, gone: set[str]) -> None:
        if gone & self._owed.keys():
            self._owed = {key: command for key, command in self._owed.items() if key not in gone}
            self._write()
        for key in gone:
            self._owners.pop(key, None)

    def _write(self) -> None:
        if not self._path:
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_aside(self._path, json.dumps(self._owed).encode(), 0o600, (os.geteuid(), os.getegid()))
