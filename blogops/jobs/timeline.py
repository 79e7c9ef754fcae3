"""The way of a release, as one list: each step is a short function, told live and kept in the ledger.

Up to *stage* a run changes nothing that is live. From *switch* on nothing stops it, and whatever goes wrong
up to *record* is taken back.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from blogops.errors import Failed, Refused, Reverted
from blogops.jobs.awaiting import tell_due
from blogops.jobs.building import built
from blogops.jobs.course import Course
from blogops.jobs.fetching import fetched
from blogops.jobs.gates import judge, objections
from blogops.jobs.probes import probes
from blogops.releases import (
    DEPLOY,
    Keep,
    Material,
    Outcome,
    check_clock,
    check_daemons,
    check_link,
    check_room,
    check_writable,
    drop_assets,
    drop_previews,
    finished,
    go_back,
    keep_assets,
    keep_reserve,
    live_id,
    problem_of,
    publish_headers,
    to_the_end,
)
from blogops.releases import prune as pruned
from blogops.releases import stage as staged
from blogops.releases import switch as switched


def preflight(course: Course) -> None:
    """Look whether the attempt can end well, before anything is touched."""
    layout = course.layout
    check_writable(layout)
    check_link(layout)
    _drop_previews(course)
    finished(course.journal)
    course.before, course.pin = live_id(layout), course.ledger.pin()
    if course.holds_back and course.journal.run.reason == DEPLOY:
        raise Refused(
            f"the site is pinned {course.ledger.pinned()}",
            hint="`fab deploy --unpin` publishes, and lets rebuilds publish again. Nothing was changed.",
        )
    check_room(layout, course.before)
    course.journal.warnings.extend(check_daemons(layout))
    try:
        check_clock(course.ledger)
    except Failed as error:
        course.overridden(error)
    keep_reserve(layout)


def _drop_previews(course: Course) -> None:
    """Remove the previews whose time is over, whatever comes of the run: what they show may be drafts."""
    try:
        drop_previews(course.layout)
    except OSError as error:
        course.journal.warnings.append(f"old previews could not be removed: {error}")


def fetch(course: Course) -> None:
    """Bring the manuscript from its repository; from now on its own blog.toml counts."""
    course.config = fetched(course.at, course.journal, course.layout.checkout)


def build(course: Course) -> None:
    """Make the site of the manuscript."""
    course.made = built(course.at, course.config, course.journal.run)
    course.newest = course.made.newest


def gate(course: Course) -> None:
    """Look whether the site is another than the live one, and fit to be seen."""
    judge(course)
    for objection in objections(course):
        course.overridden(objection)


def stage(course: Course) -> None:
    """Copy it aside, linked to what is live, give it its id, and tell nginx its headers."""
    assert course.changes  # noqa: S101 - the gate has compared
    material = Material(
        beside=course.moving.beside,
        content=course.content,
        changes=course.changes,
        who=course.journal.run.who,
        reason=course.journal.run.reason,
        revision=course.journal.revision,
        change=course.journal.change,
        probes=probes(course.config, course.layout.site, course.newest),
    )
    course.release = staged(course.layout, material, live=course.before, known=set(course.ledger.states()))
    publish_headers(course.layout, course.release.id)
    for name in filter(None, (course.before, course.release.id)):
        keep_assets(course.layout, name)


def switch(course: Course) -> None:
    """Make it live: one rename."""
    assert course.release  # noqa: S101 - it was staged
    switched(course.layout, course.release.id)


def verify(course: Course) -> None:
    """Look at it through nginx."""
    assert course.release  # noqa: S101 - it was staged
    if problem := problem_of(course.layout, course.release.id):
        raise _Unhealthy(problem)


def record(course: Course) -> None:
    """Write down what came of it."""
    if course.same_as and course.unpins:
        course.journal.record(Outcome.UNPINNED)
    course.journal.record(course.outcome, **course.facts())
    # After the ledger: a run that is killed in between leaves an old due.json, and it is only done again.
    tell_due(course.layout, course.journal.warnings)


def prune(course: Course) -> None:
    """Remove what nobody will go back to; that it cannot be is a warning."""
    layout, ledger, live = course.layout, course.ledger, live_id(course.layout)
    wanted = course.config.releases
    keep = Keep(
        by_hand=wanted.keep,
        scheduled=wanted.keep_scheduled,
        days=wanted.max_age,
        megabytes=wanted.max_megabytes,
    )
    try:
        pruned(layout, ledger, live=live, keep=keep)
        if not course.same_as:
            drop_assets(layout, ledger, live=live, days=wanted.keep_assets)
    except OSError as error:
        course.journal.warnings.append(f"old releases could not be removed: {error}")


Step = Callable[[Course], None]
_BEFORE: tuple[Step, ...] = (preflight, fetch, build, gate, stage)
_LIVE: tuple[Step, ...] = (switch, verify, record)
_AFTER: tuple[Step, ...] = (prune,)
TIMELINE: tuple[Step, ...] = (*_BEFORE, *_LIVE, *_AFTER)


def travel(course: Course) -> None:
    """Take the steps of the timeline that this attempt needs."""
    for step in _BEFORE:
        _take(course, step)
    with to_the_end():
        with _taken_back(course):
            for step in _LIVE:
                _take(course, step)
        for step in _AFTER:
            _take(course, step)


def _left_out(course: Course) -> tuple[Step, ...]:
    """Return the steps that this attempt does not need, as far as is known by now."""
    nothing_new = (stage, switch, verify) if course.same_as else ()
    waits = (switch, verify) if course.holds_back else ()
    there = (fetch, build) if course.made_before else ()
    sent = () if course.fetches else (fetch,)
    return (*nothing_new, *waits, *there, *sent)


def _take(course: Course, step: Step) -> None:
    if step not in _left_out(course):
        with course.journal.step(step.__name__):
            step(course)


@contextmanager
def _taken_back(course: Course) -> Iterator[None]:
    """Whatever goes wrong in the block, what was live before comes back."""
    try:
        yield
    except _Unhealthy as error:
        go_back(course.layout, course.before)
        _reverted(course, str(error))
    except Exception:
        if live_id(course.layout) != course.before:
            go_back(course.layout, course.before)
        raise


class _Unhealthy(Exception):
    """What nginx serves is not the release that was made live."""


def _reverted(course: Course, problem: str) -> NoReturn:
    # Where the old release fails too, the server is at fault: the new one is not bad, it waits.
    innocent = bool(course.before) and bool(problem_of(course.layout, course.before))
    outcome = Outcome.WAITING if innocent else Outcome.REVERTED
    course.journal.record(outcome, **course.facts(), error=problem)
    raise Reverted(
        f"the new release is not healthy, so {course.before or 'nothing'} is live again: {problem}",
        hint="Look at /var/log/nginx, mend it and deploy again.",
    )
