"""What the use cases report; `cli` shows it, scripts read it as JSON."""

from dataclasses import dataclass

from blogops.releases import Attempt, Outcome, State


@dataclass(frozen=True, kw_only=True)
class Build:
    """What a build made; *site* is another string for another site.

    *stages* are seconds by name, *slowest* the posts that take longest to read, in seconds.
    """

    posts: int
    drafts: int
    scheduled: int
    pages: int
    newest: str
    warnings: tuple[str, ...]
    site: str
    stages: tuple[tuple[str, float], ...]
    slowest: tuple[tuple[str, float], ...]


@dataclass(frozen=True, kw_only=True)
class Published:
    """What came of a release or a rebuild.

    *moved* and *gone* count the old addresses that lead elsewhere, or nowhere, since this release.
    """

    outcome: Outcome
    release: str
    before: str
    build: Build | None = None
    unpinned: bool = False
    moved: int = 0
    gone: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One release that lies there; ``made`` is UTC (RFC 3339)."""

    id: str
    state: State
    made: str
    who: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Status:
    """What is live, since when and why; ``pinned`` is a sentence, empty if it is not; disk in bytes.

    ``waiting`` is the newest release that is ready and not published.
    """

    live: Shown | None
    since: str
    pinned: str
    waiting: str
    last: Attempt | None
    releases: int
    toolkit: str
    disk_free: int
    warnings: tuple[str, ...]
