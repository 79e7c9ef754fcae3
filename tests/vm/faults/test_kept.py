"""What is kept: nobody can change it, it is what it was, and pages from before a switch find their assets."""

import json
import re

import pytest

from faults.bench import Bench
from faults.checks import publishes, whole

pytestmark = pytest.mark.vm

STYLE = re.compile(r'href="(/theme/[^"]+\.css)"')


@pytest.mark.parametrize("user", ["www-data", "nobody"])
def test_nobody_else_can_change_a_release(bench: Bench, user: str) -> None:
    with bench.polled():
        publishes(bench)
        as_user = f"setpriv --reuid={user} --regid=$(id -g {user}) --clear-groups env PYTHONPATH=/tmp/faults"
        told = json.loads(bench.ssh(f"{as_user} python3 -B -m faults.intruder /srv/blog/releases"))
        assert told["tried"] > 500
        assert told["could"] == []
        whole(bench)


def test_every_kept_release_is_what_it_was(bench: Bench) -> None:
    for _ in range(3):
        publishes(bench)
    hashes = bench.do("hashes")
    assert len(hashes) >= 4
    assert {name for name, (said, found) in hashes.items() if said != found} == set()


def test_a_page_from_before_two_switches_finds_its_style(bench: Bench) -> None:
    with bench.polled():
        styles = []
        for colour in ("#0b7285", "#5f3dc4", "#2b8a3e"):
            bench.do("accent", colour=colour)
            publishes(bench)
            styles += STYLE.findall(bench.get("/post-3.html").text)
        assert len(set(styles)) == 3
        for style in styles:
            assert remembered(bench, style) == (200, "public, max-age=31536000, immutable")
        assert remembered(bench, "/theme/missing.css") == (404, "no-store")


def remembered(bench: Bench, path: str) -> tuple[int, str]:
    """Return the status of an answer, and for how long a browser may keep it."""
    answer = bench.get(path)
    return answer.status, answer.headers["Cache-Control"]


def test_what_is_kept_shadows_nothing(bench: Bench) -> None:
    with bench.polled():
        publishes(bench)
        style = STYLE.findall(bench.get("/post-3.html").text)[0]
        text = bench.get(style).text
        bench.do("shadow", name=style.lstrip("/"))
        assert bench.get(style).text == text
        whole(bench)
