"""Running a command: its seconds, its processor's, its memory; on one core and in little memory, if asked."""

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tools import timed

_BETWEEN = 0.05  # seconds between two looks at the memory
_V1, _V2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Spent:
    """Seconds of one run: by the clock, and of processors (user and system, of all its processes)."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Limits:
    """Where a command may run: on one core, in a control group that limits its memory; none by default."""

    one_core: bool = False
    group: Path | None = None

    def around(self, command: Sequence[str]) -> list[str]:
        """Return *command* as it runs within the limits."""
        words = list(command)
        if self.one_core:
            words = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0))), *words]
        if self.group:
            enter = 'echo $$ > "$0" && exec "$@"'
            words = ["sh", "-c", enter, str(self.group / "cgroup.procs"), *words]
        return words


def run(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Spent:
    """Run *command* in *folder*; end the bench with what it said if it fails."""
    before = _processor()
    words = limits.around(command) if limits else command
    wall = timed(lambda: _done(words, folder, environment))
    return Spent(wall, _processor() - before)


def _done(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**_plain_environment(), **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}")


def _plain_environment() -> dict[str, str]:
    """Return ours, in which Python keeps what it compiled, as wherever these tools are installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "LC_ALL": "C.UTF-8"}


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def watched() -> Iterator[list[int]]:
    """Yield a list of what the processes below this one hold in memory together, looked at again and again.

    In bytes; what processes share is counted once (Pss), files that the kernel keeps are not counted.
    """
    seen: list[int] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_BETWEEN):
            seen.append(sum(map(_held, _below(os.getpid()))))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


def _below(process: int) -> Iterator[int]:
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:  # it ended while it was looked at
            continue
        for child in map(int, children):
            yield child
            yield from _below(child)


def _held(process: int) -> int:
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


@contextmanager
def small_memory(size: int) -> Iterator[Path | None]:
    """Yield a control group that holds no more than *size* bytes, or None where none can be made."""
    group = _group(size)
    try:
        yield group
    finally:
        if group:
            group.rmdir()


def _group(size: int) -> Path | None:
    for base, limit in ((_V2, "memory.max"), (_V1, "memory.limit_in_bytes")):
        group = base / f"blogops-bench-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        if (group / limit).is_file():
            (group / limit).write_text(str(size))
            return group
        group.rmdir()  # a hierarchy that does not count memory, or none at all
    return None
