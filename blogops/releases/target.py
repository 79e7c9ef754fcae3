"""Which release a rollback goes to."""

from blogops.errors import Refused
from blogops.releases.layout import Layout
from blogops.releases.ledger import Ledger, State


def rollback_target(layout: Layout, ledger: Ledger, *, live: str, to: str = "", steps: int = 1) -> str:
    """Return the id to go back to: *to*, or the last that was live and healthy before *live*.

    With more *steps* as many further back. Raises `Refused`, with the ids that are there, for one that is
    unknown or live already, and where the way back is not that long.
    """
    there = [name for name in ledger.states() if layout.public(name).is_dir()]
    if to:
        return _named(to, there, live)
    way = way_back(layout, ledger, live)
    if not way:
        raise Refused("there is no earlier release to go back to", hint=_listed(there))
    if steps > len(way):
        raise Refused(f"the way back has {len(way)} steps, not {steps}", hint=_listed(there))
    return way[steps - 1]


def way_back(layout: Layout, ledger: Ledger, live: str) -> list[str]:
    """Return the releases that were live and healthy before *live*, are there and not bad, the last first."""
    states, before = ledger.states(), ledger.went_live()
    if live in before:
        before = before[: before.index(live)]
    good = dict.fromkeys(name for name in reversed(before) if states[name] is not State.BAD and name != live)
    return [name for name in good if layout.public(name).is_dir()]


def _named(to: str, there: list[str], live: str) -> str:
    if to == live:
        raise Refused(f"{to} is live already", hint=_listed(there))
    if to not in there:
        raise Refused(f"there is no release {to}", hint=_listed(there))
    return to


def _listed(there: list[str]) -> str:
    return f"On this server: {', '.join(there)}." if there else "Nothing was deployed yet: `fab deploy`."
