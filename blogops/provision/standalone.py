"""Programs outside the toolkit, root's own: each a zip of Python's standard library and a few of our modules.

When the toolkit is gone, the disk full or the manuscript lost, they still work.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

from blogops.provision.words import Require

_GROUND = ("__init__.py", "errors.py", "console.py")
# -S: nothing of site-packages is asked for, and looking there takes half of the time of a check.
_SHEBANG = b"#!/usr/bin/python3 -IS\n"


@dataclass(frozen=True)
class _Program:
    """How it starts, with the name of the blog, and what goes into the zip."""

    start: str
    parts: tuple[str, ...]


_PROGRAMS: Mapping[str, _Program] = MappingProxyType(
    {
        "rollback": _Program(
            "from blogops.rollback import main; sys.exit(main())", (*_GROUND, "releases", "rollback.py")
        ),
        "due": _Program(
            "from blogops.watch.__main__ import main; sys.exit(main())", (*_GROUND, "releases", "watch")
        ),
        "headers": _Program(
            "from blogops.headers.program import main; sys.exit(main({name!r}))", (*_GROUND, "headers")
        ),
    }
)


def folder(name: str) -> str:
    """Return the folder of the programs of the blog *name*."""
    return f"/usr/local/lib/blogops-{name}"


def path(name: str, program: str) -> str:
    """Return the path of the *program* of the blog *name*."""
    return f"{folder(name)}/{program}"


def describe(require: Require, name: str) -> None:
    """Require the programs."""
    require.directory(folder(name))
    for program in _PROGRAMS:
        require.file(path(name, program), zipped(name, program), mode="755")


@cache
def zipped(name: str, program: str) -> bytes:
    """Return a zip that Python runs, the same bytes for the same sources (PEP 441)."""
    told, stream = _PROGRAMS[program], io.BytesIO(_SHEBANG)
    stream.seek(0, io.SEEK_END)
    start = f"import sys; {told.start.format(name=name)}\n"
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path_in_zip, data in [("__main__.py", start.encode()), *_sources(told.parts)]:
            archive.writestr(zipfile.ZipInfo(path_in_zip), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _sources(parts: tuple[str, ...]) -> list[tuple[str, bytes]]:
    package = resources.files("blogops")
    found: list[tuple[str, Traversable]] = []
    for name in parts:
        item = package / name
        inside = [each for each in item.iterdir() if each.name.endswith(".py")] if item.is_dir() else []
        found += [(f"blogops/{name}/{each.name}", each) for each in inside] or [(f"blogops/{name}", item)]
    return [(name, item.read_bytes()) for name, item in sorted(found, key=lambda pair: pair[0])]
