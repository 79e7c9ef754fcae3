"""The notifications still owed: on disk, so that a failed or cut run owes them to the next."""

import json
import os
from pathlib import Path

from .writing import write_aside


class Pending:
    """Name -> command of what must run once the changes are made."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> dict[str, list[str]]:
        """Return what is owed, in the order it was added."""
        try:
            owed = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return {str(name): [str(word) for word in command] for name, command in owed.items()}

    def add(self, actions: dict[str, list[str]]) -> None:
        """Owe *actions*, each once."""
        owed = self.all()
        if not actions.keys() <= owed.keys():
            self._write(owed | actions)

    def remove(self, name: str) -> None:
        """Owe *name* no longer."""
        owed = self.all()
        del owed[name]
        self._write(owed)

    def _write(self, owed: dict[str, list[str]]) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_aside(self._path, json.dumps(owed).encode(), 0o600, (os.geteuid(), os.getegid()))
