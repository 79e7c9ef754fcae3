"""Files appear whole, with their final owner and mode, or not at all."""

import difflib
import grp
import os
import pwd
import secrets
from pathlib import Path


def owner_ids(owner: str, group: str) -> tuple[int, int]:
    """Return the numeric ids of *owner* and *group*; an empty name is whoever runs the agent."""
    uid = pwd.getpwnam(owner).pw_uid if owner else os.geteuid()
    gid = grp.getgrnam(group).gr_gid if group else pwd.getpwuid(uid).pw_gid
    return uid, gid


def write_aside(path: Path, data: bytes, mode: int, ids: tuple[int, int]) -> None:
    """Replace *path* by *data*: written beside it, flushed to disk, then renamed."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchown(file.fileno(), *ids)
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def link_aside(path: Path, target: str) -> None:
    """Make *path* a symbolic link to *target* in one rename."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    aside.symlink_to(target)
    try:
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def diff(path: str, old: bytes, new: bytes) -> str:
    """Return a unified diff of two texts, or one line where either is not text."""
    try:
        before, after = old.decode().splitlines(), new.decode().splitlines()
    except UnicodeDecodeError:
        return f"binary file {path} differs"
    return "\n".join(difflib.unified_diff(before, after, path, path, lineterm=""))
