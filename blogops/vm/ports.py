"""Chooses loopback ports for a machine."""

import socket
from itertools import count

from blogops.vm import store


def free() -> tuple[int, int]:
    """Return a port for SSH and one for HTTP: easy ones (2222, 8080) if nobody has them."""
    taken = {
        port for record in store.records() for port in (record.machine.ssh_port, record.machine.http_port)
    }
    return _first(2222, taken), _first(8080, taken)


def _first(start: int, taken: set[int]) -> int:
    return next(port for port in count(start) if port not in taken and _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As pasta and qemu do: a connection that is closing does not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
