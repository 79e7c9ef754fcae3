"""Removing releases that nobody will go back to."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from blogops.releases.layout import Layout
from blogops.releases.ledger import SCHEDULE, Ledger, State
from blogops.releases.removal import remove_tree
from blogops.releases.target import way_back

_DAY = 86400  # seconds
_MEGABYTE = 1_000_000  # bytes


class Keep(NamedTuple):
    """How many releases stay: those made *by_hand*, and *scheduled* ones, so that nights do not eat a week's
    work; none that was left more than *days* ago, and not more than *megabytes* in all. 0 sets no such limit.
    """

    by_hand: int
    scheduled: int
    days: int = 0
    megabytes: int = 0


def prune(layout: Layout, ledger: Ledger, *, live: str, keep: Keep) -> list[str]:
    """Remove what *keep* does not hold; never the live release, nor the one a rollback goes to, nor the
    newest that waits or is bad.

    Folders that no ledger knows are left alone. Returns the ids that went; raises `OSError` for the first
    that cannot go, once the others have.
    """
    states = ledger.states()
    there = [name for name in sorted(states) if layout.release(name).is_dir()]
    held = {live, *way_back(layout, ledger, live)[:1]}
    held |= {*_of(there, states, State.READY)[-1:], *_of(there, states, State.BAD)[-1:]}
    good = [name for name in there if states[name] in (State.LIVE, State.RETIRED)]
    by_night = [name for name in good if _is_scheduled(ledger, name)]
    by_hand = [name for name in good if name not in set(by_night)]
    wanted = {*by_hand[-keep.by_hand :], *by_night[-keep.scheduled :]}
    if keep.days:
        wanted -= {name for name in wanted if ledger.left(name) < time.time() - keep.days * _DAY}
    if keep.megabytes:
        wanted -= set(_over(layout, [*sorted(wanted - held), *held], held, keep.megabytes * _MEGABYTE))
    going = [name for name in there if name not in wanted | held]
    _remove(layout, going)
    return going


def _of(there: list[str], states: dict[str, State], state: State) -> list[str]:
    return [name for name in there if states[name] is state]


def _is_scheduled(ledger: Ledger, name: str) -> bool:
    origin = ledger.origin_of(name)
    return origin is not None and origin.reason == SCHEDULE


def _over(layout: Layout, names: list[str], held: set[str], limit: int) -> Iterator[str]:
    """Yield the oldest of *names* but *held*, until what is left takes up no more than *limit* bytes."""
    inodes = {name: _inodes(layout.release(name)) for name in names}
    for name in names:
        left: dict[int, int] = {}
        for each in inodes.values():
            left |= each
        if name in held or sum(left.values()) <= limit:
            return
        del inodes[name]
        yield name


def _inodes(tree: Path) -> dict[int, int]:
    """Return inode -> bytes on disk; files that releases share are the same inode."""
    states = [path.lstat() for path in tree.rglob("*")]
    return {state.st_ino: state.st_blocks * 512 for state in states}


def _remove(layout: Layout, going: list[str]) -> None:
    # Aside first: a removal that is cut off leaves no half release among the whole ones.
    layout.going.mkdir(exist_ok=True)
    problems = []
    for name in going:
        try:
            layout.release(name).chmod(0o755)  # a folder is moved by who may write in it
            layout.release(name).rename(layout.going / name)
        except OSError as error:
            problems.append(error)
    for path in layout.going.iterdir():
        try:
            remove_tree(path)
        except OSError as error:
            problems.append(error)
    if problems:
        raise problems[0]
