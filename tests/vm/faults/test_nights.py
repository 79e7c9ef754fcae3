"""Two months of nights: one without a change, one with."""

import pytest

from faults.bench import Bench
from faults.checks import goes_on, publishes, whole

pytestmark = pytest.mark.vm


def test_sixty_unchanged_nights_leave_nothing(bench: Bench) -> None:
    with bench.polled():
        publishes(bench)
        before, etags, disk = bench.look().entries, bench.do("etags"), bench.do("disk")
        lines = bench.do("nights", count=60, is_changed=False)
        assert {line["outcome"] for line in lines} == {"unchanged"}
        assert bench.look().entries == before
        added = bench.do("disk") - disk
        assert added < disk * 0.02
        assert len(etags) > 15
        assert bench.do("changed", etags=etags) == []
        bench.numbers.nights = {"added": added, "disk": disk, "addresses": len(etags)}


def test_an_edit_changes_the_etags_of_its_pages_only(bench: Bench) -> None:
    with bench.polled():
        publishes(bench)
        before = bench.do("etags")
        bench.do("write", name="source/content/post-2.rst", text=bench.post(2).replace("text", "word"))
        assert bench.blogops("rebuild", "--reason", "deploy").code == 0
        changed = set(bench.do("changed", etags=before))
        assert {"post-2.html", "index.html", "feeds/all.atom.xml"} <= changed
        assert changed.isdisjoint({"post-5.html", "post-6.html", "404.html", "tags.html", "robots.txt"})
        whole(bench)


def test_sixty_changed_nights_do_not_eat_the_week(bench: Bench) -> None:
    with bench.polled():
        by_hand = [publishes(bench).live for _ in range(6)][-5:]
        lines = bench.do("nights", count=60, is_changed=True)
        assert {line["outcome"] for line in lines} == {"published"}
        seen = whole(bench)
        assert set(by_hand) <= set(seen.entries)
        assert len(seen.entries) <= 5 + 5 + 2  # and the newest that waits, and the newest bad one
        goes_on(bench)
