"""Which release a rollback goes to."""

from blogops.errors import Refused
from blogops.releases.layout import Layout
from blogops.releases.ledger import Ledger, State


def rollback_target(layout: Layout, ledger: Ledger, *, live: str, to: str = "") -> str:
    """Return the id to go back to: *to*, or the last that was live and healthy before *live*.

    Raises `Refused`, with the ids that are there, for one that is unknown, bad or live already.
    """
    states = ledger.states()
    there = [name for name in states if layout.public(name).is_dir()]
    if to:
        return _named(to, there, live)
    before = ledger.went_live()
    if live in before:
        before = before[: before.index(live)]
    for candidate in reversed(before):
        if candidate in there and candidate != live and states[candidate] is not State.BAD:
            return candidate
    raise Refused("there is no earlier release to go back to", hint=_listed(there))


def _named(to: str, there: list[str], live: str) -> str:
    if to == live:
        raise Refused(f"{to} is live already", hint=_listed(there))
    if to not in there:
        raise Refused(f"there is no release {to}", hint=_listed(there))
    return to


def _listed(there: list[str]) -> str:
    return f"On this server: {', '.join(there)}." if there else "Nothing was deployed yet: `fab deploy`."
