"""Asked before anything is changed: what a plan takes for granted and nothing would bring."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from .finding import ResourceError
from .host import Host

_NO_PACKAGES = ("/home/", "/root/", "/srv/", "/usr/local/")
# What brings files below its own name; the rest of the plan brings exactly what it names.
_TREES = ("git_working_copy", "link", "locked_virtualenv", "virtualenv")


def absences(host: Host, plan: Sequence[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each program of the plan that cannot start, and why.

    A command may bring anything, so a plan with one is believed. A package may too, but for what lies where
    none puts its files (https://refspecs.linuxfoundation.org/FHS_3.0/fhs/index.html).
    """
    if any(item["kind"] == "command" for item in plan):
        return
    for item in plan:
        if item["kind"] == "program" and item["want"]["running"]:
            for path, what in (
                (item["want"]["directory"], "directory"),
                (item["want"]["command"], "program"),
            ):
                if not _will_be_there(host, plan, path):
                    yield item, f"there is no {what} {path} on the host, and nothing in the plan brings it"


def _will_be_there(host: Host, plan: Sequence[dict[str, Any]], path: str) -> bool:
    if not path.startswith(_NO_PACKAGES) or host.path(path).exists():
        return True
    for item in plan:
        name = item["want"].get("home", "") if item["kind"] == "user" else item["name"]
        if name == path or (item["kind"] == "directory" and path in _parents(name)):
            return True
        if item["kind"] in _TREES and path.startswith(f"{_reach(item)}/"):
            return True
    return False


def _parents(path: str) -> list[str]:
    return [str(parent) for parent in PurePosixPath(path).parents]


def _reach(item: dict[str, Any]) -> str:
    """Return the folder that *item* fills: an environment brings its programs, not what an app puts by."""
    return f"{item['name']}/bin" if item["kind"] == "virtualenv" else str(item["name"])


def wait_for_cloud_init(host: Host) -> None:
    """Wait for cloud-init, where it is at work: it still writes users, keys and apt's sources."""
    if not host.path("/usr/bin/cloud-init").exists() or not host.path("/run/cloud-init").is_dir():
        return
    if host.path("/run/cloud-init/result.json").exists() or host.path("/run/cloud-init/disabled").exists():
        return
    host.wire.emit("waiting", resource="cloud-init", why="is still at work; waiting for it to end")
    deadline = time.monotonic() + host.lock_timeout
    while not host.path("/run/cloud-init/result.json").exists():
        if time.monotonic() > deadline or host.wire.stopping():
            raise ResourceError(
                f"cloud-init is still at work after {host.lock_timeout} s; `cloud-init status`"
            )
        time.sleep(0.2)
