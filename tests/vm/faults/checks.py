"""What must hold, whatever happened. The mutants are put to the same checks, and must fail them."""

from faults.bench import Bench, Look
from faults.striking import Fault

BETWEEN = Fault(kind="KILL", at="pathlib.Path.replace", about=".current.")  # the link is made, not in place


def whole(bench: Bench) -> Look:
    """Each file of the live release is served, nobody holds the lock, every line of the ledger is one."""
    seen = bench.look()
    assert bench.do("pages") == []
    assert not seen.is_locked
    assert seen.torn == 0
    return seen


def goes_on(bench: Bench) -> None:
    """It is whole; the next deploy publishes what was asked, the next rollback goes to what was live."""
    before = whole(bench).live
    publishes(bench)
    done = bench.blogops("rollback")
    assert done.code == 0, done.told
    seen = whole(bench)
    assert seen.live == before
    bench.numbers.rollbacks.append(seen.last["seconds"])


def publishes(bench: Bench, mutant: str = "") -> Look:
    """A deploy that does not wait makes what was asked live."""
    asked = bench.edition()
    done = bench.deploy(asked, mutant=mutant)
    assert done.code == 0, done.told
    seen = whole(bench)
    assert seen.editions[seen.live] == asked
    return seen


def switches_lose_nothing(bench: Bench, count: int, mutant: str = "") -> None:
    """No reader loses an answer while the site is switched *count* times."""
    with bench.polled(pause=0.0):
        bench.numbers.switches += bench.do("switches", count=count, mutant=mutant)


def a_cut_switch_is_no_trap(bench: Bench, mutant: str = "") -> None:
    """After a deploy that was killed in its switch, the next one publishes its own release."""
    fault = Fault(kind="KILL", at="faults.mutants.between") if mutant else BETWEEN
    assert bench.deploy(fault=fault, mutant=mutant).code == -9
    publishes(bench, mutant)


def one_release_is_no_way_back(bench: Bench, mutant: str = "") -> None:
    """A rollback with nothing to go back to is refused, and the site is whole."""
    bench.start_over(releases=1)
    assert bench.blogops("rollback", mutant=mutant).code == 3
    whole(bench)


def what_was_never_live_is_no_target(bench: Bench, mutant: str = "") -> None:
    """A rollback passes over the release of a deploy that was killed before it was live."""
    first = publishes(bench).live
    assert bench.deploy(fault=Fault(kind="KILL", step="stage", when="after")).code == -9
    publishes(bench)
    assert bench.blogops("rollback", mutant=mutant).code == 0
    assert whole(bench).live == first


def a_cut_deploy_is_not_gone_back_from(bench: Bench, mutant: str = "") -> None:
    """A rollback right after such a deploy leaves the live release, not the one that never was."""
    first = publishes(bench).live
    publishes(bench)
    assert bench.deploy(fault=Fault(kind="KILL", step="stage", when="after")).code == -9
    assert bench.blogops("rollback", mutant=mutant).code == 0
    assert whole(bench).live == first


def what_is_live_is_never_pruned(bench: Bench, mutant: str = "") -> None:
    """An old release that is live again stays, however many newer ones come."""
    first = publishes(bench).live
    for _ in range(4):
        publishes(bench)
    assert bench.blogops("rollback", "--to", first).code == 0
    for _ in range(6):
        bench.do("say", edition=bench.edition())
        assert bench.blogops("rebuild", "--reason", "schedule", mutant=mutant).code == 0
    assert whole(bench).live == first
