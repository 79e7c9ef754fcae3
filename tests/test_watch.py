"""The minute's check: when it works, whom it tells, how often; with real servers for what it sends."""

import json
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from blogops.errors import Busy, Failed, UsageError
from blogops.releases import Attempt, Layout, Ledger, Outcome
from blogops.watch.channels import Channels
from blogops.watch.check import check, try_channels
from blogops.watch.look import memory, owed, read, utc, why_now
from blogops.watch.remember import SIZE, remembered
from blogops.watch.suspension import resume, suspend, suspension

NOON = 1_795_780_800  # 2026-11-27T12:00:00Z
QUIET: dict[str, object] = {
    "built": "2026-11-27T04:10:00Z",
    "next": None,
    "daily": "2026-11-28T03:10:00Z",
    "coming": [],
}
COMING = {"at": "2026-11-20T12:00:00Z", "what": "appears", "title": "Noël", "source": "noel.rst"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "blog/source").mkdir(parents=True)
    (tmp_path / "blog/work").mkdir()
    (tmp_path / "blog/source/blog.toml").write_text("")
    return tmp_path / "blog"


def _due(root: Path, **told: object) -> None:
    (root / "work/due.json").write_text(json.dumps({**QUIET, **told}))


def _remember(root: Path, **kept: object) -> None:
    Path(memory(str(root))).write_text(json.dumps(kept).ljust(SIZE))


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, ""),
        ({"next": "2026-11-27T12:00:01Z"}, ""),
        ({"next": "2026-11-27T12:00:00Z"}, "a post is due"),
        ({"next": "2026-11-20T12:00:00Z"}, "a post is due"),
        ({"daily": "2026-11-27T12:00:00Z"}, "it is time for the daily rebuild"),
        ({"daily": "2026-11-25T03:10:00Z"}, "it is time for the daily rebuild"),  # asleep for two days
        ({"built": "2026-11-27T12:00:01Z"}, "the clock was set back"),
        ({"daily": None}, "nothing is known of the last build"),
        ({"built": ""}, "nothing is known of the last build"),
    ],
)
def test_it_works_when_something_is_due(root: Path, told: dict[str, object], why: str) -> None:
    _due(root, **told)
    assert why_now(str(root), NOON) == why


@pytest.mark.parametrize("damage", [None, b"", b'{"built": "2026', b"[]", b"\xff\xfe"])
def test_where_nothing_is_known_it_is_due(root: Path, damage: bytes | None) -> None:
    if damage is not None:
        (root / "work/due.json").write_bytes(damage)
    assert why_now(str(root), NOON)


def test_before_the_first_deploy_nothing_is_due(root: Path) -> None:
    (root / "source/blog.toml").unlink()
    assert not why_now(str(root), NOON)


@pytest.mark.parametrize(
    ("failed_for", "since_try", "again"),
    [(0, 59, 0), (0, 60, 1), (60, 60, 1), (240, 239, 0), (240, 240, 1), (86400, 3599, 0), (86400, 3600, 1)],
)
def test_what_fails_is_tried_less_and_less_often(
    root: Path, failed_for: int, since_try: int, again: int
) -> None:
    tried = NOON - since_try
    _due(root)
    _remember(root, failing={"since": tried - failed_for, "tried": tried})
    assert bool(why_now(str(root), NOON)) == bool(again)


def test_a_run_that_tells_nothing_of_the_next_is_not_made_each_minute(
    root: Path, toolkit: Callable[..., None]
) -> None:
    toolkit(0)  # as a toolkit from before due.json
    assert check(root) == 0
    now = int(time.time())
    assert not why_now(str(root), now)
    assert why_now(str(root), now + 600)
    _due(root, daily="2020-01-01T00:00:00Z", built="2019-12-31T00:00:00Z")
    assert check(root, by_hand=True) == 0
    (root / "work/due.json").unlink()  # by `fab unpin`
    assert why_now(str(root), now)


def test_a_failure_that_a_deploy_has_mended_is_looked_at_at_once(root: Path) -> None:
    _due(root, built=utc(NOON - 5))
    _remember(root, failing={"since": NOON - 90000, "tried": NOON - 10})
    assert why_now(str(root), NOON)


def test_a_clock_that_was_ahead_does_not_hold_it_up(root: Path) -> None:
    _remember(root, failing={"since": NOON + 90000, "tried": NOON + 90000}, unsent={"tried": NOON + 90000})
    assert why_now(str(root), NOON)
    assert owed(str(root), NOON)


def test_idle_it_imports_nothing_that_takes_time() -> None:
    """Python alone takes half of the 50 ms that a check may take; these would take the rest."""
    code = f"import sys; sys.path[:0] = {sys.path!r}; import blogops.watch.__main__; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-IS", "-c", code], capture_output=True, text=True, check=True)
    names = done.stdout.split()
    ours = {name for name in names if name.startswith("blogops")}
    assert ours == {"blogops", "blogops.watch", "blogops.watch.__main__", "blogops.watch.look"}
    slow = {
        "argparse",
        "dataclasses",
        "datetime",
        "http",
        "pathlib",
        "subprocess",
        "urllib",
        "email",
        "inspect",
    }
    assert not slow & set(names)


class _Heard(HTTPServer):
    """A server that keeps what it is sent, and answers *code*."""

    code = 200

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: _Heard

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.path, dict(self.headers), body))
        self.send_response(self.server.code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def heard() -> Iterator[_Heard]:
    server = _Heard()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def toolkit(root: Path) -> Callable[..., None]:
    """Return a function that says how the next rebuilds end: a script in the toolkit's place."""

    def ends(code: int, said: str = "", line: Attempt | None = None) -> None:
        program = root / "toolkit/current/bin/blogops"
        program.parent.mkdir(parents=True, exist_ok=True)
        lines = ["#!/bin/sh", f"cat <<'END'\n{said}END"] if said else ["#!/bin/sh"]
        if line:
            lines.append(f"cat >>'{root}/ledger.jsonl' <<'END'\n{line.to_json()}\nEND")
        program.write_text("\n".join([*lines, f"exit {code}\n"]))
        program.chmod(0o755)

    return ends


@pytest.fixture
def channels(monkeypatch: pytest.MonkeyPatch, heard: _Heard) -> Channels:
    told = Channels(site="https://blog.example.org", webhook=heard.url("/hook"), ping=heard.url("/ping"))
    monkeypatch.setattr(Channels, "of", classmethod(lambda _cls, _name: told))
    return told


def _paths(heard: _Heard) -> list[str]:
    return [path for path, _, _ in heard.requests]


def test_a_failure_is_told_once_and_its_end_once(
    root: Path,
    toolkit: Callable[..., None],
    channels: Channels,
    heard: _Heard,
    capfd: pytest.CaptureFixture[str],
) -> None:
    _due(root, next=COMING["at"], coming=[COMING])
    toolkit(4, "error: noel.rst:12: Unknown directive\n  Mend it.\n")
    for _ in range(5):  # by hand, since a minute is long
        assert check(root, by_hand=True) == 4
    assert _paths(heard) == ["/hook"]
    told = json.loads(heard.requests[0][2])
    assert told["kind"] == "failed"
    assert told["error"] == "error: noel.rst:12: Unknown directive\n  Mend it."
    for word in ("blog.example.org", "nothing yet", "Noël (noel.rst) appears at", "fab status", "fab log"):
        assert word in told["text"]
    assert "the scheduled rebuild ended with 4" in capfd.readouterr().err
    toolkit(0)
    for _ in range(3):
        assert check(root, by_hand=True) == 0
    assert _paths(heard) == ["/hook", "/hook", *["/ping"] * 3]
    assert json.loads(heard.requests[1][2])["kind"] == "recovered"


def test_its_end_tells_of_a_release_that_is_passed_over(
    root: Path, toolkit: Callable[..., None], channels: Channels, heard: _Heard
) -> None:
    toolkit(5, "error: the new release is not healthy\n")
    assert check(root) == 5
    passed = Attempt(
        time="2026-11-27T12:00:00Z",
        task="rebuild",
        who="blog",
        reason="schedule",
        outcome=Outcome.UNCHANGED,
        warnings=("000002-b was found bad",),
    )
    toolkit(0, line=passed)
    assert check(root, by_hand=True) == 0
    told = json.loads(heard.requests[1][2])
    assert told["kind"] == "recovered"
    assert "It warned:\n    000002-b was found bad\n" in told["text"]


def test_a_run_that_must_wait_is_neither_good_nor_bad(
    root: Path,
    toolkit: Callable[..., None],
    channels: Channels,
    heard: _Heard,
    capfd: pytest.CaptureFixture[str],
) -> None:
    said = "error: rebuild by ann is at work here\n  Wait for it to end.\n"
    toolkit(75, said)
    assert check(root) == 75
    assert not heard.requests
    assert why_now(str(root), NOON)
    assert capfd.readouterr() == ("", "")
    assert check(root, by_hand=True) == 75
    assert capfd.readouterr() == (said, "")
    toolkit(4, said)
    assert check(root) == 4
    assert capfd.readouterr().out == said


@pytest.mark.parametrize(
    ("code", "said", "told"),
    [
        (1, "Traceback …\nKeyError: 'x'\n", "It said no more, and ended with code 1."),
        (137, "", "killed by a signal: out of memory?"),
        (124, "", "it took longer than it may"),
        (0, None, "toolkit/current/bin/blogops is not there"),
    ],
)
def test_whatever_ends_a_run_is_told(
    root: Path,
    toolkit: Callable[..., None],
    channels: Channels,
    heard: _Heard,
    code: int,
    said: str | None,
    told: str,
) -> None:
    if said is not None:
        toolkit(code, said)
    assert check(root) != 0
    assert told in json.loads(heard.requests[0][2])["error"]
    assert (said or "").strip().replace("\n", "\n    ") in json.loads(heard.requests[0][2])["text"]


def test_what_waits_behind_a_pin_is_told_once_for_each_pin(
    root: Path, toolkit: Callable[..., None], channels: Channels, heard: _Heard
) -> None:
    ledger = Ledger(root / "ledger.jsonl")
    _due(root, next=COMING["at"], coming=[COMING])
    for day in (20, 22):
        back = Attempt(time=f"2026-11-{day}T10:00:00Z", task="rollback", who="me", reason="rollback",
                       outcome=Outcome.ROLLED_BACK, before=f"0000{day}-b", release="000001-a")  # fmt: skip
        ledger.append(back)
        waits = Attempt(time=f"2026-11-{day}T11:00:00Z", task="rebuild", who="blog", reason="schedule",
                        outcome=Outcome.WAITING, before="000001-a", release=f"0000{day}-c")  # fmt: skip
        toolkit(0, line=waits)
        for _ in range(3):
            assert check(root, by_hand=True) == 0
    hooks = [json.loads(body) for path, _, body in heard.requests if path == "/hook"]
    assert [each["kind"] for each in hooks] == ["waiting", "waiting"]
    assert "000020-c is ready and not published" in hooks[0]["text"]
    assert "by me: rolled back from 000020-b" in hooks[0]["text"]
    assert "Noël (noel.rst) appears at" in hooks[0]["text"]


def test_a_deaf_channel_fails_nothing_and_hears_it_later(
    root: Path,
    toolkit: Callable[..., None],
    channels: Channels,
    heard: _Heard,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard.code = 503
    toolkit(0)
    assert check(root) == 0
    toolkit(4, "error: no\n")
    assert check(root, by_hand=True) == 4
    said = capfd.readouterr().err
    assert "webhook: answered 503" in said
    assert "ping: answered 503" in said
    assert str(heard.server_port) not in said  # the address is a secret
    heard.code, now = 200, int(time.time())
    assert not owed(str(root), now + 500)
    assert owed(str(root), now + 600)
    heard.requests.clear()
    monkeypatch.setattr(time, "time", lambda: now + 601)
    _due(root, daily="2030-01-01T00:00:00Z")
    check(root)
    check(root)
    assert [path for path in _paths(heard) if path == "/hook"] == ["/hook"]
    assert not owed(str(root), now + 10**6)


def test_two_checks_are_never_at_work(root: Path) -> None:
    with remembered(str(root)), pytest.raises(Busy):
        check(root)


def test_its_memory_needs_no_room_and_survives_damage(root: Path) -> None:
    path = Path(memory(str(root)))
    with remembered(str(root)) as kept:
        kept.failing = {"since": 1, "tried": 2}
        kept.unsent = {"message": "x" * 2 * SIZE}
    before = path.stat()
    assert (before.st_size, stat.S_IMODE(before.st_mode)) == (SIZE, 0o600)
    with remembered(str(root)) as kept:
        assert kept.failing == {"since": 1, "tried": 2}
        assert kept.unsent is None
    assert path.stat().st_ino == before.st_ino
    path.write_bytes(path.read_bytes()[:10])
    with remembered(str(root)) as kept:
        assert kept.failing is None


def test_where_nothing_can_be_remembered_nothing_is_begun(root: Path, toolkit: Callable[..., None]) -> None:
    toolkit(0, "never\n")
    Path(memory(str(root))).mkdir()
    with pytest.raises(Failed, match="the check cannot work"):
        check(root)


@pytest.mark.parametrize("form", ["json", "slack", "ntfy"])
def test_a_webhook_gets_it_in_its_form(
    root: Path, heard: _Heard, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Channels(site="https://blog.example.org", webhook=heard.url("/hook"), form=form)
    monkeypatch.setattr(Channels, "of", classmethod(lambda _cls, _name: told))
    assert try_channels(root, "me") == {"webhook": ""}
    _, headers, body = heard.requests[0]
    if form == "ntfy":
        assert headers["Title"] == "blog.example.org: a test"
        assert body.decode().startswith(
            "This is how blogops tells of https://blog.example.org: a test, by me"
        )
    else:
        assert headers["Content-Type"] == "application/json"
        keys = {"text"} if form == "slack" else {"kind", "site", "title", "text", "error", "live"}
        assert json.loads(body).keys() == keys


def test_sentry_gets_an_envelope(root: Path, heard: _Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    dsn = heard.url("/here/42").replace("//", "//public@")
    told = Channels(site="https://blog.example.org", sentry=dsn)
    monkeypatch.setattr(Channels, "of", classmethod(lambda _cls, _name: told))
    assert try_channels(root, "me") == {"sentry": ""}
    path, headers, body = heard.requests[0]
    assert path == "/here/api/42/envelope/"
    assert "sentry_key=public" in headers["X-Sentry-Auth"]
    first, kind, event = (json.loads(line) for line in body.splitlines())
    assert (first["event_id"], kind) == (event["event_id"], {"type": "event"})
    assert "a test" in event["message"]["formatted"]


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("http://127.0.0.1:9/secret", "no answer"),
        ("http://exa mple/secret", "InvalidURL"),
        ("file:///etc/x", ""),
    ],
)
def test_no_problem_tells_the_address(
    root: Path, address: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Channels(site="https://blog.example.org", webhook=address)
    monkeypatch.setattr(Channels, "of", classmethod(lambda _cls, _name: told))
    said = try_channels(root, "me")["webhook"]
    assert said and problem in said
    assert "secret" not in said


def test_without_a_channel_there_is_nothing_to_test(root: Path) -> None:
    with pytest.raises(UsageError, match="no alert is configured"):
        try_channels(root, "me")


def test_suspended_nothing_is_due(root: Path) -> None:
    layout = Layout(root)
    begun = suspend(layout, who="me", why="holidays — back in May")
    assert suspension(layout) == begun
    assert begun.sentence.endswith("by me: holidays — back in May")
    assert not why_now(str(root), NOON)
    assert resume(layout)
    assert not resume(layout)
    assert suspension(layout) is None
    assert why_now(str(root), NOON)


def test_what_cannot_be_suspended_or_resumed_is_said(root: Path) -> None:
    with pytest.raises(Failed, match=r"no release yet\n  Nothing was suspended\."):
        suspend(Layout(root / "none"), who="me", why="")
    (root / "suspended.json").mkdir()  # as little to be written, or to go, as on a read-only disk
    with pytest.raises(Failed, match=r"(?s)suspended\.json: .*: Is a directory\n  Nothing was suspended\."):
        suspend(Layout(root), who="me", why="")
    with pytest.raises(Failed, match=r"(?s)suspended\.json: .*\n  Rebuilds are suspended still\."):
        resume(Layout(root))


def test_reading_never_fails(tmp_path: Path) -> None:
    assert read(str(tmp_path)) == {}
