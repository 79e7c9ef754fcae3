"""Blank machines boot, stand apart, survive what they should and leave nothing."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blogops import vm
from blogops.errors import Refused
from blogops.vm import processes
from blogops.vm.machine import folder, label

pytestmark = pytest.mark.vm
Boot = Callable[[int], vm.Machine]

TASKS = """
import sys
from invoke import Collection, Program
from blogops.vm import tasks
Program(namespace=Collection.from_module(tasks), name="vm").run(["vm", *sys.argv[1:]])
"""

# The mirror that the machine itself was made from.
MIRROR_RESOLVES = (
    "getent hosts $(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null"
    " | sed -n 's#.*://\\([^/ ]*\\).*#\\1#p' | head -n 1)"
)


def ssh(machine: vm.Machine, command: str, *options: str) -> subprocess.CompletedProcess[str]:
    argv = ["ssh", "-F", str(machine.ssh_config), *options, machine.name, command]
    return subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )


def out(machine: vm.Machine, command: str) -> str:
    done = ssh(machine, command)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def task(*words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **({} if path is None else {"PATH": path})}
    argv = [sys.executable, "-c", TASKS, *words]
    return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=120, check=False)


def wait_for(true: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def traces(name: str) -> list[str]:
    """Return everything on this host that bears the machine's name."""
    kernel, place = label(folder(name)), folder(name)
    lines = Path("/proc/mounts").read_text().splitlines()
    lines += subprocess.run(
        ["ip", "netns", "list"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    found = [line for line in lines if kernel in line or f"{place}/" in line]
    found += [f"pid {pid}" for pid in processes.helpers(place)]
    found += [str(path) for path in place.parent.glob(f"*{name}*")]
    for home in ("/run/netns", "/run/systemd/nspawn", "/sys/fs/cgroup"):
        found += [str(path) for path in Path(home).glob(f"**/*{kernel}*")]
    return found


@pytest.mark.parametrize("debian", [12, 13])
def test_it_is_blank_and_healthy(machine: Boot, debian: int) -> None:
    it = machine(debian)

    assert out(it, "cut -d. -f1 /etc/debian_version") == str(debian)
    assert out(it, "command -v python3 || echo none") == "none"
    assert out(it, "find /var/lib/apt/lists /var/cache/apt -type f ! -name lock") == ""
    assert out(it, "ls -A /srv /opt /usr/local/bin /home") == "/home:\n\n/opt:\n\n/srv:\n\n/usr/local/bin:"
    assert out(it, "hostname") == it.name
    assert out(it, "systemctl is-system-running") == "running"
    assert len(out(it, "cat /etc/machine-id")) == 32
    assert "deb http" in out(it, "cat /etc/apt/sources.list")
    assert out(it, MIRROR_RESOLVES)


def test_up_again_changes_nothing(machine: Boot) -> None:
    it = machine(13)
    boot = out(it, "cat /proc/1/stat")
    done = task("up", "--name", it.name)

    assert done.returncode == 0, done.stderr
    assert f"{it.name}: already up" in done.stdout
    assert f"fab -S {it.ssh_config} -H {it.name} setup" in done.stdout
    assert vm.up(it.name) == it
    assert out(it, "cat /proc/1/stat").split()[21] == boot.split()[21]
    with pytest.raises(Refused, match="up already with Debian 13"):
        vm.up(it.name, debian=12)


def test_its_host_key_is_checked_from_the_first_connection(machine: Boot, tmp_path: Path) -> None:
    it, other = machine(13), machine(12)
    wrong = tmp_path / "known_hosts"
    wrong.write_text(
        (other.folder / "known_hosts").read_text().replace(str(other.ssh_port), str(it.ssh_port))
    )
    done = ssh(it, "true", "-o", f"UserKnownHostsFile={wrong}")

    assert done.returncode == 255
    assert "Host key verification failed" in done.stderr


def test_two_at_once_stand_apart(machine: Boot) -> None:
    one, two = machine(13), machine(12)

    assert len({one.ssh_port, one.http_port, two.ssh_port, two.http_port}) == 4
    assert out(one, "cat /etc/machine-id") != out(two, "cat /etc/machine-id")
    # Were their control groups shared, this would end the other's sshd too.
    ssh(one, "systemctl kill --signal=KILL ssh.service")
    wait_for(lambda: ssh(one, "true").returncode == 0)
    assert out(two, "hostname") == two.name
    # Port 80 is not taken by a web server yet: sshd plays one.
    out(one, "/usr/sbin/sshd -p 80")
    with socket.create_connection(("127.0.0.1", one.http_port), timeout=10) as web:
        web.settimeout(10)
        assert web.recv(7) == b"SSH-2.0"


def test_it_reboots(fresh: Boot) -> None:
    it = fresh(13)
    out(it, "echo kept >/root/kept")
    started = "systemctl show -p UserspaceTimestampMonotonic"
    before = out(it, started)
    ssh(it, "systemctl reboot")
    wait_for(lambda: ssh(it, started).stdout.strip() not in ("", before))

    assert out(it, "cat /root/kept") == "kept"
    assert vm.down(it.name)
    assert traces(it.name) == []


def test_list_is_for_people_and_for_scripts(machine: Boot) -> None:
    it = machine(13)
    row = next(line for line in task("list").stdout.splitlines() if line.startswith(it.name))
    assert row.split() == [it.name, "13", "nspawn", str(it.ssh_port), it.url, "up"]

    found = {entry["name"]: entry for entry in json.loads(task("list", "--json").stdout)}
    assert found[it.name]["http_port"] == it.http_port
    assert found[it.name]["ssh_config"] == str(it.ssh_config)
    assert found[it.name]["up"] is True


def test_ssh_runs_a_command_and_gives_its_status(machine: Boot) -> None:
    done = task("ssh", "--name", machine(13).name, "--command", "hostname; exit 7")
    assert (done.returncode, done.stdout.strip()) == (7, machine(13).name)


def test_errors_are_sentences_with_exit_codes(vm_host: None) -> None:
    unknown = task("ssh", "--name", "nobody")
    assert unknown.returncode == 3
    assert 'no machine called "nobody"' in unknown.stderr
    assert task("up", "--name", "No").returncode == 2
    assert task("up", "--debian", "11").returncode == 2
    assert task("down").returncode == 2
    nothing = task("down", "--name", "nobody")
    assert (nothing.returncode, nothing.stderr) == (0, "")
    lacking = task("up", "--name", "nobody", "--backend", "nspawn", path="/nonexistent")
    assert lacking.returncode == 4
    assert "sudo apt install" in lacking.stderr
    for package in ("mmdebstrap", "passt", "systemd-container", "openssh-client"):
        assert package in lacking.stderr
    assert "Traceback" not in unknown.stderr + lacking.stderr
    assert traces("nobody") == []


STAGES: dict[str, Callable[[Path], object]] = {
    "state file": lambda place: (place / "machine.json").exists(),
    "copying": lambda place: (place / "root/usr").exists(),
    "namespace": lambda place: Path("/run/netns", label(place)).exists(),
    "booting": lambda place: (place / "console.log").exists(),
}


@pytest.mark.parametrize("stage", STAGES)
def test_killed_half_way_the_next_command_clears_up(
    machine: Boot, fresh_name: Callable[[], str], stage: str
) -> None:
    machine(13)  # so that its root is cached
    name = fresh_name()
    script = f"from blogops import vm; vm.up({name!r})"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.DEVNULL) as making:
        wait_for(lambda: STAGES[stage](folder(name)))
        making.send_signal(signal.SIGKILL)
    assert making.returncode == -9
    assert name not in [each.name for each in vm.machines()]

    if stage in ("copying", "booting"):
        assert out(vm.up(name), "hostname") == name
    assert vm.down(name)
    assert traces(name) == []


def test_a_killed_container_is_cleared_up_too(fresh: Boot) -> None:
    it = fresh(13)
    before = it.folder
    for pid in processes.helpers(it.folder):
        os.kill(pid, signal.SIGKILL)
    assert ssh(it, "true").returncode != 0

    again = vm.up(it.name)
    assert again.folder == before
    assert out(again, "hostname") == it.name
    assert vm.down(it.name)
    assert traces(it.name) == []


def test_qemu_boots_the_same_blank_debian(fresh_name: Callable[[], str]) -> None:
    it = vm.up(fresh_name(), backend="qemu")

    assert out(it, "hostname") == it.name
    assert out(it, "command -v python3 || echo none") == "none"
    assert out(it, "find /var/lib/apt/lists -type f ! -name lock") == ""
    assert out(it, "systemctl is-system-running") == "running"
    assert out(it, MIRROR_RESOLVES)
    assert vm.down(it.name)
    assert traces(it.name) == []
