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


def unknown(layout: Layout, ledger: Ledger) -> list[str]:
    """Return the whole releases that the ledger does not know: their run was killed after staging.

    A folder is ours if its release.json says its name.
    """
    known = {*ledger.states(), live_id(layout)}
    there = sorted(path.parent.name for path in layout.releases.glob("*/release.json"))
    return [name for name in there if name not in known and _facts(layout, name).get("id") == name]


def recorded_live(ledger: Ledger) -> str:
    """Return the release that the ledger takes for live."""
    return next(iter(ledger.went_live()[-1:]), "")


def content_in(layout: Layout, release_id: str) -> str:
    """Return the content hash that a release's own release.json tells."""
    return str(_facts(layout, release_id).get("content", ""))


def _facts(layout: Layout, release_id: str) -> dict[str, object]:
    try:
        found = json.loads((layout.release(release_id) / "release.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
