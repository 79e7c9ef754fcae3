"""Groups, users and the keys that may log in as them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .behalf import as_user
from .finding import Finding
from .host import Host
from .writing import write_aside


def look_group(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``group``: exists, with this number if one is wanted."""
    entry = _entry(host, "/etc/group", name)
    options = ["--gid", str(want["gid"])] if want["gid"] is not None else []
    if not entry:
        system = ["--system"] if want["system"] else []
        return Finding("created", lambda: _run(host, ["groupadd", *system, *options, name]))
    if not options or entry[2] == options[1]:
        return Finding("exists")
    return Finding(
        f"number {entry[2]}, wanted {options[1]}", lambda: _run(host, ["groupmod", *options, name])
    )


def look_user(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``user``: exists with this home, shell, number and these groups; files and other groups stay."""
    entry = _entry(host, "/etc/passwd", name)
    if want.get("implied"):
        command = ["useradd", "--create-home", "--user-group", "--shell", "/bin/bash", name]
        return Finding("exists") if entry else Finding("created", lambda: _run(host, command))
    if not entry:
        return Finding("created", lambda: _run(host, _useradd(name, want)))
    reasons, options = [], []
    wanted = [(5, "home", want["home"], "--home"), (6, "shell", want["shell"], "--shell")]
    if want["uid"] is not None:
        wanted.append((2, "number", str(want["uid"]), "--uid"))
    for field, what, value, option in wanted:
        if entry[field] != value:
            reasons.append(f"{what} {entry[field]}, wanted {value}")
            options += [option, value]
    if missing := [group for group in want["extra_groups"] if not _is_in(host, name, entry, group)]:
        reasons.append(f"joins {', '.join(missing)}")
        options += ["--append", "--groups", ",".join(missing)]
    if not reasons:
        return Finding("exists")
    return Finding(", ".join(reasons), lambda: _run(host, ["usermod", *options, name]))


def _useradd(name: str, want: dict[str, Any]) -> list[str]:
    options = ["--home-dir", want["home"], "--shell", want["shell"], "--comment", want["comment"]]
    options += ["--create-home" if want["create_home"] else "--no-create-home"]
    options += ["--gid", want["group"]] if want["group"] else ["--user-group"]
    options += ["--system"] if want["system"] else []
    options += ["--uid", str(want["uid"])] if want["uid"] is not None else []
    options += ["--groups", ",".join(want["extra_groups"])] if want["extra_groups"] else []
    return ["useradd", *options, name]


def _is_in(host: Host, name: str, entry: list[str], group: str) -> bool:
    found = _entry(host, "/etc/group", group)
    return bool(found) and (entry[3] == found[2] or name in found[3].split(","))


def look_nouser(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``nouser``: no such user; processes end, the home goes."""
    if not _entry(host, "/etc/passwd", name):
        return Finding("there is none")
    return Finding("removed, with the home", lambda: _remove(host, name))


def _remove(host: Host, name: str) -> None:
    host.succeeds(["pkill", "-KILL", "-u", name])  # procps may be missing, or there may be none
    _run(host, ["userdel", "--force", "--remove", name])


def look_authorized_keys(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``authorized_keys``: these may log in as the user; others stay, unless they are to be the only ones."""
    entry = _entry(host, "/etc/passwd", want["user"])
    if not entry:
        return Finding("added", lambda: _write_keys(host, want))
    lines = _key_lines(host, entry)
    have = _identities(lines)
    missing = [key for key in want["keys"] if _identity(key) not in have]
    surplus = _surplus(lines, want)
    if not missing and not surplus:
        return Finding("may log in")
    reasons = [f"{len(missing)} added"] if missing else []
    reasons += [f"{len(surplus)} removed"] if surplus else []
    return Finding(", ".join(reasons), lambda: _write_keys(host, want))


def _surplus(lines: list[str], want: dict[str, Any]) -> list[str]:
    wanted = _identities(want["keys"])
    found = [line for line in lines if _is_key(line)]
    return [line for line in found if _identity(line) not in wanted] if want["exclusive"] else []


def _identities(lines: list[str]) -> set[str]:
    return {_identity(line) for line in lines if _is_key(line)}


def _is_key(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _identity(line: str) -> str:
    """Return the key itself: what follows its kind, be there options before and a comment after."""
    words = line.split()
    return next((words[at + 1] for at, word in enumerate(words[:-1]) if word.startswith(_KINDS)), line)


_KINDS = ("ssh-", "ecdsa-", "sk-")
_BYTES_STAY = "surrogateescape"  # sshd takes a comment in any encoding


def _key_lines(host: Host, entry: list[str]) -> list[str]:
    path = host.path(entry[5]) / ".ssh/authorized_keys"
    try:
        return path.read_text(encoding="utf-8", errors=_BYTES_STAY).splitlines()
    except FileNotFoundError:
        return []


def _write_keys(host: Host, want: dict[str, Any]) -> None:
    entry = _entry(host, "/etc/passwd", want["user"])
    folder = host.path(entry[5]) / ".ssh"
    as_user(int(entry[2]), lambda: _add_keys(host, entry, want), f"{want['user']} writes {folder}")


def _add_keys(host: Host, entry: list[str], want: dict[str, Any]) -> None:
    folder = host.path(entry[5]) / ".ssh"
    folder.mkdir(mode=0o700, exist_ok=True)
    lines = _key_lines(host, entry)
    surplus = _surplus(lines, want)
    kept = [line for line in lines if line not in surplus]
    have = _identities(kept)
    kept += [key for key in want["keys"] if _identity(key) not in have]
    ids = int(entry[2]), int(entry[3])
    text = "".join(f"{line}\n" for line in kept)
    write_aside(folder / "authorized_keys", text.encode(errors=_BYTES_STAY), 0o600, ids)


def _entry(host: Host, database: str, name: str) -> list[str]:
    lines = host.path(database).read_text(encoding="utf-8").splitlines()
    return next((line.split(":") for line in lines if line.startswith(f"{name}:")), [])


def _run(host: Host, command: list[str]) -> None:
    root = [] if host.root == Path("/") else ["--prefix", str(host.root)]
    host.run([command[0], *root, *command[1:]])
