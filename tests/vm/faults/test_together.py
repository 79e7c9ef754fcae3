"""Many at once: one at a time, and nothing is lost."""

import itertools
import shutil

import pytest
from driving import Driver

from faults.bench import DEPLOY, Bench
from faults.checks import goes_on, publishes, whole
from faults.striking import ROOT

pytestmark = pytest.mark.vm


def test_ten_deploys_at_once(bench: Bench) -> None:
    with bench.polled():
        before = publishes(bench).live
        asked = [bench.edition() for _ in range(10)]
        waits = [("--wait", "60") if number % 2 else () for number in range(10)]
        running = [
            bench.start_inside(*DEPLOY, "--unpin", *wait, edition=edition)
            for edition, wait in zip(asked, waits, strict=True)
        ]
        ended = [bench.end_inside(pid) for pid in running]
        done = [one for one in ended if one.code == 0]
        busy = [one for one in ended if one.code == 75]
        assert len(done) + len(busy) == 10, [one.told for one in ended]
        assert all(one.code == 0 for one, wait in zip(ended, waits, strict=True) if wait)
        assert all("is at work here since" in one.told for one in busy)
        held = sorted(one.held for one in done)
        assert all(first[1] <= second[0] for first, second in itertools.pairwise(held))
        lines = bench.do("ledger", count=len(done))
        assert [line["outcome"] for line in lines] == ["published"] * len(done)
        assert [line["before"] for line in lines] == [before, *(line["release"] for line in lines[:-1])]
        seen = whole(bench)
        assert seen.live == lines[-1]["release"]
        assert seen.editions[seen.live] == asked[ended.index(max(done, key=lambda one: one.held))]
        bench.numbers.at_once = {"started": 10, "published": len(done), "busy": len(busy)}
        goes_on(bench)


def test_nothing_is_read_while_it_is_sent(bench: Bench) -> None:
    """A build waits for an upload, or is told of it; a way back does not wait."""
    before = publishes(bench)
    lock = f"{ROOT}/source.lock"
    bench.background(f"flock {lock} sleep 8")
    bench.ssh(f"while flock -n {lock} true; do sleep 0.05; done")
    bench.do("say", edition=bench.edition())
    done = bench.blogops(*DEPLOY)
    assert (done.code, "a manuscript is being sent here" in done.told) == (75, True), done.told
    back = bench.blogops("rollback")
    assert back.code == 0, back.told
    assert bench.look().live != before.live
    bench.ssh(f"! flock -n {lock} true")  # it is on its way still
    waited = bench.blogops(*DEPLOY, "--unpin", "--wait", "60")
    assert (waited.code, "waiting: a manuscript is being sent here" in waited.told) == (0, True), waited.told
    goes_on(bench)


def test_three_people_deploy_at_once(bench: Bench) -> None:
    """Each sends another manuscript; the last that was sent is live in the end."""
    people = []
    for _ in range(3):
        edition = bench.edition()
        bench.set_title(edition)
        folder = bench.folder.with_name(edition)
        shutil.copytree(bench.folder, folder)
        people.append(Driver(bench.machine, folder))
    with bench.polled():
        running = [person.start("deploy", "--unpin") for person in people]
        told = [one.communicate(timeout=120) for one in running]
        assert {one.returncode for one in running} <= {0, 75}, told
        seen = whole(bench)
        assert seen.editions[seen.live] == bench.do("title")
        assert bench.blogops(*DEPLOY).told.endswith(f"nothing changed: {seen.live} has these bytes already\n")
        goes_on(bench)
