"""Writing so that a power cut finds the old or the new, never a half."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Flush the names in *folder* to disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Flush everything below *folder* to disk: one syncfs(2) for thousands of files, sync(2) where it lacks.

    Raises `OSError` if the disk could not take it all.
    """
    import ctypes  # not for a rebuild with nothing to do

    call = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if call is None:
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if call(descriptor):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)


def write_file(path: Path, text: str) -> None:
    """Replace *path* by *text*: written aside, flushed, renamed."""
    aside = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    sync_folder(path.parent)
