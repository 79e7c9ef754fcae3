"""Postfix's main.cf: some of its parameters, and no other line of it."""

from __future__ import annotations

import stat
from typing import Any

from .finding import Finding, ResourceError
from .host import Host
from .writing import diff, write_aside


def look_postfix_settings(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``postfix_settings``: parameters of main.cf have these values; its ``check`` must accept it."""
    path = host.path(name)
    if not path.is_file():
        raise ResourceError(f"there is no {name}; postfix is not installed, or not configured")
    state, old = path.stat(), path.read_text(encoding="utf-8", errors="surrogateescape")
    settings = {each: value for each, value in want["settings"].items() if _value(old, each) != value}
    if not settings:
        return Finding("is as wanted")
    new = _edited(old, settings)
    before, after = (text.encode("utf-8", "surrogateescape") for text in (old, new))

    def act() -> None:
        host.undo.save(path, want["check"])
        write_aside(path, after, stat.S_IMODE(state.st_mode), (state.st_uid, state.st_gid))

    return Finding(f"{', '.join(sorted(settings))} changed", act, diff(name, before, after))


def _value(text: str, name: str) -> str | None:
    """Return the value that counts: that of the last entry, its lines joined."""
    lines = _lines(text)
    entries = [numbers for each, numbers in _entries(lines) if each == name]
    if not entries:
        return None
    return " ".join(" ".join(lines[number] for number in entries[-1]).split("=", 1)[1].split())


def _edited(text: str, settings: dict[str, str]) -> str:
    """Return *text* with *settings* where they stood last, or at the end; no line but theirs changes."""
    lines: list[str | None] = [*_lines(text)]
    found: dict[str, list[int]] = {}
    for name, numbers in _entries(_lines(text)):
        if name in settings:
            found.setdefault(name, []).append(numbers[0])
            for number in numbers:
                lines[number] = None
    for name, value in settings.items():
        line = f"{name} = {value}".rstrip()
        if name in found:
            lines[found[name][-1]] = line
        else:
            lines.append(line)
    return "".join(f"{line}\n" for line in lines if line is not None)


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


def _entries(lines: list[str]) -> list[tuple[str, list[int]]]:
    """Return each entry's name and the numbers of its lines.

    A line that starts with a space goes on with the entry before it, even past comments and empty lines
    (postconf(5)); those belong to no entry.
    """
    entries: list[tuple[str, list[int]]] = []
    for number, line in enumerate(lines):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace() and entries:
            entries[-1][1].append(number)
        elif "=" in line:
            entries.append((line.split("=", 1)[0].strip(), [number]))
    return entries
