"""Brings machines up and down: the order of the steps, and what happens when one fails."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

from blogops.console import say
from blogops.errors import Failed, Refused, UsageError
from blogops.vm import identity, lock, nspawn, ports, processes, qemu, store
from blogops.vm.machine import Machine, cache, check_debian, check_name, folder
from blogops.vm.tools import has, last_lines, need, remove_tree

BACKENDS: dict[str, ModuleType] = {"nspawn": nspawn, "qemu": qemu}


def up(name: str, *, debian: int = 13, backend: str = "") -> Machine:
    """Return the machine called *name*, booted and answering SSH; made now unless it is up already."""
    check_name(name)
    debian, chosen = check_debian(debian), _backend(backend)
    with lock.held(_lock(name), timeout=300, what=f'the machine "{name}"') as held:
        return _standing(name, debian, backend) or _make(name, debian, chosen, held)


def down(name: str) -> bool:
    """Remove the machine called *name* with all it left; False if there was nothing."""
    check_name(name)
    with lock.held(_lock(name), timeout=300, what=f'the machine "{name}"'):
        found = folder(name).exists()
        _clear(folder(name))
    return found


def running(machine: Machine) -> bool:
    """Tell whether *machine*'s helpers run (not whether it answers)."""
    return bool(BACKENDS[machine.backend].alive(machine))


def _lock(name: str) -> Path:
    return cache() / "vm" / f".{name}.lock"


def _backend(wanted: str) -> str:
    if wanted and wanted not in BACKENDS:
        raise UsageError(f'"{wanted}" is not a backend', hint=f"use {' or '.join(BACKENDS)}")
    if sys.platform != "linux":
        raise Failed("local machines need Linux", hint="elsewhere, `vagrant up` boots the same blank Debian")
    if wanted:
        return wanted
    return "nspawn" if os.geteuid() == 0 and has("systemd-nspawn") else "qemu"


def _standing(name: str, debian: int, backend: str) -> Machine | None:
    """Return the machine if it is up; what was left half made, or has stopped, is no machine."""
    record = store.read(name)
    if not record or not record.ready:
        return None
    machine = record.machine
    if not running(machine) or not _answers(machine):
        say(f"{name}: it had stopped; making it anew")
        return None
    if (machine.debian, machine.backend) != (debian, backend or machine.backend):
        raise Refused(
            f"{name} is up already with Debian {machine.debian} on {machine.backend}",
            hint=f"remove it first: fab vm.down --name {name}",
        )
    say(f"{name}: already up", "dim")
    return machine


def _make(name: str, debian: int, backend: str, held: int) -> Machine:
    place = folder(name)
    BACKENDS[backend].check()
    need(*BACKENDS[backend].TOOLS)
    _clear(place)
    try:
        machine = _reserve(name, debian, backend)
        identity.make(machine)
        BACKENDS[backend].make(machine, held)
        _boot(machine)
        return store.finished(machine)
    except BaseException:
        _clear(place)
        raise


def _reserve(name: str, debian: int, backend: str) -> Machine:
    """Write down what is about to be made, with ports that nobody else has chosen."""
    place = folder(name)
    with lock.held(cache() / "vm" / ".ports.lock", timeout=30, what="the choice of ports"):
        ssh, http = ports.free()
        machine = Machine(name, debian, backend, ssh, http, place / "ssh_config", place)
        store.write(store.Record(machine))
    return machine


def _boot(machine: Machine) -> None:
    started = time.monotonic()
    BACKENDS[machine.backend].boot(machine)
    deadline = started + BACKENDS[machine.backend].BOOT_SECONDS
    while not _answers(machine):
        _check(machine, deadline)
        time.sleep(0.1)
    say(f"boot: answers SSH after {time.monotonic() - started:.1f} s", "dim")


def _check(machine: Machine, deadline: float) -> None:
    """Fail, with the end of the console, if *machine* died or took too long."""
    backend = BACKENDS[machine.backend]
    alive = backend.alive(machine)
    if not alive:  # a helper that is just becoming itself has no command line for a moment
        time.sleep(0.5)
        alive = backend.alive(machine)
    if alive and time.monotonic() < deadline:
        return
    problem = "does not answer SSH in time" if alive else "stopped while booting"
    logs = [machine.folder / "network.log", machine.console]
    said = "\n".join(log.read_text(errors="replace") for log in logs if log.exists())
    raise Failed(f"{machine.name} {problem}", hint=f"its console ends with:\n  {last_lines(said, 20)}")


def _answers(machine: Machine) -> bool:
    """Tell whether SSH lets us in and systemd has started what it starts."""
    ready = "systemctl is-system-running --wait >/dev/null 2>&1 || true"
    argv = ["ssh", "-F", str(machine.ssh_config), "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"]
    try:
        done = subprocess.run(
            [*argv, machine.name, ready],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _clear(place: Path) -> None:
    """Remove every trace of the machine in *place*, whatever state a crash left it in."""
    processes.end(place)
    if os.geteuid() == 0:  # only root can have made what nspawn leaves
        nspawn.clear(place)
    if place.exists():
        remove_tree(place)
