"""Finds and ends a machine's processes, and no others.

A process is a machine's when a word of its command line is a path or name that only this machine has,
or when it lives in the machine's network namespace or control group: what runs inside outlives a killed
nspawn. Pid files would lie after a crash or a reboot.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from blogops.errors import Failed
from blogops.vm.machine import label

# `setsid` is what a helper is until it becomes itself; `sh` keeps nspawn through a reboot.
HELPERS = ("setsid", "sh", "pasta", "qemu-system-", "systemd-nspawn")


def marks(place: Path) -> set[str]:
    """Return the words that only the helpers of the machine in *place* have on their command line."""
    name = label(place)
    return {f"guest={name}", f"--machine={name}", f"/run/netns/{name}"}


def helpers(place: Path) -> list[int]:
    """Return the pids of the machine's own helpers: nspawn and pasta, or qemu."""
    ours = marks(place)
    return [pid for pid in _pids() if _is_helper(pid, ours)]


def end(place: Path, *, timeout: float = 15) -> None:
    """End every process of the machine in *place* and wait until they are gone."""
    deadline = time.monotonic() + timeout
    while left := [pid for pid in _pids() if _belongs(pid, place)]:
        for pid in left:
            _kill(pid, place)
        if time.monotonic() > deadline:
            raise Failed(f"processes {left} of {place.name} do not end")
        time.sleep(0.05)


def _kill(pid: int, place: Path) -> None:
    """Kill *pid* through a descriptor, looking again once it is held: pids are reused."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if _belongs(pid, place):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    except ProcessLookupError:
        pass
    finally:
        os.close(descriptor)


def _belongs(pid: int, place: Path) -> bool:
    name = label(place)
    if _is_zombie(pid):  # dead; some hosts' init takes seconds to bury it
        return False
    return _is_helper(pid, marks(place)) or _inside(pid, Path("/run/netns", name)) or _grouped(pid, name)


def _is_helper(pid: int, ours: set[str]) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return False
    return Path(words[0]).name.startswith(HELPERS) and not ours.isdisjoint(words)


def _inside(pid: int, namespace: Path) -> bool:
    try:
        theirs, named = Path(f"/proc/{pid}/ns/net").stat(), namespace.stat()
    except OSError:
        return False
    # A namespace file that was never mounted is a plain file, which equals no namespace.
    return os.path.samestat(theirs, named)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _grouped(pid: int, name: str) -> bool:
    try:
        groups = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    except OSError:
        return False
    return any(name in group.split("/") for group in groups)


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
