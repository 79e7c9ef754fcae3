"""Back: make an earlier release live again, and pin; or unpin."""

import contextlib
import shutil
from collections.abc import Iterator

from blogops.errors import Reverted, UsageError
from blogops.jobs.attempt import Run, attempt, line_of, step
from blogops.jobs.finishing import finished
from blogops.jobs.health import problem_of
from blogops.jobs.place import Place
from blogops.jobs.reports import Published
from blogops.releases import Attempt, Ledger, Outcome, live_id, rollback_target, switch, to_the_end


def rollback(at: Place, run: Run, to: str = "") -> Published:
    """Make an earlier release live, mark the one left as bad, and pin. No build, no disk needed."""
    with attempt(at, "rollback", run) as tell:
        done = finished(at, run)
        if done and done.outcome is Outcome.ROLLED_BACK and not to:
            return _rolled_back(done)
        ledger, before = Ledger(at.layout.ledger), live_id(at.layout)
        target = rollback_target(at.layout, ledger, live=before, to=to)
        with to_the_end():
            with step("switch", tell):
                switch(at.layout, target)
            with step("verify", tell) if at.served else contextlib.nullcontext():
                doubts = _doubts(at, run, before, target)
            line = line_of("rollback", run, Outcome.ROLLED_BACK, before=before, release=target)
            with step("record", tell):
                return _rolled_back(line, *doubts, *_recorded_somehow(at, ledger, line))


def unpin(at: Place, run: Run) -> bool:
    """Let scheduled rebuilds publish again; False if nothing was pinned."""
    with attempt(at, "unpin", run):
        ledger = Ledger(at.layout.ledger)
        if ledger.pin() is None:
            return False
        ledger.append(line_of("unpin", run, Outcome.UNPINNED))
        return True


def _doubts(at: Place, run: Run, before: str, target: str) -> list[str]:
    """Look at what a rollback made live. It is taken back only where the release left is the sound one.

    Nothing of the manuscript may stand in a rollback's way: without a blog.toml there is no check.
    """
    try:
        config = at.config()
    except (UsageError, OSError) as error:
        return [f"the health was not checked: {error}"] if at.served else []
    problem = problem_of(at, config, "")
    if not problem or not at.layout.public(before).is_dir():
        return [problem] if problem else []
    switch(at.layout, before)
    if problem_of(at, config, ""):  # the server's fault, not the release's
        switch(at.layout, target)
        return [f"the site is not healthy, neither with this release nor with {before}: {problem}"]
    facts = {"before": before, "release": target, "error": problem}
    Ledger(at.layout.ledger).append(line_of("rollback", run, Outcome.REVERTED, **facts))
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
