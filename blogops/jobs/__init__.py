"""The use cases of the server half: build, release, rebuild, rollback, unpin, releases, status.

Each one that changes something holds the lock from its first step to its last, and leaves one line in the
ledger, whatever comes of it.
"""

from blogops.jobs.attempt import DEPLOY, Run
from blogops.jobs.place import Place, place
from blogops.jobs.publishing import build, docutils_told, preview, rebuild, release
from blogops.jobs.reports import Build, Published, Release, Status
from blogops.jobs.returning import rollback, unpin
from blogops.jobs.telling import releases, status

__all__ = [
    "DEPLOY",
    "Build",
    "Place",
    "Published",
    "Release",
    "Run",
    "Status",
    "build",
    "docutils_told",
    "place",
    "preview",
    "rebuild",
    "release",
    "releases",
    "rollback",
    "status",
    "unpin",
]
