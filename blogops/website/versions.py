"""What a site is made by: our own code and the libraries it stands on. Another one makes everything anew."""

import hashlib
import os
import sys
from functools import cache
from pathlib import Path

from blogops import resources
from blogops.website.sweep import contents

# Whose every version may make other bytes. Their metadata folders carry the version in their names.
_LIBRARIES = (
    *("babel", "brotli", "docutils", "jinja2", "markupsafe", "pillow", "pygments", "python_dateutil"),
    *("tzdata", "unidecode", "weasyprint"),
)
_OURS = ("website", "config")


@cache
def versions() -> str:
    """Return one digest of all that makes a site, whatever the manuscript."""
    digest = hashlib.blake2b(sys.version.encode(), digest_size=16)
    for name in sorted(_installed()):
        digest.update(f"{name}\0".encode())
    package = Path(__file__).parent.parent
    digest.update((package / "resources.py").read_bytes())
    for folder in (*(package / name for name in _OURS), resources.templates("site")):
        for name, data in contents(folder):
            digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _installed() -> set[str]:
    found: set[str] = set()
    for folder in sys.path:
        try:
            names = [entry.name for entry in os.scandir(folder or ".")]
        except OSError:
            continue
        found |= {name for name in names if name.endswith((".dist-info", ".egg-info")) and _is_library(name)}
    return found


def _is_library(name: str) -> bool:
    return name.partition("-")[0].lower().replace(".", "_") in _LIBRARIES
