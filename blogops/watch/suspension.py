"""Scheduled rebuilds may be suspended: since when, by whom and why stands in a file of the blog's folder."""

import json
from typing import NamedTuple

from blogops.errors import Failed
from blogops.releases import Layout, check_user, utc_now, write_file
from blogops.watch.look import read


class Suspension(NamedTuple):
    """Since when (RFC 3339, UTC), by whom and why nothing is rebuilt by itself."""

    since: str
    who: str
    why: str

    @property
    def sentence(self) -> str:
        """Return it as a person reads it."""
        return f"since {self.since} by {self.who}" + (f": {self.why}" if self.why else "")


def suspension(layout: Layout) -> Suspension | None:
    """Return the suspension of scheduled rebuilds, if they are suspended."""
    if not layout.suspended.exists():
        return None
    told = read(str(layout.suspended))
    return Suspension(**{key: str(told.get(key, "?")) for key in ("since", "who", "why")})


def suspend(layout: Layout, *, who: str, why: str) -> Suspension:
    """Suspend scheduled rebuilds; deploys go on. Raises `Failed` where that cannot be written down."""
    check_user(layout)
    begun = Suspension(since=utc_now(), who=who, why=why)
    try:
        write_file(layout.suspended, json.dumps(begun._asdict(), ensure_ascii=False) + "\n")
    except OSError as error:
        raise _failed(layout, error, "Nothing was suspended.") from error
    return begun


def resume(layout: Layout) -> bool:
    """Let the minute's check work again; False if it was not suspended. Raises `Failed`, too."""
    check_user(layout)
    was = layout.suspended.exists()
    try:
        layout.suspended.unlink(missing_ok=True)
    except OSError as error:
        raise _failed(layout, error, "Rebuilds are suspended still.") from error
    return was


def _failed(layout: Layout, error: OSError, state: str) -> Failed:
    if not layout.root.is_dir():
        return Failed("there is no release yet", where=str(layout.root), hint=f"{state} Publish first.")
    problem = f"what suspends rebuilds cannot be changed: {error.strerror}"
    hint = f"{state} Run it as the user who owns the blog, on a disk with room that can be written."
    return Failed(problem, where=str(layout.suspended), hint=hint)
