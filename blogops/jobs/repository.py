"""The repository of the manuscript, as git on this machine has it: the newest revision of one branch.

git runs by itself: with no settings but these, no hook, no filter, no submodule, and nobody to ask.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_LIMIT = 900.0  # seconds
_REF = "refs/blogops/fetched"
_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "gc.autoDetach": "false",  # nothing goes on when the lock is free
    "maintenance.autoDetach": "false",
    "gc.pruneExpire": "now",
    "http.lowSpeedLimit": "1000",  # bytes a second, for as many seconds
    "http.lowSpeedTime": "60",
}
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "https:ssh",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_SSH_VARIANT": "ssh",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}
_BOUND = ("setpriv", "--pdeathsig", "KILL")  # ends with who started it
_SSH = (
    *(*_BOUND, "ssh", "-F", "none", "-a", "-x", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes"),
    *("-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=15", "-o", "LogLevel=ERROR"),
)
# What git, or the one at the other end, says after the reason was told.
_VAGUE = ("fatal: Could not read from remote repository", "fatal: the remote end hung up unexpectedly")
_LONGEST, _LONGEST_REASON = 120, 300  # characters of what is told of a commit, and of a failure


class GitFailed(Exception):
    """What git itself says of why it failed."""


class Revision(NamedTuple):
    """A commit: its hash, in a line who made it and why, and pairs of each file's name and git's mode."""

    id: str
    change: str
    files: tuple[tuple[str, str], ...]


class Repository(NamedTuple):
    """A folder of git's own. The caller holds the lock, so whatever lock of git lies there is nobody's."""

    folder: Path
    ssh: str = ""

    def bring(self, address: str, branch: str, tree: Path) -> Revision:
        """Make *tree* hold the newest revision of *branch*, whatever was there before.

        What has not changed is not touched. What git does not know goes, but for a blog.toml. Whatever a run
        that was killed or a power cut left is healed. Raises `GitFailed`.
        """
        try:
            return self._brought(address, branch, tree)
        except GitFailed:
            if self._is_sound(tree):
                raise
        shutil.rmtree(self.folder, ignore_errors=True)
        return self._brought(address, branch, tree)

    def _brought(self, address: str, branch: str, tree: Path) -> Revision:
        self._tidied()
        options = ("--depth=1", "--no-tags", "--no-write-fetch-head", "--quiet")
        self._git("fetch", *options, "--", address, f"+refs/heads/{branch}:{_REF}")
        told = self._git("log", "-1", "--no-show-signature", "--format=%H%n%an: %s", _REF)
        commit, _, change = told.partition("\n")
        files = self._checked_out(tree)
        return Revision(id=commit, change=_one_line(change), files=files)

    def _checked_out(self, tree: Path) -> tuple[tuple[str, str], ...]:
        """Write what differs from the index, which is only renewed once all is written."""
        tree.mkdir(exist_ok=True)
        self._git("read-tree", "--reset", "-u", _REF, tree=tree)
        self._git("clean", "-ffdxq", "-e", "/blog.toml", tree=tree)
        lines = self._git("ls-files", "--stage", "-z", tree=tree).split("\0")
        return tuple((line.partition("\t")[2], line[:6]) for line in lines if line)

    def _is_sound(self, tree: Path) -> bool:
        """Tell whether all is there that git has written, and can be read."""
        try:
            self._git("fsck", "--connectivity-only", "--no-progress")
            self._git("ls-files", tree=tree)
        except GitFailed:
            return False
        return True

    def _tidied(self) -> None:
        if not (self.folder / "HEAD").is_file():
            self._git("init", "--bare", "--quiet", "--template=")
        for path in (*self.folder.rglob("*.lock"), *self.folder.glob("objects/pack/tmp_*")):
            path.unlink()

    def _git(self, *words: str, tree: Path | None = None) -> str:
        where = {"GIT_DIR": str(self.folder)}
        if tree:
            where |= {"GIT_WORK_TREE": str(tree), "GIT_INDEX_FILE": str(self.folder / f"index.{tree.name}")}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "SSH_"))}
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        environment = {**kept, **_ENVIRONMENT, **where, "GIT_SSH_COMMAND": self.ssh}
        return _run(["git", *settings, *words], environment)


def by_ssh(*, key: Path, known_hosts: Path, strict: bool) -> str:
    """Return the line that git has a shell run: with this key alone; unless *strict*, a first key is kept."""
    checking = "yes" if strict else "accept-new"
    hosts = ("-o", f"UserKnownHostsFile={known_hosts}", "-o", f"StrictHostKeyChecking={checking}")
    return f"exec {shlex.join((*_SSH, '-i', str(key), *hosts))}"


def _run(command: Sequence[str], environment: dict[str, str]) -> str:
    """Run git, which ends with us, be it that we are killed; and no later than the limit."""
    with subprocess.Popen(
        [*_BOUND, *command],
        env=environment,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    ) as running:
        try:
            out, errors = running.communicate(timeout=_LIMIT)
        except subprocess.TimeoutExpired:
            _kill(running.pid)
            raise GitFailed(f"it took more than {_LIMIT:.0f} s") from None
        except BaseException:
            _kill(running.pid)
            raise
    if running.returncode:
        raise GitFailed(_reason(errors) or f"git ended with exit code {running.returncode}")
    return out


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _reason(errors: str) -> str:
    """Return the line that says why: the last one, but for what says no more than that it failed."""
    told = errors.partition("\nPlease make sure you have the correct access rights")[0]
    lines = [_one_line(line, _LONGEST_REASON) for line in told.splitlines() if line.strip()]
    while len(lines) > 1 and lines[-1].startswith(_VAGUE):
        lines.pop()
    return lines[-1] if lines else ""


def _one_line(text: str, longest: int = _LONGEST) -> str:
    """Return *text* without anything that a terminal would obey, and not too long."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"
