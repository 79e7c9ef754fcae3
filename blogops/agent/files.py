"""The resources that are files: file, directory, link, absent."""

import os
import stat
from pathlib import Path
from typing import Any

from .finding import Finding, ResourceError
from .host import Host
from .writing import diff, link_aside, owner_ids, write_aside


def look_file(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``file``: contents, mode, owner, group, and an optional ``check`` command that must accept it."""
    path, mode = host.path(name), int(want["mode"], 8)
    state = _state(path)
    if state is not None and not stat.S_ISREG(state.st_mode):
        raise ResourceError(f"{name} exists and is not a file; move it away")
    old = path.read_bytes() if state else b""
    new = old if state and want["keep"] else str(want["contents"]).encode()
    reasons = [] if state else ["created"]
    if state and old != new:
        reasons.append("contents")
    reasons += _wrong_rights(state, mode, want) if state else []
    if not reasons:
        return Finding("is as wanted")

    def act() -> None:
        # Names are looked up now: a user made earlier in this plan exists by the time of the act.
        write_aside(path, new, mode, owner_ids(want["owner"], want["group"]))
        _checked(host, want["check"], lambda: _take_back(path, state, old))

    shown = f"contents of {name} are secret" if want["secret"] else diff(name, old, new)
    return Finding(", ".join(reasons), act, shown if old != new else "")


def look_directory(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``directory``: exists with this mode, owner and group; its parents are made with mode 755."""
    path, mode = host.path(name), int(want["mode"], 8)
    state = _state(path)
    if state is not None and not stat.S_ISDIR(state.st_mode):
        raise ResourceError(f"{name} exists and is not a directory; move it away")
    reasons = _wrong_rights(state, mode, want) if state else ["created"]
    if not reasons:
        return Finding("is as wanted")

    def act() -> None:
        path.mkdir(parents=True, exist_ok=True)
        os.chown(path, *owner_ids(want["owner"], want["group"]))
        path.chmod(mode)

    return Finding(", ".join(reasons), act)


def look_link(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``link``: a symbolic link with this target, and an optional ``check`` as for files."""
    path, target = host.path(name), str(want["target"])
    state = _state(path)
    if state is not None and not stat.S_ISLNK(state.st_mode):
        raise ResourceError(f"{name} exists and is not a symbolic link; move it away")
    old = str(path.readlink()) if state else ""
    if old == target:
        return Finding(f"points to {target}")

    def act() -> None:
        link_aside(path, target)
        _checked(host, want["check"], lambda: link_aside(path, old) if old else path.unlink())

    return Finding(f"points to {old}, not to {target}" if old else f"created, to {target}", act)


def look_absent(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``absent``: no file or link of this name; a directory is never removed."""
    path = host.path(name)
    state = _state(path)
    if state is None:
        return Finding("is absent")
    if stat.S_ISDIR(state.st_mode):
        raise ResourceError(f"{name} is a directory; blogops removes none")
    return Finding("removed", path.unlink)


def _state(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _wrong_rights(state: os.stat_result, mode: int, want: dict[str, Any]) -> list[str]:
    reasons = []
    if stat.S_IMODE(state.st_mode) != mode:
        reasons.append(f"mode {stat.S_IMODE(state.st_mode):o}, wanted {mode:o}")
    try:
        ids = owner_ids(want["owner"], want["group"])
    except KeyError:
        return [*reasons, f"owner {want['owner']}"]
    if (state.st_uid, state.st_gid) != ids:
        reasons.append(f"owner {want['owner'] or ids[0]}")
    return reasons


def _checked(host: Host, check: list[str], take_back: Any) -> None:
    if not check:
        return
    try:
        host.run(check)
    except ResourceError as error:
        take_back()
        raise ResourceError(f"{error}\nThe old state is back; nothing was reloaded.") from error


def _take_back(path: Path, state: os.stat_result | None, old: bytes) -> None:
    if state is None:
        path.unlink()
    else:
        write_aside(path, old, stat.S_IMODE(state.st_mode), (state.st_uid, state.st_gid))
