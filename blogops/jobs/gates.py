"""May what was built be a release: is it anything new, was it ever found bad, is it whole?"""

import json
from collections.abc import Iterator

from blogops.errors import Failed, OpsError, Refused
from blogops.jobs.course import Course
from blogops.jobs.moving import moving
from blogops.releases import MOVES, SCHEDULE, State, compare, content_hash, files_in, is_whole, write_file


def judge(course: Course) -> None:
    """Find out whether the site is what some release has already, and else what it changes."""
    course.content = _remembered(course)
    course.same_as = _same_as(course)
    if course.same_as:
        return
    layout, live = course.layout, course.before
    files = frozenset(files_in(course.site))
    course.moving = moving(layout.release(live) if live else None, course.manifest, files)
    course.journal.warnings.extend(course.moving.warnings)
    course.content = content_hash(course.site, course.moving.beside)
    if course.made and not course.moving.warnings:
        _remember(course)
    course.same_as = _same_as(course)
    if not course.same_as:
        course.changes = compare(course.site, layout.public(live) if live else None)


def objections(course: Course) -> Iterator[OpsError]:
    """Yield what speaks against publishing the site that was judged; ``--force`` overrides it."""
    changes = course.changes
    if changes is None:
        return
    from blogops.website import gate  # not for a rebuild with nothing to do

    if bad := course.ledger.bad_with(course.content):
        back = f"; `fab rollback --to {bad}` goes to it, too" if course.layout.public(bad).is_dir() else ""
        hint = f"Change something, or say {course.insistence}{back}."
        yield Refused(f"these are the bytes of {bad}, which was found bad", hint=hint)
    changed = (*changes.added, *changes.changed)
    expired = frozenset(json.loads(course.manifest).get("expired", ()))
    problems = gate.problems(
        course.config,
        course.site,
        changed,
        every=course.wishes.strict,
        declared=json.loads(course.moving.beside[MOVES]),
        removed=changes.removed,
        expired=expired,
    )
    if problems:
        hint = "`fab check` tells the file and the line of a dead link. --force publishes all the same."
        yield Failed("the site is not fit to be seen:\n    " + "\n    ".join(problems), hint=hint)
    now = gate.pages_of((*changed, *changes.same))
    # What expired went by itself, with nobody there to say --force.
    before = gate.pages_of((*changes.changed, *changes.same)) + gate.pages_of(changes.removed, expired)
    allowed = course.config.releases.shrink
    if now * 100 < before * (100 - allowed):
        hint = f"If that is meant, say --force, or set releases.shrink (now {allowed} %)."
        yield Failed(f"the site would have {now} pages, and the live one has {before}", hint=hint)


def _same_as(course: Course) -> str:
    """Return the release that has these bytes already: the live one, the newest that waits, or a bad one
    that nobody is there to insist on.
    """
    ledger, content = course.ledger, course.content
    if not content:
        return ""
    candidates = [course.before]
    if course.holds_back:
        states = ledger.states()
        candidates += [name for name in sorted(states)[-1:] if states[name] is State.READY]
    alike = (name for name in candidates if name and ledger.content_of(name) == content)
    # One that has lost files since must not keep the site from being made anew.
    same = next((name for name in alike if is_whole(course.layout, name)), "")
    if same or not (course.holds_back or course.journal.run.reason == SCHEDULE):
        return same
    bad = ledger.bad_with(content)
    if bad:
        course.journal.warnings.append(
            f"{bad} has these bytes and was found bad; `fab deploy {course.insistence}` insists"
        )
    return bad


def _remembered(course: Course) -> str:
    """Return the content hash of the site that was built, seen from the live release, if it is known."""
    try:
        known = json.loads(course.layout.content.read_text(encoding="utf-8"))
        same = course.made is not None and known["site"] == course.made.site
        return str(known["content"]) if same and known["live"] == course.before else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _remember(course: Course) -> None:
    told = {"site": course.made.site if course.made else "", "live": course.before, "content": course.content}
    write_file(course.layout.content, json.dumps(told) + "\n")
