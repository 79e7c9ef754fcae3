"""Config transactions on a real host: all of a run's files or none, and a service that never blinks."""

import re
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from driving import Driver

from blogops import vm

pytestmark = pytest.mark.vm

SITE = "server {{ listen 80 default_server; location / {{ return 200 '{0}'; }} }}"

SOUND = f"""
require.nginx.disabled("default")
require.nginx.site("one", {SITE.format("one")!r})
require.supervisor.process("steady", command="/bin/sleep infinity", user="nobody")
require.user("web")
require.sudoer("web", ["/usr/bin/true"])
require.file("/etc/ssh/sshd_config.d/50-test.conf", "PermitEmptyPasswords no\\n",
             notify=[provision.reload("ssh")])
require.file("/etc/motd", "sound\\n")
"""

# Each would change several files, the last of them wrong.
WRONG = {
    "nginx": f"""
require.file("/etc/motd", "changed\\n")
require.nginx.site("one", {SITE.format("changed")!r})
require.nginx.site("two", "server {{ listen 80; bogus on; }}")
""",
    "nginx twice": f"""
require.nginx.site("two", "server {{ lisen 80; }}")
require.file("/etc/nginx/conf.d/late.conf", "# late\\n", notify=[provision.reload("nginx")])
require.nginx.site("one", {SITE.format("changed")!r})
""",
    "supervisor": """
require.file("/etc/motd", "changed\\n")
require.supervisor.process("wrong", command="/bin/sleep 1", user="web", stopsignal="BOGUS")
""",
    "sudoers": """
require.file("/etc/motd", "changed\\n")
require.file("/etc/sudoers.d/web-too", "web ALL=(root NOPASSWD: ALL\\n", mode="440")
""",
    "sshd": """
require.file("/etc/motd", "changed\\n")
require.file("/etc/ssh/sshd_config.d/50-test.conf", "PermitBogus yes\\n", notify=[provision.reload("ssh")])
""",
}

PIDS = (
    "cat /run/nginx.pid; pgrep -P $(cat /run/nginx.pid) | sort; supervisorctl pid steady; "
    "systemctl show -p MainPID ssh supervisor"
)
RELOADS = "journalctl -q -o cat | grep -c -e Reload -e reread -e Stopping || true"


@pytest.fixture(scope="module")
def sound(workshop: Callable[[int], vm.Machine], tmp_path_factory: pytest.TempPathFactory) -> Driver:
    driver = Driver(workshop(13), tmp_path_factory.mktemp("transactions"))
    driver.fabfile(SOUND)
    driver.done("setup")
    driver.ssh("apt-get -qq install procps >/dev/null")
    return driver


@contextmanager
def probed(machine: vm.Machine, path: Path) -> Iterator[list[str]]:
    """Ask 50 times a second in the block; collect what was not answered as ever."""
    missed: list[str] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            began = time.monotonic()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{machine.http_port}/", timeout=2) as answer:
                    body = answer.read().decode()
            except OSError as error:
                body = str(error)
            if body != "one":
                missed.append(body)
            path.write_text(str(int(path.read_text()) + 1))
            time.sleep(max(0.0, 0.02 - (time.monotonic() - began)))

    path.write_text("0")
    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield missed
    finally:
        over.set()
        asking.join()


@pytest.mark.parametrize("what", WRONG)
def test_what_a_service_refuses_changes_nothing(sound: Driver, what: str, tmp_path: Path) -> None:
    before = sound.bytes_of("/etc"), sound.ssh(PIDS), sound.ssh(RELOADS)
    wrong = Driver(sound.machine, tmp_path)
    wrong.fabfile(WRONG[what])
    with probed(sound.machine, tmp_path / "asked") as missed:
        ended = wrong.fab("setup")
    assert ended.returncode == 4, ended.stdout + ended.stderr
    assert re.search(r"fabfile\.py:\d+: (file|link) /etc/", ended.stderr), ended.stderr
    assert "are what they were; nothing was reloaded" in ended.stderr
    assert (sound.bytes_of("/etc"), sound.ssh(PIDS), sound.ssh(RELOADS)) == before
    assert missed == []
    assert int((tmp_path / "asked").read_text()) > 10
    assert sound.ssh("test -e /var/lib/blogops/undo.jsonl; echo $?").strip() == "1"
    # Nothing is owed either: what was sound is sound, and at rest.
    told = sound.done("setup")
    assert re.search(r"\b0 changed", told), told
    assert "reload" not in told


def test_the_refused_file_is_the_one_that_is_named(sound: Driver, tmp_path: Path) -> None:
    wrong = Driver(sound.machine, tmp_path)
    wrong.fabfile(WRONG["nginx twice"])
    ended = wrong.fab("setup")
    lines = (tmp_path / "fabfile.py").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "lisen" in text)
    assert f"fabfile.py:{line}: link /etc/nginx/sites-enabled/two" in ended.stderr
    assert 'unknown directive "lisen"' in ended.stderr


def test_a_config_that_was_broken_before_is_said_to_be(sound: Driver, tmp_path: Path) -> None:
    sound.ssh("echo 'bogus;' >/etc/nginx/conf.d/mine.conf")
    try:
        other = Driver(sound.machine, tmp_path)
        other.fabfile(f"require.nginx.site('one', {SITE.format('changed')!r})")
        ended = other.fab("setup")
        assert ended.returncode == 4
        assert "something was wrong before this run" in ended.stderr
    finally:
        sound.ssh("rm /etc/nginx/conf.d/mine.conf")


def test_a_run_killed_before_the_check_is_taken_back_by_the_next(sound: Driver, tmp_path: Path) -> None:
    """The agent is killed in the check itself, which stands for a power cut at that moment."""
    sound.ssh(
        "mv /usr/sbin/nginx /usr/sbin/nginx.real; chmod 755 /usr/sbin/nginx.real; "
        "printf '#!/bin/sh\\npkill -KILL -f agent.main\\nsleep 5\\n' >/usr/sbin/nginx; "
        "chmod 755 /usr/sbin/nginx"
    )
    before = sound.bytes_of("/etc/nginx")
    other = Driver(sound.machine, tmp_path)
    other.fabfile(f"require.nginx.site('one', {SITE.format('changed')!r})")
    try:
        ended = other.fab("setup")
        assert ended.returncode != 0
        assert sound.bytes_of("/etc/nginx") != before
    finally:
        sound.ssh("mv /usr/sbin/nginx.real /usr/sbin/nginx")
    told = sound.done("setup")
    assert "a run was killed before they were checked" in told
    assert sound.bytes_of("/etc/nginx") == before


def test_a_reload_survives_a_failure_and_comes_once(sound: Driver, tmp_path: Path) -> None:
    other = Driver(sound.machine, tmp_path)
    change = f"require.nginx.site('one', {SITE.format('two')!r})\n"
    more = "require.file('/etc/nginx/conf.d/more.conf', '# more\\n', notify=[provision.reload('nginx')])\n"
    sound.ssh("mkdir -p /srv/precious")
    master = sound.ssh("cat /run/nginx.pid")
    other.fabfile(change + more + "require.absent('/srv/precious')")
    assert other.fab("setup").returncode == 4
    assert asked(sound) == "one"
    reloads = int(sound.ssh("journalctl -q -u nginx -o cat | grep -c Reloaded || true"))
    other.fabfile(change + more)
    told = other.done("setup")
    assert re.search(r"\b0 changed", told), told
    assert told.count("nginx reload") == 1
    assert asked(sound) == "two"
    assert int(sound.ssh("journalctl -q -u nginx -o cat | grep -c Reloaded || true")) == reloads + 1
    assert sound.ssh("cat /run/nginx.pid") == master  # reloaded, not restarted
    assert "nginx reload" not in other.done("setup")
    sound.ssh("rm /etc/nginx/conf.d/more.conf")
    sound.done("setup")


def asked(driver: Driver) -> str:
    time.sleep(0.3)  # the old workers of a reload may answer a moment longer
    url = f"http://127.0.0.1:{driver.machine.http_port}/"
    return subprocess.run(["curl", "-s", url], capture_output=True, text=True, check=True).stdout


def test_a_program_that_cannot_run_fails_with_its_log(sound: Driver, tmp_path: Path) -> None:
    other = Driver(sound.machine, tmp_path)
    steady = sound.ssh("supervisorctl pid steady")
    lines = "for i in $(seq 30); do echo line $i; done; echo the last word; exit 3"
    other.fabfile(f"require.supervisor.process('short', command=\"/bin/sh -c '{lines}'\", user='nobody')")
    ended = other.fab("setup")
    assert ended.returncode == 4
    assert re.search(r"short is (BACKOFF|FATAL), not RUNNING", ended.stderr), ended.stderr
    assert "the last word" in ended.stderr
    assert "line 5\n" not in ended.stderr  # the end of the log, not all of it
    assert sound.ssh("supervisorctl pid steady") == steady
    # Mended, it is the only one that restarts; and it has run for startsecs when that is said.
    other.fabfile(
        "require.supervisor.process('short', command='/bin/sleep 1000', user='nobody', startsecs=3)"
    )
    began = time.monotonic()
    assert "program short: started" in other.done("setup")
    assert time.monotonic() - began > 3
    assert sound.ssh("supervisorctl pid steady") == steady
    short = sound.ssh("supervisorctl pid short")
    assert re.search(r"\b0 changed", other.done("setup"))
    other.fabfile("require.supervisor.process('short', command='/bin/sleep 1001', user='nobody')")
    assert "program short: restarted, its settings changed" in other.done("setup")
    assert sound.ssh("supervisorctl pid short") != short
    assert sound.ssh("supervisorctl pid steady") == steady
    other.fabfile("require.supervisor.absent('short')")
    assert "stopped and removed" in other.done("setup")
    assert re.search(r"\b0 changed", other.done("setup"))


def test_a_program_nothing_brings_is_refused_before_any_change(sound: Driver, tmp_path: Path) -> None:
    other = Driver(sound.machine, tmp_path)
    other.fabfile(
        "require.file('/etc/motd', 'changed')\n"
        "require.supervisor.process('app', command='/home/x/env/bin/app', directory='/home/x/app', user='x')"
    )
    before = sound.bytes_of("/etc")
    ended = other.fab("setup")
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert "fabfile.py:8" in ended.stderr
    assert "there is no directory /home/x/app on the host, and nothing in the plan brings it" in ended.stderr
    assert sound.bytes_of("/etc") == before
