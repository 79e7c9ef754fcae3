"""``make bench``: what setting up, deploying and rolling back cost, beside the least they could."""

import os
import platform
import shutil
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.tools import FAB, REPO, distant, fab_true, median, quiet, ssh, timed
from blogops import vm
from blogops.console import table
from blogops.provision import blog, toolkit

RUNS = 5


def fab(config: Path, name: str, folder: Path, task: str) -> None:
    quiet(str(FAB), "-S", str(config), "-H", name, task, cwd=folder)


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


def second_setup(machine: vm.Machine, folder: Path) -> None:
    rows: list[tuple[str, ...]] = [("nothing to change", "round trip", "seconds", "ratio")]
    for delay in (0, 100):
        with distant(machine, delay, folder) as config:
            true = median(partial(ssh, config, machine.name, "true"), RUNS)
            fabric = median(partial(fab_true, config, machine.name), RUNS)
            setup = median(partial(fab, config, machine.name, folder, "setup"), RUNS)
        rows += [
            ("ssh HOST true", f"{delay} ms", f"{true:.2f}", "1.00"),
            ("fab -H HOST -- true", f"{delay} ms", f"{fabric:.2f}", f"{fabric / true:.2f}"),
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
    edited = median(edit_and_deploy, RUNS)
    stands = median(partial(fab, machine.ssh_config, machine.name, folder, "status"), RUNS)
    back = timed(lambda: fab(machine.ssh_config, machine.name, folder, "rollback"))
    table(
        [
            ("publishing example/", "seconds"),
            ("first deploy", f"{first:.2f}"),
            (f"deploy of a one-post change (median of {RUNS})", f"{edited:.2f}"),
            (f"status (median of {RUNS})", f"{stands:.2f}"),
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
