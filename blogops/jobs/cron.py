"""What cron does for the blog, and whether it may."""

from pathlib import Path
from typing import NamedTuple

from blogops.jobs.awaiting import schedule
from blogops.jobs.place import Place
from blogops.releases import SCHEDULE, Attempt, Ledger
from blogops.watch.look import memory, read, utc


class Timetable(NamedTuple):
    """What is rebuilt by itself and when; times are UTC (RFC 3339), empty where nothing is known.

    *installed* tells whether cron knows of the check, *at* the hour of the daily rebuild in *zone*, *failing*
    since when scheduled rebuilds fail. *suspended* is a sentence, empty where they are not.
    """

    installed: bool
    at: str
    zone: str
    next_daily: str
    next_due: str
    last: Attempt | None
    failing: str
    suspended: str


def timetable(at: Place) -> Timetable:
    """Tell what cron does for the blog."""
    config, layout = at.config(), at.layout
    planned, failing = schedule(at), read(memory(str(layout.root))).get("failing")
    attempts = Ledger(layout.ledger).attempts
    return Timetable(
        installed=Path(f"/etc/cron.d/blogops-{config.server.name}").is_file(),
        at=config.rebuild.at,
        zone=planned.zone,
        next_daily=planned.daily,
        next_due=planned.coming[0].at if planned.coming else "",
        last=next((each for each in reversed(attempts) if each.reason == SCHEDULE), None),
        failing=utc(failing["since"]) if failing else "",
        suspended=planned.suspended,
    )
