"""Groups, users and the keys that may log in as them."""

import os
from pathlib import Path
from typing import Any

from .finding import Finding
from .host import Host
from .writing import write_aside


def look_group(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``group``: exists."""
    if _entry(host, "/etc/group", name):
        return Finding("exists")
    return Finding("created", lambda: _run(host, ["groupadd", "--system", name]))


def look_user(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``user``: exists with this home and shell; a user that is there already keeps its files."""
    entry = _entry(host, "/etc/passwd", name)
    options = ["--home-dir", want["home"], "--shell", want["shell"], "--comment", want["comment"]]
    if not entry:
        group = ["--gid", want["group"]] if want["group"] else ["--user-group"]
        command = ["useradd", "--system", "--create-home", *options, *group, name]
        return Finding("created", lambda: _run(host, command))
    if entry[5:7] == [want["home"], want["shell"]]:
        return Finding("exists")
    command = ["usermod", "--home", want["home"], "--shell", want["shell"], name]
    return Finding(f"home {entry[5]}, shell {entry[6]} changed", lambda: _run(host, command))


def look_authorized_key(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``authorized_key``: this key may log in as the user; keys that are there already stay."""
    entry = _entry(host, "/etc/passwd", want["user"])
    path = host.path(entry[5] if entry else f"/home/{want['user']}") / ".ssh/authorized_keys"
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    kind, key = str(want["key"]).split()[:2]
    if any(line.split()[:2] == [kind, key] for line in old.splitlines()):
        return Finding("may log in")
    return Finding("added", lambda: _add_key(host, path, old, want))


def _add_key(host: Host, path: Path, old: str, want: dict[str, Any]) -> None:
    entry = _entry(host, "/etc/passwd", want["user"])
    ids = int(entry[2]), int(entry[3])
    path.parent.mkdir(mode=0o700, exist_ok=True)
    os.chown(path.parent, *ids)
    before = old if not old or old.endswith("\n") else f"{old}\n"
    write_aside(path, f"{before}{want['key']}\n".encode(), 0o600, ids)


def _entry(host: Host, database: str, name: str) -> list[str]:
    lines = host.path(database).read_text(encoding="utf-8").splitlines()
    return next((line.split(":") for line in lines if line.startswith(f"{name}:")), [])


def _run(host: Host, command: list[str]) -> None:
    root = [] if host.root == Path("/") else ["--prefix", str(host.root)]
    host.run([command[0], *root, *command[1:]])
