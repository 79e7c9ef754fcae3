"""Removing what nobody may write in."""

import contextlib
import os
import shutil
from pathlib import Path


def remove_tree(tree: Path) -> None:
    """Remove *tree* if it is there, read-only folders and all; raises `OSError` for what cannot go."""
    if not tree.is_dir():
        return
    for folder, _, _ in os.walk(tree):
        with contextlib.suppress(PermissionError):  # somebody else's: rmtree says so, by its path
            Path(folder).chmod(0o700)
    shutil.rmtree(tree)
