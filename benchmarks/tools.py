"""What the benches share: running commands, timing them, and a machine that seems far away."""

import functools
import hashlib
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.relay import relay
from blogops import vm
from blogops.vm.machine import cache

REPO = Path(__file__).parents[1]
FAB = Path(sys.executable).with_name("fab")
_DEBIAN = Path("/usr/bin/python3")
PYTHON = str(_DEBIAN) if _DEBIAN.exists() else sys.executable
"""What the peers run on: Debian's own, as on a server. One built without optimisations is slower."""


@functools.cache
def python_version() -> str:
    """Return the version of `PYTHON`."""
    return quiet(PYTHON, "-c", "import platform; print(platform.python_version())").strip()


def virtualenv(name: str, requirements: Path) -> Path:
    """Return the virtualenv *name* of the benches, made anew when its *requirements* changed."""
    place = cache() / "bench" / name
    mark = place / "installed-for"
    told = f"{PYTHON} {python_version()}\n".encode()
    wanted = hashlib.sha256(told + requirements.read_bytes()).hexdigest()
    if not mark.is_file() or mark.read_text() != wanted:
        print(f"installing {', '.join(pins(requirements))} into {place}", file=sys.stderr)
        quiet(PYTHON, "-m", "venv", "--clear", str(place))
        command = [str(place / "bin/pip"), "install", "-qq", "--requirement", str(requirements)]
        subprocess.run(command, check=True)
        mark.write_text(wanted)  # last, so that a cut run is run again
    return place


def pins(requirements: Path) -> list[str]:
    """Return the *requirements*, as ``name==version``."""
    return re.findall(r"(?m)^[^\s#=]+==[^\s;]+", requirements.read_text())


def timed(act: Callable[[], object]) -> float:
    """Return how many seconds *act* took."""
    began = time.monotonic()
    act()
    return time.monotonic() - began


def median(act: Callable[[], object], runs: int) -> float:
    """Return the median of *runs* timings."""
    return statistics.median(timed(act) for _ in range(runs))


def quiet(
    *command: str, cwd: Path = REPO, stdin: str = "", environment: Mapping[str, str] | None = None
) -> str:
    """Return what *command* printed; end the bench with it if the command failed."""
    done = subprocess.run(
        command, cwd=cwd, input=stdin, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def ssh(config: Path, name: str, command: str, stdin: str = "") -> None:
    quiet("ssh", "-F", str(config), name, command, stdin=stdin)


def fab_true(config: Path, name: str, folder: Path = REPO) -> None:
    quiet(str(FAB), "-S", str(config), "-H", name, "--", "true", cwd=folder)


@contextmanager
def distant(machine: vm.Machine, round_trip_ms: float, folder: Path) -> Iterator[Path]:
    """Yield an ssh_config by which *machine* is a round trip of so many milliseconds away."""
    if not round_trip_ms:
        yield machine.ssh_config
        return
    port = free_port()
    with relay(port, machine.ssh_port, round_trip_ms):
        yield through(machine, port, folder)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def through(machine: vm.Machine, port: int, folder: Path) -> Path:
    """Return an ssh_config that reaches *machine* by *port*."""
    known = folder / f"known_hosts.{port}"
    old = (machine.folder / "known_hosts").read_text()
    known.write_text(old.replace(f":{machine.ssh_port}", f":{port}"))
    text = machine.ssh_config.read_text().replace(f"Port {machine.ssh_port}", f"Port {port}")
    text = text.replace(str(machine.folder / "known_hosts"), str(known))
    config = folder / f"ssh_config.{port}"
    config.write_text(text)
    return config
