"""The rebuild that cron asks for: a child that is nice to others, and that cannot stay for ever."""

import subprocess
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path

_MINUTES = 60
_LAST = 20  # lines that a message quotes


@dataclass(frozen=True)
class Ended:
    """How it ended: its exit code, and its last lines."""

    code: int
    lines: list[str]


def rebuild(root: Path, *, quiet: bool) -> Ended:
    """Run ``blogops rebuild`` of the toolkit in use, and show what it says."""
    program = root / "toolkit/current/bin/blogops"
    if not program.is_file():
        return _ended(1, [f"error: {program} is not there", "  `fab deploy` brings the toolkit again."])
    bounded = ["nice", "-n", "10", "timeout", "--kill-after=30s", f"{_MINUTES}m"]
    words = ["rebuild", "--root", str(root), "--reason", "schedule", *(["--quiet"] if quiet else [])]
    last: deque[str] = deque(maxlen=_LAST)
    with subprocess.Popen(
        [*bounded, str(program), *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as running:
        assert running.stdout  # noqa: S101 - it is a pipe
        for line in running.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            last.append(line.rstrip())
    return Ended(running.returncode, list(last))


def _ended(code: int, lines: list[str]) -> Ended:
    sys.stdout.write("\n".join([*lines, ""]))
    return Ended(code, lines)
