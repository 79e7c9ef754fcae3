"""The built example in a real browser: Lighthouse, axe, requests, width, keyboard."""

import datetime as dt
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from blogops import website
from blogops.config import load
from checks import nginx, tools
from checks.example import Built
from checks.tools import nothing

MOST_BYTES = 50_000
ARABIC = """\
نشر مدونة
#########

:date: 2026-01-01
:slug: a

نص قصير.

- واحد

.. code-block:: sh

   ls -l
"""


def findings(measured: dict[str, Any], of: Callable[[dict[str, Any]], list[str]]) -> list[str]:
    """Return what *of* finds in the facts of each page, with the page's address."""
    assert measured["pages"]
    return [f"{path}: {finding}" for path, facts in measured["pages"].items() for finding in of(facts)]


@pytest.mark.parametrize("category", ["performance", "accessibility", "best-practices", "seo"])
def test_lighthouse_has_nothing_to_ask_for(measured: dict[str, Any], category: str) -> None:
    for path, runs in measured["lighthouse"].items():
        best = max(run["scores"][category] for run in runs)
        faults = [fault for fault in runs[-1]["faults"] if fault.startswith(category)]
        assert best == 100, (path, faults)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_on_any_page(measured: dict[str, Any], scheme: str) -> None:
    nothing(findings(measured, lambda facts: facts["axe"][scheme]))


def test_every_page_is_answered_as_itself(measured: dict[str, Any]) -> None:
    assert {facts["status"] for facts in measured["pages"].values()} == {200}


def test_no_request_leaves_the_site(measured: dict[str, Any]) -> None:
    nothing(findings(measured, lambda facts: facts["foreign"]))


def test_the_console_stays_empty(measured: dict[str, Any]) -> None:
    nothing(findings(measured, lambda facts: facts["console"]))


def test_no_page_holds_or_fetches_a_script(measured: dict[str, Any]) -> None:
    nothing(findings(measured, lambda facts: facts["scripts"]))
    assert {facts["scriptBytes"] for facts in measured["pages"].values()} == {0}


def test_no_page_costs_more_than_50_kb(measured: dict[str, Any]) -> None:
    sizes = {path: facts["bytes"] for path, facts in measured["pages"].items()}
    assert {path: size for path, size in sizes.items() if size >= MOST_BYTES} == {}


def test_no_page_scrolls_sideways_on_a_small_phone(measured: dict[str, Any]) -> None:
    nothing(findings(measured, lambda facts: facts["sideways"]))


def test_the_first_stop_of_tab_is_a_skip_link_that_shows(measured: dict[str, Any]) -> None:
    def faults(facts: dict[str, Any]) -> list[str]:
        first = facts["stops"][0]
        return [] if first["href"].startswith("#") and first["shown"] else [first["html"]]

    nothing(findings(measured, faults))


def test_every_stop_of_tab_has_an_outline(measured: dict[str, Any]) -> None:
    def faults(facts: dict[str, Any]) -> list[str]:
        return [stop["html"] for stop in facts["stops"] if not stop["outlined"]]

    nothing(findings(measured, faults))


def test_what_is_not_there_is_answered_with_the_404_page(address: str, published: Built) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{address}/not/there", timeout=10)
    with caught.value as answer:
        assert answer.code == 404
        assert answer.read() == (published.folder / "404.html").read_bytes()


def test_a_page_from_right_to_left_has_the_same_qualities(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/a.rst").write_text(ARABIC, encoding="utf-8")
    toml = '[site]\ntitle = "مدونة"\nurl = "http://b.example.org"\nauthor = "A"\nlanguage = "ar"\n'
    (tmp_path / "blog.toml").write_text(toml, encoding="utf-8")
    website.build(load(tmp_path / "blog.toml"), tmp_path / "site", now=dt.datetime.now(dt.UTC))
    nothing(tools.vnu([tmp_path / "site/a.html"]))
    facts = tools.measured(tmp_path / "site", nginx.example(), "/a.html")
    nothing([*facts["sideways"], *facts["axe"]["light"], *facts["axe"]["dark"]])
    assert facts["stops"][0]["shown"]
