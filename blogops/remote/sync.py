"""rsync of a few named files and folders to the server."""

import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from fabric import Connection

from blogops import console
from blogops.errors import Busy, ExitCode, Failed
from blogops.remote.channels import IDLE
from blogops.remote.connection import ready
from blogops.remote.tunnel import Outcome, rsync

_NOT_FOUND = 69  # as flock says it
_WAIT = 60  # seconds for another run to have done with what lies there


def push(c: Connection, folder: Path, names: Sequence[str], target: str, *, idle: float = IDLE) -> int:
    """Make *target* on *c* hold exactly *names* of *folder*; return how many files changed there.

    Contents are compared, and times are not sent. A link that leads out of *folder* is left behind. What
    is new comes into its place when all of it is there, and meanwhile nobody else sends, or reads, *target*.
    Raises `Failed` where it does not end well, or no byte moves for *idle* seconds, `Busy` where somebody is
    at *target* for a minute.
    """
    if not shutil.which("rsync"):
        raise Failed("there is no rsync on this machine", hint="Install the package rsync.")
    ready(c)
    taken = f"{c.original_host}: another run sends or reads a manuscript there"
    done = _sent(c, folder, names, target, idle, wait=0)
    if done.code_there == ExitCode.BUSY:
        console.warn(f"{taken}; waiting for it")
        done = _sent(c, folder, names, target, idle, wait=_WAIT)
    if done.code_there == ExitCode.BUSY:
        raise Busy(taken, hint="Wait for it to end, then run this again.")
    if done.code_there == _NOT_FOUND:
        raise Failed(f"there is no rsync on {c.original_host}", hint="Run `fab setup`, which installs it.")
    if done.code:
        raise Failed(f"rsync to {c.original_host} ended with exit code {done.code}\n{done.problems}")
    return done.names


def _sent(
    c: Connection, folder: Path, names: Sequence[str], target: str, idle: float, *, wait: int
) -> Outcome:
    """Run rsync, over there below the lock of *target*, which may be *wait* seconds away."""
    busy = str(int(ExitCode.BUSY))
    program = shlex.join(("flock", "-F", "-E", busy, "-w", str(wait), f"{target}.lock", "rsync"))
    # Its half over there must not hold the lock for hours after a laptop has lost its network; here we tell
    # of the silence sooner, and better.
    options = (*OPTIONS, f"--timeout={round(2 * idle)}", f"--rsync-path={program}")
    return rsync(c, [*options, *only(names)], f"{folder}/", f"{target}/", idle)


def only(names: Sequence[str]) -> list[str]:
    """Return rsync's filter for *names*, whole folders and files, and for nothing beside them."""
    parents = {str(parent) for name in names for parent in PurePosixPath(name).parents} - {"."}
    wanted = [*sorted(parents), *names, *(f"{name}/***" for name in names)]
    return [*(f"--include=/{name}" for name in wanted), "--exclude=*"]


OPTIONS = (
    "--recursive",
    "--links",
    "--safe-links",
    "--checksum",
    "--delay-updates",
    "--delete-delay",
    "--delete-excluded",
    "--chmod=D755,F644",
    "--out-format=%n",
)
