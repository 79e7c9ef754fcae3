"""The switch: one rename of one relative link."""

import os

from blogops.errors import Failed
from blogops.releases.durable import sync_folder
from blogops.releases.layout import Layout


def live_id(layout: Layout) -> str:
    """Return the id that `current` points to; empty before the first release."""
    return layout.current.readlink().name if layout.current.is_symlink() else ""


def check_link(layout: Layout) -> None:
    """Raise `Failed` where something else stands in the place of `current`."""
    if layout.current.exists() and not layout.current.is_symlink():
        raise Failed(
            "current is not a link: somebody put a file or folder there",
            where=str(layout.current),
            hint="Move it away and run this again. Nothing was changed.",
        )


def switch(layout: Layout, release_id: str) -> None:
    """Make *release_id* live: a link of a random name, renamed over `current`, and read back."""
    check_link(layout)
    if not layout.public(release_id).is_dir():
        raise Failed(f"release {release_id} is not whole", where=str(layout.release(release_id)))
    aside = layout.root / f".current.{os.urandom(8).hex()}"
    aside.symlink_to(f"releases/{release_id}")
    try:
        aside.replace(layout.current)
    finally:
        aside.unlink(missing_ok=True)
    sync_folder(layout.root)
    if live_id(layout) != release_id:
        raise Failed(f"current points to {live_id(layout)}, not to {release_id}", where=str(layout.current))
