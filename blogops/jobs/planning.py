"""What a deploy would change, found out without changing anything."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from blogops.jobs.building import made, told
from blogops.jobs.course import NONE, Course, Wishes
from blogops.jobs.fetching import manuscript
from blogops.jobs.gates import judge, objections
from blogops.jobs.place import Place
from blogops.jobs.reports import Plan
from blogops.releases import HEADERS, MOVES, Changes, Run, attempt, live_id

_NOTHING = Changes((), (), (), ())
_TWINS = (".gz", ".br")  # what a file is also sent as


def plan(at: Place, run: Run, wishes: Wishes = NONE, *, diff: bool = False) -> Plan:
    """Build the manuscript aside, compare it with what is live, and tell what a deploy would do.

    With *diff* the text of each changed page is compared too. Raises what a build raises.
    """
    with attempt(at.layout, "plan", run, keeps_word=False, reads=at.lock) as journal:
        config = manuscript(at, journal, at.layout.checkout_aside)
        course = Course(at, journal, wishes, config, planned=at.layout.plan)
        course.before, course.pin = live_id(at.layout), journal.ledger.pin()
        with journal.step("build"):
            report = made(at, course.config, run, at.layout.plan, may_skip=False)
        course.told = report.manifest.json if report.manifest else ""
        with journal.step("gate"):
            judge(course)
            refused = () if wishes.force else tuple(error.problem for error in objections(course))
        with journal.step("compare"):
            return _plan(course, told(report).warnings, (*_pinned(course), *refused), diff=diff)


def _pinned(course: Course) -> tuple[str, ...]:
    return (f"the site is pinned {course.ledger.pinned()}",) if course.holds_back else ()


def _plan(course: Course, warnings: tuple[str, ...], refused: tuple[str, ...], *, diff: bool) -> Plan:
    changes, live = course.changes or _NOTHING, course.layout.public(course.before)
    now = _moves(course.moving.beside.get(MOVES, "{}"))
    before = _moves_of_live(course) if course.changes else now
    headers = _headers(course.moving.beside.get(HEADERS, "[]"))
    old_headers = _headers_of_live(course) if course.changes else headers
    changed = _pages(changes.changed)
    return Plan(
        before=course.before,
        content="" if course.same_as else course.content,
        same_as=course.same_as,
        added=_addresses(_pages(changes.added)),
        changed=_addresses(changed),
        removed=_addresses(_pages(changes.removed)),
        other_added=_others(changes.added),
        other_changed=_others(changes.changed),
        other_removed=_others(changes.removed),
        redirects=tuple(sorted((old, new) for old, new in now.items() if before.get(old) != new)),
        redirects_dropped=tuple(sorted(before.keys() - now.keys())),
        headers=tuple((*key, value) for key, value in headers.items() if old_headers.get(key) != value),
        headers_dropped=tuple(key for key in old_headers if key not in headers),
        diffs=_diffs(live, course.site, changed) if diff else (),
        refused=refused,
        warnings=(*warnings, *course.journal.warnings),
    )


def _diffs(live: Path, site: Path, pages: Collection[str]) -> tuple[tuple[str, str], ...]:
    from blogops.jobs.differing import difference  # not for a rebuild with nothing to do

    texts = (difference(live / name, site / name) for name in pages)
    return tuple(zip(_addresses(pages), texts, strict=True))


def _moves(text: str) -> Mapping[str, str]:
    """Return old address -> where it leads, or "gone"."""
    return {old: new or "gone" for old, new in json.loads(text).items()}


def _moves_of_live(course: Course) -> Mapping[str, str]:
    try:
        return _moves((course.layout.release(course.before) / MOVES).read_text(encoding="utf-8"))
    except (OSError, ValueError, AttributeError):  # of an earlier toolkit, or damaged: it says nothing
        return {}


def _headers(text: str) -> Mapping[tuple[str, str], str]:
    """Return the value of each path and name."""
    return {(path, name): value for path, name, value in json.loads(text)}


def _headers_of_live(course: Course) -> Mapping[tuple[str, str], str]:
    try:
        return _headers((course.layout.release(course.before) / HEADERS).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):  # it has none, or they are damaged
        return {}


def _pages(names: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name.endswith(".html"))


def _addresses(names: Collection[str]) -> tuple[str, ...]:
    return tuple(f"/{name.removesuffix('index.html')}" for name in names)


def _others(names: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in names if not name.endswith((".html", *_TWINS)))
