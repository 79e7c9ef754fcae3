"""Making a release from a build: same bytes are hard links, other bytes get another mtime."""

import errno
import json
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from blogops.releases.changes import Changes
from blogops.releases.durable import sync_folder, sync_tree
from blogops.releases.layout import RECORD, Layout
from blogops.releases.removal import remove_tree

_READ_ONLY_FILE, _READ_ONLY_FOLDER, _FOLDER = 0o444, 0o555, 0o755


class Release(NamedTuple):
    """What a release is, as its own release.json tells: written once, when it is whole.

    *made* is UTC (RFC 3339), *bytes* and *files* are those of ``public/``. *probes* are pairs of an address
    and the file of ``public/`` that must answer it when the release is live.
    """

    id: str
    content: str
    made: str = ""
    who: str = ""
    reason: str = ""
    revision: str = ""
    change: str = ""
    files: int = 0
    bytes: int = 0
    probes: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, layout: Layout, name: str) -> "Release | None":
        """Return what release *name* tells of itself; None if it is none of ours."""
        try:
            data = json.loads((layout.release(name) / RECORD).read_text(encoding="utf-8"))
            probes = tuple((str(address), str(file)) for address, file in data.get("probes", ()))
            known = {key: data[key] for key in cls._fields if key in data}
            numbers = {key: int(data.get(key, 0)) for key in ("files", "bytes")}
            found = cls(**{**known, **numbers, "probes": probes})
        except (OSError, ValueError, TypeError, AttributeError, OverflowError):
            return None
        return found if found.id == name else None


class Material(NamedTuple):
    """What a release is made of: the site as built, how it differs from the live one, who made it and why.

    *beside* are texts that lie beside ``public/`` by name, *content* is the hash of both.
    """

    beside: Mapping[str, str]
    content: str
    changes: Changes
    who: str = ""
    reason: str = ""
    revision: str = ""
    change: str = ""
    probes: tuple[tuple[str, str], ...] = ()


def next_sequence(layout: Layout, known: set[str]) -> int:
    """Return a number no release ever had: from the ledger and from what lies there, whichever is more.

    What bears no id counts for nothing: another tool may have numbered it.
    """
    names = known | {path.name for path in layout.releases.iterdir()}
    numbers = [int(name[:6]) for name in names if name[:6].isdigit() and name[6:7] == "-"]
    return max(numbers, default=0) + 1


def is_whole(layout: Layout, name: str) -> bool:
    """Tell whether the files of a release are all there still, by their number."""
    public, release = layout.public(name), Release.read(layout, name)
    there = sum(len(files) for _, _, files in os.walk(public))
    return (public / "index.html").is_file() and there >= (release.files if release else 0)


def stage(layout: Layout, material: Material, *, live: str, known: set[str]) -> Release:
    """Make a release of the site as built, linked to the files of *live*; on disk before this returns.

    Nobody may write in it any more. The caller holds the lock.
    """
    now, content = datetime.now(UTC), material.content
    release_id = f"{next_sequence(layout, known):06d}-{now:%Y%m%dT%H%M%SZ}-{content[:8]}"
    staging = layout.staging
    remove_tree(staging)
    public = staging / "public"
    public.mkdir(parents=True, mode=_FOLDER)
    _fill(layout, public, material.changes, live)
    sizes = [path.stat().st_size for path in public.rglob("*") if path.is_file()]
    release = Release(
        id=release_id,
        content=content,
        made=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        who=material.who,
        reason=material.reason,
        revision=material.revision,
        change=material.change,
        files=len(sizes),
        bytes=sum(sizes),
        probes=material.probes,
    )
    told = json.dumps(release._asdict(), ensure_ascii=False) + "\n"
    for name, text in {**material.beside, RECORD: told}.items():
        (staging / name).write_text(text, encoding="utf-8")
        (staging / name).chmod(_READ_ONLY_FILE)
    _finish(layout, release_id)
    return release


def _fill(layout: Layout, public: Path, changes: Changes, live: str) -> None:
    every = (*changes.same, *changes.added, *changes.changed)
    for folder in sorted({name.rpartition("/")[0] for name in every}):
        (public / folder).mkdir(parents=True, exist_ok=True, mode=_FOLDER)
    for name in changes.same:
        _share(layout.public(live) / name, public / name)
    others = list(layout.releases.glob("[0-9]*/public"))
    for name in (*changes.added, *changes.changed):
        target = public / name
        shutil.copyfile(layout.site / name, target)
        target.chmod(_READ_ONLY_FILE)
        _part_mtime(target, [other / name for other in others])


def _share(old: Path, new: Path) -> None:
    """Make *new* the same file as *old*; a copy of the same time where no more links fit."""
    if old.stat().st_mode & 0o222:  # made by an earlier toolkit
        old.chmod(_READ_ONLY_FILE)
    try:
        new.hardlink_to(old)
    except OSError as error:
        if error.errno != errno.EMLINK:
            raise
        shutil.copyfile(old, new)
        new.chmod(_READ_ONLY_FILE)
        state = old.stat()
        os.utime(new, ns=(state.st_atime_ns, state.st_mtime_ns))


def _part_mtime(path: Path, others: list[Path]) -> None:
    """Give a changed file an mtime no release here gave it: nginx's ETag is whole seconds and size."""
    last = max((_second(other) for other in others), default=0)
    if _second(path) <= last:
        os.utime(path, (last + 1, last + 1))


def _second(path: Path) -> int:
    return int(path.stat().st_mtime) if path.is_file() else 0


def _finish(layout: Layout, release_id: str) -> None:
    """Take the right to write away, flush, and put the release among the others."""
    for folder, _, _ in os.walk(layout.staging / "public"):
        Path(folder).chmod(_READ_ONLY_FOLDER)
    sync_tree(layout.staging)
    layout.staging.rename(layout.release(release_id))
    layout.release(release_id).chmod(_READ_ONLY_FOLDER)  # only now: a folder is moved by who may write in it
    sync_folder(layout.releases)
