"""The use cases of the server half: build, release, rebuild, rollback, unpin, releases, status.

Each one that changes something holds the lock from its first step to its last, and leaves one line in the
ledger, whatever comes of it.
"""

import contextlib
import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from blogops import config as configuration
from blogops.config import Config
from blogops.errors import Failed, Refused, Reverted, UsageError
from blogops.health import check_health
from blogops.releases import (
    Attempt,
    Layout,
    Ledger,
    Outcome,
    State,
    content_in,
    cut_off,
    held,
    live_id,
    prune,
    recorded_live,
    rollback_target,
    stage,
    switch,
    to_the_end,
    undisturbed,
    unknown,
)
from blogops.releases.stage import content_hash
from blogops.reports import Build, Published, Release, Status

DEPLOY = "deploy"  # the reason that publishes although the site is pinned
SCHEDULE = "schedule"  # the reason that does not try again what was taken back

Tell = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class Place:
    """One blog on this machine: its releases, its manuscript, and whether nginx here serves it."""

    layout: Layout
    manuscript: Path
    served: bool

    def config(self) -> Config:
        """Read blog.toml; raise `UsageError` where there is none."""
        return configuration.load(configuration.find(str(self.manuscript)))


@dataclass(frozen=True, kw_only=True)
class Run:
    """Who asked for what and why, and where its steps are told (name, seconds)."""

    who: str
    reason: str
    wait: float = 0
    tell: Tell = field(default=lambda _step, _seconds: None)
    began: float = field(default_factory=time.monotonic)


def place(root: str) -> Place:
    """Return the blog at *root*: a server's ``/srv/NAME``, or any folder with a blog.toml.

    Of the latter, the releases lie in ``var/`` beside it.
    """
    folder = Path(root or os.environ.get("BLOGOPS_ROOT") or ".").resolve()
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", hint="Name the blog's folder: --root PATH.")
    if (folder / "source" / configuration.FILE_NAME).is_file() or not _is_manuscript(folder):
        if not any((folder / name).is_dir() for name in ("source", "toolkit", "releases")):
            raise UsageError(
                f"there is no blog in {folder}", hint="Stand in its folder, or name it: --root PATH."
            )
        served = Path("/etc/nginx/sites-enabled", folder.name).exists()
        return Place(layout=Layout(folder), manuscript=folder / "source", served=served)
    return Place(layout=Layout(folder / "var"), manuscript=folder, served=False)


def _is_manuscript(folder: Path) -> bool:
    return (folder / configuration.FILE_NAME).is_file()


def build(at: Place, run: Run) -> Build:
    """Build the manuscript into ``work/site``; nothing is published."""
    with _attempt(at, "build", run) as tell:
        return _built(at, at.config(), tell)


def release(at: Place, run: Run) -> Published:
    """Publish what `build` made."""
    config = at.config()
    with _attempt(at, "release", run) as tell:
        if not at.layout.built.is_file():
            raise Refused(
                "nothing was built yet", hint="Run `blogops build` first, or `blogops rebuild` for both."
            )
        return _published(at, config, run, at.layout.built.read_text(), tell)


def rebuild(at: Place, run: Run) -> Published:
    """Build, and publish the result unless it is the same or the site is pinned."""
    with _attempt(at, "rebuild", run) as tell:
        config = at.config()
        made = _built(at, config, tell)
        return _published(at, config, run, made.newest, tell, made)


def rollback(at: Place, run: Run, to: str = "") -> Published:
    """Make an earlier release live, mark the one left as bad, and pin. No build, no disk needed."""
    with _attempt(at, "rollback", run) as tell:
        finished = _finished(at, run)
        if finished and finished.outcome is Outcome.ROLLED_BACK and not to:
            return _rolled_back(finished)
        ledger, before = Ledger(at.layout.ledger), live_id(at.layout)
        target = rollback_target(at.layout, ledger, live=before, to=to)
        with to_the_end():
            with _step("switch", tell):
                switch(at.layout, target)
            with _step("verify", tell) if at.served else contextlib.nullcontext():
                doubts = _doubts(at, run, before, target)
            line = _line("rollback", run, Outcome.ROLLED_BACK, before=before, release=target)
            with _step("record", tell):
                return _rolled_back(line, *doubts, *_recorded_somehow(at, ledger, line))


def _doubts(at: Place, run: Run, before: str, target: str) -> list[str]:
    """Look at what a rollback made live. It is taken back only where the release left is the sound one.

    Nothing of the manuscript may stand in a rollback's way: without a blog.toml there is no check.
    """
    try:
        config = at.config()
    except (UsageError, OSError) as error:
        return [f"the health was not checked: {error}"] if at.served else []
    problem = _problem(at, config, "")
    if not problem or not at.layout.public(before).is_dir():
        return [problem] if problem else []
    switch(at.layout, before)
    if _problem(at, config, ""):  # the server's fault, not the release's
        switch(at.layout, target)
        return [f"the site is not healthy, neither with this release nor with {before}: {problem}"]
    facts = {"before": before, "release": target, "error": problem}
    Ledger(at.layout.ledger).append(_line("rollback", run, Outcome.REVERTED, **facts))
    raise Reverted(
        f"{target} is not healthy, so {before} is live again: {problem}", hint="Name another: --to ID."
    )


def _rolled_back(line: Attempt, *warnings: str) -> Published:
    return Published(outcome=line.outcome, release=line.release, before=line.before, warnings=warnings)


def _recorded_somehow(at: Place, ledger: Ledger, line: Attempt) -> Iterator[str]:
    """Record a rollback; on a full disk the build makes room, for it can be made again."""
    try:
        ledger.append(line)
    except OSError:
        at.layout.built.unlink(missing_ok=True)
        shutil.rmtree(at.layout.site, ignore_errors=True)
        try:
            ledger.append(line)
        except OSError as error:
            yield f"the rollback is not recorded yet, the next run will do it: {error}"


def _finished(at: Place, run: Run, config: Config | None = None) -> Attempt | None:
    """Write what a run that was killed owes the ledger; return its line if it had switched already.

    What it made live is looked at first, where there is a *config* to do it by, and taken back if need be.
    """
    ledger, live = Ledger(at.layout.ledger), live_id(at.layout)
    owed = [_owed(at, run, Outcome.WAITING, name) for name in unknown(at.layout, ledger)]
    outcome, known = cut_off(at.layout, ledger), recorded_live(ledger)
    line = None
    if outcome:
        problem = _problem(at, config, "") if config and outcome is Outcome.PUBLISHED else ""
        if problem:
            outcome = Outcome.REVERTED
            _go_back(at.layout, known)
        line = _owed(at, run, outcome, live, before=known, error=problem)
        owed.append(line)
    with contextlib.suppress(OSError):  # a full disk: it stays owed
        for attempt in owed:
            ledger.append(attempt)
    return line


def _owed(at: Place, run: Run, outcome: Outcome, release: str, **facts: str) -> Attempt:
    told = Run(who=run.who, reason="an earlier run was killed")
    return _line("finish", told, outcome, release=release, content=content_in(at.layout, release), **facts)


def unpin(at: Place, run: Run) -> bool:
    """Let scheduled rebuilds publish again; False if nothing was pinned."""
    with _attempt(at, "unpin", run):
        ledger = Ledger(at.layout.ledger)
        if ledger.pin() is None:
            return False
        ledger.append(_line("unpin", run, Outcome.UNPINNED))
        return True


def releases(at: Place) -> list[Release]:
    """List the releases that lie there, the newest first."""
    ledger, live = Ledger(at.layout.ledger), live_id(at.layout)
    names = {*ledger.states(), live} - {""}
    there = (name for name in sorted(names, reverse=True) if at.layout.public(name).is_dir())
    return [_shown(ledger, name, live) for name in there]


def _shown(ledger: Ledger, name: str, live: str) -> Release:
    origin, state = ledger.origin_of(name), ledger.states().get(name, State.READY)
    if name == live:
        state = State.LIVE
    elif state is State.LIVE:
        state = State.RETIRED
    if origin is None:  # its run was killed before it could say
        return Release(id=name, state=state, made="", who="", reason="a run that was cut off")
    return Release(id=name, state=state, made=origin.time, who=origin.who, reason=origin.reason)


def status(at: Place) -> Status:
    """Tell what is live, since when and why, and how the last attempt ended."""
    ledger, live = Ledger(at.layout.ledger), live_id(at.layout)
    there = releases(at)
    pin = ledger.pin()
    return Status(
        live=next((item for item in there if item.id == live), None),
        since=next((a.time for a in reversed(ledger.attempts) if a.release == live), ""),
        pinned=f"since {pin.time} by {pin.who}: rolled back from {pin.before}" if pin else "",
        last=ledger.attempts[-1] if ledger.attempts else None,
        releases=len(there),
        toolkit=at.layout.toolkit.readlink().name if at.layout.toolkit.is_symlink() else "",
        disk_free=shutil.disk_usage(at.layout.root).free if at.layout.root.is_dir() else 0,
        warnings=tuple(ledger.warnings),
    )


def _built(at: Place, config: Config, tell: Tell) -> Build:
    from blogops import website  # docutils and Jinja2 cost 0.1 s, which a rollback need not pay

    with _step("build", tell):
        at.layout.built.unlink(missing_ok=True)
        report = website.build(config, at.layout.site, now=datetime.now(UTC))
        at.layout.built.write_text(report.newest)
    return Build(
        posts=report.posts,
        drafts=report.drafts,
        scheduled=report.scheduled,
        pages=report.pages,
        newest=report.newest,
        warnings=report.warnings,
    )


def _published(
    at: Place, config: Config, run: Run, newest: str, tell: Tell, made: Build | None = None
) -> Published:
    _finished(at, run, config)
    layout, ledger = at.layout, Ledger(at.layout.ledger)
    before, pin = live_id(layout), ledger.pin()
    task = "rebuild" if made else "release"
    held_back = pin is not None and run.reason != DEPLOY
    unpins = pin is not None and not held_back
    content = content_hash(layout.site)
    same_as = _same_content(ledger, before, content, waiting=held_back)
    taken_back = ledger.was_reverted(content) if run.reason == SCHEDULE else ""
    if same_as or taken_back:
        if unpins:
            ledger.append(_line("unpin", run, Outcome.UNPINNED))
        ledger.append(_line(task, run, Outcome.UNCHANGED, before=before))
        warnings = () if same_as else (f"{taken_back} was taken back; a deploy tries these bytes again",)
        return Published(
            outcome=Outcome.UNCHANGED,
            release=same_as or taken_back,
            before=before,
            build=made,
            unpinned=unpins,
            warnings=warnings,
        )
    with _step("stage", tell):
        staged = stage(layout, live=before, known=set(ledger.states()))

    def line(outcome: Outcome, error: str = "") -> Attempt:
        facts = {"before": before, "release": staged.id, "content": staged.content, "error": error}
        return _line(task, run, outcome, **facts)

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
        warnings=_pruned(layout, config.releases.keep, tell),
    )


def _made_live(
    at: Place, config: Config, newest: str, before: str, line: Callable[..., Attempt], tell: Tell
) -> None:
    """Switch, look, record; whatever goes wrong on the way, *before* comes back."""
    ledger = Ledger(at.layout.ledger)
    with to_the_end():
        try:
            with _step("switch", tell):
                switch(at.layout, line(Outcome.PUBLISHED).release)
            with _step("verify", tell) if at.served else contextlib.nullcontext():
                problem = _problem(at, config, newest)
            if not problem:
                with _step("record", tell):
                    ledger.append(line(Outcome.PUBLISHED))
                return
        except Exception:
            _go_back(at.layout, before)
            raise
        _go_back(at.layout, before)
        # Where the old release fails too, the server is at fault: the new one is not bad, it waits.
        innocent = bool(before) and bool(_problem(at, config, ""))
        ledger.append(line(Outcome.WAITING if innocent else Outcome.REVERTED, problem))
    raise Reverted(
        f"the new release is not healthy, so {before or 'nothing'} is live again: {problem}",
        hint="Look at /var/log/nginx, mend it and deploy again.",
    )


def _go_back(layout: Layout, before: str) -> None:
    if before and layout.public(before).is_dir():
        switch(layout, before)
    elif layout.current.is_symlink():
        layout.current.unlink()


def _problem(at: Place, config: Config, newest: str) -> str:
    if not at.served:
        return ""
    try:
        check_health(config, at.layout.current / "public", newest)
    except (Failed, OSError) as error:
        return str(error)
    return ""


def _same_content(ledger: Ledger, live: str, content: str, *, waiting: bool) -> str:
    """Return the release that has these bytes already: the live one, or the newest that waits."""
    candidates = [live]
    if waiting:
        states = ledger.states()
        candidates += [name for name in sorted(states)[-1:] if states[name] is State.READY]
    return next((name for name in candidates if name and ledger.content_of(name) == content), "")


def _pruned(layout: Layout, keep: int, tell: Tell) -> tuple[str, ...]:
    try:
        with _step("prune", tell):
            prune(layout, Ledger(layout.ledger), live=live_id(layout), keep=keep)
    except OSError as error:
        return (f"old releases could not be removed: {error}",)
    return ()


def _line(task: str, run: Run, outcome: Outcome, **facts: str) -> Attempt:
    return Attempt(
        time=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        task=task,
        who=run.who,
        reason=run.reason,
        outcome=outcome,
        seconds=round(time.monotonic() - run.began, 3),
        **facts,
    )


@contextmanager
def _step(name: str, tell: Tell) -> Iterator[None]:
    began = time.monotonic()
    yield
    tell(name, time.monotonic() - began)


@contextmanager
def _attempt(at: Place, task: str, run: Run) -> Iterator[Tell]:
    """Hold the lock for *task*; a failure leaves a line in the ledger."""
    with _in_words(at), undisturbed():
        at.layout.prepare()
        with held(at.layout.lock, task=task, who=run.who, wait=run.wait):
            try:
                with _in_words(at):
                    yield run.tell
            except (Failed, UsageError) as error:
                told = {"before": live_id(at.layout), "error": str(error)}
                with contextlib.suppress(OSError):  # a full disk, which the error tells already
                    Ledger(at.layout.ledger).append(_line(task, run, Outcome.FAILED, **told))
                raise


@contextmanager
def _in_words(at: Place) -> Iterator[None]:
    kept = "What was live is live still."
    try:
        yield
    except PermissionError as error:
        raise Failed(f"not allowed: {error}", hint="Run it as the user who owns the blog.") from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = kept + (" Make room: see `df -h` and `df -i`." if full else "")
        raise Failed(str(error), where=str(at.layout.root), hint=hint) from error
    except KeyboardInterrupt as error:
        raise Failed("stopped by a signal", hint=kept) from error
