"""The agent on a fake root, run twice: the second run changes nothing."""

import grp
import json
import os
import pwd
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from looking import Listener, snapshot

from blogops.agent.finding import ResourceError
from blogops.agent.host import Host
from blogops.agent.kinds import KINDS
from blogops.agent.locked import _prune
from blogops.agent.packages import look_packages
from blogops.agent.run import Run
from blogops.remote.plans import agent_zip

RIGHTS = {"owner": "", "group": "", "mode": "644"}
FILE = {**RIGHTS, "contents": "hello\n", "check": [], "secret": False, "keep": False}
ABSENT = {"tree": False, "check": []}


def resource(kind: str, name: str, want: dict[str, Any], notify: list[str] | None = None) -> dict[str, Any]:
    return {"kind": kind, "name": name, "want": want, "notify": notify or [], "where": "fabfile.py:7"}


def bring(
    root: Path, *items: dict[str, Any], check: bool = False, actions: dict[str, list[str]] | None = None
) -> tuple[int, Listener]:
    listener = Listener()
    plan = {"check": check, "actions": actions or {}, "resources": list(items)}
    host = Host(listener, root=root, resources=items, state=root, check=check)
    code = Run(host, plan, KINDS).walk()
    return code, listener


EVERYTHING = [
    resource("directory", "/etc/app", {**RIGHTS, "mode": "750"}),
    resource("file", "/etc/app/app.conf", FILE),
    resource("file", "/etc/app/secret", {**FILE, "mode": "600", "secret": True}),
    resource("link", "/etc/app/current", {"target": "app.conf", "check": []}),
    resource("absent", "/etc/app/default", ABSENT),
]


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    code, first = bring(tmp_path, *EVERYTHING)
    assert (code, first.events[-1]["changed"]) == (0, 4)
    before = snapshot(tmp_path)
    code, second = bring(tmp_path, *EVERYTHING)
    assert (code, second.events[-1]["changed"]) == (0, 0)
    assert second.names() == ["kept"] * 5 + ["done"]
    assert all(event["why"] for event in second.events[:-1])
    assert snapshot(tmp_path) == before


def test_check_predicts_and_writes_nothing(tmp_path: Path) -> None:
    code, told = bring(tmp_path, *EVERYTHING, check=True)
    assert (code, told.events[-1]["changed"]) == (0, 4)
    assert list(tmp_path.iterdir()) == []
    assert "+hello" in told.events[1]["diff"]


def test_secrets_are_in_no_event(tmp_path: Path) -> None:
    secret = {**FILE, "contents": "s3cr3t", "secret": True}
    _, told = bring(tmp_path, resource("file", "/token", secret))
    assert (tmp_path / "token").read_text() == "s3cr3t"
    assert "s3cr3t" not in json.dumps(told.events)


def test_mode_and_contents_are_brought_back(tmp_path: Path) -> None:
    bring(tmp_path, *EVERYTHING)
    conf = tmp_path / "etc/app/app.conf"
    conf.chmod(0o666)
    (tmp_path / "etc/app/secret").write_text("changed")
    _, told = bring(tmp_path, *EVERYTHING)
    changed = {event["resource"]: event["why"] for event in told.events if event["event"] == "changed"}
    assert changed == {"file /etc/app/app.conf": "mode 666, wanted 644", "file /etc/app/secret": "contents"}
    assert conf.stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes as another")
def test_a_program_in_a_users_folder_keeps_its_setuid(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    own = {**FILE, "mode": "4755", "owner": "nobody", "group": grp.getgrgid(nobody.pw_gid).gr_name}
    # Below /tmp: pytest's own folders are closed to anybody else.
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        home = Path(name, "home")
        home.mkdir()
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        runs = [bring(Path(name), resource("file", "/home/program", own)) for _ in range(2)]
        assert (home / "program").stat().st_mode & 0o7777 == 0o4755
    assert [(code, told.events[-1].get("changed")) for code, told in runs] == [(0, 1), (0, 0)]


def test_a_kept_file_keeps_its_own_contents(tmp_path: Path) -> None:
    item = resource("file", "/log", {**FILE, "contents": "", "keep": True})
    bring(tmp_path, item)
    (tmp_path / "log").write_text("lines")
    _, told = bring(tmp_path, item)
    assert told.events[-1]["changed"] == 0
    assert (tmp_path / "log").read_text() == "lines"


@pytest.mark.parametrize("old", [b"old bytes\n", None])
def test_a_refused_file_leaves_the_old_bytes(tmp_path: Path, old: bytes | None) -> None:
    path = tmp_path / "site"
    if old is not None:
        path.write_bytes(old)
    item = resource("file", "/site", {**FILE, "check": ["sh", "-c", "echo no good >&2; exit 1"]}, ["reload"])
    code, told = bring(tmp_path, item, actions={"reload": ["false"]})
    assert code == 4
    assert told.events[-1]["event"] == "failed"
    assert told.events[-1]["where"] == "fabfile.py:7"
    assert "no good" in told.events[-1]["why"]
    assert (path.read_bytes() if path.exists() else None) == old


def test_a_notification_runs_once_and_only_after_a_change(tmp_path: Path) -> None:
    actions = {"reload": ["sh", "-c", f"echo x >>{tmp_path}/reloads"]}
    items = [resource("file", f"/{name}", FILE, ["reload"]) for name in "ab"]
    bring(tmp_path, *items, actions=actions)
    bring(tmp_path, *items, actions=actions)
    assert (tmp_path / "reloads").read_text() == "x\n"


def test_a_notification_survives_a_failed_run(tmp_path: Path) -> None:
    actions = {"reload": ["touch", str(tmp_path / "reloaded")]}
    item = resource("file", "/a", FILE, ["reload"])
    (tmp_path / "b").mkdir()
    code, _ = bring(tmp_path, item, resource("file", "/b", FILE), actions=actions)
    assert code == 4
    assert not (tmp_path / "reloaded").exists()
    code, told = bring(tmp_path, item, actions=actions)
    assert (code, told.names()) == (0, ["kept", "notified", "done"])
    assert (tmp_path / "reloaded").exists()


def test_a_directory_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    code, told = bring(tmp_path, resource("absent", "/precious", ABSENT))
    assert code == 4
    assert "say tree=True" in told.events[-1]["why"]


def test_a_tree_that_nothing_checks_goes_at_once(tmp_path: Path) -> None:
    (tmp_path / "srv/old/deep").mkdir(parents=True)
    (tmp_path / "srv/old/deep/file").write_text("x")
    sees = {"command": f'[ -z "$(ls -A {tmp_path}/srv)" ] && touch {tmp_path}/seen', "unless": ""}
    want = {**sees, "creates": "/seen", "user": "", "directory": "/", "environment": {}}
    tree = resource("absent", "/srv/old", {"tree": True, "check": []})
    code, told = bring(tmp_path, tree, resource("command", "look", want))
    assert code == 0, told.events


def fifo(path: Path) -> None:
    os.mkfifo(path)


def socket_file(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)  # a socket's own path must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"/proc/self/fd/{folder}/{path.name}")
    os.close(folder)


def large_file(path: Path) -> None:
    path.touch()
    os.truncate(path, 3 << 30)


@pytest.mark.parametrize("make", [fifo, socket_file, large_file])
@pytest.mark.parametrize("judged", ["", "accepted", "refused"])
def test_what_has_no_bytes_to_keep_goes_or_comes_back_as_it_was(
    tmp_path: Path, make: Callable[[Path], None], judged: str
) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    make(folder / "odd")
    before = snapshot(folder)
    # The check is shown a folder without it, be it a hidden sibling.
    check = ["sh", "-c", f"! test -e {folder}/odd && {'true' if judged == 'accepted' else 'false'}"]
    items = [resource("absent", "/etc/odd", {**ABSENT, "check": check if judged else []})]
    code, told = bring(tmp_path, *items, resource("file", "/etc/later", FILE))
    assert code == (4 if judged == "refused" else 0), told.events
    if judged == "refused":
        assert snapshot(folder) == before
    else:
        assert [path.name for path in folder.iterdir()] == ["later"]
    assert not (tmp_path / "undo.jsonl").exists()


def test_a_tree_is_judged_before_it_is_deleted(tmp_path: Path) -> None:
    tree = tmp_path / "etc/snippets"
    tree.mkdir(parents=True)
    (tree / "one").write_text("one")
    before = snapshot(tree)
    needed = ["sh", "-c", f"test -e {tree}/one || {{ echo one is included >&2; exit 1; }}"]
    for check, code in ((needed, 4), (["true"], 0)):
        want = {"tree": True, "check": check}
        ended, told = bring(
            tmp_path,
            resource("absent", "/etc/snippets", want, ["reload"]),
            actions={"reload": ["touch", f"{tmp_path}/reloaded"]},
        )
        assert ended == code
        assert (tmp_path / "reloaded").exists() == (code == 0)
        if code:
            assert "one is included" in told.events[-1]["why"]
            assert snapshot(tree) == before
    assert list(tree.parent.iterdir()) == []


def test_a_removal_without_a_check_comes_back_with_the_rest(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "odd")
    refused = resource("file", "/site", {**FILE, "check": ["false"]})
    good = resource("file", "/good", {**FILE, "check": ["true"]})
    code, _ = bring(tmp_path, resource("absent", "/odd", ABSENT), good, refused)
    assert code == 4
    assert [path.name for path in tmp_path.iterdir()] == ["odd"]


def test_a_removal_stays_where_a_run_fails_for_another_reason(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "odd")
    (tmp_path / "folder").mkdir()
    code, _ = bring(tmp_path, resource("absent", "/odd", ABSENT), resource("absent", "/folder", ABSENT))
    assert code == 4
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


STATUS = """Package: nginx
Status: install ok installed
Version: 1.26.3-3

Package: gone
Status: deinstall ok config-files
Version: 1.0
"""


def test_packages_are_read_from_dpkg(tmp_path: Path) -> None:
    (tmp_path / "var/lib/dpkg").mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/status").write_text(STATUS)
    wants: list[dict[str, Any]] = [
        {"packages": [name], "versions": {}} for name in ("nginx", "gone", "other")
    ]
    items = [resource("packages", want["packages"][0], want) | {"only_if": []} for want in wants]
    host = Host(Listener(), root=tmp_path, resources=items)
    kept = look_packages(host, "nginx", wants[0])
    assert (kept.why, kept.act) == ("nginx 1.26.3-3", None)
    missing = look_packages(host, "gone", wants[1])
    assert missing.act
    assert missing.why == "installed gone, other"


def test_accounts_are_read_and_keys_added_once(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    home = tmp_path / "home/blog"
    home.mkdir(parents=True)
    ids = f"{os.getuid()}:{os.getgid()}"
    (tmp_path / "etc/passwd").write_text(f"blog:x:{ids}::/home/blog:/bin/bash\n")
    (tmp_path / "etc/group").write_text("blog:x:7:\n")
    user: dict[str, Any] = {"home": "/home/blog", "shell": "/bin/bash", "uid": None, "extra_groups": []}
    key = {"user": "blog", "keys": ["ssh-ed25519 AAAAkey me"], "exclusive": False}
    items = [
        resource("group", "blog", {"gid": None}),
        resource("user", "blog", user),
        resource("authorized_keys", "blog", key),
    ]
    (home / ".ssh").mkdir()
    (home / ".ssh/authorized_keys").write_text("ssh-ed25519 OTHER you")
    assert bring(tmp_path, *items)[1].events[-1]["changed"] == 1
    assert bring(tmp_path, *items)[1].events[-1]["changed"] == 0
    keys = home / ".ssh/authorized_keys"
    assert keys.read_text() == "ssh-ed25519 OTHER you\nssh-ed25519 AAAAkey me\n"
    assert keys.stat().st_mode & 0o777 == 0o600


def keys_of_blog(root: Path, before: bytes, *keys: str, exclusive: bool = False) -> bytes:
    """Require *keys* where ``authorized_keys`` was *before*, twice, and return what it is then."""
    (root / "etc").mkdir()
    (root / "etc/passwd").write_text(f"blog:x:{os.getuid()}:{os.getgid()}::/home/blog:/bin/bash\n")
    path = root / "home/blog/.ssh/authorized_keys"
    path.parent.mkdir(parents=True)
    path.write_bytes(before)
    want = {"user": "blog", "keys": list(keys), "exclusive": exclusive}
    codes = [bring(root, resource("authorized_keys", "blog", want)) for _ in range(2)]
    assert [(code, told.events[-1].get("changed")) for code, told in codes] == [(0, 1), (0, 0)]
    return path.read_bytes()


@pytest.mark.parametrize("exclusive", [False, True])
def test_a_key_that_is_commented_out_lets_nobody_in(tmp_path: Path, exclusive: bool) -> None:
    before = b"  # ssh-ed25519 AAAAkey disabled\n"
    after = keys_of_blog(tmp_path, before, "ssh-ed25519 AAAAkey me", exclusive=exclusive)
    assert after == before + b"ssh-ed25519 AAAAkey me\n"


def test_a_comment_of_a_key_may_be_in_any_encoding(tmp_path: Path) -> None:
    before = "ssh-ed25519 OTHER André\n".encode("latin-1")
    assert keys_of_blog(tmp_path, before, "ssh-ed25519 A me") == before + b"ssh-ed25519 A me\n"


def test_a_failing_command_says_which_and_how(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match=r"`sh -c echo oops; exit 3` ended with exit code 3\noops"):
        Host(Listener()).run(["sh", "-c", "echo oops; exit 3"])


def test_the_zip_runs_as_the_server_runs_it(tmp_path: Path) -> None:
    zipfile.ZipFile(BytesIO(agent_zip())).extractall(tmp_path)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from agent.main import main; "
        "sys.exit(main(sys.stdin.buffer.readline()))"
    )
    item = resource("file", "/etc/hostname", FILE)
    plan = {"check": True, "actions": {}, "resources": [item], "secrets": [], "lock_timeout": 1}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        input=json.dumps(plan).encode(),
        capture_output=True,
        check=True,
    )
    events = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert (events[0], events[-1]) == ("hello", "done")
    assert len(agent_zip()) < 100_000


def test_the_parents_of_a_directory_are_open_whatever_roots_umask(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from blogops.agent import main; "
        f"main.state_folder = lambda: Path({str(tmp_path / 'state')!r}); "
        "main._leave_session = lambda: None; "
        "sys.exit(main.main(sys.stdin.buffer.readline()))"
    )
    item = resource("directory", f"{tmp_path}/a/b/c", {**RIGHTS, "mode": "750"})
    plan = {"check": False, "actions": {}, "resources": [item], "secrets": [], "lock_timeout": 1}
    command = [sys.executable, "-c", code]
    subprocess.run(command, input=json.dumps(plan).encode(), capture_output=True, check=True, umask=0o077)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "a/b", "a/b/c")]
    assert modes == [0o755, 0o755, 0o750]


def test_a_failed_notification_stays_owed(tmp_path: Path) -> None:
    item = resource("file", "/a", FILE, ["reload"])
    code, told = bring(tmp_path, item, actions={"reload": ["false"]})
    assert (code, told.events[-1]["event"], told.events[-1]["resource"]) == (
        4,
        "failed",
        "notification reload",
    )
    _, told = bring(tmp_path, item, check=True)
    assert told.names() == ["kept", "notified", "done"]


def test_old_environments_go_and_a_linked_one_stays(tmp_path: Path) -> None:
    for age, name in enumerate("abcde"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".blogops-complete").touch()
        os.utime(tmp_path / name / ".blogops-complete", (age, age))
    (tmp_path / "foreign").mkdir()
    (tmp_path / "current").symlink_to("a")
    _prune(Host(Listener()), tmp_path, 2, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "current", "d", "e", "foreign"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_look(kind: str) -> None:
    assert KINDS[kind].__name__ == f"look_{kind}"
    assert (KINDS[kind].__doc__ or "").startswith(f"``{kind}``: ")
