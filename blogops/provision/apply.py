"""Send a plan, show what comes back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from fabric import Connection

from blogops import console
from blogops.errors import Busy, Failed
from blogops.provision.plan import Outcome, Plan
from blogops.provision.words import Require
from blogops.remote import Event, run_plan

Blobs = Mapping[str, Callable[[], bytes]]

_MARKS = {"kept": ("=", "dim"), "changed": ("+", "green"), "notified": ("!", "yellow"), "doing": ("…", "dim")}


@contextmanager
def on(c: Connection, *, check: bool = False, blobs: Blobs | None = None) -> Iterator[Require]:
    """Collect the words of the block and send them as one plan; an exception inside sends nothing.

    ::

        with provision.on(c) as require:
            require.deb.package("nginx")
    """
    require = Require()
    yield require
    require.outcome = apply(c, require.collector.plan(), check=check, blobs=blobs)


def apply(
    c: Connection,
    plan: Plan,
    *,
    check: bool = False,
    blobs: Blobs | None = None,
    sudo: bool = True,
    quiet: bool = False,
) -> Outcome:
    """Bring *plan* about on *c* (or only tell what would change), printing each event.

    With *quiet* only changes are printed. Raises `Failed` with the line of the fabfile whose resource
    failed, or `Busy`.
    """
    for event in run_plan(c, plan.to_json(check=check), check=check, blobs=blobs or {}, sudo=sudo):
        if event.name == "failed":
            raise Failed(f"{event.resource}: {event.why}", where=event.where, hint="Mend it, run this again.")
        if event.name == "busy":
            raise Busy(event.why, hint="Wait for it to end, then run this again.")
        if event.name == "done":
            return _told(event, check=check, quiet=quiet)
        if not (quiet and event.name == "kept"):
            _show(event, check)
    raise Failed(
        f"{c.host} stopped talking before the run was done",
        hint="It finishes what it was doing. Run this again: it goes on where that run ended.",
    )


def _told(event: Event, *, check: bool, quiet: bool) -> Outcome:
    verb = "would change" if check else "changed"
    if not quiet:
        console.say(f"{event.resources} resources, {event.changed} {verb}, {event.seconds:.1f} s", "bold")
    return Outcome(resources=event.resources, changed=event.changed, seconds=event.seconds)


def _show(event: Event, check: bool) -> None:
    if event.name not in _MARKS:
        return
    mark, colour = _MARKS[event.name]
    mark = "~" if check and event.name == "changed" else mark
    console.say(f"  {mark} {event.resource}: {event.why}", colour)
    if check and event.diff:
        for line in event.diff.splitlines():
            console.say(f"      {line}", {"+": "green", "-": "red"}.get(line[:1], "dim"))
