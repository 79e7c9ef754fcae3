"""The tools blogops is measured against: a virtualenv of their own, and one input for each."""

import hashlib
import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path

from blogops.vm.machine import cache

FOLDER = Path(__file__).parent
REQUIREMENTS = FOLDER / "requirements.txt"


def installed() -> Path:
    """Return the virtualenv of the peers, made anew when their requirements changed."""
    place = cache() / "bench/peers"
    mark = place / "installed-for"
    wanted = hashlib.sha256(sys.version.encode() + REQUIREMENTS.read_bytes()).hexdigest()
    if not mark.is_file() or mark.read_text() != wanted:
        print(f"installing {', '.join(pins())} into {place}", file=sys.stderr)
        venv.create(place, clear=True, with_pip=True)
        command = [str(place / "bin/pip"), "install", "-qq", "--requirement", str(REQUIREMENTS)]
        subprocess.run(command, check=True)
        mark.write_text(wanted)  # last, so that a cut run is run again
    return place


def pins() -> list[str]:
    """Return the requirements, as ``name==version``."""
    return [line for line in REQUIREMENTS.read_text().splitlines() if line and not line.startswith("#")]


def versions() -> list[str]:
    """Return what is compared, with versions, for people."""
    ssh = subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=True).stderr.split(",")[0]
    ours = [f"{name} {version(name)}" for name in ("blogops", "fabric", "paramiko")]
    return [*ours, *(pin.replace("==", " ") for pin in pins()), ssh]
