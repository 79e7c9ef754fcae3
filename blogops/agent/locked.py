"""Virtual environments from a hash-pinned lock: made whole or not at all, never added to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from . import places
from .finding import Finding
from .host import Host

_MARKER = ".blogops-complete"


def look_locked_virtualenv(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``locked_virtualenv``: holds exactly the lock's packages and the wheel, for this host's Python."""
    path = host.path(name)
    wanted = f"{want['fingerprint']} {sys.version_info.major}.{sys.version_info.minor}\n"
    marker = path / _MARKER
    if marker.is_file() and marker.read_text(encoding="utf-8") == wanted:
        return Finding("is complete")
    reason = "made anew, it was incomplete or for another Python" if path.exists() else "created"
    return Finding(reason, lambda: _make_locked(host, path, want, wanted))


def _make_locked(host: Host, path: Path, want: dict[str, Any], marker: str) -> None:
    """Make it in place, as scripts hold their absolute path; the marker written last says it is whole."""
    user = want["user"]
    wheel = host.wire.blob(want["wheel"]) if want["wheel"] else b""
    host.wire.emit("doing", resource=str(path), why="python3 -m venv, pip install from the lock")
    (path / _MARKER).unlink(missing_ok=True)
    if path.exists():
        places.remove(host, path, user)
    host.run(["/usr/bin/python3", "-m", "venv", str(path)], user=user)
    import tempfile

    with tempfile.TemporaryDirectory(prefix="blogops-") as folder:
        Path(folder).chmod(0o755)  # read by *user*
        _install_locked(host, path, Path(folder), want, wheel)
    host.run(["tee", str(path / _MARKER)], stdin=marker, user=user)
    if want["keep"]:
        _prune(host, path.parent, int(want["keep"]), user)


def _prune(host: Host, folder: Path, keep: int, user: str) -> None:
    """Remove all but the newest *keep* environments of *folder*, and none that a link there points to."""
    linked = {path.resolve() for path in folder.iterdir() if path.is_symlink()}
    made = [path for path in folder.iterdir() if (path / _MARKER).is_file() and not path.is_symlink()]
    made.sort(key=lambda path: (path / _MARKER).stat().st_mtime)
    for path in made[:-keep]:
        if path not in linked:
            places.remove(host, path, user)


def _install_locked(host: Host, path: Path, folder: Path, want: dict[str, Any], wheel: bytes) -> None:
    pip = [str(path / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    lock = folder / "requirements.txt"
    lock.write_text(want["lock"], encoding="utf-8")
    hashes = ["--require-hashes", "--only-binary=:all:"]
    host.run([*pip, *hashes, "--no-deps", "--requirement", str(lock)], user=want["user"])
    if wheel:
        file = folder / want["wheel"]
        file.write_bytes(wheel)
        host.run([*pip, "--no-deps", "--no-index", str(file)], user=want["user"])
