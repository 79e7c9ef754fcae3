"""Looking at an image: its size as readers see it, and its pixels, within bounds."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO

from PIL import Image, UnidentifiedImageError

from blogops.website.images import svg

FORMATS = ("JPEG", "MPO", "PNG", "GIF", "WEBP", "AVIF")
_ORIENTATION = 0x0112
# EXIF 2.32, table 6: what makes an image upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class BadImage(ValueError):
    """An image that cannot be published; the message is a sentence for its author."""


def size(path: Path) -> tuple[int, int] | None:
    """Return the width and height of the image at *path* in pixels as shown, or None if they are not known.

    Only the head of the file is read. The EXIF orientation is applied; an SVG has a size if its root
    element has a width and a height, or a viewBox.
    """
    if path.suffix.lower() == ".svg":
        return svg.size(path)
    try:
        with path.open("rb") as file, opened(file) as image:
            return shown(image)
    except (BadImage, OSError):
        return None


def shown(image: Image.Image) -> tuple[int, int]:
    """Return the width and height of *image* once it is upright."""
    width, height = image.size
    return (height, width) if orientation(image) >= 5 else (width, height)


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Image.Image]:
    """Open an image of one of the web's formats; whatever is wrong with it, also later, is a `BadImage`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=_formats()) as image:
                yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        most = (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
        raise BadImage(f"the image has more than {most} million pixels; make it smaller") from error
    except UnidentifiedImageError as error:
        raise BadImage("this is no image, or one of a kind that browsers do not show") from error
    except BadImage:
        raise
    # Pillow's decoders raise these for bytes that make no sense.
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, MemoryError, OverflowError) as error:
        raise BadImage(f"the image is damaged or cut off ({str(error).rstrip('.')})") from error


@cache
def _formats() -> tuple[str, ...]:
    # Not by `Image.init`: it brings the decoders of forty formats that nobody asked for.
    for name in ("Avif", "Gif", "Jpeg", "Mpo", "Png", "WebP"):
        with suppress(ImportError):
            import_module(f"PIL.{name}ImagePlugin")
    return tuple(name for name in FORMATS if name in Image.OPEN)


def orientation(image: Image.Image) -> int:
    """Return the EXIF orientation of *image*, 1 to 8; browsers pass over it where images move."""
    found = image.info.get("exif")
    if not found:
        return 1
    exif = Image.Exif()
    try:
        exif.load(found)
        value = exif.get(_ORIENTATION, 1)
    # Not an image that is damaged: only what a camera wrote beside it.
    except Exception:
        return 1
    return value if value in _UPRIGHT and not animated(image) else 1


def animated(image: Image.Image) -> bool:
    """Return whether *image* has more than one frame; a camera's JPEG of several (MPO) does not move."""
    return image.format != "MPO" and bool(getattr(image, "is_animated", False))


def upright(image: Image.Image) -> Image.Image:
    """Return *image* turned as its EXIF orientation says."""
    turn = _UPRIGHT.get(orientation(image))
    return image if turn is None else image.transpose(turn)
