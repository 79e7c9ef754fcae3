"""supervisor's programs."""

from __future__ import annotations

import http.client
import socket
import time
import xmlrpc.client
from typing import Any

from .finding import Finding, ResourceError
from .host import Host

_SOCKET = "/var/run/supervisor.sock"
_START_LIMIT = 60.0  # seconds until a program must be RUNNING, besides its startsecs
_TAIL = 4000  # bytes of a program's log


def look_program(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``program``: supervisor runs it by its newest settings; success only once it is RUNNING."""
    update, _ = want["settles"]
    state, owed = _state(name), [action for action in want["settles"] if action in host.pending]
    if not want["running"]:
        if state == "unknown" and not owed:
            return Finding("is not supervisor's")
        return Finding("stopped and removed", lambda: _remove(host, name, want))
    if state == "RUNNING" and not owed:
        return Finding("is running")
    why = "its settings changed" if update in owed else "its code changed"
    why = f"restarted, {why}" if state == "RUNNING" else f"started (was {state})"
    return Finding(why, lambda: _run(host, name, want, state))


def _run(host: Host, name: str, want: dict[str, Any], state: str) -> None:
    _wait_for_socket()
    stays = state == "RUNNING" and want["settles"][0] not in host.pending
    _update(host, name, want)
    if stays:
        host.run(["supervisorctl", "restart", name])
    if _state(name) not in ("RUNNING", "STARTING"):
        host.succeeds(["supervisorctl", "start", name])  # whether it runs is asked below
    deadline = time.monotonic() + want["startsecs"] + _START_LIMIT
    while (state := _state(name)) != "RUNNING":
        # BACKOFF is a first failed start: supervisor would go on trying, and say FATAL a while later.
        if state not in ("STARTING", "STOPPED", "unknown") or time.monotonic() > deadline:
            raise ResourceError(f"{name} is {state}, not RUNNING{_why(name)}")
        time.sleep(0.1)


def _remove(host: Host, name: str, want: dict[str, Any]) -> None:
    if _answers():
        _update(host, name, want)
    else:
        _settle(host, want)  # supervisor is stopped or gone, and its programs with it


def _update(host: Host, name: str, want: dict[str, Any]) -> None:
    host.undo.used(host.path(f"/etc/supervisor/conf.d/{name}.conf"))
    host.run(["supervisorctl", "update", name])
    _settle(host, want)


def _settle(host: Host, want: dict[str, Any]) -> None:
    for action in want["settles"]:
        host.pending.remove(action)


def _wait_for_socket() -> None:
    """Wait for a supervisor that was installed or restarted a moment ago."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if _answers():
            return
        time.sleep(0.1)
    raise ResourceError("supervisor does not answer; look at `systemctl status supervisor`")


def _answers() -> bool:
    try:
        _server().supervisor.getState()
    except (OSError, xmlrpc.client.Error):
        return False
    return True


def _why(name: str) -> str:
    """Return what supervisor says of the failed start, and the end of the program's own log."""
    supervisor, found = _server().supervisor, []
    try:
        info: Any = supervisor.getProcessInfo(name)
        found.append(str(info["spawnerr"] or info["description"]))
    except (OSError, xmlrpc.client.Error):
        pass
    for stream in (supervisor.tailProcessStderrLog, supervisor.tailProcessStdoutLog):
        try:
            tail: Any = stream(name, 0, _TAIL)
            found += str(tail[0]).strip().splitlines()[-20:]
        except (OSError, xmlrpc.client.Error):
            continue
    return "".join(f"\n{line}" for line in found)


def _state(name: str) -> str:
    # Asking the socket costs 2 ms; starting supervisorctl costs 150.
    try:
        info: Any = _server().supervisor.getProcessInfo(name)
    except (OSError, xmlrpc.client.Error):
        return "unknown"
    return str(info["statename"])


def _server() -> xmlrpc.client.ServerProxy:
    return xmlrpc.client.ServerProxy("http://supervisor", transport=_UnixTransport())


class _UnixConnection(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(_SOCKET)


class _UnixTransport(xmlrpc.client.Transport):
    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = _UnixConnection("localhost")
        self._connection = host, connection  # what a failure closes
        return connection
