"""Work in a child process: its result, its limits, and that nothing stays behind."""

import multiprocessing
import os
import signal
from collections.abc import Callable

import pytest

from blogops.website.apart import Limits, Undone, done

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
