"""The use cases of the server half: build, release, rebuild, rollback, unpin, releases, status.

Each one that changes something holds the lock from its first step to its last, and leaves one line in the
ledger, whatever comes of it.
"""

import errno
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from blogops import config as configuration
from blogops.config import Config
from blogops.errors import Failed, OpsError, Refused, Reverted, UsageError
from blogops.health import check_health
from blogops.releases import (
    Attempt,
    Layout,
    Ledger,
    Outcome,
    State,
    held,
    live_id,
    prune,
    rollback_target,
    stage,
    switch,
)
from blogops.releases.stage import content_hash
from blogops.reports import Build, Published, Release, Status

DEPLOY = "deploy"  # the reason that publishes although the site is pinned

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


def place(root: str) -> Place:
    """Return the blog at *root*: a server's ``/srv/NAME``, or any folder with a blog.toml.

    Of the latter, the releases lie in ``var/`` beside it.
    """
    folder = Path(root or os.environ.get("BLOGOPS_ROOT") or ".").resolve()
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", hint="Name the blog's folder: --root PATH.")
    if (folder / "toolkit").is_dir() or (folder / "source").is_dir():
        served = Path("/etc/nginx/sites-enabled", folder.name).exists()
        return Place(layout=Layout(folder), manuscript=folder / "source", served=served)
    if (folder / configuration.FILE_NAME).is_file():
        return Place(layout=Layout(folder / "var"), manuscript=folder, served=False)
    raise UsageError(f"there is no blog in {folder}", hint="Stand in its folder, or name it: --root PATH.")


def build(at: Place, run: Run) -> Build:
    """Build the manuscript into ``work/site``; nothing is published."""
    with _attempt(at, "build", run) as tell:
        return _built(at, at.config(), tell)


def release(at: Place, run: Run) -> Published:
    """Publish what `build` made."""
    config = at.config()
    if not at.layout.site.is_dir():
        raise Refused(
            "nothing was built yet", hint="Run `blogops build` first, or `blogops rebuild` for both."
        )
    with _attempt(at, "release", run) as tell:
        return _published(at, config, run, "", tell)


def rebuild(at: Place, run: Run) -> Published:
    """Build, and publish the result unless it is the same or the site is pinned."""
    with _attempt(at, "rebuild", run) as tell:
        config = at.config()
        made = _built(at, config, tell)
        return _published(at, config, run, made.newest, tell, made)


def rollback(at: Place, run: Run, to: str = "") -> Published:
    """Make an earlier release live, mark the one left as bad, and pin. No build, no disk needed."""
    with _attempt(at, "rollback", run) as tell:
        ledger, before, began = Ledger(at.layout.ledger), live_id(at.layout), time.monotonic()
        target = rollback_target(at.layout, ledger, live=before, to=to)
        with _step("switch", tell):
            switch(at.layout, target)
        line = _line("rollback", run, Outcome.ROLLED_BACK, before=before, release=target, began=began)
        ledger.append(line)
        return Published(outcome=Outcome.ROLLED_BACK, release=target, before=before)


def unpin(at: Place, run: Run) -> bool:
    """Let scheduled rebuilds publish again; False if nothing was pinned."""
    with _attempt(at, "unpin", run):
        ledger = Ledger(at.layout.ledger)
        if ledger.pin() is None:
            return False
        ledger.append(_line("unpin", run, Outcome.UNPINNED, began=time.monotonic()))
        return True


def releases(at: Place) -> list[Release]:
    """List the releases that lie there, the newest first."""
    ledger, live = Ledger(at.layout.ledger), live_id(at.layout)
    states = ledger.states()
    found = []
    for name in sorted(states, reverse=True):
        origin = ledger.origin_of(name)
        if origin and at.layout.public(name).is_dir():
            state = State.LIVE if name == live else states[name]
            found.append(
                Release(id=name, state=state, made=origin.time, who=origin.who, reason=origin.reason)
            )
    return found


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
        report = website.build(config, at.layout.site, now=datetime.now(UTC))
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
    layout, ledger, began = at.layout, Ledger(at.layout.ledger), time.monotonic()
    before, pin = live_id(layout), ledger.pin()
    task = "rebuild" if made else "release"
    held_back = pin is not None and run.reason != DEPLOY
    same_as = _same_content(ledger, before, content_hash(layout.site), waiting=held_back)
    if same_as:
        if pin and not held_back:
            ledger.append(_line("unpin", run, Outcome.UNPINNED, began=began))
        ledger.append(_line(task, run, Outcome.UNCHANGED, before=before, began=began))
        unpinned = pin is not None and not held_back
        return Published(
            outcome=Outcome.UNCHANGED, release=same_as, before=before, build=made, unpinned=unpinned
        )
    with _step("stage", tell):
        staged = stage(layout, live=before, known=set(ledger.states()))
    facts = {"before": before, "release": staged.id, "content": staged.content}
    if held_back:
        ledger.append(_line(task, run, Outcome.WAITING, began=began, **facts))
        return Published(outcome=Outcome.WAITING, release=staged.id, before=before, build=made)
    with _step("switch", tell):
        switch(layout, staged.id)
    _verified(
        at,
        config,
        newest,
        before,
        tell,
        lambda error: ledger.append(_line(task, run, Outcome.REVERTED, began=began, error=error, **facts)),
    )
    with _step("record", tell):
        ledger.append(_line(task, run, Outcome.PUBLISHED, began=began, **facts))
    warnings = _pruned(layout, ledger, staged.id, config.releases.keep, tell)
    return Published(
        outcome=Outcome.PUBLISHED,
        release=staged.id,
        before=before,
        build=made,
        unpinned=pin is not None,
        warnings=warnings,
    )


def _same_content(ledger: Ledger, live: str, content: str, *, waiting: bool) -> str:
    """Return the release that has these bytes already: the live one, or the newest that waits."""
    candidates = [live]
    if waiting:
        states = ledger.states()
        candidates += [name for name in sorted(states)[-1:] if states[name] is State.READY]
    return next((name for name in candidates if name and ledger.content_of(name) == content), "")


def _verified(
    at: Place, config: Config, newest: str, before: str, tell: Tell, reverted: Callable[[str], None]
) -> None:
    if not at.served:
        return
    try:
        with _step("verify", tell):
            check_health(config, at.layout.current / "public", newest)
    except Failed as error:
        if before:
            switch(at.layout, before)
        else:
            at.layout.current.unlink()
        reverted(str(error))
        raise Reverted(
            f"the new release is not healthy, so {before or 'nothing'} is live again: {error}",
            hint="Look at /var/log/nginx, mend it and deploy again.",
        ) from error


def _pruned(layout: Layout, ledger: Ledger, live: str, keep: int, tell: Tell) -> tuple[str, ...]:
    try:
        with _step("prune", tell):
            prune(layout, ledger, live=live, keep=keep)
    except OSError as error:
        return (f"old releases could not be removed: {error}",)
    return ()


def _line(task: str, run: Run, outcome: Outcome, *, began: float, **facts: str) -> Attempt:
    return Attempt(
        time=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        task=task,
        who=run.who,
        reason=run.reason,
        outcome=outcome,
        seconds=round(time.monotonic() - began, 3),
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
    began = time.monotonic()
    with _in_words(at), _undisturbed():
        at.layout.prepare()
        with held(at.layout.lock, task=task, who=run.who, wait=run.wait):
            try:
                yield run.tell
            except Failed as error:
                line = _line(
                    task, run, Outcome.FAILED, before=live_id(at.layout), error=str(error), began=began
                )
                Ledger(at.layout.ledger).append(line)
                raise


@contextmanager
def _in_words(at: Place) -> Iterator[None]:
    try:
        yield
    except OpsError:
        raise
    except PermissionError as error:
        raise Failed(f"not allowed: {error}", hint="Run it as the user who owns the blog.") from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = "What was live is live still." + (" Make room: see `df -h` and `df -i`." if full else "")
        raise Failed(str(error), where=str(at.layout.root), hint=hint) from error


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A dropped connection stops nothing; SIGTERM stops as Ctrl-C does, with everything put away."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {
        signal.SIGHUP: signal.signal(signal.SIGHUP, signal.SIG_IGN),
        signal.SIGTERM: signal.signal(signal.SIGTERM, stop),
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
