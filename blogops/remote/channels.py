"""One command on one channel of an open connection, and how long it is listened to."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from fabric import Connection
from paramiko.ssh_exception import SSHException

from blogops.errors import Failed, Interrupted
from blogops.interrupts import pressed
from blogops.remote.connection import CONNECT_TIMEOUT, hang_up, ready

IDLE = 120.0  # seconds in which nothing is heard; what takes long there says so every ten
TICK = 0.2  # seconds between two looks at the clock and for Ctrl-C

GONE = (OSError, EOFError, SSHException)  # what paramiko raises where a connection ended


def began(c: Connection, command: str) -> Any:
    """Return a channel of *c* on which *command* has begun; `Failed` where the server does not answer."""
    try:
        channel = ready(c).create_session()
        with _bounded(channel):
            channel.exec_command(command)
    except GONE as error:
        hang_up(c)
        raise Failed(
            f"{c.original_host} would not run a command: {error or 'the connection was closed'}",
            hint="Is it overloaded, or the network down? Run this again.",
        ) from error
    return channel


@contextmanager
def _bounded(channel: Any) -> Iterator[None]:
    """Close *channel* if the block takes too long: paramiko waits for the answer to an exec for ever."""
    clock = threading.Timer(CONNECT_TIMEOUT, channel.close)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


class Patience:
    """How long *c* is listened to: *idle* seconds of silence, *total* seconds in all; then *hint* is said."""

    def __init__(self, c: Connection, hint: str, idle: float, total: float = math.inf) -> None:
        self._host, self._hint = c.original_host, hint
        self._idle, self._total = idle, total
        self._began = self._heard = time.monotonic()
        self._presses = pressed()

    def heard(self) -> None:
        """Note that something was heard just now."""
        self._heard = time.monotonic()

    def check(self) -> None:
        """Raise `Failed` where it is at its end, and `Interrupted` where Ctrl-C is only counted."""
        now = time.monotonic()
        if now - self._heard > self._idle:
            raise Failed(f"{self._host} has said nothing for {self._idle:.0f} s", hint=self._hint)
        if now - self._began > self._total:
            raise Failed(f"{self._host} is not done after {self._total:.0f} s", hint=self._hint)
        if pressed() > self._presses:
            raise Interrupted(f"let go of {self._host}", hint=self._hint)


def let_go(channel: Any) -> None:
    """Close *channel*, be it that the connection is gone."""
    with suppress(*GONE):
        channel.close()


def code_of(c: Connection, channel: Any, hint: str) -> int:
    """Return the exit code of the command that ended on *channel*, or raise what ended it instead."""
    code = int(channel.exit_status)
    if code < 0 and lost(channel):
        raise Failed(f"the connection to {c.original_host} was cut", hint=hint)
    if code < 0:
        raise Failed(f"what ran on {c.original_host} was ended by a signal", hint="Is its memory full?")
    return code


def lost(channel: Any) -> bool:
    """Tell whether *channel* ended without the server taking its leave."""
    return bool(channel.closed and not channel.eof_received)
