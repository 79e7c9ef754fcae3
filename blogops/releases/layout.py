"""Every path of the blog's folder, each in one place."""

from pathlib import Path
from typing import NamedTuple

RECORD = "release.json"  # in each release: what it is
MANIFEST = "manifest.json"  # beside public/: what a release tells the next one about itself
HEADERS = "headers.json"  # beside public/: what nginx adds to single paths; absent where nothing
MOVES = "moves.json"  # beside public/: where the old paths lead that are no file of public/


class Layout(NamedTuple):
    """The folder of one blog: ``/srv/NAME`` on a server, ``var/`` beside blog.toml on a laptop."""

    root: Path
    vhost: Path | None = None  # where `fab setup` wrote down which of nginx's sites this is; None on a laptop

    @classmethod
    def on_server(cls, root: Path) -> "Layout":
        """Return the layout of ``/srv/NAME``."""
        return cls(root, Path(f"/etc/blogops-{root.name}.json"))

    @property
    def work(self) -> Path:
        """What a build writes; private, on the same file system as the releases."""
        return self.root / "work"

    @property
    def site(self) -> Path:
        """The site as it was last built, whether it became a release or not."""
        return self.work / "site"

    @property
    def preview(self) -> Path:
        """The site with its drafts, as it was last built to be looked at; never released."""
        return self.work / "preview"

    @property
    def plan(self) -> Path:
        """The site as a deploy would publish it; never released."""
        return self.work / "plan"

    @property
    def ssh(self) -> Path:
        """The key that may read the repository of the manuscript, and the host keys seen so far."""
        return self.root / "ssh"

    @property
    def git(self) -> Path:
        """What git has of that repository; it may be removed at any time."""
        return self.work / "git"

    @property
    def checkout(self) -> Path:
        """The manuscript as it was last fetched to be published."""
        return self.work / "checkout"

    @property
    def checkout_aside(self) -> Path:
        """The manuscript as it was last fetched to be only looked at."""
        return self.work / "plan-checkout"

    @property
    def cache(self) -> Path:
        """What builds remember, to be quick; it may be removed at any time."""
        return self.work / "cache"

    @property
    def built(self) -> Path:
        """There when `site` is whole, with the address of its newest post."""
        return self.work / "built"

    @property
    def coming(self) -> Path:
        """What the build of `site` told of what is due after it; `due`, once that counts."""
        return self.work / "coming.json"

    @property
    def due(self) -> Path:
        """When the site is to be built again, and why; where it is missing, at once."""
        return self.work / "due.json"

    @property
    def content(self) -> Path:
        """The content hash of `site` beside the live release, as it was last worked out."""
        return self.work / "content.json"

    @property
    def manifest(self) -> Path:
        """The manifest of `site`."""
        return self.work / MANIFEST

    @property
    def staging(self) -> Path:
        """A release that is being made; half of one is never among the whole ones."""
        return self.work / "staging"

    @property
    def going(self) -> Path:
        """Releases that are being removed."""
        return self.work / "going"

    @property
    def releases(self) -> Path:
        """The folder of the releases, one folder each."""
        return self.root / "releases"

    @property
    def current(self) -> Path:
        """The link that makes a release live."""
        return self.root / "current"

    @property
    def assets(self) -> Path:
        """The files with a hash in their name that pages of earlier releases may still ask for."""
        return self.root / "assets"

    @property
    def assets_seen(self) -> Path:
        """Until when each file of `assets` was part of the live release."""
        return self.root / "assets.json"

    @property
    def previews(self) -> Path:
        """What nginx shows to whoever knows its name."""
        return self.root / "previews"

    @property
    def reserve(self) -> Path:
        """A file that is only there to be removed, when a rollback finds the disk full."""
        return self.root / "reserve"

    @property
    def counts(self) -> Path:
        """How many posts and pages the last build made."""
        return self.work / "counts.json"

    @property
    def updates(self) -> Path:
        """Which security updates waited when apt was last asked."""
        return self.work / "updates.json"

    @property
    def suspended(self) -> Path:
        """There while scheduled rebuilds are suspended: since when, by whom and why."""
        return self.root / "suspended.json"

    @property
    def metrics(self) -> Path:
        """What the last attempt measured, for Prometheus; `fab setup` makes its folder."""
        return self.root / "metrics" / "blogops.prom"

    @property
    def ledger(self) -> Path:
        """Every attempt, one JSON object a line."""
        return self.root / "ledger.jsonl"

    @property
    def lock(self) -> Path:
        """The lock; never removed."""
        return self.root / "lock"

    @property
    def toolkit(self) -> Path:
        """The link to the toolkit in use; absent on a laptop."""
        return self.root / "toolkit" / "current"

    def release(self, release_id: str) -> Path:
        """Return the folder of a release."""
        return self.releases / release_id

    def public(self, release_id: str) -> Path:
        """Return the part of a release that nginx serves."""
        return self.release(release_id) / "public"

    def prepare(self) -> None:
        """Make the folders that are missing."""
        self.releases.mkdir(parents=True, exist_ok=True)
        self.work.mkdir(mode=0o700, parents=True, exist_ok=True)
