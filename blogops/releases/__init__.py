"""Releases: folders, one symbolic link, a ledger and a lock. Knows nothing of blogs.

Of Python it needs the standard library alone, so that a rollback works without the toolkit.
"""

from blogops.releases.assets import FOLDERS, drop_assets, keep_assets
from blogops.releases.attempt import Journal, Run, attempt
from blogops.releases.changes import Changes, compare, content_hash, files_in
from blogops.releases.durable import write_file
from blogops.releases.exposition import CONTENT_TYPE, Labels, Metric, exposition
from blogops.releases.finishing import finished, go_back
from blogops.releases.headers import publish_headers
from blogops.releases.health import problem_of
from blogops.releases.layout import HEADERS, MANIFEST, MOVES, Layout
from blogops.releases.ledger import (
    DEPLOY,
    SCHEDULE,
    Attempt,
    Ledger,
    Outcome,
    State,
    is_deploy,
    succeeded,
    utc_now,
)
from blogops.releases.lock import Holder, held
from blogops.releases.preflight import check_clock, check_daemons, check_room, check_user, check_writable
from blogops.releases.previews import Preview, drop_previews, make_preview, previews, remove_preview
from blogops.releases.prune import Keep, prune
from blogops.releases.recovery import foreign
from blogops.releases.rollback import WentBack, roll_back
from blogops.releases.room import keep_reserve
from blogops.releases.signals import to_the_end
from blogops.releases.stage import Material, Release, is_whole, stage
from blogops.releases.switch import check_link, live_id, switch
from blogops.releases.target import rollback_target, way_back

__all__ = [
    "CONTENT_TYPE",
    "DEPLOY",
    "FOLDERS",
    "HEADERS",
    "MANIFEST",
    "MOVES",
    "SCHEDULE",
    "Attempt",
    "Changes",
    "Holder",
    "Journal",
    "Keep",
    "Labels",
    "Layout",
    "Ledger",
    "Material",
    "Metric",
    "Outcome",
    "Preview",
    "Release",
    "Run",
    "State",
    "WentBack",
    "attempt",
    "check_clock",
    "check_daemons",
    "check_link",
    "check_room",
    "check_user",
    "check_writable",
    "compare",
    "content_hash",
    "drop_assets",
    "drop_previews",
    "exposition",
    "files_in",
    "finished",
    "foreign",
    "go_back",
    "held",
    "is_deploy",
    "is_whole",
    "keep_assets",
    "keep_reserve",
    "live_id",
    "make_preview",
    "previews",
    "problem_of",
    "prune",
    "publish_headers",
    "remove_preview",
    "roll_back",
    "rollback_target",
    "stage",
    "succeeded",
    "switch",
    "to_the_end",
    "utc_now",
    "way_back",
    "write_file",
]
