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
    """What came of a release, a rebuild or a rollback.

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
class Release:
    """One release that lies there; ``made`` is UTC (RFC 3339)."""

    id: str
    state: State
    made: str
    who: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Status:
    """What is live, since when and why; ``pinned`` is a sentence, empty if it is not; disk in bytes."""

    live: Release | None
    since: str
    pinned: str
    last: Attempt | None
    releases: int
    toolkit: str
    disk_free: int
    warnings: tuple[str, ...]
