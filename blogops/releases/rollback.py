"""Back: make an earlier release live again, and pin.

The standard library is all it needs, and no file but those of the releases: it is also installed by itself,
outside the toolkit (`blogops.provision.standalone`).
"""

from typing import NamedTuple

from blogops.errors import Reverted
from blogops.releases.attempt import Journal, Run, attempt
from blogops.releases.finishing import finished, go_back
from blogops.releases.health import problem_of, vhost_of
from blogops.releases.layout import Layout
from blogops.releases.ledger import Outcome, State
from blogops.releases.room import with_room
from blogops.releases.signals import to_the_end
from blogops.releases.switch import live_id, switch
from blogops.releases.target import rollback_target


class WentBack(NamedTuple):
    """What came of a rollback: which release is live, which one it left, and what is not as it should be."""

    release: str
    before: str
    left: State
    warnings: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What a person reads of it."""
        left = "marked bad" if self.left is State.BAD else "retired"
        until = "rebuilds publish nothing until `fab deploy --unpin` or `fab unpin`"
        return f"{self.release} is live again; {self.before or 'nothing'} is {left}, and {until}"


def roll_back(layout: Layout, run: Run, *, to: str = "", steps: int = 1) -> WentBack:
    """Make an earlier release live, mark the one left as bad, and pin. No build, no disk needed.

    Raises `Refused` where there is none to go back to, and `Reverted` where it is not healthy and the one
    that was left is.
    """
    with attempt(layout, "rollback", run) as journal:
        done = finished(journal, look=False)
        before = live_id(layout)
        if done and done.outcome is Outcome.ROLLED_BACK and not to and steps == 1:
            return _went_back(journal, done.before, done.release)
        target = rollback_target(layout, journal.ledger, live=before, to=to, steps=steps)
        with to_the_end():
            with journal.step("switch"):
                with_room(layout, lambda: switch(layout, target))
            with journal.step("verify"):
                _verify(journal, before, target)
            with journal.step("record"):
                _record(journal, before, target)
        return _went_back(journal, before, target)


def _went_back(journal: Journal, before: str, target: str) -> WentBack:
    left = State.BAD if target < before else State.RETIRED  # ids sort as they were given
    return WentBack(release=target, before=before, left=left, warnings=tuple(journal.warnings))


def _verify(journal: Journal, before: str, target: str) -> None:
    """Look at what is live now. It is taken back only where the release that was left is the sound one."""
    layout = journal.layout
    problem = problem_of(layout, target)
    if not problem:
        if layout.vhost and not vhost_of(layout):
            journal.warnings.append(f"the health was not checked: {layout.vhost} cannot be read")
        return
    if not layout.public(before).is_dir():
        journal.warnings.append(problem)
        return
    go_back(layout, before)
    if problem_of(layout, before):  # the server's fault, not the release's
        go_back(layout, target)
        journal.warnings.append(
            f"the site is not healthy, neither with this release nor with {before}: {problem}"
        )
        return
    with_room(layout, lambda: journal.record(Outcome.REVERTED, before=before, release=target, error=problem))
    raise Reverted(
        f"{target} is not healthy, so {before} is live again: {problem}", hint="Name another: --to ID."
    )


def _record(journal: Journal, before: str, target: str) -> None:
    try:
        with_room(journal.layout, lambda: journal.record(Outcome.ROLLED_BACK, before=before, release=target))
    except OSError as error:
        journal.warnings.append(f"the rollback is not recorded yet, the next run will do it: {error}")
