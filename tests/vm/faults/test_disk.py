"""Disks that fill, by bytes, by inodes and by both, before each step of a deploy and of a rollback."""

import json
import re
from collections.abc import Iterator

import pytest

from blogops.jobs import TIMELINE
from faults.bench import DEPLOY, Bench
from faults.checks import goes_on, publishes, whole
from faults.small_disk import small_disk, with_toolkit
from faults.striking import Fault

pytestmark = pytest.mark.vm

STEPS = [step.__name__ for step in TIMELINE if step.__name__ != "fetch"]  # no git here
NEEDY = STEPS[: STEPS.index("switch")]  # no deploy comes through these without room
KINDS = ["bytes", "inodes", "both"]


@pytest.fixture(scope="module")
def disk(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Return the blog on a disk that can be filled."""
    with small_disk(bench, tmp_path_factory.mktemp("disk")):
        yield bench


@pytest.fixture
def full(disk: Bench) -> Iterator[Bench]:
    """Return it for a test that fills the disk."""
    yield disk
    disk.do("free")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", STEPS)
def test_a_deploy_whose_disk_is_full(full: Bench, step: str, kind: str) -> None:
    with full.polled(), full.surviving(f"disk full: {kind}"):
        full.blogops("unpin")
        before, asked = full.look().live, full.edition()
        full.do("say", edition=asked)
        done = full.blogops(*DEPLOY, fault=Fault(kind=kind, step=step))
        seen = whole(full)
        full.do("free")
        if done.code == 0 and step not in NEEDY:  # what is left to write had room
            assert (seen.editions[seen.live], seen.last["outcome"]) == (asked, "published")
        else:
            assert (done.code, seen.live) == (4, before), done.told
            assert re.search(r"No space left|\d+ inodes are free", done.told), done.told
        goes_on(full)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", ["switch", "verify", "record"])
def test_a_rollback_whose_disk_is_full(full: Bench, step: str, kind: str) -> None:
    with full.polled(), full.surviving(f"disk full: {kind}"):
        before = full.look().live
        publishes(full)
        done = full.blogops("rollback", fault=Fault(kind=kind, step=step))
        seen = whole(full)
        full.do("free")
        assert (done.code, seen.live, seen.last["outcome"]) == (0, before, "rolled back"), done.told
        goes_on(full)


def test_a_line_of_which_half_has_room_is_not_written(full: Bench) -> None:
    with full.polled(), full.surviving("disk full: both"):
        publishes(full)
        full.do("pad")  # the next line goes over the end of a page, and of a block
        before = full.look().live
        done = full.deploy(fault=Fault(kind="both", step="record"))
        seen = whole(full)
        full.do("free")
        assert (done.code, seen.live) == (4, before), done.told
        goes_on(full)


def test_a_rollback_to_what_is_not_healthy_is_taken_back_without_disk(full: Bench) -> None:
    with full.watched(), full.surviving("disk full: both"):
        target = full.look().live
        before = publishes(full).live
        full.do("mode", name=f"releases/{target}/public", bits=0o700)
        done = full.blogops("rollback", fault=Fault(kind="both", step="verify"))
        seen = whole(full)
        full.do("free")
        full.do("mode", name=f"releases/{target}/public", bits=0o555)
        assert (done.code, seen.live) == (5, before), done.told
        goes_on(full)


def test_fab_rollback_twice_without_disk_toolkit_or_manuscript(full: Bench) -> None:
    way = [publishes(full).live for _ in range(3)]
    full.ssh("cp -a /srv/blog/source /run/blog-source && rm -r /srv/blog/source")
    full.ssh("umount -l /srv/blog/toolkit && rmdir /srv/blog/toolkit")
    try:
        with full.polled(), full.surviving("disk full: both"):
            for target in reversed(way[:2]):  # the second has no reserve any more
                full.do("fill")
                assert full.do("room") == [0, 0]
                told = full.done("rollback")
                assert f"{target} is live again" in told
                assert whole(full).live == target
    finally:
        full.do("free")
        full.ssh(f"mkdir /srv/blog/toolkit && chown blog: /srv/blog/toolkit && {with_toolkit()}")
        full.ssh("cp -a /run/blog-source /srv/blog/source && rm -r /run/blog-source")
    lines = json.loads(full.done("log", "--json"))[-2:]
    assert [(line["outcome"], line["seconds"] < 1) for line in lines] == [("rolled back", True)] * 2, lines
    full.numbers.rollbacks_on_a_full_disk = [line["seconds"] for line in lines]
    goes_on(full)


def test_a_full_disk_at_the_hour(full: Bench) -> None:
    """The check remembers that it has told, where nothing can be written, and goes on by itself."""
    check, memory = "runuser -u blog -- /usr/local/lib/blogops-blog/due", "/srv/blog/work/watch.json"
    publishes(full)
    # As `fab setup` made it, and nothing is known of the last build.
    full.ssh(f"printf %16384s '' >{memory}; chown blog: {memory}; rm -f /srv/blog/work/due.json")
    full.ssh("dd if=/dev/zero of=/srv/blog/filler bs=4k 2>/dev/null || sync")
    assert "the disk is too full" in full.ssh(f"{check} 2>&1; true")
    failing = json.loads(full.ssh(f"cat {memory}"))["failing"]
    assert failing["tried"] == failing["since"]
    assert full.ssh(f"{check} 2>&1") == ""  # not again at once
    full.ssh("rm /srv/blog/filler; sleep 61")
    assert full.ssh(f"{check} 2>&1") == ""
    assert json.loads(full.ssh(f"cat {memory}"))["failing"] is None
    goes_on(full)
