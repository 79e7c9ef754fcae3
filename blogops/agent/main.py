"""The agent's front door: read the plan, let go of the connection, run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .host import Host
from .kinds import KINDS
from .run import EXIT_STOPPED, Run
from .runs import Runs, Stopped, keep_newest
from .wire import StreamWire


def main(line: bytes, unread: bytes = b"") -> int:
    """Run the plan in *line* (JSON) and return the exit code; *unread* came after it on stdin."""
    os.umask(0o022)  # root's own may close what others are to read
    plan = json.loads(line)
    wire = StreamWire(0, 1, plan["secrets"], unread)
    wire.emit(
        "hello",
        python=".".join(map(str, sys.version_info[:3])),
        uid=os.geteuid(),
        time=time.time(),
        boot=Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip(),
    )
    if plan["check"]:
        return Run(_host(wire, plan), plan, KINDS).walk()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os._exit(_apply(wire, plan))


def _apply(wire: StreamWire, plan: dict[str, Any]) -> int:
    """Apply the plan in a session of its own, so that a cut connection kills neither it nor dpkg."""
    os.setsid()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: wire.stop())
    try:
        with Runs(state_folder(), wire).one():
            run = Run(_host(wire, plan), plan, KINDS)
            run.before_an_act = _leave_session
            code = run.walk()
            keep_newest(state_folder() / "agent", 3)
        if code == 0 and _succeeds(plan.get("forget", "")):
            import shutil

            shutil.rmtree(state_folder())
        return code
    except Stopped:
        wire.emit("stopped", resources=0, left=len(plan["resources"]), changed=0, owed=[], why="")
        return EXIT_STOPPED


def _succeeds(command: str) -> bool:
    return bool(command) and subprocess.run(["sh", "-c", command], capture_output=True).returncode == 0


def _host(wire: StreamWire, plan: dict[str, Any]) -> Host:
    return Host(
        wire,
        resources=plan["resources"],
        state=state_folder(),
        check=plan["check"],
        lock_timeout=plan["lock_timeout"],
    )


def state_folder() -> Path:
    """Return where the agent keeps its lock, log and cache; root's is nobody else's to write."""
    return Path("/var/lib/blogops") if os.geteuid() == 0 else Path.home() / ".cache/blogops"


_LEAVE = (
    "busctl",
    "--quiet",
    "call",
    "org.freedesktop.systemd1",
    "/org/freedesktop/systemd1",
    "org.freedesktop.systemd1.Manager",
    "StartTransientUnit",
    "ssa(sv)a(sa(sv))",
)


def _leave_session() -> None:
    """Leave the login session: with KillUserProcesses=yes logind kills what one leaves behind.

    Only root can, and only where there is logind; it is asked once, before the first change.
    """
    group = Path("/proc/self/cgroup").read_text(encoding="utf-8")
    if os.geteuid() == 0 and "/session-" in group:
        pid = str(os.getpid())
        unit = (f"blogops-{pid}.scope", "fail", "1", "PIDs", "au", "1", pid, "0")
        subprocess.run([*_LEAVE, *unit], capture_output=True, check=False)
