"""Pelican in a virtualenv of its own, made anew when its requirements changed."""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

from blogops.vm.machine import cache

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def pelican() -> Path:
    """Return the program ``pelican``."""
    place = cache() / "bench/pelican"
    mark = place / "installed-for"
    wanted = hashlib.sha256(sys.version.encode() + REQUIREMENTS.read_bytes()).hexdigest()
    if not mark.is_file() or mark.read_text() != wanted:
        print(f"installing {REQUIREMENTS.read_text().split()[-1]} into {place}", file=sys.stderr)
        venv.create(place, clear=True, with_pip=True)
        command = [str(place / "bin/pip"), "install", "-qq", "--requirement", str(REQUIREMENTS)]
        subprocess.run(command, check=True)
        mark.write_text(wanted)  # last, so that a cut run is run again
    return place / "bin/pelican"
