"""systemd services."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from .finding import Finding, ResourceError
from .host import Host

_PROPERTIES = "Id,LoadState,ActiveState,UnitFileState,ActiveEnterTimestampMonotonic"
_GONE = ("not-found", "masked")
# Started at boot: by itself, by what it belongs to, or by its init script.
_ENABLED = ("enabled", "enabled-runtime", "static", "alias", "indirect", "generated")


def look_service(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``service``: runs or not, is started at boot or not, and was started after some files changed."""
    unit = want["unit"]
    state = _states(host).get(unit) or _show(host, [unit])[unit]
    if gone := _gone(state):
        if want.get("active") is False:
            return Finding(f"is {gone}")
        raise ResourceError(f"{unit} is {gone}; require its package first")
    if want.get("active") is False:
        return _stopped(host, unit, state)
    missing = [] if "active" not in want or state["ActiveState"] == "active" else ["started"]
    missing += [] if "enabled" not in want or state["UnitFileState"] in _ENABLED else ["enabled"]
    changed = [] if missing else _changed_since(host, state, want.get("since", []))
    if changed:
        return Finding(
            f"restarted, {', '.join(changed)} changed since it started",
            lambda: _systemctl(host, "restart", unit),
        )
    if not missing:
        return Finding("is as wanted" if "since" in want else f"is {' and '.join(_words(want))}")
    return Finding(" and ".join(missing), lambda: _start(host, unit, missing))


def nobody_to_tell(host: Host, command: Sequence[str]) -> str:
    """Return why a notification has nobody to reach, or nothing: its service is gone, or does not run."""
    if command[0] != "systemctl":
        return ""
    verb, unit = command[1], command[-1]
    state = _show(host, [unit])[unit]
    if gone := _gone(state):
        return f"{unit} is {gone}"
    # It reads its files when it starts.
    idle = verb == "reload" and state["ActiveState"] in ("inactive", "failed")
    return f"{unit} does not run" if idle else ""


def _gone(state: dict[str, str]) -> str:
    return state["LoadState"].replace("-", " ") if state["LoadState"] in _GONE else ""


def _words(want: dict[str, Any]) -> list[str]:
    return [word for key, word in (("active", "started"), ("enabled", "enabled")) if key in want]


def _stopped(host: Host, unit: str, state: dict[str, str]) -> Finding:
    running, enabled = state["ActiveState"] in ("active", "activating"), state["UnitFileState"] == "enabled"
    if not running and not enabled:
        return Finding("is stopped")
    return Finding("stopped" if running else "disabled", lambda: _systemctl(host, "disable", "--now", unit))


def _start(host: Host, unit: str, missing: list[str]) -> None:
    if "enabled" in missing:
        _systemctl(host, "enable", unit)
    if "started" in missing:
        _systemctl(host, "start", unit)


def _systemctl(host: Host, *words: str) -> None:
    host.learnt.pop("services", None)
    host.run(["systemctl", *words])


def _changed_since(host: Host, state: dict[str, str], files: list[str]) -> list[str]:
    boot = time.time() - time.clock_gettime(time.CLOCK_MONOTONIC)
    started = boot + int(state["ActiveEnterTimestampMonotonic"] or 0) / 1e6
    paths = [(name, host.path(name)) for name in files]
    return [name for name, path in paths if path.exists() and path.stat().st_mtime > started]


def _states(host: Host) -> dict[str, dict[str, str]]:
    """Return unit -> properties for every service of the plan, asked for by one process."""
    if "services" not in host.learnt:
        units = [item["want"]["unit"] for item in host.resources if item["kind"] == "service"]
        host.learnt["services"] = _show(host, list(dict.fromkeys(units))) if units else {}
    found: dict[str, dict[str, str]] = host.learnt["services"]
    return found


def _show(host: Host, units: list[str]) -> dict[str, dict[str, str]]:
    shown = host.run(["systemctl", "show", f"--property={_PROPERTIES}", *units])
    states = [
        dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        for block in shown.split("\n\n")
        if block.strip()
    ]
    return dict(zip(units, states))  # noqa: B905 -- one block for each unit; strict= is of Python 3.10
