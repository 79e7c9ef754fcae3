"""Hosts that cannot be set up: each a sentence and an exit code, never a traceback, nothing changed."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from driving import FAB, REPO, Driver

from blogops import vm

pytestmark = pytest.mark.vm


@pytest.fixture(scope="module")
def host(vm_host: None) -> Iterator[vm.Machine]:
    name = f"t131-{os.getpid()}"
    try:
        yield vm.up(name, debian=13)
    finally:
        vm.down(name)


def fab(*words: str) -> subprocess.CompletedProcess[str]:
    """Run `fab` in the folder of the example blog."""
    ended = subprocess.run(
        [str(FAB), *words],
        cwd=REPO / "example",
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended


def ssh(host: vm.Machine, command: str) -> str:
    return Driver(host, REPO).ssh(command)


def changed_config(host: vm.Machine, folder: Path, **changes: str) -> Path:
    """Return a copy of the machine's ssh_config with some options replaced."""
    lines = host.ssh_config.read_text().splitlines()
    for option, value in changes.items():
        lines = [
            line if line.split()[:1] != [option] else line.split(option)[0] + f"{option} {value}"
            for line in lines
        ]
    path = folder / "ssh_config"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_host_that_does_not_exist() -> None:
    ended = fab("-H", "root@no-such-host.invalid", "setup")
    assert ended.returncode == 4
    assert "there is no host called no-such-host.invalid" in ended.stderr


def test_a_refused_connection() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening
        ended = fab("-H", f"root@127.0.0.1:{taken.getsockname()[1]}", "setup")
    assert ended.returncode == 4
    assert "refuses the connection" in ended.stderr


def test_something_that_is_not_ssh() -> None:
    with closing(socket.socket()) as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        ended = fab("-H", f"root@127.0.0.1:{mute.getsockname()[1]}", "setup")
    assert ended.returncode == 4
    assert "error: " in ended.stderr


def test_no_host_at_all(tmp_path: Path) -> None:
    toml = tmp_path / "blog.toml"
    toml.write_text('[site]\ntitle = "T"\nurl = "http://b.example"\nauthor = "A"\n')
    ended = fab("setup", "--config", str(toml))
    assert ended.returncode == 2
    assert "no host to go to" in ended.stderr


def test_no_blog_toml_and_a_wrong_key(tmp_path: Path) -> None:
    missing = fab("deploy", "--config", str(tmp_path / "blog.toml"))
    assert missing.returncode == 2
    assert "there is no" in missing.stderr
    (tmp_path / "blog.toml").write_text('[site]\ntitel = "T"\n')
    wrong = fab("deploy", "--config", str(tmp_path))
    assert wrong.returncode == 2
    assert 'did you mean "site.title"?' in wrong.stderr


def test_a_wrong_key(host: vm.Machine, tmp_path: Path) -> None:
    key = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    ended = fab("-S", str(changed_config(host, tmp_path, IdentityFile=str(key))), "-H", host.name, "setup")
    assert ended.returncode == 4
    assert "accepts none of your SSH keys" in ended.stderr


def test_a_changed_host_key_is_refused(host: vm.Machine, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{host.ssh_port} {' '.join(imposter(tmp_path))}\n")
    config = changed_config(host, tmp_path, UserKnownHostsFile=str(known), StrictHostKeyChecking="no")
    ended = fab("-S", str(config), "-H", host.name, "setup")
    assert ended.returncode == 4
    assert "another host key than before" in ended.stderr
    assert f"ssh-keygen -f {known} -R '[127.0.0.1]:{host.ssh_port}'" in ended.stderr


def test_a_new_host_key_is_accepted_once_and_shown(host: vm.Machine, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    config = changed_config(host, tmp_path, UserKnownHostsFile=str(known), StrictHostKeyChecking="accept-new")
    first = fab("-S", str(config), "-H", host.name, "setup", "--check")
    assert "is new here: accepted its key" in first.stderr
    assert "SHA256:" in first.stderr
    again = fab("-S", str(config), "-H", host.name, "setup", "--check")
    assert "is new here" not in again.stderr


def test_strict_checking_refuses_an_unknown_host(host: vm.Machine, tmp_path: Path) -> None:
    config = changed_config(host, tmp_path, UserKnownHostsFile=str(tmp_path / "none"))
    ended = fab("-S", str(config), "-H", host.name, "setup")
    assert ended.returncode == 4
    assert "not in known_hosts" in ended.stderr


def pinned(folder: Path, *keys: str) -> str:
    """Return the folder of a blog whose blog.toml pins these host keys."""
    text = (REPO / "example/blog.toml").read_text()
    (folder / "blog.toml").write_text(text.replace("\nhost_keys = []", f"\nhost_keys = {list(keys)}"))
    return str(folder)


def test_a_pinned_key_decides(host: vm.Machine, tmp_path: Path) -> None:
    key = ssh(host, "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").split()[1]
    known = tmp_path / "known_hosts"
    new = changed_config(host, tmp_path, UserKnownHostsFile=str(known))
    words = ("-S", str(new), "-H", host.name, "setup", "--check", "--config", pinned(tmp_path, key))
    first = fab(*words)  # strict checking, and not in known_hosts: the pin vouches for it
    assert first.returncode == 10, first.stderr
    assert "is new here" not in first.stderr
    assert known.read_text().startswith(f"[127.0.0.1]:{host.ssh_port} ssh-ed25519 ")
    # Another pin than its key: refused, though known_hosts knows the key.
    other = pinned(tmp_path, "SHA256:" + "A" * 43)
    ended = fab("-S", str(new), "-H", host.name, "setup", "--config", other)
    assert ended.returncode == 4
    assert f"shows the key {key}, which server.host_keys does not name" in ended.stderr
    # The right pin, and another key in known_hosts: they must agree.
    known.write_text(known.read_text().split(" ")[0] + " " + " ".join(imposter(tmp_path)) + "\n")
    ended = fab(*words[:-1], pinned(tmp_path, key))
    assert ended.returncode == 4
    assert "another host key than before" in ended.stderr


def imposter(folder: Path) -> list[str]:
    """Return the kind and the text of a key that is nobody's."""
    key = folder / "imposter"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    return key.with_suffix(".pub").read_text().split()[:2]


def test_a_user_without_sudo(host: vm.Machine) -> None:
    ssh(
        host,
        "useradd -m guest && install -d -o guest /home/guest/.ssh && "
        "install -o guest -m 600 /root/.ssh/authorized_keys /home/guest/.ssh/authorized_keys",
    )
    ended = fab("-S", str(host.ssh_config), "-H", f"guest@{host.name}", "setup")
    assert ended.returncode == 4
    assert "wants the password of guest" in ended.stderr
    assert "Nothing was changed." in ended.stderr


def test_a_sudoer_without_password_may_set_up(host: vm.Machine) -> None:
    ssh(
        host,
        "useradd -m admin && install -d -o admin /home/admin/.ssh && "
        "install -o admin -m 600 /root/.ssh/authorized_keys /home/admin/.ssh/authorized_keys && "
        "echo 'admin ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/admin",
    )
    ended = fab("-S", str(host.ssh_config), "-H", f"admin@{host.name}", "setup", "--check")
    assert ended.returncode == 10, ended.stdout + ended.stderr


def test_another_system_is_refused_before_any_change(host: vm.Machine) -> None:
    ssh(host, "cp -L /etc/os-release /root/kept && sed -i 's/^ID=.*/ID=ubuntu/' /usr/lib/os-release")
    state = "find /etc /usr /var/lib /srv /home -xdev -printf '%p %i %T@ %m\\n' | sort"
    before = ssh(host, state)
    ended = fab("-S", str(host.ssh_config), "-H", host.name, "setup")
    assert ended.returncode == 3
    assert "this is ubuntu 13; blogops knows Debian 12 and 13" in ended.stderr
    assert ssh(host, state) == before
    ssh(host, "cp /root/kept /usr/lib/os-release")
