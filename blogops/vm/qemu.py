"""The qemu backend: a Debian with its own kernel, which needs neither root nor a working nspawn."""

import os
import platform
import time

from blogops.console import say
from blogops.errors import Failed
from blogops.vm import disks, identity, processes
from blogops.vm.machine import Machine
from blogops.vm.tools import daemon, run

QEMU = "qemu-system-x86_64"
TOOLS = (QEMU, "mmdebstrap", "mke2fs", "debugfs", "tar", "cp", "setsid", "ssh", "ssh-keygen")
RESOLVER = "10.0.2.3"  # qemu's own, which asks the host's
# Emulated (no /dev/kvm) on a slow machine it can take a minute and a half.
BOOT_SECONDS = 300
STARTED = "Run /init as init process"
KERNEL = (
    "root=/dev/vda rw console=ttyS0 panic=10 "
    # Nobody logs in at the console, which is a log file.
    "systemd.mask=serial-getty@ttyS0.service systemd.mask=getty@tty1.service systemd.show_status=true"
)


def check() -> None:
    """Fail where this backend cannot work."""
    if platform.machine() != "x86_64":
        raise Failed(f"the qemu backend is for x86_64, not {platform.machine()}", hint="see docs/vm.md")


def make(machine: Machine, held: int) -> None:
    """Copy the disk and put this machine's own files into it."""
    source = disks.image(machine.debian)
    for name in ("vmlinuz", "initrd", "disk.ext4"):
        # Without reflink, sparse: 8 GB that take 700 MB.
        argv = ["cp", "--reflink=auto", "--sparse=always", str(source / name), str(machine.folder / name)]
        run(argv, timeout=300, keep=[held])
    _plant(machine)


def _plant(machine: Machine) -> None:
    """Write the files with debugfs, which needs no mount and so no root."""
    lines = []
    for number, file in enumerate(identity.planted(machine, RESOLVER)):
        source = machine.folder / f"planted-{number}"
        source.write_text(file.text)
        lines += [f"rm {file.path}", f'write "{source}" {file.path}']
        lines += [f"sif {file.path} {key} {value}" for key, value in _inode(file)]
    script = machine.folder / "planted.debugfs"
    script.write_text("\n".join([*lines, ""]))
    run(["debugfs", "-w", "-f", str(script), str(machine.folder / "disk.ext4")], timeout=60)
    for left in machine.folder.glob("planted*"):
        left.unlink()


def _inode(file: identity.Planted) -> list[tuple[str, str]]:
    return [("mode", f"0{0o100000 | file.mode:o}"), ("uid", "0"), ("gid", "0")]


def boot(machine: Machine) -> None:
    """Start qemu, with KVM where that works and emulated where not."""
    if os.access("/dev/kvm", os.R_OK | os.W_OK):
        daemon(_qemu(machine, "kvm"), machine.console)
        if _starts(machine):
            return
        # A KVM inside a VM may exist and yet not run a kernel: only trying tells.
        processes.end(machine.folder)
    say("boot: KVM does not work here, so the processor is emulated: slow", "dim")
    daemon(_qemu(machine, "tcg"), machine.console)


def _starts(machine: Machine) -> bool:
    """Tell whether the kernel gets as far as its first program."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and alive(machine):
        said = machine.console.read_text(errors="replace")
        if STARTED in said:
            return True
        if "KVM internal error" in said:
            return False
        time.sleep(0.05)
    return False


def _qemu(machine: Machine, accelerator: str) -> list[str]:
    power = ["-machine", "q35", "-accel", accelerator, "-cpu", "max", "-smp", "2", "-m", "2048"]
    start = ["-kernel", _in(machine, "vmlinuz"), "-initrd", _in(machine, "initrd"), "-append", KERNEL]
    quiet = ["-nodefaults", "-display", "none", "-serial", "stdio"]
    devices = ["-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci"]
    drive = f"file={_escaped(_in(machine, 'disk.ext4'))},if=virtio,format=raw,cache=unsafe"
    words = [*power, *start, *quiet, "-drive", drive, "-netdev", _network(machine), *devices]
    return [QEMU, "-name", f"guest={machine.label}", *words]


def _network(machine: Machine) -> str:
    ports = ((machine.ssh_port, 22), (machine.http_port, 80))
    forwards = [f"hostfwd=tcp:127.0.0.1:{outer}-:{inner}" for outer, inner in ports]
    return ",".join(["user,id=net", *forwards])


def _in(machine: Machine, name: str) -> str:
    return str(machine.folder / name)


def _escaped(path: str) -> str:
    return path.replace(",", ",,")


def alive(machine: Machine) -> bool:
    """Tell whether qemu runs."""
    return bool(processes.helpers(machine.folder))
