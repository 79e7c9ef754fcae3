"""Room for the last few bytes and the one inode that a rollback needs on a full disk."""

import contextlib
import errno
import os
from collections.abc import Callable
from typing import TypeVar

from blogops.releases.layout import Layout
from blogops.releases.removal import remove_tree

SIZE = 64 * 1024  # bytes
T = TypeVar("T")


def keep_reserve(layout: Layout) -> None:
    """Make the reserve, where there is room for it."""
    if layout.reserve.exists():
        return
    with contextlib.suppress(OSError), layout.reserve.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, SIZE)


def with_room(layout: Layout, act: Callable[[], T]) -> T:
    """Return what *act* returns; where the disk is full, the reserve makes room, then the last build.

    Both can be made again. Raises the `OSError` that is left.
    """
    for give in (_give_reserve, _give_build):
        try:
            return act()
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            with contextlib.suppress(OSError):
                give(layout)
    return act()


def _give_reserve(layout: Layout) -> None:
    layout.reserve.unlink(missing_ok=True)


def _give_build(layout: Layout) -> None:
    layout.built.unlink(missing_ok=True)
    for tree in (layout.staging, layout.going, layout.site):
        with contextlib.suppress(OSError):
            remove_tree(tree)
