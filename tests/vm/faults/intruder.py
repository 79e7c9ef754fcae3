"""Tries to change what lies in a folder, as whoever runs it, and prints what it could do."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path


def acts(path: Path) -> Iterator[Callable[[], object]]:
    """Yield what could be done to *path*."""
    if path.is_dir():
        yield lambda: (path / "intruder").write_text("here")
        yield lambda: (path / "intruder").mkdir()
        yield lambda: (path / "intruder").symlink_to("/")
        yield lambda: path.chmod(0o777)
    else:
        yield lambda: path.open("r+b").write(b"here")
        yield lambda: os.truncate(path, 0)
        yield path.unlink
        yield lambda: path.chmod(0o666)
    yield lambda: path.rename(path.with_name("moved"))
    yield lambda: os.utime(path, (0, 0))


def main() -> None:
    """Try everything everywhere below the folder given."""
    top, tried, could = Path(sys.argv[1]), 0, []
    for path in [top, *sorted(top.rglob("*"))]:
        for number, act in enumerate(acts(path)):
            tried += 1
            try:
                act()
            except PermissionError:
                continue
            could.append(f"{path}: {number}")
    print(json.dumps({"tried": tried, "could": could}))  # noqa: T201 (the test reads it)


if __name__ == "__main__":
    main()
