"""Noticing that nobody answers any more.

paramiko sends keepalives and looks for no answer; a link that is dead without a word (a frozen server, a
laptop that changed networks) would hang until the kernel gives up, a quarter of an hour later.
"""

import errno
import logging
import socket
import time
from typing import Any

import paramiko
from paramiko.common import cMSG_GLOBAL_REQUEST

# What its thread logs is raised as well where somebody waits; without a handler Python would print it all.
logging.getLogger("paramiko").addHandler(logging.NullHandler())

_UNANSWERED = 3  # keepalives, as ssh_config's ServerAliveCountMax
_AT_FIRST = 45.0  # seconds; while keys are tried, and somebody may have to touch one


class Attentive(paramiko.Transport):
    """A transport that asks for an answer when it is idle, and ends when none comes."""

    def __init__(self, sock: Any, **options: Any) -> None:
        if isinstance(sock, socket.socket):  # not a gateway's channel
            # As ssh does: a question of a few bytes would wait 40 ms for the answer to the one before.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ear = _Ear(sock)
        super().__init__(self._ear, **options)

    def set_keepalive(self, interval: float) -> None:
        """Ask after *interval* seconds in which nothing was sent; end after three of them in silence."""
        self._ear.listen(interval * _UNANSWERED)
        self.packetizer.set_keepalive(interval, self._ask)

    def _ask(self) -> None:
        """Send what sshd must answer, if only to say that it does not know it.

        It is not `global_request`: that waits, and this is the thread that would hear the answer.
        """
        message = paramiko.Message()
        message.add_byte(cMSG_GLOBAL_REQUEST)
        message.add_string("keepalive@openssh.com")
        message.add_boolean(True)
        self._send_user_message(message)


class _Ear:
    """A socket that breaks, in either direction, once nothing was heard for too long.

    paramiko looks at it ten times a second, so no clock of its own is needed. Any byte counts: on a slow
    line the answer stands behind what else is on its way.
    """

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self.listen(_AT_FIRST)

    def listen(self, limit: float) -> None:
        """From now on break after *limit* seconds."""
        self._heard, self._limit = time.monotonic(), limit

    def recv(self, size: int) -> bytes:
        try:
            data: bytes = self._sock.recv(size)
        except TimeoutError:
            self._check()
            raise
        self._heard = time.monotonic()
        return data

    def send(self, data: bytes) -> int:
        try:
            return int(self._sock.send(data))
        except TimeoutError:
            self._check()
            raise

    def _check(self) -> None:
        # Not a TimeoutError, which paramiko would take for one of its looks.
        if time.monotonic() - self._heard > self._limit:
            raise ConnectionAbortedError(errno.ECONNABORTED, f"no answer for {self._limit:.0f} s")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
