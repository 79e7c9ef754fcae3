"""``require.command``: refusals, names, and the agent that runs it once."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from looking import Remembering, act

from blogops.agent.commands import look_command
from blogops.agent.finding import ResourceError
from blogops.errors import UsageError
from blogops.provision import Require, Secret


def want(use: Callable[[Require], object]) -> dict[str, Any]:
    """Return what *use* wants of its last resource, as the agent reads it."""
    require = Require()
    use(require)
    plan: dict[str, Any] = json.loads(require.collector.plan().to_json())
    return dict(plan["resources"][-1]["want"])


@pytest.mark.parametrize(
    ("use", "titles"),
    [
        (lambda r: r.command("make", creates="/a"), ["command make"]),
        (lambda r: r.command("make", unless="test -e /a"), ["command make"]),
        (lambda r: r.command("make", creates="/a", user="www-data"), ["command make"]),
        (lambda r: r.command("make", creates="/a", user="me"), ["user me", "command make"]),
        (lambda r: (r.command("make", creates="/a"), r.command("make", creates="/a")), ["command make"]),
    ],
)
def test_a_command_is_a_resource(use: Callable[[Require], object], titles: list[str]) -> None:
    require = Require()
    use(require)
    assert [item.title for item in require.collector.plan().resources] == titles


@pytest.mark.parametrize(
    ("use", "problem"),
    [
        (lambda r: r.command("make"), "it would run each time"),
        (lambda r: r.command(" ", creates="/a"), "one line that is not empty"),
        (lambda r: r.command("a\nb", creates="/a"), "more than one line"),
        (lambda r: r.command("a", unless="a\nb"), "more than one line"),
        (lambda r: r.command("a", creates="a"), "not an absolute path"),
        (lambda r: r.command("a", creates="/a", directory="b"), "not an absolute path"),
        (lambda r: r.command("a", creates="/a", user="Root User"), "cannot be a user"),
        (lambda r: r.command("a", creates="/a", environment={"A B": "c"}), "cannot be set"),
    ],
)
def test_what_cannot_work_is_refused_with_the_line(use: Callable[[Require], object], problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as caught:
        use(Require())
    assert caught.value.where.startswith(f"{__file__}:")


def test_two_commands_never_share_a_name() -> None:
    require = Require()
    start = "x" * 70
    require.command(f"{start} a", creates="/a")
    require.command(f"{start} b", creates="/a")
    require.command("make", creates="/a")
    require.command("make", creates="/b", directory="/srv")
    names = [item.name for item in require.collector.plan().resources]
    assert len(set(names)) == 4
    assert names[0].startswith("x" * 59 + "… (")
    assert names[2] == "make"


def test_a_command_runs_once(tmp_path: Path) -> None:
    host = Remembering(tmp_path)
    wanted = want(lambda r: r.command("echo x >>done", creates="/done"))
    finding = look_command(host, "", wanted)
    assert finding.why == "run, there is no /done"
    assert finding.act
    assert not (tmp_path / "done").exists()
    finding.act()
    assert look_command(host, "", wanted).act is None
    assert (tmp_path / "done").read_text() == "x\n"


def test_unless_is_asked_in_the_directory_with_the_environment(tmp_path: Path) -> None:
    (tmp_path / "srv").mkdir()
    host = Remembering(tmp_path)
    wanted = want(
        lambda r: r.command(
            'echo "$TOKEN" >token',
            unless='test "$(cat token)" = "$TOKEN"',
            directory="/srv",
            environment={"TOKEN": Secret("s3cr3t")},
        )
    )
    finding = look_command(host, "", wanted)
    act(finding)
    assert (tmp_path / "srv/token").read_text() == "s3cr3t\n"
    assert look_command(host, "", wanted).act is None
    assert "s3cr3t" not in finding.why


def test_a_secret_is_known_to_the_plan_and_in_no_name() -> None:
    require = Require()
    resource = require.command("x" * 90, creates="/a", environment={"T": Secret("s3cr3t")})
    assert json.loads(require.collector.plan().to_json())["secrets"] == ["s3cr3t"]
    other = Require().command("x" * 90, creates="/a", environment={"T": Secret("else")})
    assert resource.name == other.name


def test_given_both_both_must_hold(tmp_path: Path) -> None:
    host = Remembering(tmp_path)
    wanted = want(lambda r: r.command("true", creates="/done", unless="test -e also"))
    (tmp_path / "done").touch()
    assert look_command(host, "", wanted).why == "run, `test -e also` fails"
    (tmp_path / "also").touch()
    assert look_command(host, "", wanted).act is None


def test_a_command_that_does_not_do_its_work_is_an_error(tmp_path: Path) -> None:
    host = Remembering(tmp_path)
    finding = look_command(host, "", want(lambda r: r.command("true", creates="/done")))
    with pytest.raises(ResourceError, match="still there is no /done"):
        act(finding)


def test_a_command_that_fails_tells_how(tmp_path: Path) -> None:
    host = Remembering(tmp_path)
    finding = look_command(host, "", want(lambda r: r.command("echo oops; exit 3", creates="/done")))
    with pytest.raises(ResourceError, match="exit code 3\noops"):
        act(finding)


@pytest.mark.parametrize(
    ("options", "problem"),
    [({"directory": "/none"}, "no directory /none"), ({"user": "blogops-nobody"}, "no user blogops-nobody")],
)
def test_a_place_that_is_missing_is_said(tmp_path: Path, options: dict[str, str], problem: str) -> None:
    host = Remembering(tmp_path)
    wanted = {**want(lambda r: r.command("true", unless="false")), **options}
    with pytest.raises(ResourceError, match=problem):
        look_command(host, "", wanted)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs commands as others")
def test_it_runs_as_its_user(tmp_path: Path) -> None:
    host = Remembering()
    wanted = want(lambda r: r.command("true", unless="test $(id -un) = www-data", user="www-data"))
    assert look_command(host, "", wanted).act is None
