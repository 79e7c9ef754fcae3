"""Several hosts at once, and one of them failing."""

import json
import re
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from driving import Driver

from blogops import vm

pytestmark = pytest.mark.vm


@pytest.fixture(scope="module")
def three(
    workshop: Callable[[int], vm.Machine], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Driver, Driver, Path]:
    """Return two machines and an ssh_config that knows them as good13, good12, and a dead one."""
    folder = tmp_path_factory.mktemp("many")
    drivers = [Driver(workshop(version), folder) for version in (13, 12)]
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "ssh_config"
    texts = [driver.machine.ssh_config.read_text() for driver in drivers]
    texts.append(f"Host dead\n  HostName 127.0.0.1\n  Port {port}\n  User root\n")
    config.write_text("\n".join(texts))
    return drivers[0], drivers[1], config


def test_all_converge_and_the_failing_one_is_told_apart(three: tuple[Driver, Driver, Path]) -> None:
    first, second, config = three
    first.fabfile("require.file('/etc/many', 'hosts\\n')")
    names = [first.machine.name, "dead", second.machine.name]
    for driver in (first, second):
        driver.ssh("rm -f /etc/many")
    ended = first.fab("setup", host=",".join(names), config=config)
    assert ended.returncode == 4
    for driver in (first, second):
        assert driver.ssh("cat /etc/many") == "hosts\n"
        name = driver.machine.name
        assert re.search(rf"^\[{name} *\]   \+ file /etc/many: created$", ended.stdout, re.MULTILINE)
        assert re.search(rf"^\[{name} *\] 1 resources, 1 changed", ended.stdout, re.MULTILINE)
    assert re.search(
        r"^\[dead *\] error: root@127.0.0.1:\d+ refuses the connection", ended.stderr, re.MULTILINE
    )
    assert "1 of 3 hosts failed: dead" in ended.stderr
    assert all(line.startswith("[") for line in ended.stdout.splitlines())


def test_the_exit_code_is_0_when_all_are_well(three: tuple[Driver, Driver, Path]) -> None:
    first, second, config = three
    first.fabfile("require.file('/etc/many', 'well\\n')")
    hosts = f"{first.machine.name},{second.machine.name}"
    ended = first.fab("setup", "--json", host=hosts, config=config)
    assert ended.returncode == 0, ended.stderr
    events = [json.loads(line) for line in ended.stdout.splitlines()]
    assert {event["host"] for event in events if event["event"] == "done"} == set(hosts.split(","))


def test_they_are_set_up_at_the_same_time(three: tuple[Driver, Driver, Path]) -> None:
    """Each waits for a file that the test lays only once both are at work."""
    first, second, config = three
    wait = "while ! test -e /tmp/go; do touch /tmp/here; sleep 0.1; done"
    first.fabfile(f"with require.only_if('{wait}'):\n    require.file('/etc/many', 'at once\\n')")
    for driver in (first, second):
        driver.ssh("rm -f /tmp/go /tmp/here")
    running = first.start("setup", host=f"{first.machine.name},{second.machine.name}", config=config)
    for driver in (first, second):
        driver.ssh("timeout 20 sh -c 'until test -e /tmp/here; do sleep 0.1; done'")
    for driver in (first, second):
        driver.ssh("touch /tmp/go")
    stdout, stderr = running.communicate(timeout=60)
    assert running.returncode == 0, stdout + stderr
    assert first.ssh("cat /etc/many") == second.ssh("cat /etc/many") == "at once\n"
