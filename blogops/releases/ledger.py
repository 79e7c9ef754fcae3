"""The ledger: every attempt, appended and flushed; with it, what state each release is in.

The ledger alone says what is known of the past. Links and file times are never asked for it.
"""

import json
import os
from datetime import UTC, datetime
from enum import StrEnum
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple

SCHEDULE = "schedule"  # the reason of what cron asks for
DEPLOY = "deploy"  # the reason of what a person wants to be live


def utc_now() -> str:
    """Return the time as the ledger and the lock write it (RFC 3339, UTC, whole seconds)."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


class Outcome(StrEnum):
    """What came of an attempt."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    WAITING = "waiting"  # built and ready, not published: the site is pinned
    FAILED = "failed"
    REVERTED = "reverted"
    ROLLED_BACK = "rolled back"
    UNPINNED = "unpinned"


class State(StrEnum):
    """What a release is now."""

    READY = "ready"
    LIVE = "live"
    RETIRED = "retired"
    BAD = "bad"


class Attempt(NamedTuple):
    """One line: when, who, why, from which live release, to which, and what came of it.

    *steps* are those it took, in seconds; *number* is that of its line. *revision* is the commit that it
    built, *change* its author and subject; both are empty where the manuscript does not come from git.
    """

    time: str
    task: str
    who: str
    reason: str
    outcome: Outcome
    before: str = ""
    release: str = ""
    content: str = ""
    seconds: float = 0.0
    error: str = ""
    steps: tuple[tuple[str, float], ...] = ()
    warnings: tuple[str, ...] = ()
    revision: str = ""
    change: str = ""
    number: int = 0

    def to_json(self) -> str:
        """Return its line, without the number, which its place tells."""
        data = self._asdict()
        del data["number"]
        return json.dumps(data, ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str, number: int) -> "Attempt":
        """Return what `to_json` wrote, by this version or a later one; raises `ValueError` for aught else."""
        try:
            data: dict[str, Any] = json.loads(line)
            known = {key: data[key] for key in _KEYS if key in data}
            known["seconds"] = float(data.get("seconds", 0))
            known["steps"] = tuple((str(name), float(seconds)) for name, seconds in data.get("steps", ()))
            known["warnings"] = tuple(str(warning) for warning in data.get("warnings", ()))
            found = cls(**{**known, "outcome": Outcome(data["outcome"]), "number": number})
            zone = datetime.fromisoformat(found.time).tzinfo
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"not an attempt: {error}") from error
        if not (zone and all(isinstance(getattr(found, key), str) for key in _TEXTS)):
            raise ValueError("not an attempt: a text is none, or the time has no zone")
        return found


def is_deploy(attempt: Attempt) -> bool:
    """Tell whether a person wanted it to be live."""
    return attempt.reason == DEPLOY


def succeeded(attempt: Attempt) -> bool:
    """Tell whether it was a rebuild, a deploy's too, that went well: it need not have published."""
    well = (Outcome.PUBLISHED, Outcome.UNCHANGED, Outcome.WAITING)
    return attempt.task == "rebuild" and attempt.outcome in well and not attempt.error


_KEYS = frozenset(Attempt._fields)
_TEXTS = tuple(key for key, kind in Attempt.__annotations__.items() if kind is str)


class Ledger:
    """The attempts of one blog, oldest first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.attempts: list[Attempt] = []
        self.warnings: list[str] = []
        for number, line in enumerate(self._lines(), 1):
            try:
                self.attempts.append(Attempt.from_json(line, number))
            except ValueError:
                self.warnings.append(f"{path}:{number}: not a whole line, passed over (a power cut?)")

    def _lines(self) -> list[str]:
        try:
            # Not splitlines(), to which what a person typed may hold ends of lines.
            with self._path.open(encoding="utf-8", errors="replace", newline="\n") as file:
                return list(file)
        except FileNotFoundError:
            return []

    def append(self, attempt: Attempt) -> None:
        """Add one line, on disk before this returns; all of it or, where the disk is full, nothing."""
        with self._path.open("ab", buffering=0) as file:
            end = file.tell()
            torn = end > 0 and not self._ends_whole()
            line = ("\n" if torn else "") + attempt.to_json() + "\n"
            try:
                _write_all(file, line.encode())
                os.fsync(file.fileno())
            except OSError:
                file.truncate(end)
                raise
        self.attempts.append(attempt)

    def _ends_whole(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def states(self) -> dict[str, State]:
        """Return id -> state of every release there ever was."""
        found: dict[str, State] = {}
        for attempt in self.attempts:
            if attempt.outcome in (Outcome.PUBLISHED, Outcome.ROLLED_BACK):
                # Ids sort as they were given: only the way back leaves something bad behind.
                back = attempt.outcome is Outcome.ROLLED_BACK and attempt.release < attempt.before
                left = State.BAD if back else State.RETIRED
                if attempt.before:
                    found[attempt.before] = left
                found[attempt.release] = State.LIVE
            elif attempt.outcome is Outcome.WAITING:
                found[attempt.release] = State.READY
            elif attempt.outcome is Outcome.REVERTED:
                found[attempt.release] = State.BAD
        return found

    def went_live(self) -> list[str]:
        """Return the ids in the order in which they became live and were found healthy."""
        good = (Outcome.PUBLISHED, Outcome.ROLLED_BACK)
        return [attempt.release for attempt in self.attempts if attempt.outcome in good]

    def pin(self) -> Attempt | None:
        """Return the rollback that keeps scheduled rebuilds from publishing, if one does."""
        for attempt in reversed(self.attempts):
            if attempt.outcome is Outcome.ROLLED_BACK:
                return attempt
            if attempt.outcome in (Outcome.UNPINNED, Outcome.PUBLISHED):
                return None
        return None

    def pinned(self) -> str:
        """Return since when, by whom and why the site is pinned; nothing if it is not."""
        pin = self.pin()
        return f"since {pin.time} by {pin.who}: rolled back from {pin.before or 'nothing'}" if pin else ""

    def bad_with(self, content: str) -> str:
        """Return the release with this content that was found bad, unless it went well since."""
        states, made = self.states(), {a.release: a.content for a in self.attempts if a.content}
        same = sorted(name for name in states if made.get(name) == content)
        return same[-1] if same and states[same[-1]] is State.BAD else ""

    def newest(self) -> str:
        """Return when something last went well: a failure because of a wrong clock makes it no better."""
        return next((a.time for a in reversed(self.attempts) if a.outcome is not Outcome.FAILED), "")

    def since(self, release_id: str) -> str:
        """Return when a release was last spoken of: of the live one, since when it is live."""
        return next((a.time for a in reversed(self.attempts) if a.release == release_id), "")

    def left(self, release_id: str) -> float:
        """Return when a release was live at last, in seconds since 1970; 0 for one that never was left."""
        line = next((a for a in reversed(self.attempts) if a.before == release_id), None)
        return datetime.fromisoformat(line.time).timestamp() if line else 0.0

    def content_of(self, release_id: str) -> str:
        """Return the content hash a release was made from."""
        return next((a.content for a in self.attempts if a.release == release_id and a.content), "")

    def origin_of(self, release_id: str) -> Attempt | None:
        """Return the attempt that made a release."""
        return next((a for a in self.attempts if a.release == release_id), None)


def _write_all(file: FileIO, data: bytes) -> None:
    """Write *data*, of which the disk may take a part at a time."""
    while data:
        data = data[file.write(data) :]
