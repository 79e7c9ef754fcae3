"""The machine the agent stands on: its files, its programs and what was learnt about it in this run."""

from __future__ import annotations

import os
import pwd
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .finding import ResourceError
from .pending import Pending
from .undo import Undo
from .wire import Wire

# Child processes speak English, ask nothing and never restart services behind our back.
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
    "NEEDRESTART_MODE": "a",
}


class Host:
    """A Debian host; ``root`` is another folder than ``/`` only in tests."""

    def __init__(
        self,
        wire: Wire,
        root: Path = Path("/"),
        *,
        resources: Sequence[Mapping[str, Any]] = (),
        state: Path | None = None,
        check: bool = False,
        lock_timeout: int = 600,
    ) -> None:
        self.wire = wire
        self.root = root
        self.resources = resources
        self.lock_timeout = lock_timeout
        self.environment = dict(_ENVIRONMENT)
        # What was read once and holds until something acts: dpkg's database, the state of services.
        self.learnt: dict[str, Any] = {}
        self.pending = Pending(state / "pending.json" if state and not check else None)
        self.undo = Undo(state / "undo.jsonl" if state and not check else None)
        if state and check:
            self.pending.read(state / "pending.json")

    def path(self, path: str) -> Path:
        """Return where *path* (absolute) lies on this host."""
        return self.root / path.lstrip("/")

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str = "",
        user: str = "",
        cwd: str = "/",
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """Run *argv* and return its stdout; raise `ResourceError` with the last lines where it fails."""
        began = time.monotonic()
        try:
            done = subprocess.run(
                argv,
                input=stdin,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                env={**self.environment, **_home(user), **(environment or {})},
                user=user or None,
                group=_group(user),
                extra_groups=_groups(user),
                umask=0o022,
                cwd=cwd,
            )
        except KeyError as error:
            raise ResourceError(f"there is no user {user} on this host") from error
        except FileNotFoundError as error:
            missing = error.filename or argv[0]
            raise ResourceError(f"`{' '.join(argv)}` cannot run: there is no {missing} here") from error
        seconds = round(time.monotonic() - began, 3)
        self.wire.note("ran", argv=list(argv), user=user, code=done.returncode, seconds=seconds)
        if done.returncode != 0:
            tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-20:])
            raise ResourceError(f"`{' '.join(argv)}` ended with exit code {done.returncode}\n{tail}")
        return done.stdout

    def succeeds(self, argv: Sequence[str], **options: Any) -> bool:
        """Tell whether *argv* ends with 0."""
        try:
            self.run(argv, **options)
        except ResourceError:
            return False
        return True


def _home(user: str) -> dict[str, str]:
    return {"HOME": pwd.getpwnam(user).pw_dir} if user else {"HOME": os.environ.get("HOME", "/root")}


def _group(user: str) -> int | None:
    return pwd.getpwnam(user).pw_gid if user and os.geteuid() == 0 else None


def _groups(user: str) -> list[int] | None:
    if not user or os.geteuid() != 0:
        return None
    return os.getgrouplist(user, pwd.getpwnam(user).pw_gid)
