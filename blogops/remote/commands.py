"""Run one command on the server and show what it says as it says it."""

import select
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO

from fabric import Connection

from blogops.console import Echo
from blogops.remote.channels import GONE, IDLE, TICK, Patience, began, code_of, let_go
from blogops.remote.connection import hang_up

TOTAL = 3600.0  # seconds
_CHUNK = 65536  # bytes
_HINT = (
    "What runs there ends by itself. `fab status` tells how; the same command again waits for it and "
    "tells the outcome."
)


def run(
    c: Connection, command: str, *, out: TextIO | None = None, idle: float = IDLE, total: float = TOTAL
) -> int:
    """Run *command* on *c*, its output on ours (or *out*) as it comes; return its exit code.

    It has no stdin and no terminal. Raises `Failed` where nothing is heard for *idle* seconds, where it
    is not done after *total* seconds, and where the connection is cut.
    """
    channel = began(c, command)
    try:
        with suppress(*GONE):
            channel.shutdown_write()
        _listen(channel, out or sys.stdout, Patience(c, _HINT, idle, total))
        return code_of(c, channel, _HINT)
    except BaseException:
        hang_up(c)  # to close the channel alone could wait for a server that does not answer
        raise
    finally:
        let_go(channel)


def _listen(channel: Any, stream: TextIO, patience: Patience) -> None:
    out, errors = Echo(stream), Echo(sys.stderr)
    while not _over(channel):
        _wait(channel)
        heard = channel.recv_ready() or channel.recv_stderr_ready()
        if channel.recv_ready():
            out.show(_read(channel.recv))
        if channel.recv_stderr_ready():
            errors.show(_read(channel.recv_stderr))
        if heard:  # once it is shown: a reader of ours who stops is not the server's silence
            patience.heard()
        patience.check()
    out.end()
    errors.end()


def _wait(channel: Any) -> None:
    """Wait until something came, or for the next look at the clock."""
    if channel.eof_received:
        channel.status_event.wait(TICK)
    else:
        select.select([channel], [], [], TICK)


def _read(receive: Callable[[int], bytes]) -> bytes:
    """Return what came; a connection that ends meanwhile is seen by `_over`."""
    with suppress(*GONE):
        return receive(_CHUNK)
    return b""


def _over(channel: Any) -> bool:
    ended = channel.closed or (channel.eof_received and channel.exit_status_ready())
    return bool(ended and not channel.recv_ready() and not channel.recv_stderr_ready())
