"""Files appear whole, with their final owner and mode, or not at all."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from pathlib import Path


def owner_ids(owner: str, group: str) -> tuple[int, int]:
    """Return the numeric ids of *owner* and *group*; an empty name is whoever runs the agent."""
    uid = pwd.getpwnam(owner).pw_uid if owner else os.geteuid()
    gid = grp.getgrnam(group).gr_gid if group else pwd.getpwuid(uid).pw_gid
    return uid, gid


def owner_name(uid: int) -> str:
    """Return the name of *uid*, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def state_of(path: Path) -> os.stat_result | None:
    """Return what is at *path* itself, or nothing."""
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def write_aside(path: Path, data: bytes, mode: int, ids: tuple[int, int]) -> None:
    """Replace *path* by *data*: written beside it, flushed to disk, then renamed."""
    aside = _aside(path)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            os.fchown(descriptor, *ids)
            _write(descriptor, data)
            os.fchmod(descriptor, mode)  # last: another's write than root's takes setuid away
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def link_aside(path: Path, target: str) -> None:
    """Make *path* a symbolic link to *target* in one rename."""
    aside = _aside(path)
    aside.symlink_to(target)
    try:
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def move_aside(path: Path) -> None:
    """Take *path* away, whatever it is, so that `move_back` can bring it back until `clear_aside`."""
    clear_aside(path)
    path.rename(_old(path))


def move_back(path: Path) -> None:
    """Make *path* again what was moved aside, if it was."""
    if state_of(_old(path)):
        _old(path).rename(path)


def clear_aside(path: Path) -> None:
    """Delete what was moved aside of *path*, if anything was."""
    state = state_of(_old(path))
    if state is None:
        return
    if stat.S_ISDIR(state.st_mode):
        import shutil

        shutil.rmtree(_old(path))
    else:
        _old(path).unlink()


def _old(path: Path) -> Path:
    return path.with_name(f".{path.name}.blogops-old")


def _aside(path: Path) -> Path:
    """Return the name beside *path* to write to, free of what a killed run left there.

    It starts with a dot and ends in a way that cron, sudo, nginx and supervisor all pass over. The lock
    of the run makes one name enough.
    """
    aside = path.with_name(f".{path.name}.blogops-new")
    aside.unlink(missing_ok=True)
    return aside


def diff(path: str, old: bytes, new: bytes) -> str:
    """Return a unified diff of two texts, or one line where either is not text."""
    try:
        before, after = old.decode().splitlines(), new.decode().splitlines()
    except UnicodeDecodeError:
        return f"binary file {path} differs"
    import difflib

    return "\n".join(difflib.unified_diff(before, after, path, path, lineterm=""))
