"""Send a plan, show what comes back."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from fabric import Connection

from blogops import console
from blogops.errors import Failed, Interrupted
from blogops.interrupts import counted
from blogops.provision.plan import Outcome, Plan
from blogops.provision.words import Require
from blogops.remote import Event, Sending, run_plan

Blobs = Mapping[str, Callable[[], bytes]]

_MARKS = {
    "kept": ("=", "dim"),
    "changed": ("+", "green"),
    "unknown": ("?", "yellow"),
    "skipped": ("-", "dim"),
    "notified": ("!", "yellow"),
    "restored": ("<", "yellow"),
    "waiting": ("…", "yellow"),
    "doing": ("…", "dim"),
    "attached": ("@", "yellow"),
}
_SKEW = 300  # seconds between two clocks, from which on it is told: apt refuses what is not valid yet


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a plan is applied.

    With *check* nothing is changed. *json* prints the events, one a line (docs/events.md), and *explain*
    the commands the plan stands for, without connecting. With *quiet* only changes are printed,
    with *silent* nothing. Once all is done the agent removes what it keeps on the host, if the command
    *forget* succeeds there. *lock_timeout* is in seconds.
    """

    check: bool = False
    json: bool = False
    explain: bool = False
    quiet: bool = False
    silent: bool = False
    sudo: bool = True
    forget: str = ""
    lock_timeout: int = 600
    blobs: Blobs = field(default_factory=dict)


@contextmanager
def on(c: Connection, options: Options | None = None, *, check: bool = False) -> Iterator[Require]:
    """Collect the words of the block and send them as one plan; an exception inside sends nothing.

    ::

        with provision.on(c) as require:
            require.deb.package("nginx")
    """
    require = Require()
    yield require
    require.outcome = apply(c, require, options or Options(check=check))


def apply(c: Connection, require: Require, options: Options) -> Outcome:
    """Bring what *require* collected about on *c*, or only tell what would change, printing each event.

    Raises `Failed` with the line of the fabfile whose resource failed, or `Interrupted`.
    """
    plan = require.collector.plan()
    if options.explain:
        from blogops.provision.explain import explain  # 8 ms that no other run need wait for

        for line in explain(plan):
            console.say(line)
        return Outcome(resources=len(plan.resources), changed=0, seconds=0.0)
    with counted() as presses:
        sending = Sending(
            presses=presses,
            blobs={**options.blobs, **require.blobs},
            check=options.check,
            sudo=options.sudo,
            lock_timeout=options.lock_timeout,
        )
        return _listen(c, plan, sending, options)


def _listen(c: Connection, plan: Plan, sending: Sending, options: Options) -> Outcome:
    text = plan.to_json(check=options.check, lock_timeout=options.lock_timeout, forget=options.forget)
    outcome: Outcome | None = None
    changes: list[str] = []
    for event in run_plan(c, text, sending):
        if options.json:
            console.data(json.dumps({"host": c.original_host, **event.facts()}, ensure_ascii=False))
        if event.name == "failed":
            raise Failed(f"{event.resource}: {event.why}", where=event.where, hint="Mend it, run this again.")
        if event.name == "stopped":
            raise _stopped(event)
        changes += [event.resource] if event.name in ("changed", "unknown") else []
        if event.name == "done":
            outcome = _told(event, options)
        elif not (options.json or options.silent):
            _show(event, options)
    if outcome:
        return replace(outcome, changes=tuple(changes))
    raise Failed(
        f"{c.original_host} stopped talking before the run was done",
        hint="It finishes what it was doing. Run this again: it shows what was done, and goes on.",
    )


def _stopped(event: Event) -> Interrupted:
    owed = f"; owed to the next run: {', '.join(event.owed)}" if event.owed else ""
    trouble = f"\n{event.why}" if event.why else ""
    return Interrupted(
        f"stopped after {event.resources} resources, {event.changed} of them changed, {event.left} left"
        f"{owed}{trouble}",
        hint="Run this again to go on.",
    )


def _told(event: Event, options: Options) -> Outcome:
    verb = "would change" if options.check else "changed"
    unknown = f", {event.unknown} unknown" if event.unknown else ""
    if not (options.quiet or options.silent or options.json):
        sentence = f"{event.resources} resources, {event.changed} {verb}{unknown}, {event.seconds:.1f} s"
        console.say(sentence, "bold")
    return Outcome(
        resources=event.resources, changed=event.changed, unknown=event.unknown, seconds=event.seconds
    )


def _show(event: Event, options: Options) -> None:
    if event.name == "hello" and abs(event.time - time.time()) > _SKEW:
        console.warn(f"its clock is {(event.time - time.time()) / 60:+.0f} min off ours")
    if event.name == "earlier":
        mark, colour = _MARKS.get(event.what, (event.what, "yellow"))
        console.say(f"    {mark} {event.resource}: {event.why}", colour)
    if event.name not in _MARKS or (options.quiet and event.name in ("kept", "skipped")):
        return
    mark, colour = _MARKS[event.name]
    mark = "~" if options.check and event.name == "changed" else mark
    console.say(f"  {mark} {event.resource}: {event.why}", colour)
    if options.check and event.diff:
        for line in event.diff.splitlines():
            console.say(f"      {line}", {"+": "green", "-": "red"}.get(line[:1], "dim"))
