"""What status finds: each fact's parser as a table, and what is wrong."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blogops.jobs import host, standing
from blogops.jobs.place import Place
from blogops.releases import Attempt, Layout, Ledger, Outcome

APT = """NOTE: This is only a simulation!
Inst libssl3t64 [3.5.1-1] (3.5.4-1~deb13u1 Debian-Security:13/stable-security [amd64])
Inst nano [8.4-1] (8.4-2 Debian:13.2/stable [amd64])
Inst new (1.0 Debian:13.2/stable, Debian-Security:13/stable-security [all]) []
Conf libssl3t64 (3.5.4-1~deb13u1 Debian-Security:13/stable-security [amd64])
"""


def test_security_updates() -> None:
    assert host.security(APT) == ("libssl3t64", "new")
    assert host.security("") == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n', "Debian GNU/Linux 13 (trixie)"),
        ("PRETTY_NAME=Debian\n", "Debian"),
        ("", "unknown"),
    ],
)
def test_os(text: str, name: str) -> None:
    assert host.os_name(text) == name


@pytest.mark.parametrize(
    ("said", "states"),
    [
        ("active\nfailed\n", ["active", "failed"]),
        ("active\n", ["active", "unknown"]),
        ("", ["unknown", "unknown"]),
    ],
)
def test_services(said: str, states: list[str]) -> None:
    assert [each.state for each in host.services(["nginx", "cron"], said)] == states


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ("notAfter=Nov  7 05:00:00 2027 GMT\n", "2027-11-07T05:00:00Z"),
        ("", "unknown: openssl cannot read the certificate"),
        ("unable to load certificate", "unknown: openssl cannot read the certificate"),
    ],
)
def test_certificate(said: str, ends: str) -> None:
    assert host.end_date(said) == ends


def test_the_disk_of_a_blog_that_was_never_built(tmp_path: Path) -> None:
    assert host.disk(tmp_path / "blog/var").size == host.disk(tmp_path).size > 0


LIVE = "000001-20260101T000000Z-00000000"


def ago(**time: float) -> str:
    return f"{datetime.now(UTC) - timedelta(**time):%Y-%m-%dT%H:%M:%SZ}"


def blog(folder: Path, *tried: tuple[str, Outcome]) -> Place:
    """Return a blog with a live release, of which *tried* is known."""
    at = Place(layout=Layout(folder), manuscript=folder / "source")
    at.layout.prepare()
    at.layout.public(LIVE).mkdir(parents=True)
    (at.layout.public(LIVE) / "index.html").write_text("x")
    at.layout.current.symlink_to(f"releases/{LIVE}")
    ledger = Ledger(at.layout.ledger)
    for time, outcome in tried:
        ledger.append(
            Attempt(time=time, task="rebuild", who="w", reason="schedule", outcome=outcome, release=LIVE)
        )
    return at


@pytest.mark.parametrize(
    ("tried", "wrong"),
    [
        ([(ago(hours=25), Outcome.PUBLISHED)], ""),
        ([(ago(hours=27), Outcome.PUBLISHED)], "is cron alive?"),
        ([(ago(hours=27), Outcome.PUBLISHED), (ago(hours=1), Outcome.FAILED)], "the rebuilds fail"),
        ([(ago(hours=27), Outcome.PUBLISHED), (ago(hours=1), Outcome.UNCHANGED)], ""),
        ([(ago(hours=27), Outcome.PUBLISHED), (ago(hours=1), Outcome.WAITING)], ""),
        ([(ago(hours=-1), Outcome.PUBLISHED)], "was it set back?"),
    ],
)
def test_what_is_wrong(tmp_path: Path, tried: list[tuple[str, Outcome]], wrong: str) -> None:
    problems = standing.status(blog(tmp_path, *tried)).problems
    assert [wrong in problem for problem in problems] == ([True] if wrong else [])


def test_nobody_is_blamed_for_what_is_suspended(tmp_path: Path) -> None:
    at = blog(tmp_path, (ago(days=9), Outcome.PUBLISHED))
    at.layout.suspended.write_text(json.dumps({"since": ago(days=8), "who": "me", "why": "holidays"}))
    post = {"at": ago(days=-1), "what": "appears", "title": "T", "source": "t.rst", "address": "/t.html"}
    at.layout.due.write_text(json.dumps({"daily": ago(days=-1), "coming": [post]}))
    found = standing.status(at)
    assert (found.problems, found.suspended and found.suspended.why) == ((), "holidays")
    assert found.next_post and found.next_daily


ODD = [
    "{",
    "[]",
    '{"coming": 1}',
    '{"coming": [1, {}, {"at": 1}]}',
    '{"coming": [{"at": "x", "what": "appears"}]}',
]


@pytest.mark.parametrize("told", ODD)
def test_what_comes_may_be_damaged(tmp_path: Path, told: str) -> None:
    at = blog(tmp_path, (ago(hours=1), Outcome.PUBLISHED))
    at.layout.due.write_text(told)
    found = standing.status(at)
    assert (found.next_post, found.next_daily, found.problems) == (None, "", ())


def test_a_live_release_that_cannot_be_read(tmp_path: Path) -> None:
    at = blog(tmp_path, (ago(hours=1), Outcome.PUBLISHED))
    (at.layout.public(LIVE) / "index.html").unlink()
    assert "cannot be read" in standing.status(at).problems[0]
