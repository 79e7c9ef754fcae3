"""``fab serve`` in a real browser: what a save changes on the page, how soon, and how a problem looks."""

import shutil
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest
from previewing import Served, started

from checks import tools
from checks.nginx import REPO

POST = "{title}\n##########\n\n:date: {date}\n\n{body}\n"
WITHIN = 300  # milliseconds from save to visible change (issue 4)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The example, served."""
    shutil.copytree(REPO / "example", tmp_path / "blog", ignore=shutil.ignore_patterns("var"))
    running = started(tmp_path / "blog")
    try:
        yield running
    finally:
        running.end()


def _save(served: Served, expect: str, date: str = "2026-11-01") -> dict[str, str]:
    text = POST.format(title="Neuf", date=date, body=expect)
    return {"file": str(served.folder / "content/neuf.rst"), "text": text, "expect": expect}


def test_a_save_is_on_the_page_at_once(served: Served) -> None:
    served.save("content/neuf.rst", POST.format(title="Neuf", date="2026-11-01", body="Avant."))
    saves = [_save(served, f"Version {number}.") for number in range(9)]
    seen = tools.node("preview.mjs", {"address": f"{served.root}/neuf.html", "saves": saves})
    times = [each["milliseconds"] for each in seen]
    assert min(times) < WITHIN, times
    assert statistics.median(times) < 2 * WITHIN, times
    assert not any(each["troubles"] for each in seen)


def test_a_problem_stands_over_the_page_with_file_and_line(served: Served) -> None:
    served.save("content/neuf.rst", POST.format(title="Neuf", date="2026-11-01", body="Avant."))
    broken = _save(served, "content/neuf.rst:4")
    broken["text"] = POST.format(title="Neuf", date="demain", body="Avant.")
    (seen, mended) = tools.node(
        "preview.mjs", {"address": f"{served.root}/neuf.html", "saves": [broken, _save(served, "Mieux.")]}
    )
    assert "content/neuf.rst:4" in seen["troubles"] and "is not a date" in seen["troubles"]
    assert seen["colour"] == "rgb(127, 29, 29)"
    assert mended["troubles"] == ""
