"""The use cases of the server half: build, plan, release, rebuild, unpin, releases, log, status, schedule.

Each one that changes something holds the lock from its first step to its last, and leaves one line in the
ledger, whatever comes of it. The way back is `blogops.releases.roll_back`: it must work without all this.
"""

from blogops.jobs.awaiting import schedule
from blogops.jobs.course import Wishes
from blogops.jobs.cron import Timetable, timetable
from blogops.jobs.host import Disk, Host
from blogops.jobs.place import Place, place
from blogops.jobs.planning import plan
from blogops.jobs.previewing import share, shared, unshare
from blogops.jobs.publishing import build, docutils_told, preview, rebuild, release, unpin
from blogops.jobs.reports import Awaited, Build, Plan, Published, Schedule, Shown, Status
from blogops.jobs.standing import status
from blogops.jobs.telling import log, releases
from blogops.jobs.timeline import TIMELINE

__all__ = [
    "TIMELINE",
    "Awaited",
    "Build",
    "Disk",
    "Host",
    "Place",
    "Plan",
    "Published",
    "Schedule",
    "Shown",
    "Status",
    "Timetable",
    "Wishes",
    "build",
    "docutils_told",
    "log",
    "place",
    "plan",
    "preview",
    "rebuild",
    "release",
    "releases",
    "schedule",
    "share",
    "shared",
    "status",
    "timetable",
    "unpin",
    "unshare",
]
