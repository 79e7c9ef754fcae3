"""What nginx does not serve as it should is taken back within five seconds of the switch."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from faults.bench import DEPLOY, Bench, Done
from faults.checks import goes_on, publishes, whole
from faults.striking import Fault

pytestmark = pytest.mark.vm

AT_THE_SWITCH = Fault(kind="pause", step="switch")
ANOTHER = "server { listen 80; listen [::]:80; server_name blog.example.org; return 200 another; }"
RELOAD = "nginx -t -q && systemctl reload nginx && sleep 0.2"


@pytest.mark.parametrize("kind", ["unreadable", "page gone"])
def test_a_release_that_is_not_as_it_was_made(bench: Bench, kind: str) -> None:
    before = publishes(bench).live
    with bench.surviving("unhealthy"):
        with bench.watched() as seen:
            done = bench.deploy(fault=Fault(kind=kind, step="switch"))
            after = whole(bench)
        assert (done.code, after.live, after.states[left(done)]) == (5, before, "bad"), done.told
        assert 0 < seen.outage < 5
        bench.numbers.outages[kind] = max(seen.outage, taken_back(done))
        goes_on(bench)


def test_a_server_that_is_another(bench: Bench) -> None:
    before = publishes(bench).live
    with bench.surviving("unhealthy"), bench.watched():
        with at_the_switch(bench, f"echo '{ANOTHER}' >/etc/nginx/sites-enabled/00-other; {RELOAD}") as done:
            bench.ssh(f"rm /etc/nginx/sites-enabled/00-other; {RELOAD}")
        is_innocent(bench, done[0], before)
        bench.numbers.outages["another site answers"] = taken_back(done[0])


def test_a_server_that_hangs(bench: Bench) -> None:
    before = publishes(bench).live
    with bench.surviving("unhealthy"), bench.watched():
        with at_the_switch(bench, "pkill -STOP -P $(cat /run/nginx.pid)") as done:
            bench.ssh("pkill -CONT -P $(cat /run/nginx.pid)")
        is_innocent(bench, done[0], before)
        bench.numbers.outages["nginx hangs"] = taken_back(done[0])


def test_a_server_that_is_down_stops_a_deploy_before_anything(bench: Bench) -> None:
    before = publishes(bench)
    with bench.surviving("unhealthy"):
        bench.ssh("systemctl stop nginx")
        try:
            done = bench.deploy()
            after = bench.look()
        finally:
            bench.ssh("systemctl start nginx")
        assert (done.code, "nginx is not running" in done.told) == (4, True), done.told
        assert (after.live, after.entries) == (before.live, before.entries)
        goes_on(bench)


@contextmanager
def at_the_switch(bench: Bench, command: str) -> Iterator[list[Done]]:
    """Deploy, and run *command* as root right before its switch; the list has what came of it."""
    bench.do("say", edition=bench.edition())
    running = bench.start_inside(*DEPLOY, fault=AT_THE_SWITCH)
    bench.until("is_paused")
    bench.ssh(command)
    done = [bench.end_inside(running, goes=True)]
    yield done


def is_innocent(bench: Bench, done: Done, before: str) -> None:
    """The release came back, and is not bad: the old one was not served either."""
    after = whole(bench)
    assert (done.code, after.live, after.states[left(done)]) == (5, before, "ready"), done.told
    assert taken_back(done) < 5
    goes_on(bench)


def left(done: Done) -> str:
    """Return the release that was live for a moment."""
    return done.links[-2][1]


def taken_back(done: Done) -> float:
    """Return for how many seconds it was."""
    (_, old), (began, _), (ended, again) = done.links[-3:]
    assert old == again
    return ended - began
