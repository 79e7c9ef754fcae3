"""May what was built be a release: is it anything new, was it ever found bad, is it whole?"""

import json

from blogops.errors import Refused
from blogops.jobs.course import Course
from blogops.jobs.moving import moving
from blogops.releases import SCHEDULE, State, compare, content_hash, write_file


def judge(course: Course) -> None:
    """Find out whether the site is what some release has already; raise if it is not fit to be seen."""
    layout = course.layout
    course.content = _remembered(course)
    course.same_as = _same_as(course)
    if course.same_as:
        return
    course.moving = moving(layout, course.before)
    course.journal.warnings.extend(course.moving.warnings)
    course.content = content_hash(layout.site, course.moving.beside)
    if course.made and not course.moving.warnings:
        _remember(course)
    course.same_as = _same_as(course)
    if course.same_as:
        return
    if bad := course.ledger.bad_with(course.content):
        hint = f"Change something, or say --force; `fab rollback --to {bad}` goes to it, too."
        course.overridden(f"these are the bytes of {bad}, which was found bad", hint, Refused)
    course.changes = compare(layout.site, layout.public(course.before) if course.before else None)


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
    same = next((name for name in candidates if name and ledger.content_of(name) == content), "")
    if same or not (course.holds_back or course.journal.run.reason == SCHEDULE):
        return same
    bad = ledger.bad_with(content)
    if bad:
        course.journal.warnings.append(
            f"{bad} has these bytes and was found bad; `fab deploy --force` insists"
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
