"""The service behind nginx, as WSGI calls it."""

import json
from pathlib import Path
from typing import Any

import pytest

from blogops.releases import Attempt, Layout, Ledger, Outcome
from blogops.service.app import application


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setenv("BLOGOPS_ROOT", str(tmp_path))
    return Layout(tmp_path)


def ask(path: str, method: str = "GET") -> tuple[str, dict[str, str], bytes]:
    said: list[Any] = []
    body = b"".join(
        application(
            {"PATH_INFO": path, "REQUEST_METHOD": method}, lambda line, headers: said.extend([line, headers])
        )
    )
    return said[0], dict(said[1]), body


def test_before_the_first_release(layout: Layout) -> None:
    line, headers, body = ask("/_blog/health")
    assert (line, json.loads(body)) == ("200 OK", {"ok": True, "live": ""})
    assert headers["Cache-Control"] == "no-store"


def test_a_live_release(layout: Layout) -> None:
    name = "000001-20260101T000000Z-00000000"
    layout.public(name).mkdir(parents=True)
    layout.current.symlink_to(f"releases/{name}")
    assert ask("/_blog/health")[0] == "503 Service Unavailable"
    (layout.public(name) / "index.html").write_text("x")
    line = Attempt(
        time="2026-01-01T00:00:00Z", task="t", who="w", reason="r", outcome=Outcome.PUBLISHED, release=name
    )
    Ledger(layout.ledger).append(line)
    assert json.loads(ask("/_blog/health")[2])["ok"] is True
    told = json.loads(ask("/_blog/status")[2])
    assert (told["live"], told["since"], told["pinned"]) == (name, "2026-01-01T00:00:00Z", False)


@pytest.mark.parametrize(
    ("path", "method", "line"),
    [
        ("/_blog/nothing", "GET", "404 Not Found"),
        ("/_blog/../etc/passwd", "GET", "404 Not Found"),
        ("/_blog/health", "POST", "405 Method Not Allowed"),
    ],
)
def test_nothing_else(layout: Layout, path: str, method: str, line: str) -> None:
    assert ask(path, method)[0] == line


def test_head_has_no_body(layout: Layout) -> None:
    line, headers, body = ask("/_blog/status", "HEAD")
    assert (line, body) == ("200 OK", b"")
    assert int(headers["Content-Length"]) > 0
