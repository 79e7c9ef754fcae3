"""The one writer of a site: afterwards the folder holds exactly the files given."""

import filecmp
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path


def write(out: Path, files: Mapping[str, bytes | Path]) -> int:
    """Write *files* (by path below *out*), remove all else, and return how many were changed.

    A file is given by its bytes, or by the path of a file to copy.

    A file whose bytes are right already is not touched: its mtime is what browsers remember it by.
    """
    out.mkdir(parents=True, exist_ok=True)
    changed = _remove_stale(out, {out / path for path in files})
    for path, data in files.items():
        changed += _put(out / path, data)
    return changed


def _remove_stale(out: Path, wanted: set[Path]) -> int:
    removed = 0
    for root, folders, names in os.walk(out, topdown=False):
        for path in (Path(root, name) for name in (*names, *folders)):
            is_folder = path.is_dir() and not path.is_symlink()
            if is_folder and (path in wanted or not any(path.iterdir())):
                path.rmdir()
            elif not is_folder and (path not in wanted or path.is_symlink()):
                path.unlink()
                removed += 1
    return removed


def _put(path: Path, data: bytes | Path) -> int:
    if path.is_file() and _is_same(path, data):
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name[:80]}.{secrets.token_hex(6)}.part")
    try:
        if isinstance(data, Path):
            shutil.copyfile(data, aside)
        else:
            aside.write_bytes(data)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return 1


def _is_same(path: Path, data: bytes | Path) -> bool:
    if isinstance(data, Path):
        return filecmp.cmp(path, data, shallow=False)
    return path.stat().st_size == len(data) and path.read_bytes() == data
