"""The agent's two ends of the line: events out, one JSON object a line; blobs and "stop" in.

The connection may be cut at any time. Then the agent goes on without an audience: its events are in the
run log as well, and what it was doing is finished rather than killed half way.
"""

from __future__ import annotations

import json
import os
import select
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

# Seconds that a listener may take no byte. A dead link that sshd has not noticed must not stop the run.
_PATIENCE = 30.0
_STOP = b"stop\n"
# Nobody waits for these alone: they go along with the next event, or before the next act.
_UNHURRIED = ("hello", "kept", "skipped")
# What the laptop goes by, in our own words: a password like "done" must not change them.
_PLAIN = ("event", "key", "what", "python", "boot")


class Wire(Protocol):
    """What the rest of the agent asks of a line."""

    def emit(self, event: str, **facts: object) -> None:
        """Say *event*."""

    def note(self, event: str, **facts: object) -> None:
        """Write *event* into the run log only."""

    def flush(self) -> None:
        """Say now what waits to be said."""

    def blob(self, key: str) -> bytes:
        """Ask the laptop for the bytes called *key*."""

    def stopping(self) -> bool:
        """Tell whether the run was asked to stop."""


class StreamWire:
    """A `Wire` over two file descriptors, with an optional log file; *secrets* leave by neither."""

    def __init__(
        self, incoming: int, outgoing: int, secrets: Sequence[str] = (), unread: bytes = b""
    ) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)
        self._unread = unread
        self._unsaid = b""
        self._log = -1
        self._stop = False
        self.lost = False

    def record_in(self, path: Path) -> None:
        """Write every later event to *path* too, readable by nobody else."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def emit(self, event: str, **facts: object) -> None:
        """Write one event; a lost listener is not an error."""
        line = self._line(event, facts)
        self._record(line)
        self._unsaid += line
        if event not in _UNHURRIED:
            self.flush()

    def note(self, event: str, **facts: object) -> None:
        """Write one event to the log, for whoever has to find out later what was run."""
        self._record(self._line(event, facts))

    def _line(self, event: str, facts: dict[str, object]) -> bytes:
        said = {"event": event, **facts}
        said = {key: value if key in _PLAIN else self._redacted(value) for key, value in said.items()}
        return json.dumps(said, ensure_ascii=False).encode() + b"\n"

    def _redacted(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, "«secret»")
            return value
        if isinstance(value, dict):
            return {key: self._redacted(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._redacted(item) for item in value]
        return value

    def _record(self, line: bytes) -> None:
        if self._log >= 0:
            os.write(self._log, line)

    def flush(self) -> None:
        """Say now what waits to be said."""
        rest, self._unsaid = memoryview(self._unsaid), b""
        if self.lost:
            return
        try:
            while rest:
                if not select.select([], [self._outgoing], [], _PATIENCE)[1]:
                    raise BrokenPipeError
                rest = rest[os.write(self._outgoing, rest[:4096]) :]  # a ready pipe takes that at once
        except OSError:
            self.lost = True
            self.note("unheard")

    def blob(self, key: str) -> bytes:
        """Ask for *key* and read its answer: a line with the length, then the bytes."""
        self.emit("need", key=key)
        line = self._read_line()
        while line == _STOP:
            self._stop = True
            line = self._read_line()
        return self._read(int(line), key)

    def _read_line(self) -> bytes:
        while b"\n" not in self._unread:
            self._more("an answer")
        line, _, self._unread = self._unread.partition(b"\n")
        return line + b"\n"

    def _read(self, size: int, key: str) -> bytes:
        parts, have = [self._unread[:size]], min(size, len(self._unread))
        self._unread = self._unread[size:]
        while have < size:
            parts.append(self._chunk(size - have, key))
            have += len(parts[-1])
        return b"".join(parts)

    def _chunk(self, size: int, what: str) -> bytes:
        data = os.read(self._incoming, min(size, 1 << 20))
        if not data:
            raise ConnectionError(f"the connection was cut while {what} was being sent")
        return data

    def _more(self, what: str) -> None:
        self._unread += self._chunk(1 << 16, what)

    def stopping(self) -> bool:
        """Tell whether the laptop has said "stop" (Ctrl-C there), or `stop` was called."""
        while not self._stop and not self._unread and select.select([self._incoming], [], [], 0)[0]:
            self._unread = os.read(self._incoming, 1 << 16)
            if not self._unread:
                break  # cut off; that alone is no wish to stop
        if self._unread.startswith(_STOP):
            self._stop, self._unread = True, self._unread[len(_STOP) :]
        return self._stop

    def stop(self) -> None:
        """Make `stopping` true."""
        self._stop = True
