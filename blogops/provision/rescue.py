"""The way back by itself: a program of Python's standard library, outside the toolkit and root's own.

When the toolkit is gone, the disk full or the manuscript lost, it still makes an earlier release live.
"""

import io
import zipfile
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from blogops.provision.words import Require

_MODULES = ("__init__.py", "errors.py", "console.py", "rollback.py", "releases")
_MAIN = "import sys\nfrom blogops.rollback import main\nsys.exit(main())\n"
_SHEBANG = b"#!/usr/bin/python3 -I\n"


def folder(name: str) -> str:
    """Return the folder of the program of the blog *name*."""
    return f"/usr/local/lib/blogops-{name}"


def path(name: str) -> str:
    """Return the path of the program of the blog *name*."""
    return f"{folder(name)}/rollback"


def describe(require: Require, name: str) -> None:
    """Require the program."""
    require.directory(folder(name))
    require.file(path(name), program(), mode="755")


@cache
def program() -> bytes:
    """Return a zip that Python runs, the same bytes for the same sources (PEP 441)."""
    stream = io.BytesIO(_SHEBANG)
    stream.seek(0, io.SEEK_END)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [("__main__.py", _MAIN.encode()), *_sources()]:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _sources() -> list[tuple[str, bytes]]:
    package = resources.files("blogops")
    found: list[tuple[str, Traversable]] = []
    for name in _MODULES:
        item = package / name
        inside = [each for each in item.iterdir() if each.name.endswith(".py")] if item.is_dir() else []
        found += [(f"blogops/{name}/{each.name}", each) for each in inside] or [(f"blogops/{name}", item)]
    return [(name, item.read_bytes()) for name, item in sorted(found, key=lambda pair: pair[0])]
