"""Forward: build the manuscript, make a release of it, make that live if it is sound."""

from blogops.errors import Refused
from blogops.jobs.building import built, made, told
from blogops.jobs.course import NONE, Course, Wishes
from blogops.jobs.fetching import manuscript
from blogops.jobs.place import Place
from blogops.jobs.reports import Build, Published
from blogops.jobs.timeline import travel
from blogops.releases import Outcome, Run, attempt


def build(at: Place, run: Run) -> Build:
    """Build the manuscript into ``work/site``; nothing is published."""
    with attempt(at.layout, "build", run, reads=at.lock) as journal:
        config = manuscript(at, journal, at.layout.checkout)
        with journal.step("build"):
            return built(at, config, run)


def preview(at: Place, run: Run, *, keep_going: bool = False) -> Build:
    """Build the manuscript with its drafts and scheduled posts into ``work/preview``, which nothing serves.

    *keep_going* leaves out what is broken and tells of it.
    """
    with attempt(at.layout, "preview", run, reads=at.lock) as journal:
        config = manuscript(at, journal, at.layout.checkout_aside)
        with journal.step("build"):
            return told(made(at, config, run, at.layout.preview, preview=True, keep_going=keep_going))


def release(at: Place, run: Run, wishes: Wishes = NONE) -> Published:
    """Publish what `build` made."""
    config = at.config()
    with attempt(at.layout, "release", run) as journal:
        if not (at.layout.built.is_file() and at.layout.manifest.is_file()):
            raise Refused(
                "nothing was built yet", hint="Run `blogops build` first, or `blogops rebuild` for both."
            )
        newest = at.layout.built.read_text()
        return _published(Course(at, journal, wishes, config, newest=newest, made_before=True))


def rebuild(at: Place, run: Run, wishes: Wishes = NONE) -> Published:
    """Build, and publish the result unless it is the same or the site is pinned."""
    with attempt(at.layout, "rebuild", run, reads=at.lock) as journal:
        return _published(Course(at, journal, wishes, at.sent()))


def unpin(at: Place, run: Run) -> bool:
    """Let scheduled rebuilds publish again; False if nothing was pinned."""
    with attempt(at.layout, "unpin", run) as journal:
        if journal.ledger.pin() is None:
            return False
        at.layout.due.unlink(missing_ok=True)  # what waits may be published by the next minute's check
        journal.record(Outcome.UNPINNED)
        return True


def docutils_told() -> str:
    """Return in a line how docutils is sped up here, and what could not be."""
    from blogops.website.rst import tuning

    return tuning.told()


def _published(course: Course) -> Published:
    travel(course)
    return Published(
        outcome=course.outcome,
        release=course.same_as or (course.release.id if course.release else ""),
        before=course.before,
        build=course.made,
        unpinned=course.unpins,
        revision=course.journal.revision,
        change=course.journal.change,
        moved=course.moving.moved,
        gone=course.moving.gone,
        warnings=tuple(course.journal.warnings),
    )
