"""The tools blogops is measured against: a virtualenv of their own, and one input for each."""

import subprocess
from importlib.metadata import version
from pathlib import Path

from benchmarks.tools import pins, virtualenv

FOLDER = Path(__file__).parent
REQUIREMENTS = FOLDER / "requirements.txt"


def installed() -> Path:
    """Return the virtualenv of the peers."""
    return virtualenv("peers", REQUIREMENTS)


def versions() -> list[str]:
    """Return what is compared, with versions, for people."""
    ssh = subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=True).stderr.split(",")[0]
    ours = [f"{name} {version(name)}" for name in ("blogops", "fabric", "paramiko")]
    return [*ours, *(pin.replace("==", " ") for pin in pins(REQUIREMENTS)), ssh]
