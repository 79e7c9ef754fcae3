"""Becoming root: each way works, or fails with one clear line, and sudo is asked once."""

import os
import pty
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import Driver, environment

from blogops import vm

pytestmark = pytest.mark.vm

PASSWORD = "correct-horse"  # noqa: S105 -- of a machine that lives for a minute
ADMIN = f"""
set -e
apt-get -qq update
apt-get -qq -y install sudo python3 >/dev/null
id -u boss >/dev/null 2>&1 || useradd --create-home --shell /bin/bash boss
echo 'boss:{PASSWORD}' | chpasswd
install -d -o boss -m 700 /home/boss/.ssh
install -o boss -m 600 /root/.ssh/authorized_keys /home/boss/.ssh/
"""
RULES = "/etc/sudoers.d/boss"


@pytest.fixture(scope="module")
def host(workshop: Callable[[int], vm.Machine], tmp_path_factory: pytest.TempPathFactory) -> Driver:
    driver = Driver(workshop(13), tmp_path_factory.mktemp("sudo"))
    driver.ssh(ADMIN)
    driver.fabfile("require.file('/etc/motd', 'by boss\\n')")
    return driver


def allow(host: Driver, *rules: str) -> None:
    text = "".join(f"{rule}\\n" for rule in rules)
    host.ssh(f"printf '{text}' >{RULES}; rm -rf /run/sudo/ts/boss; rm -f /etc/motd")


def sudo_runs(host: Driver) -> int:
    """Return how often sudo ran something for boss."""
    return int(host.ssh("journalctl -q -o cat _COMM=sudo | grep -c 'boss .*COMMAND=' || true"))


def as_boss(host: Driver, *words: str, password: str = "") -> "subprocess.CompletedProcess[str]":
    """Run `fab` with a password typed on a terminal, as --prompt-for-sudo-password asks for one."""
    options = ["--prompt-for-sudo-password"] if password else []
    command = host.command(*words, host=f"boss@{host.machine.name}")
    command = [command[0], *options, *command[1:]]
    if not password:
        return subprocess.run(
            command,
            cwd=host.folder,
            env=environment(host.folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        command,
        cwd=host.folder,
        env=environment(host.folder),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(1)
    os.write(ours, f"{password}\n".encode())
    stdout, stderr = running.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert password not in stdout + stderr
    return subprocess.CompletedProcess(command, running.returncode, stdout, stderr)


def test_without_a_password(host: Driver) -> None:
    allow(host, "boss ALL=(ALL) NOPASSWD: ALL")
    before = sudo_runs(host)
    ended = as_boss(host, "setup")
    assert ended.returncode == 0, ended.stderr
    assert host.ssh("cat /etc/motd; stat -c %U /etc/motd").split() == ["by", "boss", "root"]
    assert sudo_runs(host) == before + 1
    # A password that is given all the same is passed over, and is nobody's input.
    assert as_boss(host, "setup", password=PASSWORD).returncode == 0


def test_with_a_password(host: Driver) -> None:
    allow(host, "boss ALL=(ALL) ALL")
    before = sudo_runs(host)
    ended = as_boss(host, "setup", password=PASSWORD)
    assert ended.returncode == 0, ended.stderr
    assert "+ file /etc/motd: created" in ended.stdout
    assert sudo_runs(host) == before + 1
    assert PASSWORD not in host.ssh(
        "journalctl -q -o cat; cat /var/lib/blogops/runs/*; cat /home/boss/.*history || true"
    )


def test_with_a_password_nobody_gives(host: Driver) -> None:
    allow(host, "boss ALL=(ALL) ALL")
    ended = as_boss(host, "setup")
    assert ended.returncode == 4
    assert ended.stderr.splitlines()[0].endswith("wants the password of boss")
    assert "--prompt-for-sudo-password" in ended.stderr
    assert host.ssh("ls /etc/motd || true") == ""


def test_with_a_wrong_password(host: Driver) -> None:
    allow(host, "boss ALL=(ALL) ALL")
    ended = as_boss(host, "setup", password="battery-staple")  # noqa: S106
    assert ended.returncode == 4
    assert ended.stderr.strip().splitlines()[-2].endswith("does not accept that password for boss")
    assert "Nothing was changed." in ended.stderr
    # The plan was never sent: sudo would have read its first line as the second attempt.
    journal = host.ssh("journalctl -q -o cat _COMM=sudo")
    assert "1 incorrect password attempt ;" in journal
    assert "2 incorrect password attempts" not in journal
    assert host.ssh("ls /etc/motd || true") == ""


def test_with_requiretty(host: Driver) -> None:
    allow(host, "Defaults:boss requiretty", "boss ALL=(ALL) NOPASSWD: ALL")
    ended = as_boss(host, "setup")
    assert ended.returncode == 4
    assert "wants a terminal (requiretty)" in ended.stderr
    rule = next(line for line in ended.stderr.splitlines() if "!requiretty" in line).partition(": ")[2]
    host.ssh(rule)  # what it says to do mends it
    assert as_boss(host, "setup").returncode == 0
    host.ssh("rm /etc/sudoers.d/boss-notty")


def test_with_a_pty_and_a_log_of_its_own(host: Driver, tmp_path: Path) -> None:
    """use_pty and log_output put a relay between us and the agent; all of it must come through."""
    allow(host, "Defaults:boss use_pty, log_output", "boss ALL=(ALL) NOPASSWD: ALL")
    other = Driver(host.machine, tmp_path)
    other.fabfile(
        "require.directory('/srv/relayed')\n"
        "for n in range(300): require.file(f'/srv/relayed/{n}', 'x' * 1000)"
    )
    ended = as_boss(other, "setup")
    assert ended.returncode == 0, ended.stderr
    assert "301 resources, 301 changed" in ended.stdout


def test_a_user_who_may_not(host: Driver) -> None:
    host.ssh(f"rm -f {RULES}")
    ended = as_boss(host, "setup", password=PASSWORD)
    assert ended.returncode == 4
    assert "may not become root" in ended.stderr
    assert "not in the sudoers file" in ended.stderr


def test_root_needs_no_sudo(host: Driver, tmp_path: Path) -> None:
    before = int(host.ssh("journalctl -q -o cat _COMM=sudo | grep -c COMMAND= || true"))
    host.done("setup")
    assert int(host.ssh("journalctl -q -o cat _COMM=sudo | grep -c COMMAND= || true")) == before
