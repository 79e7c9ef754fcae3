"""Signals and lost connections, before and after every step of whatever changes what is live."""

import os
import signal
import time

import pytest

from blogops.jobs import TIMELINE
from faults.bench import DEPLOY, Bench
from faults.checks import BETWEEN, goes_on
from faults.striking import Fault

pytestmark = pytest.mark.vm

STEPS = [step.__name__ for step in TIMELINE if step.__name__ != "fetch"]  # no git here
BACK = ["switch", "verify", "record"]
SIGNALS = ["KILL", "TERM", "INT"]
WHEN = ["before", "after"]
POINTS = [
    Fault(kind="KILL", at="blogops.jobs.building.write_file"),
    Fault(kind="KILL", at="blogops.releases.stage.sync_tree"),
    Fault(kind="KILL", at="blogops.releases.stage.sync_folder"),
    Fault(kind="KILL", at="blogops.jobs.timeline.keep_assets"),
    BETWEEN,
    Fault(kind="KILL", at="blogops.releases.switch.sync_folder"),
    Fault(kind="KILL", at="blogops.releases.ledger.os.fsync"),
    Fault(kind="KILL", at="blogops.releases.prune.remove_tree"),
    Fault(kind="KILL", at="os.rmdir", about="going"),
    Fault(kind="KILL", at="blogops.releases.assets.write_file"),
]


def is_switched(fault: Fault, steps: list[str]) -> bool:
    """Tell whether the fault comes after the switch, or too late to stop it."""
    place = steps.index(fault.step)
    switch = steps.index("switch")
    return place > switch or (place == switch and (fault.when == "after" or fault.kind != "KILL"))


@pytest.mark.parametrize("kind", SIGNALS)
@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("reason", ["deploy", "schedule"])
def test_a_signal_at_a_step(bench: Bench, reason: str, step: str, when: str, kind: str) -> None:
    fault = Fault(kind=kind, step=step, when=when)
    with bench.polled(), bench.surviving(f"SIG{kind}"):
        bench.blogops("unpin")
        before, asked = bench.look().live, bench.edition()
        bench.do("say", edition=asked)
        done = bench.blogops("rebuild", "--reason", reason, fault=fault)
        seen = bench.look()
        if is_switched(fault, STEPS):
            assert (done.code, seen.editions[seen.live]) == (-9 if kind == "KILL" else 0, asked), done.told
        else:
            assert (done.code, seen.live) == (-9 if kind == "KILL" else 4, before), done.told
        goes_on(bench)


@pytest.mark.parametrize("kind", SIGNALS)
@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("step", BACK)
def test_a_signal_at_a_step_back(bench: Bench, step: str, when: str, kind: str) -> None:
    fault = Fault(kind=kind, step=step, when=when)
    with bench.polled(), bench.surviving(f"SIG{kind}"):
        before = bench.look().live
        assert bench.deploy().code == 0
        left = bench.look().live
        done = bench.blogops("rollback", fault=fault)
        assert bench.look().live == (before if is_switched(fault, BACK) else left)
        assert done.code == (-9 if kind == "KILL" else 0), done.told
        goes_on(bench)


@pytest.mark.parametrize("fault", POINTS, ids=lambda fault: str(fault.at))
def test_a_kill_within_a_step(bench: Bench, fault: Fault) -> None:
    with bench.polled(), bench.surviving("SIGKILL"):
        for _ in range(2):  # so that there is something to prune
            assert bench.deploy().code == 0
        assert bench.deploy(fault=fault).code == -9
        goes_on(bench)


@pytest.mark.parametrize("step", ["build", "verify"])
@pytest.mark.parametrize("what", ["the server's sshd", "fab"])
def test_a_lost_connection_stops_nothing(bench: Bench, what: str, step: str) -> None:
    asked = bench.edition()
    bench.set_title(asked)
    with bench.polled(), bench.surviving("SSH cut"), bench.real_fault(Fault(kind="pause", step=step)):
        bench.do("forget")
        running = bench.start("deploy", "--unpin")
        pid = bench.until("is_paused")
        if what == "fab":
            os.killpg(running.pid, signal.SIGKILL)
        else:
            bench.do("cut", pid=pid)
        _, told = running.communicate(timeout=60)
        cut = (4, "was cut") if what != "fab" else (-signal.SIGKILL, "")
        assert (running.returncode, cut[1] in told, "Traceback" in told) == (cut[0], True, False), told
        bench.do("go")
        deadline = time.monotonic() + 20
        while bench.look().is_locked:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        seen = bench.look()
        assert seen.editions[seen.live] == asked
        assert seen.last["outcome"] == "published"
        goes_on(bench)


def test_the_next_command_starts_at_once_when_the_holder_is_killed(bench: Bench) -> None:
    with bench.polled(), bench.surviving("SIGKILL"):
        holder = bench.start_inside(*DEPLOY, "--unpin", fault=Fault(kind="pause", step="build"))
        bench.until("is_paused")
        busy = bench.blogops("unpin")
        assert (busy.code, f"process {holder}" in busy.told) == (75, True), busy.told
        bench.do("kill", pid=holder)
        assert bench.end_inside(holder).code == -9
        freed = bench.blogops("unpin")
        assert (freed.code, freed.seconds < 2) == (0, True), freed
        goes_on(bench)
