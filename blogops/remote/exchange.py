"""One exec on the server: lines come out, bytes go in, and Ctrl-C goes along."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress

from fabric import Connection

from blogops import console
from blogops.errors import Failed, Interrupted
from blogops.interrupts import Presses
from blogops.remote.channels import GONE, began

_TICK = 0.05  # seconds between two looks for Ctrl-C; what comes over the line is seen at once


class Exchange:
    """A command on *c* that reads and says lines."""

    def __init__(self, c: Connection, words: Sequence[str], presses: Presses) -> None:
        self._host = str(c.original_host)
        self._presses = presses
        self._asked = presses.count
        self._channel = began(c, shlex.join(words))
        self._channel.settimeout(_TICK)
        self._errors = b""
        self.begun = False  # once it has its plan, it is the host that stops

    def send(self, data: bytes) -> None:
        """Send *data*; a server that went away is noticed by `lines`."""
        self._channel.settimeout(None)
        with suppress(*GONE):
            self._channel.sendall(data)
        self._channel.settimeout(_TICK)

    def lines(self) -> Iterator[bytes]:
        """Yield each line that is said, until the command ends or the connection is cut."""
        rest = b""
        while True:
            self._carry_over()
            try:
                data = self._channel.recv(65536)
            except TimeoutError:
                continue
            except GONE:
                break
            if not data:
                break
            *whole, rest = (rest + data).split(b"\n")
            yield from whole
        if rest:
            yield rest

    def wait_for(self, prompt: bytes) -> bool:
        """Wait until *prompt* is on stderr; False if something is said on stdout before, or it ends."""
        seen = self._errors.count(prompt)
        while not self._channel.recv_ready() and not self._channel.exit_status_ready():
            self._carry_over()
            try:
                self._errors += self._channel.recv_stderr(4096)
            except TimeoutError:
                continue
            if self._errors.count(prompt) > seen:
                return True
        return False

    def _carry_over(self) -> None:
        """Tell the server what Ctrl-C asks for."""
        if self._presses.count == self._asked:
            return
        self._asked = self._presses.count
        if self._asked == 1 and self.begun:
            console.warn("stopping after the current resource; Ctrl-C again lets it go on without you")
            self.send(b"stop\n")
            return
        self._channel.close()
        raise Interrupted(
            f"let go of {self._host}: what it is doing ends there by itself"
            if self.begun
            else f"interrupted before {self._host} began; nothing was changed",
            hint="Run this again: it shows what was done meanwhile, and goes on." if self.begun else "",
        )

    def close(self) -> None:
        """End the exchange."""
        self._channel.close()

    def ended(self) -> tuple[int, str]:
        """Return the exit code (-1 where the connection was cut) and what was said on stderr."""
        self._channel.settimeout(None)
        code = self._channel.recv_exit_status()
        with self._channel.makefile_stderr("rb") as stream:
            words = self._errors + stream.read()
        return code, words.decode(errors="replace").strip()


def cut(c: Connection) -> Failed:
    """Return the error for a connection that ended before the work did."""
    return Failed(
        f"the connection to {c.original_host} was cut before the run was done",
        hint="It finishes what it was doing. Run this again: it shows what was done, and goes on.",
    )
