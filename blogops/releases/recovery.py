"""A run that was killed between its switch and its line in the ledger: what it had come to."""

from blogops.releases.layout import RECORD, Layout
from blogops.releases.ledger import Ledger, Outcome
from blogops.releases.stage import Release
from blogops.releases.switch import live_id


def cut_off(layout: Layout, ledger: Ledger) -> Outcome | None:
    """Return the outcome that lacks its line: the link names another release than the ledger does.

    The link is the truth. A release that was live before can only have come back by a rollback.
    """
    live, known = live_id(layout), ledger.went_live()
    if not live or live in known[-1:] or not layout.public(live).is_dir():
        return None
    return Outcome.ROLLED_BACK if live in known else Outcome.PUBLISHED


def unknown(layout: Layout, ledger: Ledger) -> list[str]:
    """Return the whole releases that the ledger does not know: their run was killed after staging.

    A folder is ours if its release.json says its name.
    """
    known = {*ledger.states(), live_id(layout)}
    there = sorted(path.parent.name for path in layout.releases.glob(f"*/{RECORD}"))
    return [name for name in there if name not in known and Release.read(layout, name)]


def foreign(layout: Layout, ledger: Ledger) -> list[str]:
    """Return what lies among the releases and is none: it is left alone."""
    ours = {*ledger.states(), *unknown(layout, ledger), live_id(layout)}
    there = sorted(path.name for path in layout.releases.iterdir()) if layout.releases.is_dir() else []
    return [name for name in there if name not in ours]


def recorded_live(ledger: Ledger) -> str:
    """Return the release that the ledger takes for live."""
    return next(iter(ledger.went_live()[-1:]), "")
