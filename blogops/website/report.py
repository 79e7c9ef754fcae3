"""What a build tells: plain data, quick to import."""

import contextlib
import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from blogops.website.moves import Manifest

# Told of long work: what is done, how much of it, of how much.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a build had to do: texts parsed, files made, pictures prepared, files written or removed."""

    parsed: int = 0
    made: int = 0
    pictures: int = 0
    written: int = 0


class Coming(NamedTuple):
    """What the clock alone will do to the site: *at* a moment (UTC) a text ``appears`` or ``expires``."""

    at: dt.datetime
    what: str
    title: str
    source: str
    address: str


@dataclass(frozen=True, kw_only=True)
class BuildReport:
    """What a build made; *newest* is the address of the newest post, or empty.

    *coming* is what is due after it, the next first.

    *site* is another string for another site. *manifest* is None where nothing has changed since the build
    before. *stages* are seconds by name, *slowest* the sources that took longest to read, in seconds.
    """

    posts: int
    drafts: int
    scheduled: int
    expired: int = 0
    pages: int
    files: int
    warnings: tuple[str, ...]
    newest: str
    coming: tuple[Coming, ...] = ()
    site: str
    manifest: Manifest | None
    work: Work = Work()
    stages: tuple[tuple[str, float], ...] = ()
    slowest: tuple[tuple[str, float], ...] = ()


@dataclass
class Stages:
    """How long each stage took, in seconds."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the block as (more of) the stage *name*."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began
