"""The agent's two ends of the line: events out, one JSON object a line; blobs in, on request.

The connection may be cut at any time. Then the agent goes on without an audience: its events are in the
run log as well, and what it was doing is finished rather than killed half way.
"""

import json
import os
from pathlib import Path
from typing import BinaryIO, Protocol


class Wire(Protocol):
    """What the rest of the agent asks of a line."""

    def emit(self, event: str, **facts: object) -> None:
        """Say *event*."""

    def blob(self, key: str) -> bytes:
        """Ask the laptop for the bytes called *key*."""


class StreamWire:
    """A `Wire` over two byte streams, with an optional log file."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._log: BinaryIO | None = None

    def record_in(self, path: Path) -> None:
        """Write every later event to *path* too, readable by nobody else."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._log = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab", buffering=0)

    def emit(self, event: str, **facts: object) -> None:
        """Write one event; a lost listener is not an error."""
        line = json.dumps({"event": event, **facts}, ensure_ascii=False).encode() + b"\n"
        if self._log:
            self._log.write(line)
        try:
            self._outgoing.write(line)
            self._outgoing.flush()
        except (BrokenPipeError, ConnectionError):
            self._outgoing = open(os.devnull, "wb")  # noqa: SIM115, PTH123 -- kept until the process ends

    def blob(self, key: str) -> bytes:
        """Ask for *key* and read its answer: a line with the length, then the bytes."""
        self.emit("need", key=key)
        size = self._incoming.readline().strip()
        data = self._incoming.read(int(size)) if size else b""
        if not size or len(data) != int(size):
            raise ConnectionError(f"the connection was cut while {key} was being sent")
        return data
