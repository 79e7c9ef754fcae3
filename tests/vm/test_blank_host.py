"""What a fresh VM does to whoever sets it up: held locks, a killed dpkg, cloud-init still at work."""

import re
import time
from collections.abc import Callable

import pytest
from driving import Driver

from blogops import vm

pytestmark = pytest.mark.vm

LOCKS = (
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/lock",
    "/var/lib/apt/lists/lock",
    "/var/cache/apt/archives/lock",
)
# In perl, which every Debian has: struct flock of fcntl(2) on 64-bit Linux.
HOLD = """#!/usr/bin/perl
use Fcntl;
open(my $file, '+>>', $ARGV[0]) or die $!;
my $lock = pack('s s x4 q q i x4', F_WRLCK, 0, 0, 0, 0);
fcntl($file, F_SETLK, $lock) or die "$ARGV[0] $!";
sleep $ARGV[1];
"""


def hold(driver: Driver, *times: int) -> None:
    """Hold each of the four locks by a process of its own, for so many seconds."""
    driver.ssh(f"cat >/usr/local/bin/holder <<'END'\n{HOLD}END\nchmod 755 /usr/local/bin/holder")
    for lock, seconds in zip(LOCKS, times, strict=False):
        driver.ssh(f"systemd-run --quiet --collect /usr/local/bin/holder {lock} {seconds}")
    driver.ssh("sleep 0.5")


def set_up_while_held(driver: Driver) -> str:
    """Run a set-up while each of the four locks is held for 20 s, and return what it said."""
    hold(driver, 20, 21, 22, 23)
    began = time.monotonic()
    told = driver.done("setup")
    assert time.monotonic() - began > 20
    for lock in LOCKS:
        assert re.search(rf"local/bin/holder .*\(process \d+\) holds {lock}; waiting for it to end", told), (
            told
        )
    return told


@pytest.mark.parametrize("debian", [13, 12])
def test_a_blank_host_whose_locks_are_held(
    fresh: Callable[[int], vm.Machine], tmp_path_factory: pytest.TempPathFactory, debian: int
) -> None:
    driver = Driver(fresh(debian), tmp_path_factory.mktemp("blank"))
    assert driver.ssh("command -v python3; ls /var/lib/apt/lists | grep -v -e lock -e partial || true") == ""
    driver.fabfile("require.deb.package('tree')\nrequire.file('/etc/blank', 'no more')")

    # Bounded: nothing is changed, no lock is removed.
    hold(driver, 20)
    ended = driver.fab("setup", "--lock-timeout", "2")
    assert ended.returncode == 4
    assert re.search(r"holder .*\(process \d+\) holds /var/lib/dpkg/lock-frontend for longer", ended.stderr)
    assert driver.ssh("ls /var/lib/dpkg/lock-frontend; ls /etc/blank 2>/dev/null || true").split() == [
        "/var/lib/dpkg/lock-frontend"
    ]
    driver.ssh("systemctl stop 'run-*'")

    # Without python3, all four locks held for 20 s.
    told = set_up_while_held(driver)
    assert "python3: installed" in told
    assert "+ packages tree: installed" in told

    # With python3, the same by the agent.
    driver.ssh("apt-get -qq -y remove tree >/dev/null")
    told = set_up_while_held(driver)
    assert "+ packages tree: installed" in told

    hold(driver, 0, 0, 0, 20)
    driver.ssh("apt-get -qq -y -o Dir::Cache::archives=/tmp remove tree >/dev/null || dpkg -r tree")
    ended = driver.fab("setup", "--lock-timeout", "2")
    assert ended.returncode == 4
    assert "holds /var/cache/apt/archives/lock for longer than 2 s" in ended.stderr
    assert "blogops removes no lock" in ended.stderr


def test_a_dpkg_that_was_killed_is_repaired(
    fresh: Callable[[int], vm.Machine], tmp_path_factory: pytest.TempPathFactory
) -> None:
    driver = Driver(fresh(13), tmp_path_factory.mktemp("dpkg"))
    driver.ssh("apt-get -qq update; apt-get -qq -y install --no-install-recommends python3 procps >/dev/null")
    driver.ssh("apt-get -qq -y --download-only install --no-install-recommends imagemagick >/dev/null")
    # Killed while it unpacks: the first note that it takes of its own progress is the sign.
    driver.ssh(
        "setsid apt-get -y install --no-install-recommends imagemagick >/dev/null 2>&1 </dev/null & "
        "until ls /var/lib/dpkg/updates/[0-9]* >/dev/null 2>&1; do :; done; pkill -KILL -x dpkg; "
        "sleep 1; pkill -x apt-get; sleep 0.5; true"
    )
    audit = driver.ssh("dpkg --audit; ls /var/lib/dpkg/updates")
    assert audit != ""
    driver.fabfile("require.deb.package('tree')")
    check = driver.fab("setup", "--check")
    assert check.returncode == 10
    assert "~ dpkg packages: an interrupted run of dpkg is finished" in check.stdout
    assert driver.ssh("dpkg --audit; ls /var/lib/dpkg/updates") == audit
    told = driver.done("setup")
    assert "+ dpkg packages: an interrupted run of dpkg is finished" in told
    assert driver.ssh("dpkg --audit; ls /var/lib/dpkg/updates") == ""
    assert "installed" in driver.ssh("dpkg-query -W -f '${Status}' tree")
    assert "dpkg packages" not in driver.done("setup")


def test_cloud_init_is_waited_for(
    fresh: Callable[[int], vm.Machine], tmp_path_factory: pytest.TempPathFactory
) -> None:
    driver = Driver(fresh(13), tmp_path_factory.mktemp("cloud"))
    driver.ssh(
        "apt-get -qq update; apt-get -qq -y install --no-install-recommends cloud-init >/dev/null; "
        "mkdir -p /var/lib/cloud/seed/nocloud; cd /var/lib/cloud/seed/nocloud; "
        "echo 'instance-id: one' >meta-data; "
        "printf '#cloud-config\\nruncmd:\\n- [sleep, 15]\\n- [touch, /etc/cloud-is-done]\\n' >user-data; "
        "echo 'datasource_list: [NoCloud]' >/etc/cloud/cloud.cfg.d/99-test.cfg"
    )
    driver.background(
        "rm -f /run/cloud-init/disabled; cloud-init init --local; cloud-init init; "
        "cloud-init modules; cloud-init modules -m final"
    )
    driver.ssh("until test -e /run/cloud-init/status.json; do sleep 0.2; done")
    driver.fabfile("with require.only_if('test -e /etc/cloud-is-done'):\n    require.file('/etc/after', 'x')")
    told = driver.done("setup")
    assert "… cloud-init: is still at work; waiting for it to end" in told
    assert "+ file /etc/after: created" in told
    assert "cloud-init" not in driver.done("setup")
