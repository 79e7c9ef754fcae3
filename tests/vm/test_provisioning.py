"""The promises of a run on a real host: round trips, nothing changed twice, a check that writes nothing."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from driving import REPO, Driver, write_example

from blogops import vm

pytestmark = pytest.mark.vm

MANY = """
require.directory("/srv/many")
for number in range({count}):
    require.file(f"/srv/many/{{number}}.conf", f"number {{number}}\\n" * 20)
"""
DELAY = 0.4  # seconds for a round trip: long enough to count trips by the clock on a busy machine


@contextmanager
def far_away(machine: vm.Machine, folder: Path, port: int) -> Iterator[Path]:
    """Yield an ssh_config that reaches *machine* through a relay that takes its time."""
    milliseconds = str(DELAY * 500)  # each way
    command = [sys.executable, "-m", "benchmarks.relay", str(port), str(machine.ssh_port), milliseconds]
    relay = subprocess.Popen(command, cwd=REPO)
    known = (machine.folder / "known_hosts").read_text().replace(f":{machine.ssh_port}", f":{port}")
    (folder / "known_far").write_text(known)
    text = machine.ssh_config.read_text().replace(f"Port {machine.ssh_port}", f"Port {port}")
    (folder / "far").write_text(text.replace(str(machine.folder / "known_hosts"), str(folder / "known_far")))
    time.sleep(1)
    try:
        yield folder / "far"
    finally:
        relay.terminate()
        relay.wait()


@pytest.fixture(scope="module")
def driver(workshop: Callable[[int], vm.Machine], tmp_path_factory: pytest.TempPathFactory) -> Driver:
    return Driver(workshop(13), tmp_path_factory.mktemp("provisioning"))


def connections(driver: Driver) -> int:
    return int(driver.ssh("journalctl -q -u ssh -o cat | grep -c '^Accepted publickey'"))


def seconds(driver: Driver, config: Path | None = None) -> float:
    began = time.monotonic()
    ended = driver.fab("setup", config=config)
    assert re.search(r"\b0 changed", ended.stdout), ended.stdout + ended.stderr
    return time.monotonic() - began


def test_round_trips_do_not_depend_on_the_number_of_resources(driver: Driver, free_port: int) -> None:
    trips = {}
    with far_away(driver.machine, driver.folder, free_port) as far:
        for count in (50, 500):
            driver.fabfile(MANY.format(count=count))
            driver.done("setup")
            before = connections(driver)
            near = min(seconds(driver) for _ in range(2))
            trips[count] = (min(seconds(driver, far) for _ in range(2)) - near) / DELAY
            assert connections(driver) == before + 4 + 1  # one for each run, and one for asking
    assert trips[50] <= 9, trips
    assert trips[500] <= 9, trips


def test_a_big_file_travels_once(driver: Driver) -> None:
    (driver.folder / "big.bin").write_bytes(bytes(range(256)) * 20_000)
    driver.fabfile("require.file('/srv/big.bin', source='big.bin', mode='600')")
    assert "created" in driver.done("setup")
    digest = driver.ssh("sha256sum </srv/big.bin").split()[0]
    assert digest == subprocess.check_output(["sha256sum", driver.folder / "big.bin"], text=True).split()[0]
    assert re.search(r"\b0 changed", driver.done("setup"))


def test_check_writes_nothing_and_predicts_what_comes(
    fresh: Callable[[int], vm.Machine], tmp_path: Path
) -> None:
    """sshd, and all it starts, sees every disk read-only: a check must not notice."""
    write_example(tmp_path / "blog")
    driver = Driver(fresh(13), tmp_path / "blog")
    driver.ssh("apt-get -qq update; apt-get -qq -y install --no-install-recommends python3 >/dev/null")
    driver.ssh(
        "mkdir -p /etc/systemd/system/ssh.service.d; "
        "printf '[Service]\\nReadOnlyPaths=/\\nReadWritePaths=/dev /proc /run\\n' "
        ">/etc/systemd/system/ssh.service.d/frozen.conf; systemctl daemon-reload; systemctl restart ssh"
    )
    assert "Read-only file system" in driver.ssh("touch /root/x 2>&1 || true")
    before = predicted(driver)
    driver.background(
        "rm -r /etc/systemd/system/ssh.service.d; systemctl daemon-reload; systemctl restart ssh"
    )
    driver.ssh("sleep 2")
    applied = told(driver.fab("setup", "--json").stdout)
    assert before["changed"] <= applied["changed"]
    assert applied["changed"] <= before["changed"] | before["unknown"]
    assert before["unknown"]  # services of packages that were not there, and what hangs on them
    assert not predicted(driver)["changed"]

    # On a host that has it all, the prediction is exact, notifications included.
    driver.ssh(
        "rm /etc/cron.d/blogops-blog; echo >>/etc/nginx/sites-available/blog; chmod 600 /var/log/blogops;"
        "systemctl disable -q cron; usermod -s /bin/sh blog; rm /etc/supervisor/conf.d/blog-service.conf"
    )
    exact = predicted(driver)
    assert len(exact["changed"]) == 7
    assert exact == told(driver.fab("setup", "--json").stdout)


def predicted(driver: Driver) -> dict[str, set[str]]:
    state = (
        "find / -xdev -path /proc -prune -o -path /sys -prune -o -path /run -prune -o -path /var/log/journal"
    )
    state += " -prune -o -path /tmp -prune -o -path /dev -prune -o -printf '%p %i %T@ %C@ %m\\n' | sort"
    before = driver.ssh(state)
    ended = driver.fab("setup", "--check", "--json")
    assert driver.ssh(state) == before
    found = told(ended.stdout)
    assert ended.returncode == (10 if found["changed"] else 0), ended.stderr
    return found


def told(stdout: str) -> dict[str, set[str]]:
    events = [json.loads(line) for line in stdout.splitlines()]
    return {
        name: {event["resource"] for event in events if event["event"] == name}
        for name in ("changed", "unknown", "notified")
    }


def test_json_is_as_documented(driver: Driver) -> None:
    driver.fabfile("require.file('/etc/documented', 'x')\nrequire.service.started('cron')")
    driver.ssh("rm -f /etc/documented; apt-get -qq -y install cron >/dev/null")
    documented = (REPO / "docs/events.md").read_text()
    for line in driver.done("setup", "--json").splitlines():
        for key, value in json.loads(line).items():
            assert f"`{key}`" in documented, key
            if key == "event":
                assert f"| `{value}` |" in documented, value


def test_a_changed_agent_is_never_run_and_none_stays(driver: Driver) -> None:
    """It is kept where only root writes, by its hash, and the bytes that were hashed are those that run."""
    driver.fabfile("require.file('/etc/agent', 'x')")
    driver.done("setup")
    folder = "/var/lib/blogops/agent"
    assert driver.ssh(f"stat -c '%U %a' /var/lib/blogops {folder}").split() == ["root", "700"] * 2
    driver.ssh(f'for kept in {folder}/*.pyz; do echo \'open("/tmp/run", "w")\' >$kept; done')
    assert re.search(r"\b0 changed", driver.done("setup"))
    assert driver.ssh("ls /tmp/run 2>/dev/null || true") == ""
    name = driver.ssh(f"ls -t {folder} | head -n 1").strip()
    assert driver.ssh(f"sha256sum {folder}/{name}").startswith(name.removesuffix(".pyz"))
    assert driver.ssh("grep -alE 'import[ ]main' /proc/[0-9]*/cmdline 2>/dev/null || true") == ""


def test_purge_ends_whatever_became_of_the_services(
    fresh: Callable[[int], vm.Machine], tmp_path: Path
) -> None:
    write_example(tmp_path / "blog")
    driver = Driver(fresh(13), tmp_path / "blog")
    for away in (
        "systemctl stop nginx supervisor",
        "apt-get -qq remove nginx nginx-common supervisor >/dev/null",
    ):
        driver.done("setup")
        driver.ssh(away)
        driver.done("purge", "--yes")
        assert driver.ssh("find / -xdev -name '*blogops*' -not -path '/proc/*'") == ""
        assert driver.ssh("ls -d /srv/blog /var/lib/blogops 2>/dev/null || true") == ""
        assert driver.ssh("ls /etc/nginx/sites-enabled /etc/supervisor/conf.d") == (
            "/etc/nginx/sites-enabled:\n\n/etc/supervisor/conf.d:\n"
        )


def test_purge_leaves_no_trace(fresh: Callable[[int], vm.Machine], tmp_path: Path) -> None:
    write_example(tmp_path / "blog")
    driver = Driver(fresh(13), tmp_path / "blog")
    driver.done("setup")
    driver.done("deploy")
    refused = driver.fab("purge")
    assert refused.returncode == 3
    assert "~ absent /srv/blog: removed, with all it held" in refused.stdout
    assert "--yes" in refused.stderr
    assert driver.ssh("readlink /srv/blog/current")
    # Another blog of the host keeps what is its own and what both share.
    others = [f"/var/log/{log}" for log in ("blogops/blog-two-rebuild.log", "nginx/blog-two.access.log")]
    others += ["/etc/blogops-blog-two.json", "/var/lib/blogops/lock"]
    driver.ssh(f"touch {' '.join(others)} /var/log/blogops/blog-service.log.2.gz")
    told = driver.done("purge", "--yes")
    assert "+ nouser blog: removed" in told
    assert "The Debian packages stay" in told
    ours = driver.ssh("ls /var/log/blogops /var/log/nginx | grep '^blog' | sort").split()
    assert ours == ["blog-two-rebuild.log", "blog-two.access.log"]
    driver.ssh(f"ls {' '.join(others)} && rm {' '.join(others[:3])}")
    driver.done("purge", "--yes")
    assert driver.ssh("ls /var/log/nginx | grep ^blog || true") == ""
    assert driver.ssh("find / -xdev -name '*blogops*' -not -path '/proc/*'") == ""
    assert driver.ssh("grep -rl -e blogops -e /srv/blog /etc /var/spool /var/lib/systemd || true") == ""
    assert driver.ssh("ls -d /srv/blog /home/blog /var/lib/blogops 2>/dev/null || true") == ""
    assert driver.ssh("id blog 2>&1 || true").strip().endswith("no such user")
    assert driver.ssh("nginx -t -q; supervisorctl status || true").strip() == ""
    # And it can be set up again.
    driver.done("setup")
    driver.done("deploy")
