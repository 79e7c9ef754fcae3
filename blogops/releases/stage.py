"""Making a release from a build: same bytes are hard links, other bytes get another mtime."""

import filecmp
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from blogops.errors import Failed
from blogops.releases.durable import sync_folder, write_file
from blogops.releases.layout import Layout

_STAGING = ".staging"


@dataclass(frozen=True, kw_only=True)
class Staged:
    """A release that is whole and ready, and what it was made from."""

    id: str
    content: str


def content_hash(site: Path, beside: Mapping[str, str]) -> str:
    """Return the hash of all names and bytes below *site*, and of the texts that lie *beside* it by name."""
    digest = hashlib.sha256()
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(site)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    for name, text in sorted(beside.items()):
        data = text.encode()
        digest.update(f"../{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def next_sequence(layout: Layout, known: set[str]) -> int:
    """Return a number no release ever had: from the ledger and from what lies there, whichever is more."""
    names = known | {path.name for path in layout.releases.iterdir()}
    numbers = [int(name[:6]) for name in names if name[:6].isdigit()]
    return max(numbers, default=0) + 1


def stage(layout: Layout, beside: Mapping[str, str], *, content: str, live: str, known: set[str]) -> Staged:
    """Make a release of the site as built, with the texts *beside* it, linked to the files of *live*.

    *content* is the hash of both. The caller holds the lock.
    """
    sequence = next_sequence(layout, known)
    release_id = f"{sequence:06d}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{content[:8]}"
    staging = layout.releases / f"{_STAGING}-{release_id}"
    _sweep(layout)
    (staging / "public").mkdir(parents=True)
    _copy(layout, staging / "public", live)
    if live:
        _share(staging / "public", layout.public(live))
    _part_mtimes(staging / "public", layout, live)
    for name, text in beside.items():
        write_file(staging / name, text)
    write_file(staging / "release.json", json.dumps(asdict(Staged(id=release_id, content=content))) + "\n")
    staging.rename(layout.release(release_id))
    sync_folder(layout.releases)
    return Staged(id=release_id, content=content)


def _sweep(layout: Layout) -> None:
    """Remove what a stage that was cut off left behind; under the lock nobody else is at it."""
    for path in layout.releases.glob(f"{_STAGING}-*"):
        shutil.rmtree(path)


def _copy(layout: Layout, public: Path, live: str) -> None:
    # Without -t: a link is made where the bytes are the same, whatever the times of the build.
    link = [f"--link-dest={layout.public(live)}"] if live else []
    options = [
        "--recursive",
        "--links",
        "--safe-links",
        "--perms",
        "--checksum",
        "--fsync",
        "--chmod=D755,F644",
    ]
    command = ["rsync", *options, *link, f"{layout.site}/", f"{public}/"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(
            f"rsync ended with exit code {done.returncode}: {done.stderr.strip()}", where=str(public)
        )


def _share(public: Path, before: Path) -> None:
    """Link what rsync copied although it could have linked it; some of its versions do."""
    for path in public.rglob("*"):
        old = before / path.relative_to(public)
        if not path.is_file() or not old.is_file() or path.samefile(old):
            continue
        if filecmp.cmp(path, old, shallow=False):
            path.unlink()
            path.hardlink_to(old)


def _part_mtimes(public: Path, layout: Layout, live: str) -> None:
    """Give a changed file an mtime no release here gave it: nginx's ETag is whole seconds and size."""
    others = list(layout.releases.glob("[0-9]*/public"))
    for path in (path for path in public.rglob("*") if path.is_file()):
        name = path.relative_to(public)
        if live and _inode(layout.public(live) / name) == _inode(path):
            continue
        last = max((_second(other / name) for other in others), default=0)
        if _second(path) <= last:
            os.utime(path, (last + 1, last + 1))


def _inode(path: Path) -> int:
    return path.stat().st_ino if path.is_file() else 0


def _second(path: Path) -> int:
    return int(path.stat().st_mtime) if path.is_file() else 0
