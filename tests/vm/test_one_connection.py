"""One TCP connection for a whole deploy, and a sentence soon where the server falls silent or goes away."""

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from driving import Driver, write_example
from fabric import Config, Connection

from blogops import vm
from blogops.errors import Busy, Failed
from blogops.remote import connection, push, ready, run, sync

pytestmark = pytest.mark.vm

HUGE = 1 << 30  # bytes, all zero and none on a disk here: ten seconds on its way
# A push as `fab deploy` does it, from a folder that takes long.
SEND = """
from pathlib import Path
from fabric import task
from blogops.remote import push
from blogops.tasks import friendly

@task
@friendly
def send(c):
    push(c, Path("{folder}"), ["huge"], "/srv/cut")
"""


@pytest.fixture(scope="module")
def driver(
    workshop: Callable[[int], vm.Machine], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Driver]:
    folder = tmp_path_factory.mktemp("one")
    (folder / "huge").mkdir()
    with (folder / "huge/zero").open("wb") as file:
        file.truncate(HUGE)
    (folder / "small").write_text("x")
    (folder / "fabfile.py").write_text(SEND.format(folder=folder))
    driver = Driver(workshop(13), folder)
    driver.ssh("apt-get -qq update && apt-get -qq install --no-install-recommends rsync procps >/dev/null")
    yield driver
    driver.ssh("rm -rf /srv/cut*")


@pytest.fixture
def c(driver: Driver) -> Iterator[Connection]:
    """Return an open connection; the process that serves it is killed after the test, frozen or not."""
    config = Config(runtime_ssh_path=str(driver.machine.ssh_config))
    c = ready(Connection(driver.machine.name, config=config))
    c["session"] = c.run("echo $PPID", in_stream=False, hide=True).stdout.strip()
    yield c
    c.close()
    driver.ssh(f"kill -9 {c['session']} 2>/dev/null; pkill -9 -x rsync; rm -rf /srv/cut", check=False)


def freeze(driver: Driver, session: str, once: str) -> threading.Thread:
    """Freeze the process *session* there once *once* succeeds, while the test goes on."""
    line = f"until {once}; do sleep 0.05; done >/dev/null 2>&1; kill -STOP {session}"
    thread = threading.Thread(target=driver.ssh, args=[line])
    thread.start()
    return thread


def nothing_left(driver: Driver) -> bool:
    """Tell whether rsync and its shell are gone here, at once or nearly so."""
    deadline = time.monotonic() + 2
    while left := [line for line in running() if _ours(line, driver)]:
        if time.monotonic() > deadline:
            raise AssertionError(left)
        time.sleep(0.05)
    return True


def _ours(line: str, driver: Driver) -> bool:
    # The machine's own processes are seen from here as well: those are `rsync --server`.
    return (line.startswith("rsync") and str(driver.folder) in line) or (
        "rsh.py" in line and "/srv/cut" in line
    )


def running() -> list[str]:
    """Return the command lines of all processes."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return lines


def test_run_tells_what_is_said_and_the_exit_code(c: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(c, "cat; printf 'caf\\303'; sleep 0.3; printf '\\251\\n'; echo problem >&2; exit 3")
    told = capsys.readouterr()
    assert (code, told.out, told.err) == (3, "café\n", "problem\n")
    with pytest.raises(Failed, match="was ended by a signal"):
        run(c, "kill -9 $$")


def test_much_is_said_and_nothing_lost(c: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(c, "seq 1 500000; seq 1 1000 >&2") == 0
    told = capsys.readouterr()
    assert told.out == "".join(f"{number}\n" for number in range(1, 500001))
    assert told.err.endswith("\n1000\n")


def test_silence_ends_a_run(c: Connection) -> None:
    began = time.monotonic()
    with pytest.raises(Failed, match=r"has said nothing for 2 s\n.*`fab status` tells how"):
        run(c, "sleep 60", idle=2)
    assert 2 <= time.monotonic() - began < 4
    began = time.monotonic()
    assert run(c, "for i in 1 2 3 4 5 6; do sleep 0.5; echo at work >&2; done", idle=2) == 0
    with pytest.raises(Failed, match="is not done after 1 s"):
        run(c, "while sleep 0.2; do echo at work; done", total=1)
    assert time.monotonic() - began < 6


def test_a_frozen_session_ends_a_run(driver: Driver, c: Connection) -> None:
    freeze(driver, c["session"], once="test -e /run/at-work")
    began = time.monotonic()
    with pytest.raises(Failed, match="has said nothing for 2 s"):
        run(c, "for i in $(seq 20); do echo here; sleep 0.2; touch /run/at-work; done; sleep 60", idle=2)
    assert time.monotonic() - began < 5
    driver.ssh("rm /run/at-work")


def test_a_frozen_session_is_noticed_before_anything_runs(driver: Driver, c: Connection) -> None:
    driver.ssh(f"kill -STOP {c['session']}")
    began = time.monotonic()
    with pytest.raises(Failed, match="would not run a command"):
        run(c, "true")
    assert time.monotonic() - began < connection.CONNECT_TIMEOUT + 2


def test_the_connection_itself_notices_that_nobody_answers(
    driver: Driver, c: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    c.close()
    monkeypatch.setattr(connection, "KEEPALIVE", 1)
    ready(c)
    session = c.run("echo $PPID", in_stream=False, hide=True).stdout.strip()
    assert run(c, "sleep 5") == 0  # quiet is not dead: sshd answers
    driver.background(f"sleep 1; kill -STOP {session}")
    began = time.monotonic()
    with pytest.raises(Failed, match=r"the connection to .* was cut"):
        run(c, "sleep 60")
    assert time.monotonic() - began < 8
    driver.ssh(f"kill -9 {session}")


def test_a_cut_connection_ends_a_run(driver: Driver, c: Connection) -> None:
    driver.background(f"sleep 0.5; kill -9 {c['session']}")
    with pytest.raises(Failed, match=r"the connection to .* was cut"):
        run(c, "sleep 60")


def test_a_frozen_session_ends_a_push(driver: Driver, c: Connection) -> None:
    frozen = freeze(driver, c["session"], once="ls /srv/cut/huge/.zero.*")
    # rsync reads the whole file first, to compare it: that silence is shorter than the one asked for.
    with pytest.raises(Failed, match=r"has said nothing for 6 s\n.*sends what is missing"):
        push(c, driver.folder, ["huge"], "/srv/cut", idle=6)
    assert not frozen.is_alive()
    assert nothing_left(driver)


def test_a_push_says_what_is_wrong_there(driver: Driver, c: Connection) -> None:
    # 66 is flock's, 12 is rsync's where it saw the end before the code.
    told = r"(?s)ended with exit code (12|66)\n.*/proc/no/where\.lock: No such file"
    with pytest.raises(Failed, match=told):
        push(c, driver.folder, ["small"], "/proc/no/where")
    driver.ssh("mv /usr/bin/rsync /usr/bin/away")
    try:
        with pytest.raises(Failed, match=r"there is no rsync on .*\n.*fab setup"):
            push(c, driver.folder, ["small"], "/srv/cut")
    finally:
        driver.ssh("mv /usr/bin/away /usr/bin/rsync")
    assert push(c, driver.folder, ["small"], "/srv/cut") == 1  # on the same connection
    assert push(c, driver.folder, ["small"], "/srv/cut") == 0


def test_one_push_at_a_time(
    driver: Driver, c: Connection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    driver.background("flock /srv/cut.lock sleep 4")
    driver.ssh("while flock -n /srv/cut.lock true; do sleep 0.05; done")
    began = time.monotonic()
    monkeypatch.setattr(sync, "_WAIT", 1)
    with pytest.raises(Busy, match="another run sends or reads a manuscript there"):
        push(c, driver.folder, ["small"], "/srv/cut")
    monkeypatch.undo()
    assert "another run sends or reads a manuscript there; waiting for it" in capsys.readouterr().err
    assert push(c, driver.folder, ["small"], "/srv/cut") == 1
    assert time.monotonic() - began > 3


def test_a_cut_push_changes_nothing(driver: Driver, c: Connection, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "gone").write_text("old")
    push(c, tmp_path, ["a", "gone"], "/srv/cut")
    before = driver.bytes_of("/srv/cut")
    (tmp_path / "a").write_text("new")
    (tmp_path / "gone").unlink()
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(HUGE)
    driver.background("until ls /srv/cut/.huge.*; do sleep 0.05; done; pkill -9 -x rsync")
    with pytest.raises(Failed):
        push(c, tmp_path, ["a", "gone", "huge"], "/srv/cut")
    driver.ssh("rm -rf /srv/cut/.huge.* && mv /srv/cut/.~tmp~ /srv/cut.aside")
    assert driver.bytes_of("/srv/cut") == before
    driver.ssh("mv /srv/cut.aside /srv/cut/.~tmp~")
    (tmp_path / "huge").unlink()
    push(c, tmp_path, ["a"], "/srv/cut")
    assert driver.ssh("cd /srv/cut && find . -type f && cat a") == "./a\nnew"


def sending(driver: Driver) -> "tuple[subprocess.Popen[str], str]":
    """Start `fab send`; return it, and the process that serves it there, once bytes are on their way."""
    driver.ssh("rm -rf /srv/cut")
    started = driver.start("send")
    driver.ssh("until ls /srv/cut/huge/.zero.* >/dev/null 2>&1; do sleep 0.05; done")
    return started, driver.ssh("ps -o ppid= $(pgrep -o -x rsync)").strip()


def test_a_cut_connection_ends_a_push(driver: Driver) -> None:
    started, session = sending(driver)
    driver.ssh(f"kill -9 {session}")
    _, stderr = started.communicate(timeout=60)
    assert started.returncode == 4
    assert f"the connection to {driver.machine.name} was cut" in stderr
    assert "Run this again: it sends what is missing." in stderr
    assert "Traceback" not in stderr
    assert nothing_left(driver)


def test_rsync_does_not_outlive_us(driver: Driver) -> None:
    started, _ = sending(driver)
    started.kill()
    started.communicate(timeout=60)
    assert nothing_left(driver)


@pytest.mark.parametrize("frozen", [False, True])
def test_ctrl_c_ends_a_push(driver: Driver, frozen: bool) -> None:
    started, session = sending(driver)
    if frozen:  # what is on its way fills every buffer, and nobody takes it
        driver.ssh(f"kill -STOP {session}")
        time.sleep(1)
    os.kill(started.pid, signal.SIGINT)
    _, stderr = started.communicate(timeout=60)
    assert started.returncode == 130
    assert "interrupted" in stderr
    assert "Traceback" not in stderr
    assert nothing_left(driver)
    driver.ssh(f"kill -9 {session} 2>/dev/null || true")


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory, fresh_names: Callable[[], str]) -> Iterator[Driver]:
    """Return the example blog on a machine that is set up, and whose sshd tells of every session."""
    folder = tmp_path_factory.mktemp("blog") / "blog"
    write_example(folder)
    driver = Driver(vm.up(fresh_names(), debian=13), folder)
    driver.done("setup")
    driver.ssh("echo 'LogLevel VERBOSE' >/etc/ssh/sshd_config.d/00-told.conf && systemctl reload ssh")
    yield driver


def counted(blog: Driver, *words: str, config: Path | None = None, host: str = "") -> tuple[int, int]:
    """Return how many connections of the blog's user, and how many commands on them, `fab` takes."""
    cursor = blog.ssh("journalctl --sync; journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p'").strip()
    ended = blog.fab(*words, config=config, host=host)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = blog.ssh(f"journalctl --sync; journalctl -u ssh -o cat --after-cursor '{cursor}'")
    connections = len(re.findall(r"^Accepted publickey for blog ", told, re.MULTILINE))
    commands = len(re.findall(r"^Starting session: \w+.* for blog ", told, re.MULTILINE))
    return connections, commands


def test_a_deploy_is_one_connection_and_a_few_commands(blog: Driver) -> None:
    for _ in range(2):  # the first brings the toolkit too
        post = next((blog.folder / "content").rglob("*.rst"))
        post.write_text(post.read_text() + "\nOne more sentence.\n")
        connections, commands = counted(blog, "deploy")
        assert connections == 1
        assert commands <= 6
    connections, commands = counted(blog, "rollback")
    assert connections == 1
    assert commands <= 2


def test_a_gateway_and_a_named_key_serve_rsync_too(blog: Driver) -> None:
    """The machine is its own gateway; no identity in ssh_config, and none of the user's own."""
    name, known = blog.machine.name, blog.folder.parent / "known_hosts"
    key = blog.ssh("cat /etc/ssh/ssh_host_ed25519_key.pub").split()[:2]
    known.write_text(f"127.0.0.1 {' '.join(key)}\n")
    lines = blog.machine.ssh_config.read_text().splitlines()
    config = blog.folder.parent / "ssh_config"
    outer = "\n".join(line for line in lines if line.split()[:1] != ["IdentityFile"])
    config.write_text(
        f"{outer}\nHost inner\n  HostName 127.0.0.1\n  User root\n  ProxyJump {name}\n"
        f"  UserKnownHostsFile {known}\n  StrictHostKeyChecking yes\n"
    )
    (blog.folder / "content/by-a-detour.rst").write_text(
        "By a detour\n###########\n\n:date: 2026-11-21\n\nHere.\n"
    )
    identity = str(blog.machine.folder / "id_ed25519")
    connections, commands = counted(blog, "-i", identity, "deploy", "--unpin", config=config, host="inner")
    assert connections == 1
    assert commands <= 6
    assert "by-a-detour" in blog.ssh("ls -R /srv/blog/current/")
