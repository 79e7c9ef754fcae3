"""The blog on a disk of its own: a small ext4 in a file, mounted into the machine from the host."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blogops.vm import processes
from faults.bench import Bench

SIZE, INODES = 24 << 20, 2000
OLD = "/run/blog-before"


@contextmanager
def small_disk(bench: Bench, folder: Path) -> Iterator[None]:
    """Have /srv/blog on a small disk for the block, with two new releases; the toolkit stays where it is."""
    bench.close()
    image = folder / "disk"
    with image.open("wb") as file:
        file.truncate(SIZE)
    _run("mkfs.ext4", "-q", "-m", "0", "-N", str(INODES), str(image))
    device = _run("losetup", "--find", "--show", str(image))
    try:
        bench.ssh(f"mkdir -p {OLD} && mount --bind --make-private /srv/blog {OLD}")
        _mount(bench, device)
        bench.ssh(
            "cd /srv/blog && chown blog: . && mkdir toolkit work && chown blog: toolkit work && "
            f"cp -a {OLD}/source {OLD}/lock . && {with_toolkit()}"
        )
        bench.open()
        bench.start_over()
        yield
        bench.close()
    finally:
        bench.ssh(f"umount -l /srv/blog/toolkit; umount -l /srv/blog && umount {OLD}; rm -f /dev/faults")
        _run("losetup", "--detach", device)
    bench.open()
    bench.start_over()


def with_toolkit() -> str:
    """Return the command that brings the toolkit to where it was."""
    return f"mount --bind {OLD}/toolkit /srv/blog/toolkit"


def _mount(bench: Bench, device: str) -> None:
    # The machine's root may make no devices; the host's, in the machine's namespace, may.
    number = _run("stat", "-c", "%Hr %Lr", device)
    command = f"mknod /dev/faults b {number} && mount -t ext4 /dev/faults /srv/blog"
    _run("nsenter", "-t", str(_init(bench)), "-m", "sh", "-c", command)


def _init(bench: Bench) -> int:
    """Return the process of the host that is the machine's first."""
    for pid in processes.helpers(bench.machine.folder):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            if re.search(r"^NSpid:\s+\d+\s+1$", Path(f"/proc/{child}/status").read_text(), re.MULTILINE):
                return int(child)
    raise AssertionError("the machine has no first process")


def _run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()
