"""The releases that lie there, and what was tried."""

from blogops.errors import Refused
from blogops.jobs.place import Place
from blogops.jobs.reports import Shown
from blogops.releases import Attempt, Ledger, State, live_id


def releases(at: Place) -> list[Shown]:
    """List the releases that lie there, the newest first."""
    ledger, live = Ledger(at.layout.ledger), live_id(at.layout)
    names = {*ledger.states(), live} - {""}
    there = (name for name in sorted(names, reverse=True) if at.layout.public(name).is_dir())
    return [_shown(ledger, name, live) for name in there]


def _shown(ledger: Ledger, name: str, live: str) -> Shown:
    origin, state = ledger.origin_of(name), ledger.states().get(name, State.READY)
    if name == live:
        state = State.LIVE
    elif state is State.LIVE:
        state = State.RETIRED
    if origin is None:  # its run was killed before it could say
        return Shown(id=name, state=state, made="", who="", reason="a run that was cut off")
    made = Shown(id=name, state=state, made=origin.time, who=origin.who, reason=origin.reason)
    # Only a ledger of content that comes from git has these.
    return made._replace(
        revision=getattr(origin, "revision", "") or "", change=getattr(origin, "change", "") or ""
    )


def log(at: Place, which: str = "") -> list[Attempt]:
    """Return all attempts, oldest first, or those of *which*: a number of a line, or how a release begins.

    Raises `Refused` where there is no such attempt.
    """
    attempts = Ledger(at.layout.ledger).attempts
    if not which:
        return attempts
    found = [each for each in attempts if which == str(each.number) or each.release.startswith(which)]
    if not found:
        raise Refused(f"the ledger knows no attempt {which}", hint="See `fab log` for their numbers.")
    return found
