"""Skew: a page from the release before may ask for its style sheet a moment, or days, after the switch.

Files with a hash of their content in their name are also linked into one folder beside the releases, where
nginx looks after it has not found them in the live one. They can shadow nothing, and go after a while.
"""

import json
import time

from blogops.releases.changes import files_in
from blogops.releases.durable import write_file
from blogops.releases.layout import Layout
from blogops.releases.ledger import Ledger

FOLDERS = ("theme", "media")  # of public/; what lies there has a hash in its name
_DAY = 86400  # seconds


def keep_assets(layout: Layout, release_id: str) -> None:
    """Link the assets of a release that is about to be live to where they outlast it."""
    public = layout.public(release_id)
    for name in _assets_in(layout, release_id):
        path = layout.assets / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.hardlink_to(public / name)


def drop_assets(layout: Layout, ledger: Ledger, *, live: str, days: int) -> int:
    """Remove the assets whose last release was left more than *days* ago; return how many went."""
    now = time.time()
    seen = _remembered(layout)
    for name in sorted(set(ledger.went_live()) | {live}):
        until = now if name == live else ledger.left(name)
        for asset in _assets_in(layout, name):
            seen[asset] = max(seen.get(asset, 0.0), until)
    there = files_in(layout.assets)
    going = [name for name in there if seen.get(name, now) < now - days * _DAY]
    for name in going:
        (layout.assets / name).unlink()
    kept = {name: round(seen.get(name, now)) for name in there if name not in set(going)}
    write_file(layout.assets_seen, json.dumps(kept) + "\n")
    return len(going)


def _assets_in(layout: Layout, release_id: str) -> list[str]:
    public = layout.public(release_id)
    return [f"{folder}/{name}" for folder in FOLDERS for name in files_in(public / folder)]


def _remembered(layout: Layout) -> dict[str, float]:
    try:
        told = json.loads(layout.assets_seen.read_text(encoding="utf-8"))
        return {str(name): float(until) for name, until in told.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
