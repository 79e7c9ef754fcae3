"""What is made of an image, made once: found again by the content of its source and how it was made."""

import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import PIL
from PIL import features

from blogops.config.schema import Images
from blogops.website import cached
from blogops.website.images import encode, svg
from blogops.website.images.opening import BadImage, animated, opened, orientation, shown
from blogops.website.images.strip import stripped
from blogops.website.model import Picture, Variant

_MADE_BY = 1
"""Raise it when the same source would be made into something else."""


def prepare(path: Path, url: str, cache: Path, options: Images) -> Picture:
    """Return what is published of the image at *path*, whose address is *url*; what is made lies in *cache*.

    Metadata is taken out and the EXIF orientation applied; where there is nothing to do, the file itself is
    published. Raises `BadImage` for what is no image, is damaged, or has too many pixels.
    """
    if path.suffix.lower() == ".svg":
        width, height = svg.size(path) or (0, 0)
        return Picture(width, height, path, ())
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadImage(f"the image cannot be read: {error.strerror}") from error
    list_path = _list_path(data, cache, options)
    known = _recalled(list_path, cache)
    if known is None:
        known = _made(data, cache, options)
        cached.keep(list_path, json.dumps(known).encode())
    return _picture(known, path, url, cache)


def prune(cache: Path, pictures: Iterable[Picture]) -> None:
    """Remove from *cache* what none of *pictures* uses."""
    files: set[Path] = set()
    for picture in pictures:
        files |= {picture.bytes_path, *(variant.path for variant in picture.variants)}
    lists = sorted((cache / "lists").rglob("*.json"))
    cached.prune(cache, files | {path for path in lists if _is_used(path, cache, files)})


def _is_used(list_path: Path, cache: Path, files: set[Path]) -> bool:
    known = _recalled(list_path, cache)
    return known is not None and all(_file(cache, name) in files for name in _names(known))


def _list_path(data: bytes, cache: Path, options: Images) -> Path:
    how = [_MADE_BY, PIL.__version__, features.version("webp"), features.version("avif")]
    how += [encode.WEBP, encode.AVIF, options.variants, options.widths]
    key = hashlib.sha256(json.dumps(how).encode() + hashlib.sha256(data).digest()).hexdigest()
    return cache / "lists" / key[:2] / f"{key}.json"


def _recalled(list_path: Path, cache: Path) -> dict[str, Any] | None:
    found = cached.recall(list_path)
    if found is None:
        return None
    known: dict[str, Any] = json.loads(found)
    return known if all(_is_whole(_file(cache, name)) for name in _names(known)) else None


def _names(known: dict[str, Any]) -> list[str]:
    return [*known["own"], *(name for _, _, name in known["variants"] if name)]


def _is_whole(file: Path) -> bool:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest() == file.stem
    except OSError:
        return False


def _file(cache: Path, name: str) -> Path:
    return cache / "files" / name[:2] / name


def _made(data: bytes, cache: Path, options: Images) -> dict[str, Any]:
    with opened(io.BytesIO(data)) as image:
        if not animated(image):
            image.load()
        published = _published(image, data)
        widths = options.widths if options.variants else None
        variants = [] if widths is None else list(encode.versions(image, len(published), widths))
        variants.sort(key=lambda made: made.type)
        return {
            "size": shown(image),
            "own": [] if published == data else [_stored(published, cache, (image.format or "").lower())],
            "variants": [
                (made.width, made.type, _stored(made.data, cache, made.type[6:]) if made.data else "")
                for made in variants
            ],
        }


def _published(image: Any, data: bytes) -> bytes:
    if orientation(image) > 1 and image.format != "AVIF":
        return encode.turned(image, data)
    if image.format != "AVIF":
        return stripped(image.format, data)
    # The turn of an AVIF is part of the image; what describes it is an item named before the pixels.
    described = re.search(rb"infe.{8,12}(Exif|mime)", data[:65536], re.DOTALL)
    return encode.turned(image, data) if described and not animated(image) else data


def _stored(data: bytes, cache: Path, suffix: str) -> str:
    name = f"{hashlib.sha256(data).hexdigest()}.{suffix}"
    if not _is_whole(_file(cache, name)):
        cached.put(_file(cache, name), data)
    return name


def _picture(known: dict[str, Any], path: Path, url: str, cache: Path) -> Picture:
    width, height = known["size"]
    own = _file(cache, known["own"][0]) if known["own"] else path
    variants = []
    for wide, kind, name in known["variants"]:
        digest, _, suffix = name.partition(".")
        address = f"/media/{_plain_name(url)}-{wide}.{digest[:8]}.{suffix}" if name else url
        variants.append(Variant(address, _file(cache, name) if name else own, wide, kind))
    return Picture(width, height, own, tuple(variants))


def _plain_name(url: str) -> str:
    stem = unquote(url).rpartition("/")[2].rpartition(".")[0]
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "image"
