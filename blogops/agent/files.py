"""The resources that are files: file, directory, link, absent."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from .behalf import on_behalf
from .finding import Finding, ResourceError
from .host import Host
from .writing import diff, link_aside, owner_ids, state_of, write_aside


def look_file(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``file``: contents, mode, owner and group; a ``check`` judges them once its files are all written."""
    path, mode = host.path(name), int(want["mode"], 8)
    state = state_of(path)
    if state is not None and not stat.S_ISREG(state.st_mode):
        raise ResourceError(f"{name} exists and is not a file; move it away")
    old = path.read_bytes() if state else b""
    same = state is not None and (want["keep"] or _has_contents(old, want))
    reasons = [] if state else ["created"]
    if state and not same:
        reasons.append("contents")
    reasons += _wrong_rights(state, mode, want) if state else []
    if not reasons:
        return Finding("is as wanted")

    def act() -> None:
        new = old if same else _contents(host, want)
        host.undo.save(path, want["check"])
        # Names are looked up now: a user made earlier in this plan exists by the time of the act.
        ids = owner_ids(want["owner"], want["group"])
        on_behalf(path, lambda: write_aside(path, new, mode, ids))

    return Finding(", ".join(reasons), act, "" if same else _diff(name, old, want))


def _has_contents(old: bytes, want: dict[str, Any]) -> bool:
    if "sha256" not in want:
        return old == str(want["contents"]).encode()
    if len(old) != want["size"]:
        return False
    import hashlib

    return hashlib.sha256(old).hexdigest() == str(want["sha256"])


def _contents(host: Host, want: dict[str, Any]) -> bytes:
    return host.wire.blob(want["sha256"]) if "sha256" in want else str(want["contents"]).encode()


def _diff(name: str, old: bytes, want: dict[str, Any]) -> str:
    if want["secret"]:
        return f"contents of {name} are secret"
    if "sha256" in want:
        return f"{name}: {len(old)} bytes become {want['size']}"
    return diff(name, old, str(want["contents"]).encode())


def look_directory(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``directory``: exists with this mode, owner and group; its parents are made with mode 755."""
    path, mode = host.path(name), int(want["mode"], 8)
    state = state_of(path)
    if state is not None and not stat.S_ISDIR(state.st_mode):
        raise ResourceError(f"{name} exists and is not a directory; move it away")
    reasons = _wrong_rights(state, mode, want) if state else ["created"]
    if not reasons:
        return Finding("is as wanted")

    def act() -> None:
        ids = owner_ids(want["owner"], want["group"])
        on_behalf(path, lambda: _make_directory(path, mode, ids))

    return Finding(", ".join(reasons), act)


def _make_directory(path: Path, mode: int, ids: tuple[int, int]) -> None:
    path.mkdir(parents=True, exist_ok=True)
    # By descriptor: what was looked at is what is changed, be the path swapped meanwhile.
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        os.fchown(descriptor, *ids)
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def look_link(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``link``: a symbolic link with this target, and an optional ``check`` as for files."""
    path, target = host.path(name), str(want["target"])
    state = state_of(path)
    if state is not None and not stat.S_ISLNK(state.st_mode):
        raise ResourceError(f"{name} exists and is not a symbolic link; move it away")
    old = str(path.readlink()) if state else ""
    if old == target:
        return Finding(f"points to {target}")

    def act() -> None:
        host.undo.save(path, want["check"])
        on_behalf(path, lambda: link_aside(path, target))

    return Finding(f"points to {old}, not to {target}" if old else f"created, to {target}", act)


def look_absent(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``absent``: no file or link of this name; a directory goes only with ``tree``."""
    path = host.path(name)
    state = state_of(path)
    if state is None:
        return Finding("is absent")
    if stat.S_ISDIR(state.st_mode):
        if not want["tree"]:
            raise ResourceError(f"{name} is a directory; say tree=True to remove it with all it holds")
        if not want["check"]:  # at once: it may be large, and nobody judges it
            return Finding("removed, with all it held", lambda: on_behalf(path, lambda: _remove_tree(path)))
    why = "removed, with all it held" if stat.S_ISDIR(state.st_mode) else "removed"
    return Finding(why, lambda: host.undo.remove(path, want["check"]))


def _remove_tree(path: Path) -> None:
    import shutil

    shutil.rmtree(path)


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
