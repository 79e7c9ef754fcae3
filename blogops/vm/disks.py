"""Cached disk images for qemu: the same blank Debian, with a kernel and a network."""

import os
import time
from pathlib import Path

from blogops.console import say
from blogops.vm import lock, roots
from blogops.vm.machine import SUITES
from blogops.vm.tools import as_root, run

PACKAGES = f"{roots.PACKAGES},linux-image-cloud-amd64"
NETWORK = """\
printf '[Match]\\nType=ether\\n[Network]\\nDHCP=ipv4\\n' >"$1"/etc/systemd/network/20-wired.network
chmod 0644 "$1"/etc/systemd/network/20-wired.network
chroot "$1" systemctl enable systemd-networkd.service
"""
# The kernel makes /dev itself, and a plain user may not make device files.
PACK = """\
set -e
mkdir root
tar -xpf root.tar -C root --numeric-owner --exclude='./dev/*'
cp -L root/boot/vmlinuz-* vmlinuz
cp -L root/boot/initrd.img-* initrd
mke2fs -q -t ext4 -d root disk.ext4 8G
rm -rf root root.tar
"""


def image(debian: int) -> Path:
    """Return the folder with the disk, kernel and initrd of *debian*, making it if it is not there."""
    stem = f"{SUITES[debian]}-disk"
    argv = [*roots.command(debian, PACKAGES), f"--customize-hook={NETWORK}"]
    place = roots.cached(stem, [*argv, PACK])
    with lock.held(place.parent / f".{stem}.lock", timeout=900, what="the Debian disk") as held:
        if place.is_dir():
            say(f"root: Debian {debian} disk, cached", "dim")
            return place
        roots.forget(place)
        return _make(debian, argv, place, held)


def _make(debian: int, argv: list[str], place: Path, held: int) -> Path:
    say(f"root: making a Debian {debian} disk (once, about 45 s)", "dim")
    started, half = time.monotonic(), place.with_name(f".{place.name}.half")
    half.mkdir(mode=0o700)
    mode = [] if os.geteuid() == 0 else ["--mode=unshare"]
    roots.build([*argv, *mode, SUITES[debian], str(half / "root.tar")], held)
    run([*as_root(), "sh", "-c", f'cd "$0" && {PACK}', str(half)], timeout=300, keep=[held])
    half.rename(place)
    say(f"root: made in {time.monotonic() - started:.1f} s", "dim")
    return place
