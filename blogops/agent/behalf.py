"""Root is not led astray: what lies in a user's folder is written as that user.

Whoever owns a folder may replace it by a symbolic link at any time, and root would write wherever that leads.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from pathlib import Path

from .finding import ResourceError
from .writing import owner_name


def on_behalf(path: Path, act: Callable[[], None]) -> None:
    """Run *act*, which changes *path*, as the one who decides where its folder leads."""
    uid = _decider(path.parent)
    if uid == 0 or os.geteuid() != 0:
        act()
        return
    as_user(uid, act, f"{path} lies in a folder of {owner_name(uid)}, and is written as them")


def as_user(uid: int, act: Callable[[], None], doing: str) -> None:
    """Run *act* in a child process as the user *uid*; its failure is a `ResourceError` about *doing*."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os._exit(_child(uid, act, writer))
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8", errors="replace") as pipe:
        words = pipe.read()
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise ResourceError(f"{doing}: {words}")


def _child(uid: int, act: Callable[[], None], writer: int) -> int:
    try:
        entry = pwd.getpwuid(uid)
        if os.geteuid() == 0:
            os.initgroups(entry.pw_name, entry.pw_gid)
            os.setgid(entry.pw_gid)
            os.setuid(uid)
        act()
    except OSError as error:
        os.write(writer, str(error).encode())
        return 1
    except BaseException:
        import traceback

        os.write(writer, traceback.format_exc().encode())
        return 1
    return 0


def _decider(folder: Path) -> int:
    """Return the first user but root who owns a part of the way to *folder*, seen from / on."""
    for way in (folder, folder.resolve()):
        for each in reversed((way, *way.parents)):
            try:
                uid = each.lstat().st_uid
            except FileNotFoundError:
                break
            if uid != 0:
                return uid
    return 0
