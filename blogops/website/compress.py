"""Text compressed once, so that nginx sends it as it lies (``gzip_static``, ``brotli_static``)."""

import zlib
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

import brotli

from blogops.website import cached
from blogops.website.digests import digest

TYPES = (".html", ".css", ".js", ".xml", ".json", ".svg", ".txt")
"""Endings of the files that are worth it; images and fonts are compressed already."""

LEAST = 512
"""Bytes. Below, a reader gains nothing: the answer fits into one packet as it is."""


ENDINGS = (".gz", ".br")
"""What the twins of a text may be called."""


def is_text(name: str) -> bool:
    """Tell whether the file *name* may have compressed twins."""
    return PurePosixPath(name).suffix.lower() in TYPES


def twins(data: bytes, cache: Path | None) -> dict[str, bytes]:
    """Return the ``.gz`` and the ``.br`` of a text, by their endings, where they are smaller than it.

    What was made before is found in *cache* by content. Raises `Failed` when the cache cannot be written.
    """
    if len(data) < LEAST:
        return {}
    found = {ending: _one(data, ending, cache) for ending in _WAYS}
    return {ending: made for ending, made in found.items() if made}


def forget(cache: Path, digests: Iterable[str]) -> None:
    """Remove from *cache* all but what belongs to the texts of these `digest`s."""
    wanted = {_place(cache, each, ending) for each in digests for ending in _WAYS}
    cached.prune(cache, wanted)


def _one(data: bytes, ending: str, cache: Path | None) -> bytes:
    """Return *data* compressed, or nothing where that is not smaller."""
    if cache is None:
        return _smaller(data, ending)
    place = _place(cache, digest(data), ending)
    known = cached.recall(place)
    if known is None:
        known = _smaller(data, ending)
        cached.keep(place, known)
    return known


def _smaller(data: bytes, ending: str) -> bytes:
    made = _WAYS[ending](data)
    return made if len(made) < len(data) else b""


def _place(cache: Path, text: str, ending: str) -> Path:
    # The libraries' versions are part of the name: two builds by one toolkit must give the same bytes.
    name = digest(f"{_VERSIONS[ending]}\0{text}")
    return cache / name[:2] / f"{name}{ending}"


def _gzip(data: bytes) -> bytes:
    # Not gzip.compress: the header it writes is another since Python 3.13.
    return zlib.compress(data, 9, wbits=31)


def _brotli(data: bytes) -> bytes:
    return bytes(brotli.compress(data, mode=brotli.MODE_TEXT, quality=11))


_WAYS: dict[str, Callable[[bytes], bytes]] = {".gz": _gzip, ".br": _brotli}
_VERSIONS = {".gz": f"zlib {zlib.ZLIB_RUNTIME_VERSION}", ".br": f"brotli {brotli.__version__}"}
