"""Ids are the server's: no clock but its own has a say in them."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from faults.bench import Bench
from faults.checks import goes_on, publishes, whole

pytestmark = pytest.mark.vm

WRONG = """
import datetime, os, time
shift, real = float(os.environ["CLOCK_SHIFT"]), time.time
time.time = lambda: real() + shift
class Shifted(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(seconds=shift)
datetime.datetime = Shifted
"""
DAY = 86400  # seconds


@pytest.mark.parametrize(
    ("days", "zone"), [(3, "Pacific/Kiritimati"), (-3, "America/Anchorage")], ids=["ahead", "behind"]
)
def test_a_laptop_whose_clock_is_wrong(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, zone: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(WRONG)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setenv("CLOCK_SHIFT", str(days * DAY))
    monkeypatch.setenv("TZ", zone)
    command = [sys.executable, "-c", "import time; print(time.time())"]
    now = float(subprocess.run(command, capture_output=True, check=True).stdout)
    assert abs(now - time.time() - days * DAY) < 60
    with bench.polled():
        before, asked = publishes(bench).live, bench.edition()
        bench.set_title(asked)
        for path in bench.folder.rglob("*.*"):
            os.utime(path, (time.time() + days * DAY,) * 2)
        bench.done("deploy", "--unpin")
        seen = whole(bench)
        assert seen.editions[seen.live] == asked
        assert int(seen.live[:6]) == int(before[:6]) + 1
        made = datetime.strptime(seen.live[7:23], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        assert abs(made.timestamp() - time.time()) < 60
        goes_on(bench)


def test_two_deploys_within_a_second(bench: Bench) -> None:
    with bench.polled():
        live = [publishes(bench).live]
        while len(live) < 30 and not any(first[7:23] == second[7:23] for first, second in pairwise(live)):
            live.append(publishes(bench).live)
    assert len(live) < 30
    assert live == sorted(set(live))
