"""The service behind nginx, as WSGI calls it."""

import json
from pathlib import Path
from typing import Any

import pytest

from blogops.releases import Attempt, Layout, Ledger, Outcome, switch
from blogops.service.app import application


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setenv("BLOGOPS_ROOT", str(tmp_path))
    return Layout(tmp_path)


def ask(path: str, method: str = "GET", query: str = "") -> tuple[str, dict[str, str], bytes]:
    """Ask as gunicorn does: the decoded path as latin-1, the query as it came."""
    said: list[Any] = []
    latin = path.encode("utf-8", "surrogateescape").decode("latin-1")
    environ = {"PATH_INFO": latin, "REQUEST_METHOD": method, "QUERY_STRING": query}
    body = b"".join(application(environ, lambda line, headers: said.extend([line, headers])))
    return said[0], dict(said[1]), body


def release(layout: Layout, number: int, moves: dict[str, str | None]) -> str:
    """Make a release that says *moves*, and make it live."""
    name = f"{number:06d}-20260101T000000Z-00000000"
    layout.public(name).mkdir(parents=True)
    (layout.release(name) / "moves.json").write_text(json.dumps(moves))
    switch(layout, name)
    return name


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
        ("/nothing", "DELETE", "405 Method Not Allowed"),
        ("/" + "a" * 100_000, "GET", "404 Not Found"),
        ("/\udcff", "GET", "404 Not Found"),
        ("", "GET", "404 Not Found"),
    ],
)
def test_nothing_else(layout: Layout, path: str, method: str, line: str) -> None:
    assert ask(path, method)[0] == line


def test_head_has_no_body(layout: Layout) -> None:
    line, headers, body = ask("/_blog/status", "HEAD")
    assert (line, body) == ("200 OK", b"")
    assert int(headers["Content-Length"]) > 0


MOVED = {
    "/old.html": "/new.html",
    "/élan vital.html": "/%C3%A9lan.html",
    "/folder/": "/new.html?b=2#end",
    "/out.html": "https://other.example.org/x",
    "/gone.html": None,
    "/short.html": "/short?a=1",
    "/same.html": "https://other.example.org/same.html",
}


@pytest.mark.parametrize(
    ("path", "query", "line", "location"),
    [
        ("/old.html", "", "301 Moved Permanently", "/new.html"),
        ("/old", "", "301 Moved Permanently", "/new.html"),
        ("/old.html", "a=1&b=%20", "301 Moved Permanently", "/new.html?a=1&b=%20"),
        ("/old.html", "a\r\nSet-Cookie: b", "301 Moved Permanently", "/new.html?a%0D%0ASet-Cookie:%20b"),
        ("/old.html", "a=\xe9#x", "301 Moved Permanently", "/new.html?a=%E9%23x"),
        ("/élan vital.html", "", "301 Moved Permanently", "/%C3%A9lan.html"),
        ("/folder/", "", "301 Moved Permanently", "/new.html?b=2#end"),
        ("/folder", "a=1", "301 Moved Permanently", "/new.html?b=2&a=1#end"),
        ("/folder/index.html", "", "301 Moved Permanently", "/new.html?b=2#end"),
        ("/out.html", "", "301 Moved Permanently", "https://other.example.org/x"),
        ("/same.html", "", "301 Moved Permanently", "https://other.example.org/same.html"),
        ("/short.html", "", "301 Moved Permanently", "/short?a=1"),
        ("/short", "a=1", "404 Not Found", None),  # the disk has no such file, and it would lead to itself
        ("/gone.html", "", "410 Gone", None),
        ("/gone", "a=1", "410 Gone", None),
        ("/old.html/", "", "301 Moved Permanently", "/new.html"),
        ("/OLD.html", "", "404 Not Found", None),
        ("/old.htm", "", "404 Not Found", None),
        ("//evil.example.org/old.html", "", "404 Not Found", None),
    ],
)
def test_an_old_address(layout: Layout, path: str, query: str, line: str, location: str | None) -> None:
    release(layout, 1, MOVED)
    for method in ("GET", "HEAD"):
        answer, headers, _ = ask(path, method, query)
        assert (answer, headers.get("Location")) == (line, location)
    assert ask(path, "POST", query)[0] == "405 Method Not Allowed"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example.org",
        "/\\evil.example.org",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: b",
        "/a b",
        "x",
        "",
        "/é",
    ],
)
def test_a_target_that_no_build_writes_is_never_sent(layout: Layout, target: str) -> None:
    release(layout, 1, {"/old.html": target, "/good.html": "/x"})
    assert ask("/old.html")[0] == "404 Not Found"
    assert ask("/good.html")[0] == "301 Moved Permanently"


@pytest.mark.parametrize("text", ["", "null", "[1]", '{"/old.html": 1}', "\udcff"])
def test_a_damaged_table_says_nothing(layout: Layout, text: str) -> None:
    name = release(layout, 1, {})
    (layout.release(name) / "moves.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert ask("/old.html")[0] == "404 Not Found"


def test_moves_go_with_the_release(layout: Layout) -> None:
    assert ask("/old.html")[0] == "404 Not Found"
    first = release(layout, 1, {"/old.html": "/first.html"})
    assert ask("/old.html")[1]["Location"] == "/first.html"
    second = release(layout, 2, {"/old.html": None})
    assert ask("/old.html")[0] == "410 Gone"
    switch(layout, first)
    assert ask("/old.html")[1]["Location"] == "/first.html"
    (layout.release(second) / "moves.json").unlink()  # one that an earlier toolkit made
    switch(layout, second)
    assert ask("/old.html")[0] == "404 Not Found"
