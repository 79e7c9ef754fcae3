"""A program of Python's standard library as one file: some modules of blogops, zipped (PEP 441)."""

import io
import zipfile
from collections.abc import Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

_SHEBANG = b"#!/usr/bin/python3 -I\n"


@cache
def program(main: str, modules: Sequence[str]) -> bytes:
    """Return a zip of *modules* (files, or folders of them) that runs *main*; the same for the same."""
    stream = io.BytesIO(_SHEBANG)
    stream.seek(0, io.SEEK_END)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [("__main__.py", main.encode()), *_sources(modules)]:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _sources(modules: Sequence[str]) -> list[tuple[str, bytes]]:
    package = resources.files("blogops")
    found: list[tuple[str, Traversable]] = []
    for name in modules:
        item = package / name
        inside = [each for each in item.iterdir() if each.name.endswith(".py")] if item.is_dir() else []
        found += [(f"blogops/{name}/{each.name}", each) for each in inside] or [(f"blogops/{name}", item)]
    return [(name, item.read_bytes()) for name, item in sorted(found, key=lambda pair: pair[0])]
