"""What debconf is told before a package is installed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from .apt import wait_for_locks
from .finding import Finding
from .host import Host
from .packages import installed

# Passwords are in a file of their own, which only root reads.
_DATABASES = ("/var/cache/debconf/config.dat", "/var/cache/debconf/passwords.dat")


def look_preseed(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``preseed``: debconf has these answers; a package that is installed has asked already."""
    if name in installed(host):
        return Finding(f"{name} is installed")
    known = {question: value for path in _DATABASES for question, value in _answers(host.path(path))}
    missing = [question for question, (_, value) in want["answers"].items() if known.get(question) != value]
    if not missing:
        return Finding("is answered")
    lines = [f"{name} {question} {' '.join(want['answers'][question])}\n" for question in missing]

    def act() -> None:
        wait_for_locks(host, time.monotonic() + host.lock_timeout)  # apt's children hold debconf's lock
        host.run(["debconf-set-selections"], stdin="".join(lines))

    return Finding(f"answered {', '.join(missing)}", act)


def _answers(database: Path) -> list[tuple[str, str]]:
    """Return question and value of what has been answered, not of mere defaults."""
    text = database.read_text(encoding="utf-8", errors="replace") if database.exists() else ""
    found = []
    for paragraph in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line)
        if "seen" in fields.get("Flags", "") and "Name" in fields:
            found.append((fields["Name"], fields.get("Value", "")))
    return found
