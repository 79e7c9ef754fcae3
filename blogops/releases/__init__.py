"""Releases: folders, one symbolic link, a ledger and a lock. Knows nothing of blogs."""

from blogops.releases.durable import write_file
from blogops.releases.layout import MANIFEST, MOVES, Layout
from blogops.releases.ledger import SCHEDULE, Attempt, Ledger, Outcome, State, utc_now
from blogops.releases.lock import Holder, held
from blogops.releases.prune import prune
from blogops.releases.recovery import content_in, cut_off, recorded_live, unknown
from blogops.releases.signals import to_the_end, undisturbed
from blogops.releases.stage import Staged, content_hash, stage
from blogops.releases.switch import live_id, switch
from blogops.releases.target import rollback_target

__all__ = [
    "MANIFEST",
    "MOVES",
    "SCHEDULE",
    "Attempt",
    "Holder",
    "Layout",
    "Ledger",
    "Outcome",
    "Staged",
    "State",
    "content_hash",
    "content_in",
    "cut_off",
    "held",
    "live_id",
    "prune",
    "recorded_live",
    "rollback_target",
    "stage",
    "switch",
    "to_the_end",
    "undisturbed",
    "unknown",
    "utc_now",
    "write_file",
]
