"""The rebuild that cron asks for: a child that is nice to others, and that cannot stay for ever."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from blogops.errors import ExitCode

_MINUTES = 60
_LAST = 20  # lines that a message quotes


@dataclass(frozen=True)
class Ended:
    """How it ended: its exit code, and its last lines."""

    code: int
    lines: list[str]


def rebuild(root: Path, *, quiet: bool) -> Ended:
    """Run ``blogops rebuild`` of the toolkit in use, and show what it says.

    A *quiet* one that finds another at work says nothing: the next minute tries again.
    """
    program = root / "toolkit/current/bin/blogops"
    if not program.is_file():
        return _ended(1, [f"error: {program} is not there", "  `fab deploy` brings the toolkit again."])
    bounded = ["nice", "-n", "10", "timeout", "--kill-after=30s", f"{_MINUTES}m"]
    words = ["rebuild", "--root", str(root), "--reason", "schedule", *(["--quiet"] if quiet else [])]
    lines: list[str] = []
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
            lines.append(line.rstrip())
            if not quiet:
                _show(lines[-1:])
    if quiet and running.returncode != ExitCode.BUSY:
        _show(lines)
    return Ended(running.returncode, lines[-_LAST:])


def _ended(code: int, lines: list[str]) -> Ended:
    _show(lines)
    return Ended(code, lines)


def _show(lines: list[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
