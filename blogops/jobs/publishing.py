"""Forward: build the manuscript, make a release of it, make that live if it is sound."""

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blogops.config import Config
from blogops.errors import Refused, Reverted
from blogops.jobs.attempt import DEPLOY, Run, Tell, attempt, line_of, step
from blogops.jobs.finishing import finished, go_back
from blogops.jobs.health import problem_of
from blogops.jobs.moving import NOTHING, moving
from blogops.jobs.place import Place
from blogops.jobs.reports import Build, Published
from blogops.releases import (
    SCHEDULE,
    Attempt,
    Layout,
    Ledger,
    Outcome,
    State,
    content_hash,
    live_id,
    prune,
    stage,
    switch,
    to_the_end,
    write_file,
)

if TYPE_CHECKING:
    from blogops import website


def build(at: Place, run: Run) -> Build:
    """Build the manuscript into ``work/site``; nothing is published."""
    with attempt(at, "build", run) as tell:
        return _built(at, at.config(), run, tell)


def preview(at: Place, run: Run, *, keep_going: bool = False) -> Build:
    """Build the manuscript with its drafts and scheduled posts into ``work/preview``, which nothing serves.

    *keep_going* leaves out what is broken and tells of it.
    """
    from blogops import website

    with attempt(at, "preview", run) as tell, step("build", tell):
        report = website.build(
            at.config(),
            at.layout.preview,
            now=datetime.now(UTC),
            cache=at.layout.cache,
            preview=True,
            keep_going=keep_going,
            progress=run.progress,
        )
        return _told(report)


def release(at: Place, run: Run) -> Published:
    """Publish what `build` made."""
    config = at.config()
    with attempt(at, "release", run) as tell:
        if not (at.layout.built.is_file() and at.layout.manifest.is_file()):
            raise Refused(
                "nothing was built yet", hint="Run `blogops build` first, or `blogops rebuild` for both."
            )
        return _published(at, config, run, at.layout.built.read_text(), tell)


def rebuild(at: Place, run: Run) -> Published:
    """Build, and publish the result unless it is the same or the site is pinned."""
    with attempt(at, "rebuild", run) as tell:
        config = at.config()
        made = _built(at, config, run, tell)
        return _published(at, config, run, made.newest, tell, made)


def docutils_told() -> str:
    """Return in a line how docutils is sped up here, and what could not be."""
    from blogops.website.rst import tuning

    return tuning.told()


def _built(at: Place, config: Config, run: Run, tell: Tell) -> Build:
    from blogops import website  # which a rollback need not pay

    with step("build", tell):
        at.layout.built.unlink(missing_ok=True)
        report = website.build(
            config,
            at.layout.site,
            now=datetime.now(UTC),
            cache=at.layout.cache,
            may_skip=at.layout.manifest.is_file(),
            progress=run.progress,
        )
        if report.manifest:
            write_file(at.layout.manifest, report.manifest.to_json())
        at.layout.built.write_text(report.newest)
    return _told(report)


def _told(report: "website.BuildReport") -> Build:
    return Build(
        posts=report.posts,
        drafts=report.drafts,
        scheduled=report.scheduled,
        pages=report.pages,
        newest=report.newest,
        warnings=report.warnings,
        site=report.site,
        stages=report.stages,
        slowest=report.slowest,
    )


def _published(
    at: Place, config: Config, run: Run, newest: str, tell: Tell, made: Build | None = None
) -> Published:
    finished(at, run, config)
    layout, ledger = at.layout, Ledger(at.layout.ledger)
    before, pin = live_id(layout), ledger.pin()
    task = "rebuild" if made else "release"
    held_back = pin is not None and run.reason != DEPLOY
    unpins = pin is not None and not held_back
    content = _remembered(layout, made.site if made else "", before)
    same_as = _same_content(ledger, before, content, waiting=held_back) if content else ""
    known = NOTHING
    if not same_as:
        known = moving(layout, before)
        content = content_hash(layout.site, known.beside)
        same_as = _same_content(ledger, before, content, waiting=held_back)
        if made and not known.warnings:
            _remember(layout, made.site, before, content)
    # A night does not try again what was taken back; a person may.
    taken_back = ledger.was_reverted(content) if run.reason == SCHEDULE else ""
    if same_as or taken_back:
        if unpins:
            ledger.append(line_of("unpin", run, Outcome.UNPINNED))
        ledger.append(line_of(task, run, Outcome.UNCHANGED, before=before))
        again = f"{taken_back} was taken back; a deploy tries these bytes again"
        return Published(
            outcome=Outcome.UNCHANGED,
            release=same_as or taken_back,
            before=before,
            build=made,
            unpinned=unpins,
            warnings=known.warnings if same_as else (*known.warnings, again),
        )
    with step("stage", tell):
        staged = stage(layout, known.beside, content=content, live=before, known=set(ledger.states()))

    def line(outcome: Outcome, error: str = "") -> Attempt:
        facts = {"before": before, "release": staged.id, "content": staged.content, "error": error}
        return line_of(task, run, outcome, **facts)

    if held_back:
        ledger.append(line(Outcome.WAITING))
    else:
        _made_live(at, config, newest, before, line, tell)
    return Published(
        outcome=Outcome.WAITING if held_back else Outcome.PUBLISHED,
        release=staged.id,
        before=before,
        build=made,
        unpinned=unpins,
        moved=known.moved,
        gone=known.gone,
        warnings=(*known.warnings, *_pruned(layout, config.releases.keep, tell)),
    )


def _made_live(
    at: Place, config: Config, newest: str, before: str, line: Callable[..., Attempt], tell: Tell
) -> None:
    """Switch, look, record; whatever goes wrong on the way, *before* comes back."""
    ledger = Ledger(at.layout.ledger)
    with to_the_end():
        try:
            with step("switch", tell):
                switch(at.layout, line(Outcome.PUBLISHED).release)
            with step("verify", tell) if at.served else contextlib.nullcontext():
                problem = problem_of(at, config, newest)
            if not problem:
                with step("record", tell):
                    ledger.append(line(Outcome.PUBLISHED))
                return
        except Exception:
            go_back(at.layout, before)
            raise
        go_back(at.layout, before)
        # Where the old release fails too, the server is at fault: the new one is not bad, it waits.
        innocent = bool(before) and bool(problem_of(at, config, ""))
        ledger.append(line(Outcome.WAITING if innocent else Outcome.REVERTED, problem))
    raise Reverted(
        f"the new release is not healthy, so {before or 'nothing'} is live again: {problem}",
        hint="Look at /var/log/nginx, mend it and deploy again.",
    )


def _remembered(layout: Layout, site: str, live: str) -> str:
    """Return the content hash of a *site* that was built, seen from the release *live*, if it is known."""
    try:
        known = json.loads(layout.content.read_text(encoding="utf-8"))
        return str(known["content"]) if (known["site"], known["live"]) == (site, live) else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _remember(layout: Layout, site: str, live: str, content: str) -> None:
    told = json.dumps({"site": site, "live": live, "content": content})
    write_file(layout.content, told + "\n")


def _same_content(ledger: Ledger, live: str, content: str, *, waiting: bool) -> str:
    """Return the release that has these bytes already: the live one, or the newest that waits."""
    candidates = [live]
    if waiting:
        states = ledger.states()
        candidates += [name for name in sorted(states)[-1:] if states[name] is State.READY]
    return next((name for name in candidates if name and ledger.content_of(name) == content), "")


def _pruned(layout: Layout, keep: int, tell: Tell) -> tuple[str, ...]:
    try:
        with step("prune", tell):
            prune(layout, Ledger(layout.ledger), live=live_id(layout), keep=keep)
    except OSError as error:
        return (f"old releases could not be removed: {error}",)
    return ()
