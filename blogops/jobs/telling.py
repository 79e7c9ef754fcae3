"""How it stands: the releases that lie there, and what is live."""

import shutil

from blogops.jobs.place import Place
from blogops.jobs.reports import Release, Status
from blogops.releases import Ledger, State, live_id


def releases(at: Place) -> list[Release]:
    """List the releases that lie there, the newest first."""
    ledger, live = Ledger(at.layout.ledger), live_id(at.layout)
    names = {*ledger.states(), live} - {""}
    there = (name for name in sorted(names, reverse=True) if at.layout.public(name).is_dir())
    return [_shown(ledger, name, live) for name in there]


def _shown(ledger: Ledger, name: str, live: str) -> Release:
    origin, state = ledger.origin_of(name), ledger.states().get(name, State.READY)
    if name == live:
        state = State.LIVE
    elif state is State.LIVE:
        state = State.RETIRED
    if origin is None:  # its run was killed before it could say
        return Release(id=name, state=state, made="", who="", reason="a run that was cut off")
    return Release(id=name, state=state, made=origin.time, who=origin.who, reason=origin.reason)


def status(at: Place) -> Status:
    """Tell what is live, since when and why, and how the last attempt ended."""
    ledger, live = Ledger(at.layout.ledger), live_id(at.layout)
    there = releases(at)
    pin = ledger.pin()
    return Status(
        live=next((item for item in there if item.id == live), None),
        since=ledger.since(live),
        pinned=f"since {pin.time} by {pin.who}: rolled back from {pin.before}" if pin else "",
        last=ledger.attempts[-1] if ledger.attempts else None,
        releases=len(there),
        toolkit=at.layout.toolkit.readlink().name if at.layout.toolkit.is_symlink() else "",
        disk_free=shutil.disk_usage(at.layout.root).free if at.layout.root.is_dir() else 0,
        warnings=tuple(ledger.warnings),
    )
