"""What a run that was killed owes the ledger, and going back to what was live before."""

import contextlib

from blogops.releases.attempt import Journal
from blogops.releases.health import problem_of
from blogops.releases.layout import Layout
from blogops.releases.ledger import Attempt, Outcome
from blogops.releases.recovery import cut_off, recorded_live, unknown
from blogops.releases.room import with_room
from blogops.releases.stage import Release
from blogops.releases.switch import live_id, switch


def finished(journal: Journal, *, look: bool = True) -> Attempt | None:
    """Write what a run that was killed owes the ledger; return its line if it had switched already.

    What it made live is looked at first, and taken back if need be; but not for a rollback, which leaves it.
    """
    layout, ledger = journal.layout, journal.ledger
    live = live_id(layout)
    owed = [_owed(journal, Outcome.WAITING, name) for name in unknown(layout, ledger)]
    outcome, known = cut_off(layout, ledger), recorded_live(ledger)
    line = None
    if outcome:
        problem = problem_of(layout, live) if look and outcome is Outcome.PUBLISHED else ""
        if problem:
            outcome = Outcome.REVERTED
            go_back(layout, known)
        line = _owed(journal, outcome, live, before=known, error=problem)
        owed.append(line)
    with contextlib.suppress(OSError):  # a full disk: it stays owed
        for attempt in owed:
            ledger.append(attempt)
    return line


def _owed(journal: Journal, outcome: Outcome, release: str, **facts: str) -> Attempt:
    made = Release.read(journal.layout, release)
    line = journal.line(outcome, release=release, content=made.content if made else "", **facts)
    line = line._replace(task="finish", reason="an earlier run was killed", seconds=0.0)
    return line._replace(revision=made.revision, change=made.change) if made else line


def go_back(layout: Layout, before: str) -> None:
    """Make *before* live again, on a full disk too; nothing, where there was nothing."""
    if before and layout.public(before).is_dir():
        with_room(layout, lambda: switch(layout, before))
    elif layout.current.is_symlink():
        layout.current.unlink()
