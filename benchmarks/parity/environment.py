"""Pelican in a virtualenv of its own."""

from pathlib import Path

from benchmarks.tools import virtualenv

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def pelican() -> Path:
    """Return the program ``pelican``."""
    return virtualenv("pelican", REQUIREMENTS) / "bin/pelican"
