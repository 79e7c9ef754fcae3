"""What a machine is, which names it may have, and where its things are kept."""

import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from blogops.errors import UsageError

SUITES = {12: "bookworm", 13: "trixie"}
# Short enough for a host name, a namespace and a line of `fab vm.list`.
NAME = re.compile(r"[a-z][a-z0-9-]{0,14}[a-z0-9]|[a-z]")


@dataclass(frozen=True)
class Machine:
    """A local VM: how to reach it and where its files are."""

    name: str
    debian: int
    backend: str
    ssh_port: int
    http_port: int
    ssh_config: Path
    folder: Path

    @property
    def label(self) -> str:
        """Its name to the kernel: two caches (two users) may each have a ``demo``."""
        return label(self.folder)

    @property
    def console(self) -> Path:
        """What the machine says while it boots."""
        return self.folder / "console.log"

    @property
    def url(self) -> str:
        """Where its port 80 answers."""
        return f"http://127.0.0.1:{self.http_port}/"


def cache() -> Path:
    """Return the folder for everything this room keeps."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "blogops"


def folder(name: str) -> Path:
    """Return the folder of the machine called *name*."""
    return cache() / "vm" / name


def label(place: Path) -> str:
    """Return the machine's name to the kernel, derived from its folder alone."""
    return f"blogops-{place.name}-{zlib.crc32(os.fsencode(place)) & 0xFFFF:04x}"


def check_name(name: str) -> str:
    """Return *name* if a machine may be called so."""
    if not NAME.fullmatch(name):
        raise UsageError(
            f'"{name}" cannot be the name of a machine',
            hint='use up to 16 of a-z, 0-9 and "-", starting with a letter: demo, blog-2',
        )
    return name


def check_debian(version: int | str) -> int:
    """Return *version* as a number if it is a Debian this room boots."""
    if str(version) not in {str(known) for known in SUITES}:
        raise UsageError(f'Debian "{version}" is not supported', hint="use 12 (bookworm) or 13 (trixie)")
    return int(version)
