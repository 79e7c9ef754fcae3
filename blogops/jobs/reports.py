"""What the use cases report; `cli` shows it, scripts read it as JSON."""

from typing import NamedTuple

from blogops.jobs.host import Disk, Host
from blogops.releases import Attempt, Outcome, State
from blogops.watch.suspension import Suspension


class Build(NamedTuple):
    """What a build made; *site* is another string for another site.

    *stages* are seconds by name, *slowest* the posts that take longest to read, in seconds.
    """

    posts: int
    drafts: int
    scheduled: int
    expired: int
    pages: int
    newest: str
    warnings: tuple[str, ...]
    site: str
    stages: tuple[tuple[str, float], ...]
    slowest: tuple[tuple[str, float], ...]


class Published(NamedTuple):
    """What came of a release or a rebuild.

    *moved* and *gone* count the old addresses that lead elsewhere, or nowhere, since this release.
    *revision* and *change* are the commit that was built, and its author and subject.
    """

    outcome: Outcome
    release: str
    before: str
    build: Build | None = None
    unpinned: bool = False
    revision: str = ""
    change: str = ""
    moved: int = 0
    gone: int = 0
    warnings: tuple[str, ...] = ()


class Shown(NamedTuple):
    """One release that lies there; ``made`` is UTC (RFC 3339).

    Where the content comes from git, ``revision`` is the commit and ``change`` its author and subject.
    """

    id: str
    state: State
    made: str
    who: str
    reason: str
    revision: str = ""
    change: str = ""


class Status(NamedTuple):
    """How it stands; times are UTC (RFC 3339), ``pinned`` is a sentence, empty if it is not.

    ``waiting`` is the newest release that is ready and not published. ``problems`` are sentences that make
    the exit code 4. ``host`` is None on a laptop.
    """

    live: Shown | None
    since: str
    next_post: "Awaited | None"
    next_daily: str
    pinned: str
    suspended: Suspension | None
    waiting: str
    last: Attempt | None
    last_rebuild: Attempt | None
    last_deploy: Attempt | None
    releases: int
    toolkit: str
    version: str
    timezone: str
    disk: Disk
    host: Host | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


class Awaited(NamedTuple):
    """A text that ``appears`` or ``expires`` *at* a moment (UTC, RFC 3339), *local* in the site's zone."""

    at: str
    local: str
    what: str
    title: str
    source: str
    address: str


class Schedule(NamedTuple):
    """What the clock will do to the site, as the build of the moment *built* told; *daily* is a rebuild.

    Moments are UTC (RFC 3339), and empty where no build has told; *zone* is the site's. *pinned* and
    *suspended* are sentences, empty where nothing keeps it waiting. *deployed* tells that something is live.
    """

    deployed: bool
    zone: str
    built: str
    daily: str
    daily_local: str
    coming: tuple[Awaited, ...]
    pinned: str
    suspended: str


class Plan(NamedTuple):
    """What a deploy would do: the addresses of pages that it adds, changes and removes, and other files.

    *content* begins the hash in the release's id; it is empty where *same_as* has these bytes already.
    *redirects* are new or lead elsewhere; *headers* are rules (path, name, value) that are new or another,
    *headers_dropped* (path, name) there are none of any more. *diffs* are pairs of a page's file and how its
    text differs. *refused* says why a deploy would end without a release.
    """

    before: str
    content: str
    same_as: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    other_added: tuple[str, ...]
    other_changed: tuple[str, ...]
    other_removed: tuple[str, ...]
    redirects: tuple[tuple[str, str], ...]
    redirects_dropped: tuple[str, ...]
    headers: tuple[tuple[str, str, str], ...]
    headers_dropped: tuple[tuple[str, str], ...]
    diffs: tuple[tuple[str, str], ...]
    refused: tuple[str, ...]
    warnings: tuple[str, ...]
