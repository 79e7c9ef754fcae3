"""What builds remember: one SQLite file of sealed rows, shared by deploys, rebuilds and previews.

Each row carries a checksum over its name and its bytes, so a damaged one counts as missing, and a file that
SQLite cannot read is thrown away. Without it a build gives the same site, and only takes longer. Where it
cannot be written (another process has it, the disk is full), it is still read, and what is put stays in
memory.
"""

import contextlib
import os
import pickle
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from blogops.errors import Failed
from blogops.website.versions import versions

DATABASE = "builds.sqlite"
"""The name of the file in a cache's folder."""

_SEAL = 4  # bytes of a checksum: against damage, not against anybody
_TABLE = "CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, data BLOB NOT NULL)"
_WRITTEN_AT = 4 << 20  # bytes that wait in memory
_BUSY = 5.0  # seconds
# The second is what becomes of a message with a damaged name in it.
_ERRORS = (sqlite3.DatabaseError, UnicodeDecodeError)
# What says nothing against the file: it is another process's just now, or the place is full or not ours.
_OF_THE_PLACE = {
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_FULL),
    *(sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM),
}


class Damaged(Failed):
    """A row that others count on is gone, or not whole."""

    def __init__(self) -> None:
        super().__init__(
            "what builds remember was removed or damaged meanwhile",
            hint="Nothing was lost. Say it again: what is missing is made anew.",
        )


class Store:
    """Bytes by name, in the file *path*; without one, as long as this object lives."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._waiting: dict[str, bytes] = {}
        self._size, self._written_at = 0, float(_WRITTEN_AT)
        # Connections of before a fork: SQLite forbids to use them in the child, and to close them.
        self._inherited: list[sqlite3.Connection | None] = []
        self._owner = os.getpid()
        self._is_ours, self._was_sound = True, False
        self._connection = self._connected() if path else None

    def get(self, name: str) -> bytes | None:
        """Return what `put` got under *name*, or None if there is nothing, or it is not whole."""
        if name in self._waiting:
            return self._waiting[name]
        rows = self._run("SELECT data FROM kept WHERE name = ?", (name,))
        data = _opened(name, rows[0][0]) if rows else None
        if rows and data is None and not self._is_sound():
            self.clear()
        return data

    def put(self, name: str, data: bytes) -> None:
        """Keep *data* under *name*; it outlives this process from the next `commit` on.

        What a child puts is not kept.
        """
        if self._is_lent():
            return
        self._waiting[name] = data
        self._size += len(data)
        if self._size > self._written_at:
            self.commit()

    def commit(self, *, forget: Iterable[str] = ()) -> None:
        """Write what waits, and take out the rows *forget*, all of it or nothing."""
        self._size = 0
        gone, rows = list(forget), [(name, _seal(name, data) + data) for name, data in self._waiting.items()]
        if not self._connection or not self._is_ours or not (gone or rows):
            return
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany("DELETE FROM kept WHERE name = ?", [(name,) for name in gone])
                self._connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", rows)
        except _ERRORS as error:
            if _is_of_the_place(error):
                self._is_ours = False
            else:
                self.clear()
        else:
            self._waiting.clear()

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Keep what is put meanwhile in memory, however much it is: it belongs into one `commit`."""
        self.commit()
        self._written_at = float("inf")
        try:
            yield
        finally:
            self._written_at = float(_WRITTEN_AT)

    def clear(self) -> None:
        """Forget everything; a file that cannot be had just now stays as it is, and is not read any more."""
        self._waiting.clear()
        # A child leaves the file to its parent, which has it open.
        is_here = bool(self._path and self._connection and not self._is_lent())
        self.close()
        if is_here and self._is_gone():
            self._is_ours, self._was_sound, self._connection = True, False, self._connected()

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
        for _ in range(2):
            try:
                return _connect(self._path)
            except OSError:
                return None
            except _ERRORS as error:
                # No database at all, or one that is damaged.
                if _is_of_the_place(error) or not self._is_gone():
                    return None
        return None

    def _is_lent(self) -> bool:
        """Tell whether this is a child of the process that opened the file."""
        return bool(self._inherited) or self._owner != os.getpid()

    def _is_sound(self) -> bool:
        """Tell whether only bytes of a row are damaged, and not the file's own order, which no row heals."""
        # Looked at once: it takes longer than a hundred rows, and all may be damaged, or of an older version.
        self._was_sound = self._was_sound or self._run("PRAGMA integrity_check(1)", ()) == [("ok",)]
        return self._was_sound

    def _is_gone(self) -> bool:
        """Throw the file away; tell whether that could be done."""
        try:
            if self._path:
                self._path.unlink(missing_ok=True)
        except OSError:
            return False
        return True

    def _run(self, statement: str, values: tuple[str, ...]) -> list[tuple[object, ...]]:
        if self._connection and self._owner != os.getpid():
            self._inherited.append(self._connection)
            self._owner, self._connection = os.getpid(), self._connected()
        if not self._connection:
            return []
        try:
            return self._connection.execute(statement, values).fetchall()
        except _ERRORS as error:
            if _is_of_the_place(error):
                self.close()
            else:
                self.clear()
            return []


def recalled(store: Store, name: str) -> Any:
    """Return what `remember` got under *name*; None if nothing did, or it was other code."""
    row = kept(store, name, versions())
    return None if row is None else pickle.loads(row)  # noqa: S301 (ours, and sealed)


def remember(store: Store, name: str, value: object) -> None:
    """Keep *value* under *name*, for the same code."""
    keep(store, name, versions(), pickle.dumps(value, pickle.HIGHEST_PROTOCOL))


def kept(store: Store, name: str, key: str) -> bytes | None:
    """Return what `keep` got under *name*; None if nothing did, or it was made from another *key*."""
    row, head = store.get(name), key.encode()
    return row[len(head) :] if row is not None and row.startswith(head) else None


def keep(store: Store, name: str, key: str, data: bytes) -> None:
    """Keep *data* under *name*; *key*, a digest, tells what it was made from."""
    store.put(name, key.encode() + data)


def _connect(path: Path | None) -> sqlite3.Connection:
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
    found = sqlite3.connect(path or ":memory:", timeout=_BUSY, isolation_level=None)
    # A process that is killed harms nothing by it; a machine without power may, and then the seals tell.
    found.execute("PRAGMA synchronous = OFF")
    found.execute(_TABLE)
    return found


def _is_of_the_place(error: Exception) -> bool:
    # The lower byte is the kind of the error, the upper ones tell more of it.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_PLACE


def _seal(name: str, data: bytes) -> bytes:
    return zlib.crc32(data, zlib.crc32(name.encode())).to_bytes(_SEAL, "little")


def _opened(name: str, row: object) -> bytes | None:
    if not isinstance(row, bytes):
        return None
    data = row[_SEAL:]
    return data if _seal(name, data) == row[:_SEAL] else None
