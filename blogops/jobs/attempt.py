"""One attempt at something: the lock, the steps and their times, the line in the ledger."""

import contextlib
import errno
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from blogops.errors import Failed, UsageError
from blogops.jobs.place import Place
from blogops.releases import Attempt, Ledger, Outcome, held, live_id, undisturbed, utc_now

if TYPE_CHECKING:
    from blogops.website.report import Progress

DEPLOY = "deploy"  # the reason that publishes although the site is pinned

Tell = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class Run:
    """Who asked for what and why, and where its steps (name, seconds) and its *progress* are told."""

    who: str
    reason: str
    wait: float = 0
    tell: Tell = field(default=lambda _step, _seconds: None)
    progress: "Progress" = field(default=lambda _what, _done, _of: None)
    began: float = field(default_factory=time.monotonic)


@contextmanager
def attempt(at: Place, task: str, run: Run) -> Iterator[Tell]:
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
                    Ledger(at.layout.ledger).append(line_of(task, run, Outcome.FAILED, **told))
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


@contextmanager
def step(name: str, tell: Tell) -> Iterator[None]:
    began = time.monotonic()
    yield
    tell(name, time.monotonic() - began)


def line_of(task: str, run: Run, outcome: Outcome, **facts: str) -> Attempt:
    return Attempt(
        time=utc_now(),
        task=task,
        who=run.who,
        reason=run.reason,
        outcome=outcome,
        seconds=round(time.monotonic() - run.began, 3),
        **facts,
    )
