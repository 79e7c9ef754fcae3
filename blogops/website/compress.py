"""Text compressed once, so that nginx sends it as it lies (``gzip_static``, ``brotli_static``)."""

import hashlib
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

import brotli

from blogops.website import cached

TYPES = (".html", ".css", ".js", ".xml", ".json", ".svg", ".txt")
"""Endings of the files that are worth it; images and fonts are compressed already."""

LEAST = 512
"""Bytes. Below, a reader gains nothing: the answer fits into one packet as it is."""


def compressed(files: Mapping[str, bytes], cache: Path | None) -> dict[str, bytes]:
    """Return for each text of *files* its ``NAME.gz`` and ``NAME.br``, where they are smaller than it.

    What was made before is found in *cache* by content; what no file of this build needs is removed
    from it. Raises `Failed` when the cache cannot be written.
    """
    jobs = [(name, ending) for name in sorted(files) if _is_worth_it(name, files[name]) for ending in _WAYS]
    # Both libraries let go of Python's lock while they work.
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda job: _one(files[job[0]], job[1], cache), jobs))
    if cache is not None:
        cached.prune(cache, {_place(cache, files[name], ending) for name, ending in jobs})
    pairs = zip(jobs, found, strict=True)
    return {name + ending: data for (name, ending), data in pairs if data}


def _is_worth_it(name: str, data: bytes) -> bool:
    return len(data) >= LEAST and PurePosixPath(name).suffix.lower() in TYPES


def _one(data: bytes, ending: str, cache: Path | None) -> bytes:
    """Return *data* compressed, or nothing where that is not smaller."""
    if cache is None:
        return _smaller(data, ending)
    place = _place(cache, data, ending)
    known = cached.recall(place)
    if known is None:
        known = _smaller(data, ending)
        cached.keep(place, known)
    return known


def _smaller(data: bytes, ending: str) -> bytes:
    made = _WAYS[ending](data)
    return made if len(made) < len(data) else b""


def _place(cache: Path, data: bytes, ending: str) -> Path:
    # The libraries' versions are part of the name: two builds by one toolkit must give the same bytes.
    digest = hashlib.sha256(f"{_VERSIONS[ending]}\0".encode() + data).hexdigest()
    return cache / digest[:2] / f"{digest}{ending}"


def _gzip(data: bytes) -> bytes:
    # Not gzip.compress: the header it writes is another since Python 3.13.
    return zlib.compress(data, 9, wbits=31)


def _brotli(data: bytes) -> bytes:
    return bytes(brotli.compress(data, mode=brotli.MODE_TEXT, quality=11))


_WAYS: dict[str, Callable[[bytes], bytes]] = {".gz": _gzip, ".br": _brotli}
_VERSIONS = {".gz": f"zlib {zlib.ZLIB_RUNTIME_VERSION}", ".br": f"brotli {brotli.__version__}"}
