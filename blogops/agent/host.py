"""The machine the agent stands on: its files, its programs and what was learnt about it in this run."""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .finding import ResourceError
from .wire import Wire

# Child processes speak English, ask nothing and never restart services behind our back.
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
    "NEEDRESTART_MODE": "a",
}


@dataclass
class Host:
    """A Debian host; ``root`` is another folder than ``/`` only in tests."""

    wire: Wire
    root: Path = Path("/")
    packages: tuple[str, ...] = ()
    installed: Mapping[str, str] | None = None
    environment: dict[str, str] = field(default_factory=lambda: dict(_ENVIRONMENT))

    def path(self, path: str) -> Path:
        """Return where *path* (absolute) lies on this host."""
        return self.root / path.lstrip("/")

    def run(self, argv: Sequence[str], *, stdin: str = "", user: str = "") -> str:
        """Run *argv* and return its stdout; raise `ResourceError` with the last lines where it fails."""
        done = subprocess.run(
            argv,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env=self.environment | _home(user),
            user=user or None,
            group=_group(user),
            extra_groups=[] if user and os.geteuid() == 0 else None,
            umask=0o022,
            cwd="/",
        )
        if done.returncode != 0:
            tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-20:])
            raise ResourceError(f"`{' '.join(argv)}` ended with exit code {done.returncode}\n{tail}")
        return done.stdout


def _home(user: str) -> dict[str, str]:
    return {"HOME": pwd.getpwnam(user).pw_dir} if user else {"HOME": os.environ.get("HOME", "/root")}


def _group(user: str) -> int | None:
    return pwd.getpwnam(user).pw_gid if user and os.geteuid() == 0 else None
