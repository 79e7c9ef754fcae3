"""A run that was killed between its switch and its line in the ledger: what it had come to."""

import json

from blogops.releases.layout import Layout
from blogops.releases.ledger import Ledger, Outcome
from blogops.releases.switch import live_id


def cut_off(layout: Layout, ledger: Ledger) -> Outcome | None:
    """Return the outcome that lacks its line: the link names another release than the ledger does.

    The link is the truth. A release that was live before can only have come back by a rollback.
    """
    live, known = live_id(layout), ledger.went_live()
    if not live or live in known[-1:] or not layout.public(live).is_dir():
        return None
    return Outcome.ROLLED_BACK if live in known else Outcome.PUBLISHED


def recorded_live(ledger: Ledger) -> str:
    """Return the release that the ledger takes for live."""
    return next(iter(ledger.went_live()[-1:]), "")


def content_in(layout: Layout, release_id: str) -> str:
    """Return the content hash that a release's own release.json tells."""
    try:
        return str(json.loads((layout.release(release_id) / "release.json").read_text())["content"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
