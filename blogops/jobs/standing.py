"""How it stands: what is live and why, what comes next, what waits, and what is wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from blogops.jobs import host
from blogops.jobs.awaiting import schedule
from blogops.jobs.place import Place
from blogops.jobs.reports import Status
from blogops.jobs.telling import releases
from blogops.releases import Attempt, Layout, Ledger, State, foreign, is_deploy, live_id, succeeded
from blogops.watch.suspension import suspension

SILENCE = timedelta(hours=26)  # a daily rebuild, an hour for the change of clocks, and one to be late
_TOLERANCE = timedelta(minutes=5)  # what a time server may take back


def status(at: Place) -> Status:
    """Tell how it stands; `Status.problems` are those that somebody must see to."""
    layout = at.layout
    ledger, live = Ledger(layout.ledger), live_id(layout)
    there = releases(at)
    found, planned, stopped = host.look(layout), schedule(at), suspension(layout)
    strange = [f"{layout.releases / name}: not a release, left alone" for name in foreign(layout, ledger)]
    wrong = [*_unreadable(layout, live), *_dead(found), *_set_back(ledger)]
    wrong += [] if stopped else _silent(ledger, live)
    return Status(
        live=next((item for item in there if item.id == live), None),
        since=ledger.since(live),
        next_post=next((each for each in planned.coming if each.what == "appears"), None),
        next_daily=planned.daily,
        pinned=ledger.pinned(),
        suspended=stopped,
        waiting=next((item.id for item in there if item.state is State.READY), ""),
        last=ledger.attempts[-1] if ledger.attempts else None,
        last_rebuild=_last(ledger, deploy=False),
        last_deploy=_last(ledger, deploy=True),
        releases=len(there),
        toolkit=layout.toolkit.readlink().name if layout.toolkit.is_symlink() else "",
        version=_version(),
        timezone=planned.zone,
        disk=host.disk(layout.root),
        host=found,
        problems=tuple(wrong),
        warnings=(*ledger.warnings, *strange),
    )


def _last(ledger: Ledger, *, deploy: bool) -> Attempt | None:
    tried = (each for each in reversed(ledger.attempts) if each.task in ("rebuild", "release"))
    return next((each for each in tried if is_deploy(each) is deploy), None)


def _version() -> str:
    from blogops import __version__

    return __version__


def _unreadable(layout: Layout, live: str) -> Iterator[str]:
    if live and not (layout.public(live) / "index.html").is_file():
        yield f"the live release {live} cannot be read; see `fab rollback --list`"


def _dead(found: host.Host | None) -> Iterator[str]:
    for each in found.services if found else ():
        if not each.alive:
            keeper = "supervisorctl status" if each.name.endswith("-service") else "systemctl status"
            yield f"{each.name} is {each.state}; as root there: `{keeper} {each.name}`"


def _set_back(ledger: Ledger) -> Iterator[str]:
    """Tell of a ledger that is ahead of the clock, which keeps rebuilds from running."""
    now, newest = datetime.now(UTC), ledger.newest()
    if newest and datetime.fromisoformat(newest) - now > _TOLERANCE:
        at = f"{now:%Y-%m-%dT%H:%M:%SZ}"
        yield f"the clock says {at}, and an attempt was at {newest}: was it set back? `timedatectl`"


def _silent(ledger: Ledger, live: str) -> Iterator[str]:
    """Tell of rebuilds that fail, or are not even tried."""
    went_well = [each for each in ledger.attempts if succeeded(each)]
    went_live = [each for each in ledger.attempts if live and each.release]
    last = next(iter((went_well or went_live)[-1:]), None)
    if not live or not last or datetime.now(UTC) - datetime.fromisoformat(last.time) <= SILENCE:
        return
    tried = [each for each in ledger.attempts if each.number > last.number and each.task == "rebuild"]
    look = "`fab log`: the rebuilds fail" if tried else "is cron alive? `systemctl status cron`, `df -h`"
    yield f"no rebuild has succeeded since {last.time}, more than 26 h ago; {look}"
