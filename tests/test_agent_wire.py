"""The agent's line: events out, blobs and "stop" in, no secret by either, and no listener that is missed."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from blogops.agent.pending import Pending
from blogops.agent.wire import StreamWire
from blogops.errors import UsageError
from blogops.provision import Require, Secret


@pytest.fixture
def line() -> tuple[StreamWire, int, int]:
    """Return a wire, the end that writes to it, and the end that reads from it."""
    incoming, ours = os.pipe()
    theirs, outgoing = os.pipe()
    return StreamWire(incoming, outgoing, ["s3cr3t", "s3cr3t-longer"]), ours, theirs


def said(descriptor: int) -> list[dict[str, Any]]:
    return [json.loads(line) for line in os.read(descriptor, 1 << 16).splitlines()]


def test_a_blob_comes_whole_and_a_stop_may_come_before_it(line: tuple[StreamWire, int, int]) -> None:
    wire, ours, theirs = line
    os.write(ours, b"stop\n7\nabc")
    os.write(ours, b"defg8\nabcdefgh")
    assert wire.blob("one") == b"abcdefg"
    assert wire.blob("two") == b"abcdefgh"
    assert wire.stopping()
    assert [event["key"] for event in said(theirs)] == ["one", "two"]


def test_a_stop_is_heard_between_two_resources(line: tuple[StreamWire, int, int]) -> None:
    wire, ours, _ = line
    assert not wire.stopping()
    os.write(ours, b"stop\n")
    assert wire.stopping()
    os.close(ours)
    assert wire.stopping()


def test_a_cut_connection_is_no_wish_to_stop_but_ends_a_blob(line: tuple[StreamWire, int, int]) -> None:
    wire, ours, _ = line
    os.write(ours, b"100\nabc")
    os.close(ours)
    with pytest.raises(ConnectionError, match="cut while big was being sent"):
        wire.blob("big")
    assert not wire.stopping()


def test_a_lost_listener_is_noted_and_the_log_goes_on(
    line: tuple[StreamWire, int, int], tmp_path: Path
) -> None:
    wire, _, theirs = line
    log = tmp_path / "runs/one.jsonl"
    wire.record_in(log)
    wire.emit("changed", resource="a")
    os.close(theirs)
    wire.emit("changed", resource="b")
    wire.emit("kept", resource="c")
    assert wire.lost
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert [event.get("resource", event["event"]) for event in events] == ["a", "b", "unheard", "c"]
    assert log.stat().st_mode & 0o777 == 0o600


def test_no_secret_leaves_by_any_way(line: tuple[StreamWire, int, int], tmp_path: Path) -> None:
    wire, _, theirs = line
    wire.record_in(tmp_path / "log")
    wire.emit(
        "failed", why='psql: "s3cr3t-longer" is no s3cr3t', argv=["psql", "s3cr3t"], more={"a": "s3cr3t"}
    )
    wire.note("ran", argv=["x", "s3cr3t"])
    (event,) = said(theirs)
    assert event["why"] == 'psql: "«secret»" is no «secret»'
    assert "s3cr3t" not in json.dumps(event) + (tmp_path / "log").read_text()


def test_a_secret_that_is_one_of_our_own_words_changes_none_of_them() -> None:
    incoming, ours = os.pipe()
    theirs, outgoing = os.pipe()
    wire = StreamWire(incoming, outgoing, ["done", "a"])
    os.write(ours, b"0\n")
    wire.blob("abc")
    wire.emit("earlier", what="changed", why="made")
    wire.emit("done", why="all is done")
    assert said(theirs) == [
        {"event": "need", "key": "abc"},
        {"event": "earlier", "what": "changed", "why": "m«secret»de"},
        {"event": "done", "why": "«secret»ll is «secret»"},
    ]


def test_a_secret_is_in_what_is_sent_and_in_nothing_that_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "s3cr3t")
    require = Require()
    require.file("/etc/token", Secret.env("TOKEN"), mode="600")
    require.postgres.user("me", password="s3cr3t")  # noqa: S106 -- the word makes it a secret
    plan = require.collector.plan()
    sent = json.loads(plan.to_json(check=False))
    assert sent["secrets"] == ["s3cr3t"]
    assert sent["resources"][0]["want"]["contents"] == "s3cr3t"
    assert sent["resources"][0]["want"]["secret"] is True
    assert "s3cr3t" not in repr(plan) + str(plan) + repr(require.collector.__dict__)


def test_a_secret_of_a_file_is_whole_as_contents_and_a_line_as_a_password(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"-- KEY\r\n-- END\n")
    secret, require = Secret.file(path), Require()
    file = require.file("/root/k", secret, mode="600")
    user = require.postgres.user("me", secret)
    command = require.command("true", creates="/x", environment={"KEY": secret})
    assert file.want["contents"].reveal() == "-- KEY\r\n-- END\n"
    path.write_text("s3cr3t\n")
    answers = require.deb.preseed("slapd", {"slapd/password1": ("password", Secret.file(path))})
    assert answers.want["answers"] == {"slapd/password1": ["password", Secret("s3cr3t")]}
    line = Secret("-- KEY\r\n-- END")
    assert (user.want["password"], command.want["environment"]["KEY"]) == (line, line)
    assert Secret.named("file:key", tmp_path) == Secret("s3cr3t")
    sent = json.loads(require.collector.plan().to_json())
    assert sent["secrets"] == [line.reveal(), "s3cr3t"]
    with pytest.raises(UsageError, match="more than one line"):
        require.deb.preseed("slapd", {"slapd/password2": ("password", secret)})


@pytest.mark.parametrize(("contents", "problem"), [(b"\n", "is empty"), (b"\xff\x00", "is no text")])
def test_a_file_that_holds_no_secret_is_said(tmp_path: Path, contents: bytes, problem: str) -> None:
    (tmp_path / "key").write_bytes(contents)
    with pytest.raises(UsageError, match=f"key: the file of a secret {problem}"):
        Secret.file(tmp_path / "key")


def test_a_restart_makes_a_reload_needless(tmp_path: Path) -> None:
    pending = Pending(tmp_path / "pending.json")
    pending.add({"nginx reload": ["reload"], "cron reload": ["reload"]}, "file a")
    pending.add({"nginx restart": ["restart"], "nginx reload": ["reload"]}, "file b")
    assert list(pending.all()) == ["cron reload", "nginx restart"]
    pending.disown("file b")
    assert list(Pending(tmp_path / "pending.json").all()) == ["nginx reload", "cron reload"]
    pending.disown("file a")
    assert Pending(tmp_path / "pending.json").all() == {}
    # What an earlier run owes stays owed, whoever takes their change back.
    pending.add({"nginx reload": ["reload"]}, "file a")
    later = Pending(tmp_path / "pending.json")
    later.add({"nginx reload": ["reload"]}, "file c")
    later.disown("file c")
    assert list(later.all()) == ["nginx reload"]
    later.remove("nginx reload")
    assert Pending(tmp_path / "pending.json").all() == {}
