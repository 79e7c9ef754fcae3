"""One attempt on its way along the timeline: what it is given, and what it has found out so far."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from blogops.config import Config
from blogops.errors import OpsError
from blogops.jobs.moving import NOTHING, Moving
from blogops.jobs.place import Place
from blogops.jobs.reports import Build
from blogops.releases import Attempt, Changes, Journal, Layout, Ledger, Outcome, Release


class Wishes(NamedTuple):
    """What whoever asks overrides: *force* what a gate says, *unpin* the pin of a rollback.

    *strict* has the gate look at the whole site rather than at what changed.
    """

    force: bool = False
    strict: bool = False
    unpin: bool = False


NONE = Wishes()


@dataclass
class Course:
    """An attempt: *before* is what was live, *same_as* the release that has these bytes already."""

    at: Place
    journal: Journal
    wishes: Wishes
    config: Config
    newest: str = ""
    made_before: bool = False  # the site was built by a run of its own
    planned: Path | None = None  # the site that is only to be looked at, and what it has to tell
    told: str = ""
    before: str = ""
    pin: Attempt | None = None
    made: Build | None = None
    content: str = ""
    moving: Moving = NOTHING
    changes: Changes | None = None
    same_as: str = ""
    release: Release | None = None

    @property
    def site(self) -> Path:
        """The folder of the site as built."""
        return self.planned or self.layout.site

    @property
    def manifest(self) -> str:
        """What the site has to tell of its addresses."""
        return self.told or self.layout.manifest.read_text(encoding="utf-8")

    @property
    def layout(self) -> Layout:
        """The folders of the blog."""
        return self.at.layout

    @property
    def ledger(self) -> Ledger:
        """What was tried before."""
        return self.journal.ledger

    @property
    def fetches(self) -> bool:
        """Whether the manuscript is to be fetched."""
        return self.at.fetches(self.config)

    @property
    def unpins(self) -> bool:
        """Whether there is a pin, and whoever asks takes it away."""
        return self.pin is not None and self.wishes.unpin

    @property
    def holds_back(self) -> bool:
        """Whether a pin keeps the release from being published."""
        return self.pin is not None and not self.unpins

    @property
    def insistence(self) -> str:
        """What a person adds to publish bytes that were found bad."""
        return "--unpin --force" if self.pin else "--force"

    @property
    def outcome(self) -> Outcome:
        """What comes of it if nothing goes wrong."""
        if self.same_as:
            return Outcome.UNCHANGED
        return Outcome.WAITING if self.holds_back else Outcome.PUBLISHED

    def facts(self) -> dict[str, str]:
        """Return what the ledger's line says of the release."""
        made = {"release": self.release.id, "content": self.release.content} if self.release else {}
        return {"before": self.before, **made}

    def overridden(self, error: OpsError) -> None:
        """Raise *error*, or with ``--force`` only warn of it."""
        if not self.wishes.force:
            raise error
        self.journal.warnings.append(f"overridden by --force: {error.problem}")
