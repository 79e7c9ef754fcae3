"""Debian packages: one look at dpkg's database, one apt transaction for the whole plan."""

import time
from collections.abc import Mapping
from typing import Any

from .finding import Finding
from .host import Host

_INDEX_MAX_AGE = 24 * 3600  # seconds; fabtools' require.deb.uptodate_index has the same
_LOCK_TIMEOUT = 600  # seconds to wait for unattended-upgrades and the like

_APT = (
    "apt-get",
    "-q",
    "-y",
    "-o",
    f"DPkg::Lock::Timeout={_LOCK_TIMEOUT}",
    "-o",
    "Dpkg::Options::=--force-confdef",
    "-o",
    "Dpkg::Options::=--force-confold",
    "-o",
    "Dpkg::Use-Pty=0",
)


def look_packages(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``packages``: every one is installed; the first such resource brings those of the whole plan."""
    installed = _installed(host)
    missing = [package for package in want["packages"] if package not in installed]
    if not missing:
        return Finding(", ".join(f"{package} {installed[package]}" for package in want["packages"]))
    bring = [package for package in host.packages if package not in installed]

    def act() -> None:
        host.wire.emit("doing", resource=name, why=f"apt-get install {' '.join(bring)}")
        if _index_is_old(host):
            host.run([*_APT, "update"])
        host.run([*_APT, "install", "--no-install-recommends", *bring])
        host.installed = None

    return Finding(f"installed {', '.join(bring)}", act)


def _installed(host: Host) -> Mapping[str, str]:
    """Return name -> version of what dpkg has installed; one read, as ``dpkg -s`` each would cost 12 ms."""
    if host.installed is None:
        host.installed = _read_status(host.path("/var/lib/dpkg/status").read_text(encoding="utf-8"))
    return host.installed


def _read_status(status: str) -> dict[str, str]:
    found = {}
    for paragraph in status.split("\n\n"):
        if "\nStatus: install ok installed\n" not in f"\n{paragraph}\n":
            continue
        fields = dict(
            line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and line[0] != " "
        )
        found[fields["Package"]] = fields["Version"]
    return found


def _index_is_old(host: Host) -> bool:
    lists = [path.stat().st_mtime for path in host.path("/var/lib/apt/lists").glob("*_Packages*")]
    return not lists or time.time() - _last_update(host, max(lists)) > _INDEX_MAX_AGE


def _last_update(host: Host, newest: float) -> float:
    # apt keeps a mirror's own mtime on the lists, so the folder tells better when they were fetched.
    partial = host.path("/var/lib/apt/lists/partial")
    return max(newest, partial.stat().st_mtime if partial.exists() else 0)
