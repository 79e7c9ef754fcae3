"""The engine with a part of another tool in it, as its sources have it: the suite must notice each.

The commands are those of Capistrano 3.20, Mina 1.2.5 and Deployer 8.0.0-rc.1.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from blogops.releases import Keep, Layout, Ledger
from faults.striking import patched

_SWITCH = (
    "blogops.releases.switch.switch",
    "blogops.jobs.timeline.switched",
    "blogops.releases.finishing.switch",
    "blogops.releases.rollback.switch",
)
_TARGET = "blogops.releases.rollback.rollback_target"


def between() -> None:
    """Stand between the two commands of a switch, for whoever strikes there."""


def _put(places: tuple[str, ...], act: Callable[..., Any]) -> None:
    for place in places:
        patched(place, lambda _real: act)


def _capistrano_switch() -> None:
    """``deploy:symlink:release``: a link of a fixed name among the releases, moved over `current`."""

    def switch(layout: Layout, release_id: str) -> None:
        aside = layout.releases / "current"
        _sh('ln -s "$0" "$1"', layout.release(release_id), aside)
        between()
        _sh('mv "$0" "$1"', aside, layout.root)

    _put(_SWITCH, switch)


def _capistrano_target() -> None:
    """``deploy:revert_release``: the second of all folders by time."""

    def target(layout: Layout, *_: Any, **__: Any) -> str:
        return _sh('cd "$0" && ls -xt | tr -s " " "\\n" | sed -n 2p', layout.releases)

    _put((_TARGET,), target)


def _capistrano_prune() -> None:
    """``deploy:cleanup`` before 3.10: the newest folders by name stay."""

    def prune(layout: Layout, _ledger: Ledger, *, live: str, keep: Keep) -> list[str]:
        chmod = 'cd "$0" && chmod -R u+w .'  # these releases may be removed by whoever owns them
        _sh(f'{chmod} && ls -1d [0-9]* | sort -rn | tail -n +"$1" | xargs rm -rf', layout.releases, 6)
        return []

    _put(("blogops.jobs.timeline.pruned",), prune)


def _mina_rollback() -> None:
    """``rollback``: the second newest name, linked in place, and the newest removed."""

    def target(layout: Layout, *_: Any, **__: Any) -> str:
        name = _sh('ls -1A "$0" | sort -n | tail -n 2 | head -n 1', layout.releases)
        _sh('ln -nfs "$0" "$1"', layout.release(name), layout.current)
        newest = _sh('ls -1A "$0" | sort -n | tail -n 1', layout.releases)
        _sh('chmod -R u+w "$0" && rm -rf "$0"', layout.release(newest))
        return name

    _put((_TARGET,), target)
    _put(("blogops.releases.rollback.switch",), lambda _layout, _release_id: None)


def _deployer_target() -> None:
    """``rollback``: the entry before `current` in the list of all releases, finished or not."""

    def target(layout: Layout, *_: Any, live: str, **__: Any) -> str:
        names = sorted(path.name for path in layout.releases.iterdir())
        return names[names.index(live) - 1]

    _put((_TARGET,), target)


def _unlink_first() -> None:
    """``ln -nfs`` before coreutils 8.27: `current` goes, and comes again."""

    def switch(layout: Layout, release_id: str) -> None:
        layout.current.unlink(missing_ok=True)
        between()
        layout.current.symlink_to(f"releases/{release_id}")

    _put(_SWITCH, switch)


def _sh(command: str, *words: Path | int) -> str:
    done = subprocess.run(["sh", "-c", command, *map(str, words)], check=True, capture_output=True, text=True)
    return done.stdout.strip()


MUTANTS: dict[str, Callable[[], None]] = {
    "Capistrano's switch": _capistrano_switch,
    "Capistrano's target": _capistrano_target,
    "Capistrano's prune": _capistrano_prune,
    "Mina's rollback": _mina_rollback,
    "Deployer's target": _deployer_target,
    "ln -nfs of old": _unlink_first,
}
