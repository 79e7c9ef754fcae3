"""rsync over the SSH settings that Fabric uses."""

import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from fabric import Connection

from blogops.errors import Failed
from blogops.remote.connection import CONNECT_TIMEOUT, KEEPALIVE, known_hosts, ready


def push(c: Connection, folder: Path, names: Sequence[str], target: str) -> int:
    """Make *target* on *c* hold exactly *names* of *folder*; return how many files changed there.

    Contents are compared, and times are not sent. A link that leads out of *folder* is left behind.
    """
    if not shutil.which("rsync"):
        raise Failed("there is no rsync on this machine", hint="Install the package rsync.")
    ready(c)
    host = f"[{c.host}]" if ":" in c.host else c.host
    places = [f"{folder}/", f"{c.user}@{host}:{target}/"]
    command = ["rsync", *OPTIONS, *only(names), "-e", shlex.join(_ssh(c)), *places]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise Failed(f"rsync to {c.host} ended with exit code {done.returncode}\n{tail}")
    return sum(not line.endswith("/") for line in done.stdout.splitlines())


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


def _ssh(c: Connection) -> list[str]:
    files = " ".join(str(path) for path in known_hosts(c))
    options = {
        "BatchMode": "yes",
        "ConnectTimeout": str(CONNECT_TIMEOUT),
        "ServerAliveInterval": str(KEEPALIVE),
        # The connection of Fabric's that came first has checked the key and written it down.
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": files,
    }
    command = ["ssh", "-p", str(c.port)]
    for key, value in options.items():
        command += ["-o", f"{key}={value}"]
    for key in _identities(c):
        command += ["-i", key]
    return command + _proxy(c)


def _identities(c: Connection) -> list[str]:
    named: Any = c.connect_kwargs.get("key_filename") or []
    paths = [named] if isinstance(named, str) else list(named)
    return [str(Path(path).expanduser()) for path in paths]


def _proxy(c: Connection) -> list[str]:
    gateway = c.gateway
    if not gateway:
        return []
    if isinstance(gateway, str):
        return ["-o", f"ProxyCommand={gateway}"]
    through = [*_ssh(gateway), "-l", gateway.user, "-W", "%h:%p", gateway.host]
    return ["-o", f"ProxyCommand={shlex.join(through)}"]
