"""Commands: run unless they have done their work already."""

from __future__ import annotations

from typing import Any

from .finding import Finding, ResourceError
from .host import Host
from .places import account


def look_command(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``command``: what it ``creates`` is there, and ``unless`` succeeds."""
    missing = _missing(host, want)
    if not missing:
        return Finding("is done already")
    return Finding(f"run, {missing}", lambda: _run(host, want))


def _run(host: Host, want: dict[str, Any]) -> None:
    _check_place(host, want)
    host.wire.emit("doing", resource=want["command"], why="sh")
    _shell(host, want, want["command"])
    host.learnt.clear()  # it may have changed anything
    if missing := _missing(host, want):
        raise ResourceError(f"it ran and ended well, and still {missing}")


def _missing(host: Host, want: dict[str, Any]) -> str:
    """Return what tells that it is not done, or nothing."""
    creates = want["creates"]
    if creates and not host.path(creates).exists():
        return f"there is no {creates}"
    if want["unless"]:
        _check_place(host, want)
        try:
            _shell(host, want, want["unless"])
        except ResourceError:
            return f"`{want['unless']}` fails"
    return ""


def _shell(host: Host, want: dict[str, Any], line: str) -> None:
    host.run(
        ["/bin/sh", "-c", line],
        user=want["user"],
        cwd=str(host.path(want["directory"])),
        environment=want["environment"],
    )


def _check_place(host: Host, want: dict[str, Any]) -> None:
    if want["user"]:
        account(want["user"])
    if not host.path(want["directory"]).is_dir():
        raise ResourceError(f"there is no directory {want['directory']} to run it in")
