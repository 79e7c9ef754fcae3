"""What needs no server: what travels, what rsync wants of its shell, how output is shown, silence noticed."""

import io
import socket
import subprocess
import time
from pathlib import Path

import paramiko
import pytest
from fabric import Config, Connection
from paramiko.config import SSHConfig

from blogops import console
from blogops.config.checks import _server_problems
from blogops.errors import Failed
from blogops.remote.attention import _Ear
from blogops.remote.connection import _AcceptNew, _Pinned, fingerprint, ready
from blogops.remote.events import Event, parse
from blogops.remote.hosts import named
from blogops.remote.sync import OPTIONS, only
from blogops.remote.tunnel import _call, _shell


def test_only_the_manuscript_travels(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for name in (
        "blog.toml",
        "src/content/a/b.rst",
        "src/other.txt",
        "templates/x.html",
        ".git/config",
        "key.pem",
    ):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(name)
    (here / "src/content/leak").symlink_to("/etc/passwd")
    for name in ("src/content/gone.rst", "stray.txt"):
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        (there / name).write_text("old")
    names = ["blog.toml", "src/content", "templates"]
    subprocess.run(
        ["rsync", *OPTIONS, *only(names), f"{here}/", f"{there}/"], check=True, capture_output=True
    )
    found = {
        str(path.relative_to(there)) for path in there.rglob("*") if not path.is_dir() or path.is_symlink()
    }
    assert found == {"blog.toml", "src/content/a/b.rst", "templates/x.html"}


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (
            b'{"event": "kept", "resource": "file /x", "why": "w", "new": 1}',
            Event(name="kept", resource="file /x", why="w"),
        ),
        (b"Welcome to Debian", None),
        (b"7", None),
        (b'{"no": "event"}', None),
    ],
)
def test_chatter_is_not_an_event(line: bytes, event: Event | None) -> None:
    assert parse(line) == event


@pytest.mark.parametrize(
    ("host", "parts"),
    [
        ("root@blog.example.org:2222", ("root", "blog.example.org", 2222)),
        ("root@[::1]:2222", ("root", "::1", 2222)),
        ("[2001:db8::1]", ("me", "2001:db8::1", 22)),
        ("root@2001:db8::1", ("root", "2001:db8::1", 22)),
    ],
)
def test_a_host_of_blog_toml_is_what_is_connected_to(host: str, parts: tuple[str, str, int]) -> None:
    c = named(host, Config(overrides={"user": "me"}, ssh_config=SSHConfig()))
    assert (c.user, c.host, c.port) == parts
    assert list(_server_problems({"hosts": [host]})) == []


def test_rsync_hands_over_what_is_to_run_and_its_pipes(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            words = ["rsync", "-r", "-e", _shell(theirs.fileno()), f"{tmp_path}/", "there:/srv/a b"]
            process = subprocess.Popen(words, stderr=subprocess.PIPE, pass_fds=[theirs.fileno()])
        call = _call(ours)
        assert call
        # It is the line that ssh would send: rsync has quoted the blank for the shell over there.
        assert call.command.startswith("rsync --server ")
        shell = subprocess.run(["sh", "-c", f"printf '%s\\n' {call.command}"], capture_output=True, text=True)
        assert shell.stdout.splitlines()[-1] == "/srv/a b"
        assert call.source.read(4)  # the first word of the protocol, as rsync says it
        ours.sendall(b"\x07")  # the code first: rsync ends its shell when its pipes are closed
        call.source.close()
        call.sink.close()
        problems = process.communicate(timeout=20)[1]
    assert process.returncode not in (0, None), problems


def test_rsync_that_never_calls_is_not_waited_for() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            words = ["rsync", "--no-such-option", "-e", _shell(theirs.fileno()), "/", "there:/"]
            process = subprocess.Popen(words, stderr=subprocess.PIPE, pass_fds=[theirs.fileno()])
        assert _call(ours) is None
        assert b"no-such-option" in process.communicate(timeout=20)[1]


def test_letters_and_lines_are_whole_wherever_the_bytes_are_cut() -> None:
    data = "a café\nand naïve\nhalf".encode()
    for cut in range(len(data)):
        stream = io.StringIO()
        echo = console.Echo(stream)
        echo.show(data[:cut])
        echo.show(data[cut:])
        echo.end()
        assert stream.getvalue() == data.decode()


def test_a_line_is_seen_while_it_grows() -> None:
    stream = io.StringIO()
    console.Echo(stream).show(b"\r10 of 20")
    assert stream.getvalue() == "\r10 of 20"


def test_among_several_hosts_lines_are_shown_whole() -> None:
    stream = io.StringIO()
    with console.prefixed("[a] "):
        echo = console.Echo(stream)
        echo.show(b"one\ntw")
        assert stream.getvalue() == "[a] one\n"
        echo.show(b"o\r")
        echo.show(b"\n10 of 20\r20 of")
        assert stream.getvalue() == "[a] one\n[a] two\n[a] 10 of 20\n"
        echo.end()
    assert stream.getvalue().endswith("[a] 20 of\n")


def test_silence_breaks_a_socket_in_both_directions() -> None:
    near, far = socket.socketpair()
    with near, far:
        near.settimeout(0.05)
        ear = _Ear(near)
        ear.listen(0.2)
        with pytest.raises(TimeoutError):  # which paramiko takes for one of its looks
            ear.recv(10)
        time.sleep(0.2)
        far.sendall(b"here")
        assert ear.recv(10) == b"here"  # it counts from what was heard last
        with pytest.raises(TimeoutError):
            ear.recv(10)
        time.sleep(0.2)
        with pytest.raises(ConnectionAbortedError, match="no answer for"):
            ear.recv(10)
        with pytest.raises(ConnectionAbortedError, match="no answer for"):
            while True:
                ear.send(bytes(65536))


@pytest.mark.parametrize("before", ["", "# mine\n", "# mine"])
@pytest.mark.parametrize("pinned", [False, True])
def test_a_new_key_gets_a_line_of_its_own(tmp_path: Path, before: str, pinned: bool) -> None:
    known, key = tmp_path / ".ssh/known_hosts", paramiko.ECDSAKey.generate()
    if before:
        known.parent.mkdir()
        known.write_text(before)
    policy = _Pinned([fingerprint(key)], [], known) if pinned else _AcceptNew(known)
    for name in ("one", "two"):
        policy.missing_host_key(paramiko.SSHClient(), name, key)
    lines = [f"{name} {key.get_name()} {key.get_base64()}" for name in ("one", "two")]
    assert known.read_text().splitlines() == [*before.splitlines(), *lines]


@pytest.mark.parametrize("pins", [(), ("SHA256:x",)])
@pytest.mark.parametrize(
    "line",
    [
        b"one ssh-rsa AAAAthree ssh-rsa AAAA",
        b"one ssh-rsa AAAAAtwo ssh-rsa AAAA",
        "é ssh-rsa AA".encode("latin-1"),
    ],
)
def test_a_line_of_known_hosts_that_cannot_be_read_is_said(
    tmp_path: Path, pins: tuple[str, ...], line: bytes
) -> None:
    known = tmp_path / "known_hosts"
    known.write_bytes(b"# my own hosts\n\n" + line + b"\n")
    ssh_config = SSHConfig.from_text(f"UserKnownHostsFile {known}")
    with pytest.raises(Failed) as caught:
        ready(Connection("host.invalid", config=Config(ssh_config=ssh_config)), pins)
    assert caught.value.where == f"{known}:3"
