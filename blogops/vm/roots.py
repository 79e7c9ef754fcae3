"""Cached blank Debian roots, made once by mmdebstrap and copied for each machine."""

import hashlib
import os
import shlex
import time
from pathlib import Path

from blogops.console import say
from blogops.errors import Failed
from blogops.vm import lock
from blogops.vm.machine import SUITES, cache
from blogops.vm.tools import need, remove_tree, run

PACKAGES = "systemd-sysv,udev,openssh-server,sudo,iproute2,ca-certificates"
AUTHORITIES = Path("/usr/local/share/ca-certificates")
# Keys are each machine's own. A timer that fetches package lists would end the blankness at a random
# minute, and hold apt's lock; it is disabled, not masked, so that a plan may enable it.
BLANK = """\
rm -f "$1"/etc/ssh/ssh_host_*_key "$1"/etc/ssh/ssh_host_*_key.pub
rm -f "$1"/etc/systemd/system/timers.target.wants/apt-daily*.timer
rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin
mkdir -p -m 0700 "$1"/root/.ssh
"""


def tree(debian: int) -> Path:
    """Return the cached root of *debian* as a folder, making it if it is not there (root only)."""
    need("mmdebstrap")
    place = cached(f"{SUITES[debian]}-tree", command(debian, PACKAGES))
    with lock.held(
        place.parent / f".{SUITES[debian]}-tree.lock", timeout=900, what="the Debian root"
    ) as held:
        if place.is_dir():
            say(f"root: Debian {debian}, cached", "dim")
            return place
        forget(place)
        return _make(debian, place, held)


def _make(debian: int, place: Path, held: int) -> Path:
    say(f"root: making Debian {debian} with mmdebstrap (once, about 20 s)", "dim")
    started, half = time.monotonic(), place.with_name(f".{place.name}.half")
    build([*command(debian, PACKAGES), SUITES[debian], str(half)], held)
    half.rename(place)
    say(f"root: made in {time.monotonic() - started:.1f} s", "dim")
    return place


def build(argv: list[str], held: int) -> None:
    """Run mmdebstrap, saying what to look at when it fails."""
    try:
        run([*_apart(), *argv], timeout=900, keep=[held])
    except Failed as error:
        hint = f"it needs the network and a Debian mirror; it said:\n  {error.hint}"
        raise Failed(f"the Debian root could not be made: {error.problem}", hint=hint) from error


def _apart() -> list[str]:
    """Return what keeps mmdebstrap's mounts (/proc, /sys, /dev) out of the host, be it killed half way."""
    return ["unshare", "--mount", "--propagation", "private"] if os.geteuid() == 0 else []


def command(debian: int, packages: str) -> list[str]:
    """Return mmdebstrap's command line but for its last words, the suite and the target."""
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    found = [f"--keyring={keyring}"] if keyring.exists() else []
    hooks = [f"--customize-hook={hook}" for hook in [*_authorities(), BLANK]]
    return ["mmdebstrap", "--variant=minbase", f"--include={packages}", *found, *hooks]


def _authorities() -> list[str]:
    """Return the hooks that make the VM trust what this machine trusts: a proxy, a company's mirror."""
    certificates = sorted(AUTHORITIES.glob("*.crt"))
    if not certificates:
        return []
    names = " ".join(shlex.quote(str(certificate)) for certificate in certificates)
    return [f"copy-in {names} {AUTHORITIES}", 'chroot "$1" update-ca-certificates']


def cached(stem: str, recipe: list[str]) -> Path:
    """Return the place of a root: its name changes with the recipe and the certificates."""
    bytes_of = b"".join(path.read_bytes() for path in sorted(AUTHORITIES.glob("*.crt")))
    digest = hashlib.sha256("\0".join(recipe).encode() + bytes_of).hexdigest()[:8]
    return cache() / "roots" / f"{stem}-{digest}"


def forget(place: Path) -> None:
    """Remove the halves that a crash left and the roots of older recipes of the same kind."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem = place.name.rpartition("-")[0]
    for old in [*place.parent.glob(f"{stem}-*"), *place.parent.glob(f".{stem}-*.half")]:
        remove_tree(old)
