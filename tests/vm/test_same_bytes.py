"""Two machines, one manuscript: the same bytes."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import REPO, Driver, write_example

from blogops import vm

pytestmark = pytest.mark.vm

TREE = "cd /srv/blog/current/public && find . -type f -print0 | sort -z | xargs -0 sha256sum"


def test_debian_12_and_13_and_this_machine_build_the_same_tree(
    workshop: Callable[[int], vm.Machine], tmp_path: Path
) -> None:
    built = {
        f"debian {version}": _built_on(workshop(version), tmp_path / str(version)) for version in (12, 13)
    }
    built["here"] = _built_here(tmp_path / "here")
    assert len(built["here"]) > 20
    assert built["debian 12"] == built["debian 13"]
    assert built["here"] == built["debian 13"]


def _built_here(folder: Path) -> dict[str, str]:
    shutil.copytree(REPO / "example", folder)
    subprocess.run([sys.executable, "-m", "blogops", "build"], cwd=folder, check=True)
    site = folder / "var/work/site"
    files = sorted(path for path in site.rglob("*") if path.is_file())
    return {
        path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def _built_on(machine: vm.Machine, folder: Path) -> dict[str, str]:
    write_example(folder)
    blog = Driver(machine, folder)
    blog.done("setup")
    try:
        blog.done("deploy")
        lines = blog.ssh(TREE).splitlines()
    finally:
        blog.done("purge", "--yes")
    return {name.removeprefix("./"): digest for digest, name in (line.split("  ", 1) for line in lines)}
