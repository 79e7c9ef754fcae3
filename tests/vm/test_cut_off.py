"""Lost connections and Ctrl-C: the host finishes what it does, and the next run says what that was."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable

import pytest
from driving import Driver

from blogops import vm

pytestmark = pytest.mark.vm

# apt is at work for some seconds: the package is not small, and its archive is not there yet.
LONG = """
require.file("/etc/first", "{0}\\n")
require.deb.package("{1}")
require.file("/etc/last", "{0}\\n")
"""


@pytest.fixture
def driver(fresh: Callable[[int], vm.Machine], tmp_path_factory: pytest.TempPathFactory) -> Driver:
    driver = Driver(fresh(13), tmp_path_factory.mktemp("cut"))
    driver.ssh("apt-get -qq update && apt-get -qq install --no-install-recommends python3 procps >/dev/null")
    return driver


def until(driver: Driver, command: str, seconds: float = 60) -> None:
    """Wait until *command* succeeds on the host."""
    deadline = time.monotonic() + seconds
    while "yes" not in driver.ssh(f"{command} >/dev/null && echo yes || true"):
        assert time.monotonic() < deadline, command
        time.sleep(0.05)


def kill(running: "subprocess.Popen[str]") -> None:
    """End `fab` and its connection as a crash of the laptop would."""
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()


def sound(driver: Driver) -> bool:
    return driver.ssh("dpkg --audit; ls /var/lib/dpkg/updates; pgrep -x dpkg || true") == ""


def test_the_host_finishes_and_a_rerun_attaches(driver: Driver) -> None:
    driver.fabfile(LONG.format("a", "imagemagick"))
    running = driver.start("setup")
    until(driver, "pgrep -x apt-get")
    kill(running)
    told = driver.done("setup")  # at once, while apt is at work
    assert "is at work; this one waits for it" in told
    assert "    + file /etc/first: created" in told  # what was said before
    assert re.search(r"    \+ packages imagemagick: installed", told)  # and what came after
    assert re.search(r"\b3 resources, 0 changed", told), told
    assert sound(driver)

    driver.fabfile(LONG.format("b", "graphviz"))
    running = driver.start("setup")
    until(driver, "pgrep -x apt-get")
    kill(running)
    until(driver, "grep -q b /etc/last")
    until(driver, "flock --nonblock /var/lib/blogops/lock true")
    told = driver.done("setup")  # when all is over
    assert "went on to its end without you; it did this:" in told
    assert re.search(r"    \+ packages graphviz: installed", told)
    assert re.search(r"\b3 resources, 0 changed", told), told
    assert "without you" not in driver.done("setup")  # it is told once
    assert sound(driver)


def test_ctrl_c_stops_after_the_current_resource(driver: Driver) -> None:
    driver.fabfile(LONG.format("a", "imagemagick"))
    running = driver.start("setup")
    until(driver, "pgrep -x apt-get")
    os.kill(running.pid, signal.SIGINT)
    stdout, stderr = running.communicate(timeout=120)
    assert running.returncode == 130, stdout + stderr
    assert "stopping after the current resource" in stderr
    assert "stopped after 2 resources, 2 of them changed, 1 left" in stderr
    assert "+ packages imagemagick: installed" in stdout
    assert sound(driver)
    assert driver.ssh("ls /etc/last 2>/dev/null; dpkg-query -W -f '${Status}' imagemagick") == (
        "install ok installed"
    )
    told = driver.done("setup")
    assert re.search(r"\b1 changed", told), told


def test_ctrl_c_while_python3_is_installed(
    fresh: Callable[[int], vm.Machine], tmp_path_factory: pytest.TempPathFactory
) -> None:
    blank = Driver(fresh(13), tmp_path_factory.mktemp("blank"))
    blank.fabfile("require.file('/etc/first', 'x')")
    running = blank.start("setup")
    until(blank, "test -e /var/lib/blogops/python3.log")
    os.kill(running.pid, signal.SIGINT)
    stdout, stderr = running.communicate(timeout=120)
    assert running.returncode == 130, stdout + stderr
    assert "+ python3: installed" in stdout
    assert "stopped after 0 resources, 0 of them changed, 1 left" in stderr
    assert blank.ssh("dpkg --audit; ls /etc/first 2>/dev/null || true") == ""
    assert "+ file /etc/first: created" in blank.done("setup")


def test_ctrl_c_twice_lets_go(driver: Driver) -> None:
    driver.fabfile(LONG.format("a", "imagemagick"))
    running = driver.start("setup")
    until(driver, "pgrep -x apt-get")
    os.kill(running.pid, signal.SIGINT)
    time.sleep(0.5)
    os.kill(running.pid, signal.SIGINT)
    began = time.monotonic()
    stdout, stderr = running.communicate(timeout=120)
    assert time.monotonic() - began < 3
    assert running.returncode == 130, stdout + stderr
    assert "let go of" in stderr
    assert "Run this again: it shows what was done meanwhile, and goes on." in stderr
    assert driver.ssh("pgrep -x apt-get || true") != ""  # it goes on there
    told = driver.done("setup")
    assert "    + packages imagemagick: installed" in told
    assert "+ file /etc/last: created" in told  # which the stopped run had left
    assert sound(driver)


def test_a_login_session_that_is_killed_takes_no_run_with_it(driver: Driver) -> None:
    """With KillUserProcesses=yes logind kills what a session leaves; root is spared, a sudoer not."""
    driver.ssh(
        "apt-get -qq install --no-install-recommends libpam-systemd dbus sudo >/dev/null; "
        "mkdir -p /etc/systemd/logind.conf.d; "
        "printf '[Login]\\nKillUserProcesses=yes\\n' >/etc/systemd/logind.conf.d/kill.conf; "
        "systemctl restart dbus systemd-logind; useradd -m admin; "
        "install -d -o admin /home/admin/.ssh; "
        "install -o admin -m 600 /root/.ssh/authorized_keys /home/admin/.ssh/; "
        "echo 'admin ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/admin"
    )
    driver.fabfile(LONG.format("a", "imagemagick"))
    running = driver.start("setup", host=f"admin@{driver.machine.name}")
    until(driver, "pgrep -x apt-get")
    assert driver.ssh("grep -l session- /proc/[0-9]*/cgroup || true")  # there is a session to kill
    kill(running)
    until(driver, "test -s /etc/last")
    assert sound(driver)
