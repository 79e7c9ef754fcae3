"""The nspawn backend: a Debian in a container with its own systemd, network namespace and SSH.

pasta joins the namespace to the host's network without a bridge or a firewall rule, and forwards two
loopback ports into it.
"""

import os
import shutil
from pathlib import Path

from blogops.errors import Failed
from blogops.vm import groups, identity, processes, roots
from blogops.vm.machine import Machine, label
from blogops.vm.tools import daemon, need, run

TOOLS = ("ip", "pasta", "systemd-nspawn", "mmdebstrap", "cp", "setsid", "ssh", "ssh-keygen")
# pasta answers here and asks the host's own resolver, be it on the host's loopback.
RESOLVER = "169.254.1.1"
BOOT_SECONDS = 60


def check() -> None:
    """Fail where this backend cannot work."""
    if os.geteuid() != 0:
        raise Failed("the nspawn backend needs root", hint="use sudo, or: --backend qemu")


def make(machine: Machine, held: int) -> None:
    """Copy the root and make it this machine's."""
    source, root = roots.tree(machine.debian), machine.folder / "root"
    run(["cp", "-a", "--reflink=auto", str(source), str(root)], timeout=300, keep=[held])
    for file in identity.planted(machine, RESOLVER):
        path = root / file.path.lstrip("/")
        path.unlink(missing_ok=True)  # never write through a link to the host's file
        path.write_text(file.text)
        path.chmod(file.mode)


def boot(machine: Machine) -> None:
    """Start the machine's network and its init; returns at once."""
    name = machine.label
    run(["ip", "netns", "add", name], timeout=30)
    daemon(_pasta(machine), machine.folder / "network.log")
    daemon(groups.inside(name, _nspawn(machine)), machine.console)


def _pasta(machine: Machine) -> list[str]:
    ports = f"127.0.0.1/{machine.ssh_port}:22,{machine.http_port}:80"
    namespace = ["--netns", f"/run/netns/{machine.label}"]
    inwards = ["-t", ports, "-u", "none"]
    # Nothing of the host's loopback is reachable from the machine.
    outwards = ["-T", "none", "-U", "none", "--no-map-gw", "--dns-forward", RESOLVER]
    return ["pasta", "--foreground", "--config-net", "--runas", "0", *namespace, *inwards, *outwards]


def _nspawn(machine: Machine) -> list[str]:
    name = machine.label
    names = [f"--machine={name}", f"--hostname={machine.name}", f"--directory={machine.folder}/root"]
    # With a systemd on the host nspawn asks it for a scope, which outlives our login session.
    unit = [] if groups.host_has_systemd() else ["--keep-unit"]
    apart = ["--settings=no", "--resolv-conf=off", "--timezone=off", "--link-journal=no", "--console=pipe"]
    network = [f"--network-namespace-path=/run/netns/{name}"]
    return ["systemd-nspawn", "--boot", "--quiet", "--register=no", *unit, *names, *network, *apart]


def alive(machine: Machine) -> bool:
    """Tell whether both helpers run."""
    return len(processes.helpers(machine.folder)) >= 2


def clear(place: Path) -> None:
    """Remove what the kernel and systemd know of the machine in *place*; its processes are gone."""
    name = label(place)
    namespace = Path("/run/netns", name)
    if namespace.exists():
        need("ip")
        # Killed between the file and its mount, `ip netns add` leaves a plain file.
        run(["ip", "netns", "del", name], timeout=30, ok=(0, 1))
        namespace.unlink(missing_ok=True)
    _clear_nspawn(place / "root", name)
    groups.remove(name)


def _clear_nspawn(root: Path, name: str) -> None:
    """Remove what a killed nspawn leaves in /run."""
    home = Path("/run/systemd/nspawn")
    for kind in ("propagate", "unix-export"):
        if (home / kind / name).is_dir():
            run(["umount", "-q", "-l", str(home / kind / name)], timeout=30, ok=(0, 1, 32))
            shutil.rmtree(home / kind / name, ignore_errors=True)
    locks = [home / "locks" / f"name-{name}"]
    if root.exists():
        place = root.stat()
        locks.append(home / "locks" / f"inode-{place.st_dev}:{place.st_ino}")
    for file in locks:
        file.unlink(missing_ok=True)
