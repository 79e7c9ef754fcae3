"""What builds remember: one SQLite file of sealed rows, shared by deploys, rebuilds and previews.

Each row carries a checksum over its name and its bytes, so a damaged one counts as missing, and a file that
SQLite cannot read is thrown away. Without it a build gives the same site, and only takes longer. Where it
cannot be written (another process has it, the disk is full), what is put stays in memory.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

DATABASE = "builds.sqlite"
"""The name of the file in a cache's folder."""

_SEAL = 16
_TABLE = "CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, data BLOB NOT NULL)"
_WRITTEN_AT = 4 << 20  # bytes that wait in memory
_BUSY = 5.0  # seconds


class Store:
    """Bytes by name, in the file *path*; without one, as long as this object lives."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._waiting: dict[str, bytes] = {}
        self._size = 0
        # Connections of before a fork: SQLite forbids to use them in the child, and to close them.
        self._inherited: list[sqlite3.Connection | None] = []
        self._owner = os.getpid()
        self._connection = self._connected() if path else None

    def get(self, name: str) -> bytes | None:
        """Return what `put` got under *name*, or None if there is nothing, or it is not whole."""
        if name in self._waiting:
            return self._waiting[name]
        rows = self._run("SELECT data FROM kept WHERE name = ?", (name,))
        return _opened(name, rows[0][0]) if rows else None

    def put(self, name: str, data: bytes) -> None:
        """Keep *data* under *name*; it outlives this process from the next `commit` on."""
        self._waiting[name] = data
        self._size += len(data)
        if self._size > _WRITTEN_AT:
            self.commit()

    def commit(self, *, forget: Iterable[str] = ()) -> None:
        """Write what waits, and take out the rows *forget*, all of it or nothing."""
        self._size = 0
        gone, rows = list(forget), [(name, _seal(name, data) + data) for name, data in self._waiting.items()]
        if not self._connection or not (gone or rows):
            return
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany("DELETE FROM kept WHERE name = ?", [(name,) for name in gone])
                self._connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", rows)
        except sqlite3.DatabaseError as error:
            self._lose(error)
        else:
            self._waiting.clear()

    def names(self, prefix: str) -> set[str]:
        """Return the names that begin with *prefix*."""
        rows = self._run("SELECT name FROM kept WHERE name >= ? AND name < ?", (prefix, prefix + "\uffff"))
        return {str(row[0]) for row in rows} | {name for name in self._waiting if name.startswith(prefix)}

    def close(self) -> None:
        """Let go of the file; what was not committed is lost."""
        if self._connection and self._owner == os.getpid():
            self._connection.close()
        self._connection = None

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connected(self) -> sqlite3.Connection | None:
        try:
            return _connect(self._path)
        except sqlite3.OperationalError:
            return None
        except sqlite3.DatabaseError:
            # No database at all, or one that is damaged.
            self._path.unlink(missing_ok=True) if self._path else None
        try:
            return _connect(self._path)
        except sqlite3.DatabaseError:
            return None

    def _run(self, statement: str, values: tuple[str, ...]) -> list[tuple[object, ...]]:
        if self._connection and self._owner != os.getpid():
            self._inherited.append(self._connection)
            self._owner, self._connection = os.getpid(), self._connected()
        if not self._connection:
            return []
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            self._lose(error)
            return []

    def _lose(self, error: sqlite3.DatabaseError) -> None:
        """Go on in memory; a file that is locked or full stays, a damaged one is made anew."""
        self.close()
        if self._path and not isinstance(error, sqlite3.OperationalError):
            self._path.unlink(missing_ok=True)
            self._connection = self._connected()


def _connect(path: Path | None) -> sqlite3.Connection:
    if path:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise sqlite3.OperationalError(str(error)) from error
    found = sqlite3.connect(path or ":memory:", timeout=_BUSY, isolation_level=None)
    # A process that is killed harms nothing by it; a machine without power may, and then the seals tell.
    found.execute("PRAGMA synchronous = OFF")
    found.execute(_TABLE)
    return found


def _seal(name: str, data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_SEAL, key=name.encode()[-64:]).digest()


def _opened(name: str, row: object) -> bytes | None:
    if not isinstance(row, bytes):
        return None
    seal, data = row[:_SEAL], row[_SEAL:]
    return data if _seal(name, data) == seal else None
