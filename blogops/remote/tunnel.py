"""rsync over a channel of the connection that is open: one TCP connection, and all of its settings.

rsync wants a remote shell. `rsh` plays it, and hands over the two pipes that rsync made for it; threads
carry their bytes to the channel and back. Each end waits for the other, so nothing piles up in between.
"""

import os
import select
import shlex
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from fabric import Connection

from blogops.errors import Failed
from blogops.remote.channels import GONE, TICK, Patience, began, code_of, let_go, lost
from blogops.remote.connection import hang_up

_CHUNK = 65536  # bytes
_HINT = "Run this again: it sends what is missing."
_GRACE = 5.0  # seconds in which the server says how its half ended, once ours has failed


@dataclass(frozen=True)
class Outcome:
    """What became of a transfer: rsync's exit code, that of its half on the server, and what they said."""

    code: int
    code_there: int
    names: int
    problems: str


@dataclass(frozen=True)
class _Call:
    """What rsync would have its remote shell run, and the pipes that it made for it."""

    command: str
    source: IO[bytes]
    sink: IO[bytes]


def rsync(c: Connection, options: Sequence[str], source: str, target: str, idle: float) -> Outcome:
    """Run rsync from *source* here to *target* on *c*; count the files that it names.

    Raises `Failed` where no byte moves for *idle* seconds and where the connection is cut. No process of
    it is left here, whatever happens.
    """
    ours, theirs = socket.socketpair()
    with ours, TemporaryFile() as names, TemporaryFile() as problems:
        with theirs:
            process = subprocess.Popen(
                ["rsync", *options, "-e", _shell(theirs.fileno()), source, f"there:{target}"],
                stdin=subprocess.DEVNULL,
                stdout=names,
                stderr=problems,
                pass_fds=[theirs.fileno()],
                process_group=0,  # Ctrl-C is for us, who end it
            )
        try:
            code, code_there = _carried(c, process, ours, problems, idle)
        finally:
            process.kill()
            process.wait()
        return Outcome(code, code_there, _files_in(names), _tail_of(problems))


def _shell(line: int) -> str:
    return shlex.join([sys.executable, "-I", "-S", str(Path(__file__).with_name("rsh.py")), str(line)])


def _carried(
    c: Connection, process: "subprocess.Popen[bytes]", line: socket.socket, problems: IO[bytes], idle: float
) -> tuple[int, int]:
    """Carry what rsync says there and back until it ends; return its exit code and the server's."""
    call = _call(line)
    if not call:
        return process.wait(), 0
    with call.source, call.sink:
        channel = began(c, call.command)
        patience = Patience(c, _HINT, idle)
        carriers = _Carriers(channel, call, line, problems, patience)
        try:
            _wait(line, channel, patience)
            return _codes(c, process, channel)
        except BaseException:
            hang_up(c)  # to close the channel alone could wait for a server that does not answer
            raise
        finally:
            process.kill()  # so that nobody waits for its pipes
            let_go(channel)
            carriers.join()


def _call(line: socket.socket) -> _Call | None:
    """Wait for what rsync has to be run there; None where it ended before it came to that."""
    data, pipes, *_ = socket.recv_fds(line, _CHUNK, 2)
    if not pipes:
        return None
    while not data.endswith(b"\0"):
        if not (more := line.recv(_CHUNK)):
            raise Failed("rsync's shell ended before it said what to run")
        data += more
    for pipe in pipes:
        os.set_blocking(pipe, True)
    source, sink = pipes
    command = os.fsdecode(data.removesuffix(b"\0"))
    return _Call(command, os.fdopen(source, "rb", buffering=0), os.fdopen(sink, "wb", buffering=0))


def _wait(line: socket.socket, channel: Any, patience: Patience) -> None:
    """Wait until rsync and its shell are gone, who hold the other end of *line*, or the connection is.

    rsync alone may see that late: it could be reading a large file.
    """
    while not select.select([line], [], [], TICK)[0] and not lost(channel):
        patience.check()


def _codes(c: Connection, process: "subprocess.Popen[bytes]", channel: Any) -> tuple[int, int]:
    if lost(channel):
        process.kill()
    code = process.wait()
    if code and channel.status_event.wait(_GRACE):
        return code, code_of(c, channel, _HINT)
    return code, 0


class _Carriers:
    """Three threads: from rsync to the channel, back, and the server's stderr to rsync's."""

    def __init__(
        self, channel: Any, call: _Call, line: socket.socket, problems: IO[bytes], patience: Patience
    ) -> None:
        self._channel, self._call, self._line = channel, call, line
        self._problems, self._patience = problems, patience
        steps = (self._up, self._down, self._errors)
        self._threads = [threading.Thread(target=step, daemon=True) for step in steps]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait for all three; rsync and the channel have ended."""
        for thread in self._threads:
            thread.join()

    def _up(self) -> None:
        with suppress(*GONE), self._call.source as source:
            while data := source.read(_CHUNK):
                self._channel.sendall(data)
                self._patience.heard()
            self._channel.shutdown_write()

    def _down(self) -> None:
        with suppress(*GONE), self._call.sink as sink:
            while data := self._channel.recv(_CHUNK):
                _put(sink, data)
                self._patience.heard()
        self._channel.status_event.wait()
        with suppress(OSError):
            self._line.sendall(bytes([self._channel.exit_status & 255]))

    def _errors(self) -> None:
        with suppress(*GONE):
            while data := self._channel.recv_stderr(_CHUNK):
                _put(self._problems, data)
                self._patience.heard()


def _put(file: IO[bytes], data: bytes) -> None:
    while data:
        data = data[os.write(file.fileno(), data) :]


def _files_in(names: IO[bytes]) -> int:
    names.seek(0)
    return sum(not name.endswith(b"/\n") for name in names)


def _tail_of(problems: IO[bytes]) -> str:
    problems.seek(0)
    return b"".join(deque(problems, 5)).decode(errors="replace").strip()
