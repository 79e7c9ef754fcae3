"""Two trees compared, name by name and byte by byte."""

import filecmp
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple


class Changes(NamedTuple):
    """The files of a site beside those of a release, by their paths below both, in order."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    same: tuple[str, ...]


def files_in(tree: Path) -> list[str]:
    """Return the path below *tree* of each file there, in order; links are none."""
    return sorted(_files_in(tree))


def _files_in(tree: Path) -> Iterator[str]:
    start = len(os.fspath(tree)) + 1
    for folder, _, names in os.walk(tree):
        for name in names:
            path = f"{folder}/{name}"
            if not os.path.islink(path):  # noqa: PTH114 - thousands of them
                yield path[start:]


def compare(site: Path, live: Path | None) -> Changes:
    """Return what *site* has that *live* (none yet, perhaps) has not, and the other way round."""
    new, old = set(files_in(site)), set(files_in(live)) if live else set[str]()
    same = {name for name in new & old if live and filecmp.cmp(site / name, live / name, shallow=False)}
    return Changes(
        added=tuple(sorted(new - old)),
        changed=tuple(sorted((new & old) - same)),
        removed=tuple(sorted(old - new)),
        same=tuple(sorted(same)),
    )


def content_hash(site: Path, beside: Mapping[str, str]) -> str:
    """Return the hash of all names and bytes below *site*, and of the texts that lie *beside* it by name."""
    digest = hashlib.sha256()
    for name in files_in(site):
        data = (site / name).read_bytes()
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    for name, text in sorted(beside.items()):
        data = text.encode()
        digest.update(f"../{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()
