"""A blog on this machine: where its releases and its manuscript are."""

import os
from pathlib import Path
from typing import NamedTuple

from blogops import config as configuration
from blogops.config import Config
from blogops.errors import UsageError
from blogops.releases import Layout


class Place(NamedTuple):
    """One blog on this machine: its releases and its manuscript."""

    layout: Layout
    manuscript: Path

    @property
    def lock(self) -> Path | None:
        """What `fab` locks while it sends the manuscript; None where it is sent none, as on a laptop."""
        if not self.manuscript.is_relative_to(self.layout.root):
            return None
        return self.manuscript.with_name(f"{self.manuscript.name}.lock")

    def config(self) -> Config:
        """Read blog.toml, as it was last fetched if it is; raise `UsageError` where there is none."""
        sent = self.sent()
        if self.fetches(sent) and _is_manuscript(self.layout.checkout):
            return configuration.load(self.layout.checkout / configuration.FILE_NAME)
        return sent

    def sent(self) -> Config:
        """Read the blog.toml that lies here, whatever a repository has; raise `UsageError` for none."""
        return configuration.load(configuration.find(str(self.manuscript)))

    def fetches(self, sent: Config) -> bool:
        """Tell whether the manuscript comes from git: on a server, where its blog.toml names a repository."""
        return bool(self.layout.vhost and sent.content.git)


def place(root: str, source: str = "") -> Place:
    """Return the blog at *root*: a server's ``/srv/NAME``, or any folder with a blog.toml.

    Of the latter, the releases lie in ``var/`` beside it. Its manuscript may be another, the folder *source*.
    """
    at = _place(root)
    if not source:
        return at
    folder = Path(source).resolve()
    if not _is_manuscript(folder):
        raise UsageError(f"there is no {configuration.FILE_NAME} in {folder}", hint="Name it: --source PATH.")
    return at._replace(manuscript=folder)


def _place(root: str) -> Place:
    folder = Path(root or os.environ.get("BLOGOPS_ROOT") or ".").resolve()
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", hint="Name the blog's folder: --root PATH.")
    if (folder / "source" / configuration.FILE_NAME).is_file() or not _is_manuscript(folder):
        if not any((folder / name).is_dir() for name in ("source", "toolkit", "releases")):
            raise UsageError(
                f"there is no blog in {folder}", hint="Stand in its folder, or name it: --root PATH."
            )
        return Place(layout=Layout.on_server(folder), manuscript=folder / "source")
    return Place(layout=Layout(folder / "var"), manuscript=folder)


def _is_manuscript(folder: Path) -> bool:
    return (folder / configuration.FILE_NAME).is_file()
