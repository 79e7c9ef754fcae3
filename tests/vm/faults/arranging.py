"""Arranges things in the blog, as its user, inside the machine: the manuscript, what lies about, the disk."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from blogops.releases import Ledger, Outcome
from faults import leaving, striking
from faults.looking import AT, EDITION
from faults.striking import FILLER, ROOT

FILES = ("current", "ledger.jsonl", "assets.json", "reserve")


def say(edition: str) -> None:
    """Put *edition* into the manuscript's title, and so on every page."""
    toml = ROOT / "source/blog.toml"
    toml.write_text(EDITION.sub(edition, toml.read_text()))


def accent(colour: str) -> None:
    """Change the theme of the manuscript, and so the name of its style sheet."""
    toml = ROOT / "source/blog.toml"
    toml.write_text(re.sub(r"#[0-9a-f]{6}", colour, toml.read_text()))


def write(name: str, text: str) -> None:
    """Write a file of the blog's folder."""
    (ROOT / name).write_text(text)


def shadow(name: str) -> None:
    """Put other bytes where the assets of earlier releases are kept."""
    path = ROOT / "assets" / name
    path.unlink()
    path.write_text("other bytes")


def leave(what: str) -> None:
    """Leave something about."""
    (leaving.LEFT | leaving.IN_THE_WAY)[what]()


def clear_the_way(live: str) -> None:
    """Put the link back where something stood in its way."""
    current = ROOT / "current"
    if current.is_dir():
        assert (current / "precious").read_text() == "mine\n"
        shutil.rmtree(current)
    else:
        current.unlink()
    current.symlink_to(f"releases/{live}")


def tear() -> None:
    """Leave half a line at the end of the ledger."""
    text = AT.layout.ledger.read_text()
    AT.layout.ledger.write_text(text + text.splitlines()[-1][:70])


def mode(name: str, bits: int) -> None:
    """Change who may do what with a file or folder of the blog."""
    (ROOT / name).chmod(bits)


def pad() -> None:
    """Lengthen the ledger by a line, so that a hundred bytes are left of its last page."""
    line = Ledger(AT.layout.ledger).attempts[-1]
    line = line._replace(outcome=Outcome.UNCHANGED)
    page, size = os.sysconf("SC_PAGESIZE"), AT.layout.ledger.stat().st_size + len(line.to_json()) + 1
    Ledger(AT.layout.ledger).append(line._replace(who=line.who + "x" * ((-100 - size) % page)))


def fill() -> None:
    """Leave neither a byte nor an inode."""
    striking.strike("both")


def free() -> None:
    """Give back the room that was filled."""
    for path in FILLER.iterdir() if FILLER.is_dir() else ():
        path.unlink()
    if FILLER.is_dir():
        FILLER.rmdir()


def reset() -> None:
    """Forget every release, as on a server that nothing was deployed to."""
    for path in (*ROOT.glob(".*"), *(ROOT / name for name in FILES)):
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
    for name in ("releases", "assets", "work"):
        for folder, _, _ in os.walk(ROOT / name):
            Path(folder).chmod(0o700)
        shutil.rmtree(ROOT / name, ignore_errors=True)
    AT.layout.prepare()


ACTS: dict[str, Callable[..., Any]] = {
    act.__name__: act
    for act in (
        *(say, accent, write, shadow, leave, clear_the_way, tear),
        *(mode, pad, fill, free, reset),
    )
}
