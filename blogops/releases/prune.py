"""Removing releases that nobody will go back to."""

import shutil

from blogops.errors import Refused
from blogops.releases.layout import Layout
from blogops.releases.ledger import SCHEDULE, Ledger, State
from blogops.releases.target import rollback_target

_GOING = ".going"


def prune(layout: Layout, ledger: Ledger, *, live: str, keep: int) -> list[str]:
    """Remove all but the newest *keep* made by hand, and as many scheduled ones, so that nights do not eat
    a week's work; never the live one, nor the one a rollback goes to, nor the newest that waits or is bad.

    Folders that no ledger knows are left alone. Returns the ids that went; raises `OSError`.
    """
    states = ledger.states()
    there = sorted(name for name in states if layout.release(name).is_dir())
    good = [name for name in there if states[name] in (State.LIVE, State.RETIRED)]
    waiting, bad = ([name for name in there if states[name] is kind] for kind in (State.READY, State.BAD))
    by_night = [name for name in good if _is_scheduled(ledger, name)]
    by_hand = [name for name in good if name not in by_night]
    kept = {live, _previous(layout, ledger, live), *by_hand[-keep:], *by_night[-keep:]}
    kept |= {*waiting[-1:], *bad[-1:]}
    going = [name for name in there if name not in kept]
    for name in going:
        # Aside first: a removal that is cut off leaves no half release among the whole ones.
        aside = layout.releases / f"{_GOING}-{name}"
        layout.release(name).rename(aside)
    for path in layout.releases.glob(f"{_GOING}-*"):
        shutil.rmtree(path)
    return going


def _is_scheduled(ledger: Ledger, name: str) -> bool:
    origin = ledger.origin_of(name)
    return origin is not None and origin.reason == SCHEDULE


def _previous(layout: Layout, ledger: Ledger, live: str) -> str:
    try:
        return rollback_target(layout, ledger, live=live)
    except Refused:
        return ""
