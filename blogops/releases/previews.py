"""Previews: trees that nginx shows to whoever knows their token, and to nobody else.

A token is 256 bits by `secrets`. The folder `previews` may be passed through and not listed.
"""

import json
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from blogops.errors import Refused
from blogops.releases.changes import files_in
from blogops.releases.durable import write_file
from blogops.releases.layout import Layout
from blogops.releases.removal import remove_tree

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # what nginx takes for one, too
_FACTS = "preview.json"
_DAY = 86400  # seconds


class Preview(NamedTuple):
    """A tree that can be looked at: *what* it shows, by *who*'s wish, until when (seconds since 1970)."""

    token: str
    what: str
    who: str
    until: float

    @property
    def path(self) -> str:
        """The address that sets a browser to it, below the site's own."""
        return f"/_preview/{self.token}"


def make_preview(layout: Layout, tree: Path, *, what: str, who: str, days: int) -> Preview:
    """Copy *tree* to where nginx shows it to whoever knows the token."""
    preview = Preview(token=secrets.token_urlsafe(32), what=what, who=who, until=time.time() + days * _DAY)
    layout.previews.mkdir(exist_ok=True)
    layout.previews.chmod(0o711)
    aside, public = layout.work / "previewing", layout.work / "previewing/public"
    remove_tree(aside)
    for name in files_in(tree):
        target = public / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(tree / name, target)
        target.chmod(0o444)
    write_file(aside / _FACTS, json.dumps(preview._asdict()) + "\n")
    aside.rename(layout.previews / preview.token)
    return preview


def previews(layout: Layout) -> list[Preview]:
    """Return the previews that are there, the next to go first."""
    return sorted(_there(layout), key=lambda preview: preview.until)


def remove_preview(layout: Layout, token: str) -> Preview:
    """Remove the preview whose token begins so; raise `Refused` where it is not one."""
    found = [preview for preview in _there(layout) if token and preview.token.startswith(token)]
    if len(found) != 1:
        problem = "there is no such preview" if not found else f"{len(found)} previews begin so"
        raise Refused(problem, hint="See `fab preview --list`.")
    remove_tree(layout.previews / found[0].token)
    return found[0]


def drop_previews(layout: Layout) -> int:
    """Remove the previews whose time is over; return how many went.

    One whose facts are damaged has no time left: what it shows may be drafts.
    """
    over = [preview for preview in _there(layout) if preview.until < time.time()]
    for preview in over:
        remove_tree(layout.previews / preview.token)
    return len(over)


def _there(layout: Layout) -> Iterator[Preview]:
    for path in layout.previews.iterdir() if layout.previews.is_dir() else ():
        if _TOKEN.fullmatch(path.name):
            yield _told(path) or Preview(token=path.name, what="damaged", who="", until=0)


def _told(path: Path) -> Preview | None:
    try:
        told = json.loads((path / _FACTS).read_text(encoding="utf-8"))
        found = Preview(str(told["token"]), str(told["what"]), str(told["who"]), float(told["until"]))
    except (OSError, ValueError, TypeError, LookupError):
        return None
    return found if found.token == path.name else None
