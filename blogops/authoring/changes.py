"""Several files written anew, all or none as far as a file system lets us."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from blogops.errors import Failed, Refused


@dataclass(frozen=True)
class Change:
    """One file to write anew; *path* is where it lies, *after* its bytes, *to* its new place, if any."""

    path: Path
    before: bytes
    after: bytes
    to: Path


@dataclass(frozen=True)
class Move:
    """What `plan` worked out: the changes, and a sentence for each."""

    changes: tuple[Change, ...]
    said: tuple[str, ...]


def perform(move: Move) -> None:
    """Write the changes of *move*: all are written aside first, and then each renamed into its place.

    Raises `Refused` when a file was changed meanwhile, `Failed` when one cannot be written.
    """
    asides: list[tuple[Path, Change]] = []
    try:
        for change in move.changes:
            if change.path.read_bytes() != change.before:
                raise Refused("was changed meanwhile", where=str(change.path), hint="Say it again.")
            asides.append((_aside(change), change))
        for aside, change in asides:
            if change.to == change.path:
                aside.replace(change.path)
            else:
                # Fails where somebody has just made such a file, which a rename would write over.
                os.close(os.open(change.to, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                aside.replace(change.to)
                change.path.unlink()
    except OSError as error:
        hint = "Look at the free space and at who owns it, and say it again."
        raise Failed(f"cannot be written: {error.strerror}", where=str(error.filename), hint=hint) from error
    finally:
        for aside, _ in asides:
            aside.unlink(missing_ok=True)


def _aside(change: Change) -> Path:
    aside = change.path.with_name(f".{change.path.name[:80]}.{secrets.token_hex(6)}.part")
    aside.write_bytes(change.after)
    aside.chmod(change.path.stat().st_mode & 0o777)
    return aside
