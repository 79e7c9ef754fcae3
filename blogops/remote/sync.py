"""rsync of a few named files and folders to the server."""

import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from fabric import Connection

from blogops.errors import Failed
from blogops.remote.channels import IDLE
from blogops.remote.connection import ready
from blogops.remote.tunnel import rsync

_NOT_FOUND = 127  # as the shell says it


def push(c: Connection, folder: Path, names: Sequence[str], target: str, *, idle: float = IDLE) -> int:
    """Make *target* on *c* hold exactly *names* of *folder*; return how many files changed there.

    Contents are compared, and times are not sent. A link that leads out of *folder* is left behind.
    Raises `Failed` where it does not end well, or no byte moves for *idle* seconds.
    """
    if not shutil.which("rsync"):
        raise Failed("there is no rsync on this machine", hint="Install the package rsync.")
    ready(c)
    done = rsync(c, [*OPTIONS, *only(names)], f"{folder}/", f"{target}/", idle)
    if done.code_there == _NOT_FOUND:
        raise Failed(f"there is no rsync on {c.original_host}", hint="Run `fab setup`, which installs it.")
    if done.code:
        raise Failed(f"rsync to {c.original_host} ended with exit code {done.code}\n{done.problems}")
    return done.names


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
    "--delete",
    "--delete-excluded",
    "--chmod=D755,F644",
    "--out-format=%n",
)
