"""A machine's keys and names: made here, before it boots, so the first connection is already checked."""

import uuid
from dataclasses import dataclass
from pathlib import Path

from blogops.vm.machine import Machine
from blogops.vm.tools import run


@dataclass(frozen=True)
class Planted:
    """A file that is put into a machine's root before its first boot."""

    path: str
    text: str
    mode: int = 0o644


def make(machine: Machine) -> None:
    """Make the machine's key pair, its host key, known_hosts and ssh_config in its folder."""
    for name, comment in (("id_ed25519", "blogops"), ("host_key", machine.name)):
        key = machine.folder / name
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(key)], timeout=30)
    host = (machine.folder / "host_key.pub").read_text()
    (machine.folder / "known_hosts").write_text(f"[127.0.0.1]:{machine.ssh_port} {host}")
    machine.ssh_config.write_text(_ssh_config(machine))


def _ssh_config(machine: Machine) -> str:
    return f"""\
Host {machine.name}
  HostName 127.0.0.1
  Port {machine.ssh_port}
  User root
  IdentityFile "{machine.folder}/id_ed25519"
  IdentitiesOnly yes
  UserKnownHostsFile "{machine.folder}/known_hosts"
  StrictHostKeyChecking yes
"""


def planted(machine: Machine, resolver: str) -> list[Planted]:
    """Return the files that make the common root this one machine's."""
    key = machine.folder / "host_key"
    return [
        Planted("/etc/hostname", f"{machine.name}\n"),
        Planted(
            "/etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {machine.name}\n::1 localhost ip6-localhost\n"
        ),
        Planted("/etc/machine-id", f"{uuid.uuid4().hex}\n", 0o444),
        Planted("/etc/resolv.conf", f"nameserver {resolver}\n"),
        Planted("/etc/ssh/ssh_host_ed25519_key", key.read_text(), 0o600),
        Planted("/etc/ssh/ssh_host_ed25519_key.pub", key.with_suffix(".pub").read_text()),
        Planted("/root/.ssh/authorized_keys", _public(machine.folder), 0o600),
    ]


def _public(folder: Path) -> str:
    return (folder / "id_ed25519.pub").read_text()
