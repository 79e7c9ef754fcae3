"""The runs of this host: one at a time, each with a log, and none that goes unheard.

A run whose laptop went away ends without an audience. The next one says what it did, first; where it is
still at work, the next one shows it live and begins when it ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from .wire import StreamWire

_KEPT = 30
_TOLD = ("changed", "notified", "restored", "failed", "stopped", "waiting", "doing")
_ENDS = ("done", "failed", "stopped", "refused")


class Stopped(Exception):
    """The run was asked to stop while it waited for another."""


class Runs:
    """What the agent keeps in *folder* (``/var/lib/blogops``)."""

    def __init__(self, folder: Path, wire: StreamWire) -> None:
        self._folder = folder / "runs"
        self._lock = folder / "lock"
        self._wire = wire

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold the lock for the block, with a log of its own; first show what was not heard before."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._lock.open("a+", encoding="utf-8") as lock:
            self._wait(lock)
            self._tell_unheard()
            log = self._folder / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.jsonl"
            _write_holder(lock, {"pid": os.getpid(), "log": log.name})
            self._wire.record_in(log)
            yield
            if not self._wire.lost:
                self._wire.note("heard")
            keep_newest(self._folder, _KEPT)
            lock.truncate(0)

    def _wait(self, lock: TextIO) -> None:
        shown, tail = "", None
        while not _taken(lock):
            holder = _holder(lock)
            if holder and holder["log"] != shown:
                shown = holder["log"]
                why = (
                    f"a run since {_when(shown)} (process {holder['pid']}) is at work; this one waits for it"
                )
                self._wire.emit("attached", resource="run", why=why)
                tail = _Tail(self._folder / shown)
            self._follow(tail, holder)
            time.sleep(0.1)
        self._follow(tail, None)
        if tail:
            _mark_heard(tail.path)
        if self._wire.stopping():
            raise Stopped

    def _follow(self, tail: _Tail | None, holder: dict[str, Any] | None) -> None:
        for event in tail.events() if tail else ():
            self._tell(event)
        if holder and self._wire.stopping():
            with suppress(ProcessLookupError):
                os.kill(int(holder["pid"]), signal.SIGTERM)  # it ends after its current resource

    def _tell_unheard(self) -> None:
        """Show the events of the last run, if the laptop it was for went away or it was killed."""
        newest = max(self._folder.glob("*.jsonl"), default=None)
        if not newest:
            return
        events = list(_Tail(newest).events())
        if not events or events[-1].get("event") == "heard":
            return
        ended = any(event["event"] in _ENDS for event in events)
        how = "went on to its end without you" if ended else "was cut off"
        self._wire.emit(
            "attached", resource="run", why=f"the run of {_when(newest.name)} {how}; it did this:"
        )
        for event in events:
            self._tell(event)
        _mark_heard(newest)

    def _tell(self, event: dict[str, Any]) -> None:
        if event["event"] in _TOLD:
            facts = {key: value for key, value in event.items() if key not in ("event", "diff")}
            self._wire.emit("earlier", what=event["event"], **facts)


class _Tail:
    """The whole lines of a log, as they come."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0

    def events(self) -> Iterator[dict[str, Any]]:
        try:
            data = self.path.read_bytes()[self._read :]
        except FileNotFoundError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue  # half a line of a run that was killed


def _mark_heard(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b'{"event": "heard"}\n')


def _when(name: str) -> str:
    return f"{name[9:11]}:{name[11:13]}:{name[13:15]} UTC"


def _taken(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(lock: TextIO) -> dict[str, Any] | None:
    lock.seek(0)
    try:
        found: dict[str, Any] = json.loads(lock.read())
    except ValueError:
        return None  # taken a moment ago
    return found


def _write_holder(lock: TextIO, holder: dict[str, object]) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(json.dumps(holder))
    lock.flush()


def keep_newest(folder: Path, count: int) -> None:
    """Remove all but the newest *count* files of *folder*."""
    files = sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime)
    for path in files[:-count]:
        path.unlink()
