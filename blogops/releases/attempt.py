"""One attempt at something: the lock, the steps and their times, the line in the ledger."""

import contextlib
import errno
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from blogops.errors import Failed, UsageError
from blogops.releases.layout import Layout
from blogops.releases.ledger import DEPLOY, Attempt, Ledger, Outcome, utc_now
from blogops.releases.lock import held, unsent
from blogops.releases.measuring import measure
from blogops.releases.preflight import check_user
from blogops.releases.signals import undisturbed
from blogops.releases.switch import live_id


@dataclass(frozen=True, kw_only=True)
class Run:
    """Who asked for what and why, and who hears of it.

    *begun* hears a step's name, *tell* its name and seconds once it is done, *waiting* who is waited for and
    what came of them, *progress* of long work: what, how many, of how many. *wait* is in seconds.
    """

    who: str
    reason: str
    wait: float = 0
    begun: Callable[[str], None] = field(default=lambda _step: None)
    tell: Callable[[str, float], None] = field(default=lambda _step, _seconds: None)
    waiting: Callable[[str], None] = field(default=lambda _sentence: None)
    progress: Callable[[str, int, int], None] = field(default=lambda _what, _done, _of: None)
    began: float = field(default_factory=time.monotonic)


@dataclass
class Journal:
    """What an attempt under the lock has to tell, and the ledger that it goes into."""

    layout: Layout
    task: str
    run: Run
    ledger: Ledger
    steps: list[tuple[str, float]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    revision: str = ""
    change: str = ""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Take the block as the step *name*, and tell how long it took."""
        self.run.begun(name)
        began = time.monotonic()
        try:
            yield
        finally:
            seconds = round(time.monotonic() - began, 3)
            self.steps.append((name, seconds))
        self.run.tell(name, seconds)

    def line(
        self, outcome: Outcome, *, before: str = "", release: str = "", content: str = "", error: str = ""
    ) -> Attempt:
        """Return the line of the ledger that says what came of it."""
        return Attempt(
            time=utc_now(),
            task=self.task,
            who=self.run.who,
            reason=self.run.reason,
            outcome=outcome,
            seconds=round(time.monotonic() - self.run.began, 3),
            steps=tuple(self.steps),
            warnings=tuple(self.warnings),
            revision=self.revision,
            change=self.change,
            before=before,
            release=release,
            content=content,
            error=error,
        )

    def record(self, outcome: Outcome, **facts: str) -> Attempt:
        """Write that line; on disk before this returns."""
        line = self.line(outcome, **facts)
        self.ledger.append(line)
        return line


@contextmanager
def attempt(
    layout: Layout, task: str, run: Run, *, keeps_word: bool = True, reads: Path | None = None
) -> Iterator[Journal]:
    """Hold the lock for *task*; a failure leaves a line in the ledger, where the attempt *keeps_word*.

    What it *reads* is a manuscript's lock: nobody sends another meanwhile.
    """
    with _in_words(layout), undisturbed(), contextlib.ExitStack() as stack:
        check_user(layout)
        layout.prepare()
        if reads:  # the first of the two, so that a rollback waits for no upload
            stack.enter_context(unsent(reads, wait=run.wait, waiting=run.waiting))
        with held(layout.lock, task=task, who=run.who, wait=run.wait, waiting=run.waiting) as waited:
            journal = Journal(layout, task, run, Ledger(layout.ledger))
            if waited:
                run.waiting(_came_of_it(journal.ledger))
            try:
                with _in_words(layout):
                    yield journal
            except (Failed, UsageError) as error:
                if keeps_word:
                    with contextlib.suppress(OSError):  # a full disk, which the error tells already
                        journal.record(Outcome.FAILED, before=live_id(layout), error=str(error))
                raise
            finally:
                if keeps_word:
                    what = DEPLOY if run.reason == DEPLOY else task
                    measure(layout, journal.ledger, what, journal.steps)


def _came_of_it(ledger: Ledger) -> str:
    """Return in a sentence how the run ended that was waited for."""
    if not ledger.attempts:
        return "that run left no word"
    last = ledger.attempts[-1]
    what = f"{last.task} by {last.who} ended at {last.time}: {last.outcome}"
    return f"{what} {last.release or last.error}".strip()


@contextmanager
def _in_words(layout: Layout) -> Iterator[None]:
    kept = "What was live is live still."
    try:
        yield
    except PermissionError as error:
        raise Failed(f"not allowed: {error}", hint="Run it as the user who owns the blog.") from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = kept + (" Make room: see `df -h` and `df -i`." if full else "")
        raise Failed(str(error), where=str(layout.root), hint=hint) from error
    except KeyboardInterrupt as error:
        raise Failed("stopped by a signal", hint=kept) from error
