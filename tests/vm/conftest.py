"""Blank machines for the tests: booted when first asked for, removed whatever happens."""

import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from blogops import vm
from blogops.vm import nspawn, store, tools

pytest.register_assert_rewrite("faults.bench", "faults.checks")

Boot = Callable[[int], vm.Machine]

# They wait for real minutes, and for an emulated processor: begun first, they end with the others.
_LONGEST = ("test_on_time.py", "test_clocks.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    items.sort(key=lambda item: item.path.name not in _LONGEST)


def _obstacle() -> str:
    """Return why no VM can run here, or nothing."""
    if os.geteuid() != 0:
        return "booting a VM with nspawn needs root"
    missing = [tool for tool in nspawn.TOOLS if not tools.has(tool)]
    return f"{', '.join(missing)} not installed" if missing else ""


@pytest.fixture(scope="session")
def vm_host() -> None:
    """Skip where no VM can run; on CI that is a failure, so that nothing goes untested unseen."""
    if why := _obstacle():
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    _sweep()


def _sweep() -> None:
    """Remove what a killed test run left: its number is in the name of its machines."""
    for name in store.names():
        found = re.fullmatch(r"[tf]\d+-(\d+)", name)
        if found and not Path("/proc", found[1]).exists():
            vm.down(name)


@contextmanager
def _shared(mark: str) -> Iterator[Boot]:
    """Give a function that boots one machine of a Debian version, and the same one ever after."""
    names: dict[int, str] = {}

    def boot(debian: int = 13) -> vm.Machine:
        if debian in names:
            return vm.get(names[debian])
        names[debian] = f"t{debian}{mark}-{os.getpid()}"
        return vm.up(names[debian], debian=debian)

    yield boot
    for name in names.values():
        vm.down(name)


@pytest.fixture(scope="session")
def machine(vm_host: None) -> Iterator[Boot]:
    """Return the machine of a Debian version, one for the whole run: ``machine(13)``.

    Tests that use it share it and leave it blank; one that provisions takes `workshop`, one that breaks
    it takes `fresh`.
    """
    with _shared("") as boot:
        yield boot


@pytest.fixture(scope="session")
def workshop(vm_host: None) -> Iterator[Boot]:
    """Return a machine of a Debian version that tests provision as they like, one for the whole run."""
    with _shared("9") as boot:
        yield boot


@contextmanager
def _names(mark: str) -> Iterator[Callable[[], str]]:
    names: list[str] = []

    def name() -> str:
        names.append(f"f{len(names)}{mark}-{os.getpid()}")
        return names[-1]

    yield name
    for each in names:
        vm.down(each)


@pytest.fixture
def fresh_name(vm_host: None) -> Iterator[Callable[[], str]]:
    """Return a function giving names of machines that are removed after the test."""
    with _names("") as name:
        yield name


@pytest.fixture(scope="module")
def fresh_names(vm_host: None) -> Iterator[Callable[[], str]]:
    """The same for all tests of a file."""
    with _names("7") as name:
        yield name


@pytest.fixture
def fresh(fresh_name: Callable[[], str]) -> Boot:
    """Return a function that boots a machine of its own for this test: ``fresh(13)``."""

    def boot(debian: int = 13) -> vm.Machine:
        return vm.up(fresh_name(), debian=debian)

    return boot


@pytest.fixture(scope="session")
def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
