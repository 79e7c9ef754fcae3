"""systemd services and supervisor's programs."""

import http.client
import socket
import time
import xmlrpc.client
from typing import Any

from .finding import Finding, ResourceError
from .host import Host

_SOCKET = "/var/run/supervisor.sock"
_START_LIMIT = 30.0  # seconds until a program must be RUNNING


def look_service(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``service``: started now and enabled at boot."""
    shown = host.run(["systemctl", "show", "--property=ActiveState,UnitFileState", f"{name}.service"])
    state = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    missing = [] if state.get("ActiveState") == "active" else ["started"]
    missing += [] if state.get("UnitFileState") == "enabled" else ["enabled"]
    if not missing:
        return Finding("is started and enabled")
    return Finding(" and ".join(missing), lambda: _start(host, name))


def _start(host: Host, name: str) -> None:
    host.run(["systemctl", "enable", "--now", f"{name}.service"])


def look_program(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``program``: supervisor runs it; success only once it is RUNNING."""
    state = _program_state(name)
    if state == "RUNNING":
        return Finding("is running")
    return Finding(f"started (was {state})", lambda: _start_program(host, name))


def _start_program(host: Host, name: str) -> None:
    host.run(["supervisorctl", "update"])
    if _program_state(name) not in ("RUNNING", "STARTING"):
        host.run(["supervisorctl", "start", name])
    deadline = time.monotonic() + _START_LIMIT
    while _program_state(name) != "RUNNING":
        if time.monotonic() > deadline or _program_state(name) == "FATAL":
            tail = host.run(["supervisorctl", "tail", name])
            raise ResourceError(f"{name} is {_program_state(name)}, not RUNNING; the end of its log:\n{tail}")
        time.sleep(0.1)


def _program_state(name: str) -> str:
    # Asking the socket costs 2 ms; starting supervisorctl costs 150.
    server = xmlrpc.client.ServerProxy("http://supervisor", transport=_UnixTransport())
    try:
        info = server.supervisor.getProcessInfo(name)
    except (OSError, xmlrpc.client.Error):
        return "unknown to supervisor"
    return str(info["statename"]) if isinstance(info, dict) else "unknown to supervisor"


class _UnixConnection(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(_SOCKET)


class _UnixTransport(xmlrpc.client.Transport):
    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _UnixConnection("localhost")
