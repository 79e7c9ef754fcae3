"""Folders that belong to a user: made, moved and removed as that user, never as root in what is theirs.

What a user owns they may replace by a symbolic link at any time, so root must not write there. Only where
every folder on the way is root's alone may root make the last one, and then it is theirs.
"""

from __future__ import annotations

import json
import os
import pwd
import stat
from pathlib import Path

from .finding import ResourceError
from .host import Host
from .writing import owner_name

_TEXT_MAX = 4 * 1024 * 1024  # bytes; more is no requirements file


def make(host: Host, path: Path, user: str) -> None:
    """Make the folder *path* of *user*, and those above that are missing."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    if not missing:
        return
    first = missing[-1]
    if trusted(first.parent):
        first.mkdir(mode=0o755)
        entry = account(user)
        os.chown(first, entry.pw_uid, entry.pw_gid, follow_symlinks=False)
    host.run(["mkdir", "-p", "--", str(path)], user=user)


def move(host: Host, path: Path, target: Path, user: str) -> None:
    """Rename *path* to *target*, which lies beside it."""
    host.run(["mv", "-T", "--", str(path), str(target)], user=_keeper(path.parent, user))


def remove(host: Host, path: Path, user: str) -> None:
    """Remove *path* with everything in it; ``rm`` follows no link, whoever swaps one in."""
    host.run(["rm", "-rf", "--", str(path)], user=_keeper(path.parent, user))


def trusted(folder: Path) -> bool:
    """Tell whether only root can change where *folder* leads."""
    return all(_roots_alone(each) for way in (folder, folder.resolve()) for each in (way, *way.parents))


def account(user: str) -> pwd.struct_passwd:
    """Return the entry of *user*, who must be there."""
    try:
        return pwd.getpwnam(user)
    except KeyError as error:
        raise ResourceError(f"there is no user {user}") from error


def check_owner(name: str, state: os.stat_result, user: str) -> None:
    """Raise where what is at *name* belongs to somebody else than *user*."""
    if state.st_uid != account(user).pw_uid:
        owner = owner_name(state.st_uid)
        raise ResourceError(f'{name} belongs to {owner}, not to {user}; say user="{owner}", or move it away')


def read_text(path: Path) -> str | None:
    """Return the text of a file that may be a user's; None where there is no plain file to read."""
    try:
        # Neither a link out of it nor a pipe that never ends.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return file.read(_TEXT_MAX).decode(errors="replace")


def write_text(host: Host, path: Path, text: str, user: str) -> None:
    """Replace the file *path* by *text*, whole or not at all, as *user*."""
    script = 'cat >"$0.new" && mv -f -- "$0.new" "$0"'
    host.run(["/bin/sh", "-c", script, str(path)], stdin=text, user=user)


def read_json(path: Path) -> dict[str, object]:
    """Return the object in a JSON file that may be a user's; empty where there is none."""
    try:
        data = json.loads(read_text(path) or "{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _keeper(folder: Path, user: str) -> str:
    """Return who renames and removes in *folder*: root where it is root's alone, else *user*."""
    return "" if trusted(folder) else user


def _roots_alone(path: Path) -> bool:
    state = path.lstat()
    if state.st_uid != 0:
        return False
    return stat.S_ISLNK(state.st_mode) or not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
