"""``make bench``: what setting up, deploying and rolling back cost, beside the least they could."""

import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path

from benchmarks.relay import relay
from blogops import vm
from blogops.console import table
from blogops.provision import blog, toolkit

REPO = Path(__file__).parents[1]
FAB = Path(sys.executable).with_name("fab")
RUNS = 5


def timed(act: Callable[[], None]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def median(act: Callable[[], None]) -> float:
    return statistics.median(timed(act) for _ in range(RUNS))


def quiet(*command: str, cwd: Path = REPO, stdin: str = "") -> None:
    done = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def fab(config: Path, name: str, folder: Path, task: str) -> None:
    quiet(str(FAB), "-S", str(config), "-H", name, task, cwd=folder)


def ssh(config: Path, name: str, command: str, stdin: str = "") -> None:
    quiet("ssh", "-F", str(config), name, command, stdin=stdin)


BARE = """
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q -y --no-install-recommends install python3 {packages}
python3 -m venv /opt/env
cat >/opt/server.lock
/opt/env/bin/pip -q install --require-hashes --no-deps --only-binary=:all: -r /opt/server.lock
"""


def first_setup(mine: vm.Machine, twin: vm.Machine, folder: Path) -> None:
    script = BARE.format(packages=" ".join(blog.PACKAGES))
    bare = timed(lambda: ssh(twin.ssh_config, twin.name, script, toolkit.lock()))
    ours = timed(lambda: fab(mine.ssh_config, mine.name, folder, "setup"))
    rows: list[tuple[str, ...]] = [("first setup of a blank Debian 13", "seconds", "ratio")]
    rows += [("apt-get install + pip install, by hand", f"{bare:.1f}", "1.00")]
    rows += [("fab setup", f"{ours:.1f}", f"{ours / bare:.2f}")]
    table(rows)


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


def second_setup(machine: vm.Machine, folder: Path) -> None:
    rows: list[tuple[str, ...]] = [("nothing to change", "round trip", "seconds", "ratio")]
    for delay in (0, 100):
        port = free_port()
        with relay(port, machine.ssh_port, delay) if delay else nullcontext():
            config = through(machine, port, folder) if delay else machine.ssh_config
            true = median(lambda: ssh(config, machine.name, "true"))  # noqa: B023 -- used at once
            fab_true = median(lambda: quiet(str(FAB), "-S", str(config), "-H", machine.name, "--", "true"))  # noqa: B023
            setup = median(lambda: fab(config, machine.name, folder, "setup"))  # noqa: B023
        rows += [
            ("ssh HOST true", f"{delay} ms", f"{true:.2f}", "1.00"),
            ("fab -H HOST -- true", f"{delay} ms", f"{fab_true:.2f}", f"{fab_true / true:.2f}"),
            ("fab setup", f"{delay} ms", f"{setup:.2f}", f"{setup / true:.2f}"),
        ]
    table(rows)


def deploys(machine: vm.Machine, folder: Path) -> None:
    post = folder / "content/bench.rst"
    count = 0

    def edit_and_deploy() -> None:
        nonlocal count
        count += 1
        post.write_text(f"Bench\n#####\n\n:date: 2026-01-01\n:tags: bench\n\nEdit {count}.\n")
        fab(machine.ssh_config, machine.name, folder, "deploy")

    first = timed(lambda: fab(machine.ssh_config, machine.name, folder, "deploy"))
    edited = median(edit_and_deploy)
    back = timed(lambda: fab(machine.ssh_config, machine.name, folder, "rollback"))
    table(
        [
            ("publishing example/", "seconds"),
            ("first deploy", f"{first:.2f}"),
            (f"deploy of a one-post change (median of {RUNS})", f"{edited:.2f}"),
            ("rollback", f"{back:.2f}"),
        ]
    )


def main() -> None:
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    names = (f"b{os.getpid()}", f"t{os.getpid()}")
    try:
        mine, twin = (vm.up(name) for name in names)
        with tempfile.TemporaryDirectory(prefix="blogops-bench-") as place:
            folder = Path(place) / "blog"
            shutil.copytree(REPO / "example", folder)
            shutil.copy(REPO / "fabfile.py", folder)
            first_setup(mine, twin, folder)
            print()
            second_setup(mine, folder)
            print()
            deploys(mine, folder)
    finally:
        for name in names:
            vm.down(name)


main()
