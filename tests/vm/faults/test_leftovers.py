"""Whatever lies about, the next deploy publishes what was asked, or changes nothing."""

import re
from collections.abc import Iterator

import pytest

from faults.bench import Bench
from faults.checks import goes_on, publishes, whole
from faults.leaving import IN_THE_WAY, LEFT, STAMP

pytestmark = pytest.mark.vm

ID = re.compile(r"[0-9]{6}-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


@pytest.fixture
def tidy(bench: Bench) -> Iterator[Bench]:
    """Return the blog for a test that leaves things about in it."""
    bench.start_over()
    yield bench
    bench.start_over()


def test_what_lies_about_is_no_trap(tidy: Bench) -> None:
    """One after the other, and nothing is cleared away in between."""
    for left in LEFT:
        tidy.numbers.injected["leftover"] += 1
        with tidy.polled() if "current" not in left else tidy.watched():
            tidy.do("leave", what=left)
            left_there = set(tidy.look().entries)
            seen = publishes(tidy)
            assert strange(left_there) <= set(seen.entries), left
            goes_on(tidy)
        tidy.numbers.survived["leftover"] += 1


def strange(entries: set[str]) -> set[str]:
    """Return the names that the engine did not give."""
    return {name for name in entries if not ID.fullmatch(name) or STAMP in name}


@pytest.mark.parametrize("what", IN_THE_WAY)
def test_what_stands_in_the_way_is_not_touched(tidy: Bench, what: str) -> None:
    with tidy.surviving("leftover"):
        live = tidy.look().live
        tidy.do("leave", what=what)
        before = tidy.do("everything")
        done = tidy.deploy()
        assert (done.code, "current is not a link" in done.told) == (4, True), done.told
        assert tidy.do("everything") == before
        tidy.do("clear_the_way", live=live)
        goes_on(tidy)


def test_a_line_that_was_cut_off_is_passed_over(tidy: Bench) -> None:
    with tidy.polled(), tidy.surviving("leftover"):
        live = tidy.look().live
        tidy.do("tear")
        asked = tidy.edition()
        assert tidy.deploy(asked).code == 0
        seen = tidy.look()
        assert (seen.torn, seen.editions[seen.live]) == (1, asked)
        assert tidy.blogops("rollback").code == 0
        assert tidy.look().live == live
        assert "not a whole line" in tidy.blogops("status").told


def test_a_whole_release_that_no_ledger_knows_is_never_published(tidy: Bench) -> None:
    with tidy.polled():
        tidy.do("leave", what="a whole release that no ledger knows")
        unknown = max(tidy.look().entries)
        seen = publishes(tidy)
        assert (seen.live > unknown, seen.states[unknown]) == (True, "ready")
        assert tidy.blogops("rollback").code == 0
        assert whole(tidy).live != unknown
