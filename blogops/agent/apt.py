"""apt and dpkg: one lock wait for all of them, and what an interrupted run of theirs left."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import time
from pathlib import Path
from typing import Any

from .finding import Finding, ResourceError
from .host import Host

_APT = (
    "apt-get",
    "-q",
    "-y",
    "-o",
    "Dpkg::Options::=--force-confdef",
    "-o",
    "Dpkg::Options::=--force-confold",
    "-o",
    "Dpkg::Use-Pty=0",
    "-o",
    "Acquire::Retries=3",
)
# The order in which apt takes them. None is ever removed: its holder is at work.
_LOCKS = (
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/lock",
    "/var/lib/apt/lists/lock",
    "/var/cache/apt/archives/lock",
)
_FLOCK = "hhqqi4x"  # struct flock of fcntl(2) on 64-bit Linux: type, whence, start, length, pid
_INTERRUPTED = re.compile(
    r"^Status: \S+ (?:\S+ (?:half-installed|unpacked|half-configured|triggers-awaited|triggers-pending)"
    r"|reinstreq \S+)$",
    re.MULTILINE,
)


def apt(host: Host, *words: str) -> str:
    """Run ``apt-get WORDS`` once nobody else is at it; `ResourceError` after ``--lock-timeout`` seconds."""
    deadline = time.monotonic() + host.lock_timeout
    while True:
        wait_for_locks(host, deadline)
        left = max(0, int(deadline - time.monotonic()))
        try:
            return host.run([*_APT, "-o", f"DPkg::Lock::Timeout={left}", *words])
        except ResourceError as error:
            # Somebody was quicker between the look and the act; apt itself waits for dpkg's locks only.
            if not re.search(r"Could not get lock|Unable to (lock|acquire)", str(error)):
                raise
            time.sleep(0.5)


def wait_for_locks(host: Host, deadline: float) -> None:
    """Wait until no other process holds one of the four locks, saying who does."""
    told = ""
    while holder := _holder(host):
        if holder != told:
            told = holder
            host.wire.emit("waiting", resource="apt", why=f"{holder}; waiting for it to end")
        if time.monotonic() > deadline:
            raise ResourceError(
                f"{holder} for longer than {host.lock_timeout} s. Wait for it to end, or look what it does; "
                "`--lock-timeout SECONDS` waits longer. blogops removes no lock."
            )
        if host.wire.stopping():
            raise ResourceError(f"{holder}; stopped while waiting for it")
        time.sleep(0.2)


def _holder(host: Host) -> str:
    for lock in _LOCKS:
        if pid := _locked_by(host.path(lock)):
            return f"{_command(pid)} (process {pid}) holds {lock}"
    return ""


def _locked_by(path: Path) -> int:
    """Return the process that holds a lock on *path*, or 0; asking takes none (fcntl(2), F_GETLK)."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return 0
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, *_, pid = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
        return 0 if kind == fcntl.F_UNLCK else int(pid)
    finally:
        os.close(descriptor)


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return "a process"
    return words.strip()[:60] or "a process"


def look_dpkg(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``dpkg``: no package is half installed; one that another process is at work on is waited for."""
    broken = _broken(host)
    if broken and not want["dry"]:
        wait_for_locks(host, time.monotonic() + host.lock_timeout)
        broken = _broken(host)
    if not broken:
        return Finding("is consistent")
    names = ", ".join(broken)
    return Finding(f"an interrupted run of dpkg is finished: {names}", lambda: _repair(host))


def _broken(host: Host) -> list[str]:
    updates = host.path("/var/lib/dpkg/updates")
    if updates.is_dir() and any(path.name.isdigit() for path in updates.iterdir()):
        return ["dpkg's own notes"]
    status = dpkg_status(host, fresh=True)
    if not _INTERRUPTED.search(status):
        return []
    found = [paragraph for paragraph in status.split("\n\n") if _INTERRUPTED.search(paragraph)]
    return [paragraph.split("\n", 1)[0].split(": ", 1)[-1] for paragraph in found]


def dpkg_status(host: Host, *, fresh: bool = False) -> str:
    """Return dpkg's database (about 1 MB), as it was read last unless it has to be *fresh*."""
    if fresh or "dpkg status" not in host.learnt:
        host.learnt["dpkg status"] = host.path("/var/lib/dpkg/status").read_text(encoding="utf-8")
    return str(host.learnt["dpkg status"])


def _repair(host: Host) -> None:
    host.learnt.clear()
    host.succeeds(["dpkg", "--force-confdef", "--force-confold", "--configure", "-a"])
    if _broken(host):
        apt(host, "update")
        host.succeeds([*_APT, "--fix-broken", "install"])
    if broken := _broken(host):
        apt(host, "--reinstall", "install", *broken)
    if broken := _broken(host):
        raise ResourceError(f"{', '.join(broken)} cannot be repaired; look at `dpkg --audit` on the host")
