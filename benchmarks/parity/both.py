"""Two builds of one tree, and the posts that only one of them shows."""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from benchmarks.parity.reading import Built


@dataclass(frozen=True)
class Both:
    """Both builds of a tree, the moment of the build, and the addresses that only one of them lists."""

    pelican: Built
    blogops: Built
    site: str
    now: dt.datetime

    def kept_back(self) -> frozenset[str]:
        """The posts that Pelican shows and blogops does not: drafts, and those of the future."""
        return frozenset(
            "/" + path.removesuffix("index.html")
            for path, page in self.pelican.of("article", "page").items()
            if page.facts["status"] == "draft"
            or _future(page.facts["date"], self.now)
            or is_hidden(str(page.facts["source"]))
        )

    def partial(self) -> frozenset[str]:
        """The posts whose date is not whole: the rest of it is today's with Pelican."""
        old, new = self.pelican.of("article", "page"), self.blogops.of("article", "page")
        return frozenset(
            address(path)
            for path in old.keys() & new.keys()
            if is_partial(old[path].facts["date"], new[path].facts["date"], self.now)
        )

    def saved(self) -> frozenset[str]:
        """The posts that Pelican rejected and blogops shows."""
        return frozenset(
            "/" + path.removesuffix("index.html")
            for path, page in self.blogops.of("article", "page").items()
            if path not in self.pelican.paths and rejected(self.pelican.log, str(page.facts["source"]))
        )


def _future(date: str, now: dt.datetime) -> bool:
    return bool(date) and dt.datetime.fromisoformat(date) > now


def rejected(log: str, source: str) -> bool:
    """Tell whether Pelican's *log* says that it could not process *source*."""
    name = re.escape(source)
    return bool(re.search(rf"(Could not process|Skipping|Unknown status '.*' for file) \S*{name}\b", log))


def is_hidden(path: str) -> bool:
    """Tell whether a file or folder of *path* is hidden."""
    return any(part.startswith(".") for part in PurePosixPath(path).parts)


def is_partial(old: str, new: str, now: dt.datetime) -> bool:
    """Tell whether Pelican's date is today's day, and perhaps month, in the year that blogops says too."""
    if not old or not new:
        return False
    theirs, ours = dt.datetime.fromisoformat(old), dt.datetime.fromisoformat(new)
    same_year = theirs.year == ours.year and theirs != ours and ours.day == 1
    return same_year and abs(theirs.day - now.day) <= 1 and theirs.month in (ours.month, now.month)


def address(path: str) -> str:
    """Return the address that *path* has in a list."""
    return "/" + path.removesuffix("index.html")
