"""What runs below this process."""

import threading
from pathlib import Path


def children() -> set[str]:
    """Return the numbers of the children of this thread that were not waited for."""
    return set(Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split())
