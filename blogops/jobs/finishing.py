"""What a run that was killed owes the ledger, and going back to what was live before."""

import contextlib

from blogops.config import Config
from blogops.jobs.attempt import Run, line_of
from blogops.jobs.health import problem_of
from blogops.jobs.place import Place
from blogops.releases import (
    Attempt,
    Layout,
    Ledger,
    Outcome,
    content_in,
    cut_off,
    live_id,
    recorded_live,
    switch,
    unknown,
)


def finished(at: Place, run: Run, config: Config | None = None) -> Attempt | None:
    """Write what a run that was killed owes the ledger; return its line if it had switched already.

    What it made live is looked at first, where there is a *config* to do it by, and taken back if need be.
    """
    ledger, live = Ledger(at.layout.ledger), live_id(at.layout)
    owed = [_owed(at, run, Outcome.WAITING, name) for name in unknown(at.layout, ledger)]
    outcome, known = cut_off(at.layout, ledger), recorded_live(ledger)
    line = None
    if outcome:
        problem = problem_of(at, config, "") if config and outcome is Outcome.PUBLISHED else ""
        if problem:
            outcome = Outcome.REVERTED
            go_back(at.layout, known)
        line = _owed(at, run, outcome, live, before=known, error=problem)
        owed.append(line)
    with contextlib.suppress(OSError):  # a full disk: it stays owed
        for attempt in owed:
            ledger.append(attempt)
    return line


def _owed(at: Place, run: Run, outcome: Outcome, release: str, **facts: str) -> Attempt:
    told = Run(who=run.who, reason="an earlier run was killed")
    return line_of("finish", told, outcome, release=release, content=content_in(at.layout, release), **facts)


def go_back(layout: Layout, before: str) -> None:
    if before and layout.public(before).is_dir():
        switch(layout, before)
    elif layout.current.is_symlink():
        layout.current.unlink()
