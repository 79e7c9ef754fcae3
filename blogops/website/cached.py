"""Files made once and found again: each carries its own checksum, so a damaged one counts as missing."""

import hashlib
import os
from pathlib import Path

from blogops.errors import Failed


def recall(path: Path) -> bytes | None:
    """Return what `keep` wrote to *path*, or None if there is nothing, or it is not whole."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    seal, payload = data[:32], data[32:]
    return payload if hashlib.sha256(payload).digest() == seal else None


def keep(path: Path, payload: bytes) -> None:
    """Write *payload*, behind its SHA-256, to *path*. Raises `Failed` if that cannot be done."""
    put(path, hashlib.sha256(payload).digest() + payload)


def put(path: Path, data: bytes) -> None:
    """Write *data* aside and rename it to *path*. Raises `Failed` if that cannot be done."""
    aside = path.with_name(f".{os.urandom(8).hex()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            aside.write_bytes(data)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise Failed(
            f"what was made cannot be kept: {error.strerror or error}",
            where=str(path),
            hint="Look at the free space and the owner of that folder (df -h, ls -ld), and build again.",
        ) from error


def prune(folder: Path, used: set[Path]) -> None:
    """Remove every file below *folder* that is not among *used*; one being written at the time stays."""
    for path in sorted(folder.rglob("*")):
        if path not in used and path.is_file() and not path.name.startswith("."):
            path.unlink(missing_ok=True)
