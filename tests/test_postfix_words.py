"""The mail server's word, the edits of main.cf, and what debconf is told; each look run twice."""

from collections.abc import Callable
from pathlib import Path

import pytest
from looking import Listener, Remembering, act, snapshot

from blogops.agent import postfix, preseed
from blogops.agent.finding import Finding, ResourceError
from blogops.agent.host import Host
from blogops.agent.kinds import KINDS
from blogops.errors import UsageError
from blogops.provision import Require, Resource

MAIN = "/etc/postfix/main.cf"
CHECK = ["sh", "-c", "true"]


def planned(use: Callable[[Require], object]) -> list[Resource]:
    require = Require()
    use(require)
    return list(require.collector.plan().resources)


def test_the_word_becomes_resources() -> None:
    items = planned(lambda r: r.postfix.server("Example.com", settings={"biff": "yes  and no"}))
    assert [(item.kind, item.name) for item in items] == [
        ("hostname", "/etc/hostname"),
        ("preseed", "postfix"),
        ("packages", "postfix"),
        ("service", "postfix"),
        ("file", "/etc/mailname"),
        ("postfix_settings", MAIN),
    ]
    assert {item.kind for item in items} <= set(KINDS)
    assert items[1].want["answers"]["postfix/mailname"] == ["string", "example.com"]
    assert items[4].want["contents"] == "example.com\n"
    assert items[5].want["settings"]["myhostname"] == "example.com"
    assert items[5].want["settings"]["biff"] == "yes and no"
    assert [action.name for action in items[5].notify] == ["postfix reload"]
    assert all(item.where.startswith(f"{__file__}:") for item in items)


def test_what_a_reload_does_not_bring_is_restarted() -> None:
    items = planned(lambda r: r.postfix.server("a.example", settings={"inet_interfaces": "loopback-only"}))
    assert [action.name for action in items[-1].notify] == ["postfix restart"]


def test_the_users_own_hostname_takes_the_place_of_any() -> None:
    items = planned(lambda r: (r.postfix.server("a.example"), r.system.hostname("web1")))
    assert [item.want["name"] for item in items if item.kind == "hostname"] == ["web1"]


@pytest.mark.parametrize(
    "use",
    [
        lambda r: r.postfix.server("bad_host.example"),
        lambda r: r.postfix.server("localhost"),
        lambda r: r.postfix.server("192.0.2.1"),
        lambda r: r.postfix.server("example.com\nrelayhost=x"),
        lambda r: r.postfix.server("a.example", settings={"relay host": "x"}),
        lambda r: r.postfix.server("a.example", settings={"#x": "x"}),
        lambda r: r.postfix.server("a.example", settings={"biff": "no\nmynetworks = 0.0.0.0/0"}),
        lambda r: (r.postfix.server("a.example"), r.postfix.server("b.example")),
    ],
)
def test_what_cannot_work_is_refused_with_the_line(use: Callable[[Require], object]) -> None:
    with pytest.raises(UsageError) as caught:
        use(Require())
    assert caught.value.where.startswith(f"{__file__}:")


def look(root: Path, **settings: str) -> tuple[Host, Finding]:
    host = Host(Listener(), root)
    return host, postfix.look_postfix_settings(host, MAIN, {"settings": settings, "check": CHECK})


@pytest.mark.parametrize(
    ("before", "settings", "after"),
    [
        ("# top\nbiff = no\n", {"biff": "yes"}, "# top\nbiff = yes\n"),
        ("biff = no", {"relayhost": "x"}, "biff = no\nrelayhost = x\n"),
        ("a = 1\n  2\n\n# of a\n  3\nb = 4\n", {"a": "9"}, "a = 9\n\n# of a\nb = 4\n"),
        ("a = 1\nb = 2\na = 3\nc = 4\n", {"a": "9"}, "b = 2\na = 9\nc = 4\n"),
        ("a=1\n", {"a": ""}, "a =\n"),
        ("aa = 1\n#a = 2\n", {"a": "3"}, "aa = 1\n#a = 2\na = 3\n"),
        ("a = x=1\n", {"a": "x=2"}, "a = x=2\n"),
    ],
)
def test_main_cf_is_edited_and_no_other_line(
    tmp_path: Path, before: str, settings: dict[str, str], after: str
) -> None:
    path = tmp_path / "etc/postfix/main.cf"
    path.parent.mkdir(parents=True)
    path.write_text(before)
    path.chmod(0o640)
    host, finding = look(tmp_path, **settings)
    assert act(finding) == f"{next(iter(settings))} changed"
    assert path.read_text() == after
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(host.undo.unjudged()) == [tuple(CHECK)]
    kept = snapshot(tmp_path)
    assert look(tmp_path, **settings)[1] == Finding("is as wanted")
    assert snapshot(tmp_path) == kept
    host.undo.back()
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("text", "value"), [("a = 1\n", "1"), ("a=1\n\t2\n", "1 2"), ("a = 2\na = 1\n", "1"), ("a =\n", "")]
)
def test_a_value_is_read_as_postfix_reads_it(tmp_path: Path, text: str, value: str) -> None:
    (tmp_path / "etc/postfix").mkdir(parents=True)
    (tmp_path / "etc/postfix/main.cf").write_text(text)
    assert look(tmp_path, a=value)[1].act is None


def test_bytes_that_are_no_text_stay(tmp_path: Path) -> None:
    path = tmp_path / "etc/postfix/main.cf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"# caf\xe9\nbiff = no\n")
    act(look(tmp_path, biff="yes")[1])
    assert path.read_bytes() == b"# caf\xe9\nbiff = yes\n"


def test_without_postfix_nothing_can_be_said(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="postfix is not installed"):
        look(tmp_path, biff="yes")


# What is answered goes where debconf keeps it; a password elsewhere than the rest.
STAND_IN = """#!/bin/sh
while read -r package question kind value; do
    printf 'Name: %s\\nTemplate: %s\\nValue: %s\\nOwners: x\\nFlags: seen\\n\\n' \
        "$question" "$question" "$value" >>{root}/var/cache/debconf/config.dat
done
"""


def test_debconf_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "var/cache/debconf").mkdir(parents=True)
    (tmp_path / "var/lib/dpkg").mkdir(parents=True)
    status = tmp_path / "var/lib/dpkg/status"
    status.write_text("Package: postfix-doc\nStatus: install ok installed\n")
    # A default that nobody gave is no answer.
    (tmp_path / "var/cache/debconf/config.dat").write_text(
        "Name: p/a\nTemplate: p/a\nValue: x y\nOwners: x\n\n"
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/debconf-set-selections").write_text(STAND_IN.format(root=tmp_path))
    (tmp_path / "bin/debconf-set-selections").chmod(0o755)
    host = Remembering(tmp_path)
    host.environment["PATH"] = f"{tmp_path}/bin:{host.environment['PATH']}"
    want = {"answers": {"p/a": ["select", "x y"], "p/b": ["string", ""]}}
    assert act(preseed.look_preseed(host, "postfix", want)) == "answered p/a, p/b"
    kept = snapshot(tmp_path)
    assert preseed.look_preseed(host, "postfix", want) == Finding("is answered")
    assert snapshot(tmp_path) == kept
    assert host.ran == [["debconf-set-selections"]]
    status.write_text("Package: postfix\nStatus: install ok installed\n")
    host.learnt.clear()
    want["answers"]["p/a"][1] = "z"
    assert preseed.look_preseed(host, "postfix", want) == Finding("postfix is installed")
