"""Work in a child process: its result, its limits, and that nothing stays behind."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blogops.website import apart
from blogops.website.apart import Limits, Lost, Undone, done, each

LIMITS = Limits(seconds=1, memory=2 << 30)


def spin() -> bytes:
    while True:
        pass


def hoard() -> bytes:
    return bytes(4 << 30)


def leave() -> bytes:
    os._exit(3)


def die() -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def stumble() -> bytes:
    raise ValueError("no such thing")


def test_the_result_comes_back_whole() -> None:
    here, long = os.getpid(), os.urandom(5_000_000)
    assert done(lambda: long + str(os.getpid() == here).encode(), LIMITS) == long + b"False"
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(
    ("work", "why"),
    [
        (spin, "it took more than 1 s"),
        (hoard, "MemoryError"),
        (leave, "ended with code 3"),
        (die, "ended with code -9"),
        (stumble, "ValueError: no such thing"),
    ],
)
def test_what_goes_wrong_is_said(
    work: Callable[[], bytes], why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Undone, match=why):
        done(work, LIMITS)
    assert multiprocessing.active_children() == []
    assert capfd.readouterr() == ("", "")


def test_results_come_in_order_though_one_takes_long() -> None:
    """And the others are done meanwhile: more of them than may be ahead."""

    def slow(number: int) -> tuple[int, bytes]:
        time.sleep(1 if number == 1 else 0)
        return number, bytes(5000)

    count = 2 * apart._AHEAD + 200
    made = list(each(slow, range(count)))
    assert [number for number, _ in made] == list(range(count))
    assert {len(data) for _, data in made} == {5000}
    assert multiprocessing.active_children() == []


def test_no_child_is_far_ahead_of_what_is_asked_for(tmp_path: Path) -> None:
    """What came of the pieces would fill the memory."""

    def noted(number: int) -> int:
        (tmp_path / str(number)).touch()
        return number

    made = each(noted, range(10 * apart._AHEAD))
    assert next(made) == 0
    time.sleep(0.5)
    assert len(list(tmp_path.iterdir())) <= apart._AHEAD
    made.close()
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("fatal", [{0}, {5}, {6, 7}, {39}, set(range(40))])
def test_a_piece_that_kills_its_child_is_the_only_one_that_is_lost(fatal: set[int]) -> None:
    def work(number: int) -> int:
        if number in fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    made = list(each(work, range(40)))
    assert made == [Lost(-signal.SIGKILL) if number in fatal else number for number in range(40)]
    assert multiprocessing.active_children() == []


def test_all_that_there_is_to_do_is_shared(tmp_path: Path) -> None:
    """A child with a long piece is given no others."""

    def work(number: int) -> int:
        time.sleep(0.5 if number == 0 else 0.005)
        return os.getpid()

    made = list(each(work, range(60)))
    assert len(set(made)) == min(apart.processors(), 60)
    if apart.processors() > 1:
        assert made.count(made[0]) <= apart._QUEUED + 1


@pytest.mark.parametrize("few", [0, 10])
def test_what_is_done_meanwhile_is_done_once(few: int) -> None:
    seen: list[str] = []
    made = each(str, range(5), few=few, meanwhile=lambda: seen.append("done"))
    assert next(made) == "0"
    assert seen == ["done"]
    assert list(made) == ["1", "2", "3", "4"]
    assert seen == ["done"]
    assert list(each(str, [], few=few, meanwhile=lambda: seen.append("again"))) == []
    assert seen == ["done", "again"]


def test_whoever_loses_interest_leaves_no_child_behind() -> None:
    made = each(lambda _: os.getpid(), range(100))
    children = {next(made) for _ in range(20)}
    made.close()
    for child in children:
        with pytest.raises(ChildProcessError):
            os.waitpid(child, os.WNOHANG)


def test_a_child_whose_parent_was_killed_ends(tmp_path: Path) -> None:
    def work(number: int) -> int:
        (tmp_path / str(os.getpid())).touch()
        return number

    parent = os.fork()
    if parent == 0:
        made = each(work, range(100))
        next(made)
        time.sleep(60)
    wanted = min(apart.processors(), 100)
    until = time.monotonic() + 20
    while len(list(tmp_path.iterdir())) < wanted and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    children = [int(file.name) for file in tmp_path.iterdir()]
    assert len(children) == wanted
    while any(map(_is_there, children)) and time.monotonic() < until:
        time.sleep(0.01)
    assert not any(map(_is_there, children))


def _is_there(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
