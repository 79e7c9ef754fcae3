"""Pixels to bytes: the upright image, and its narrower versions in newer formats."""

import io
from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image, ImageCms, JpegImagePlugin, features

from blogops.website.images.opening import animated, upright

Options = dict[str, object]

# How good, in each encoder's own measure; what photos need to look the same beside each other.
WEBP: Options = {"quality": 80, "method": 6}
AVIF: Options = {"quality": 65, "speed": 6}
# With more threads libaom gives other bytes on other machines.
_ONE_THREAD: Options = {"max_threads": 1, "autotiling": False}
_LOSSLESS: Options = {"lossless": True, "quality": 100, "method": 4}
_FEW_COLOURS = 4096
_WEBP_MOST = 16383
TYPES = {"WEBP": "image/webp", "AVIF": "image/avif"}


class Made(NamedTuple):
    """One version: its width in pixels, its media type and its bytes."""

    width: int
    type: str
    data: bytes


def turned(image: Image.Image, data: bytes) -> bytes:
    """Return *image*, read from *data*, upright and in its own format, with its colours and nothing else."""
    kind = "JPEG" if image.format == "MPO" else image.format or ""
    return _saved(upright(image), kind, _own_options(image, data))


def _own_options(image: Image.Image, data: bytes) -> Options:
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        return _jpeg(image)
    if image.format == "PNG":
        return {"optimize": True}
    if image.format == "AVIF":
        return {"quality": 92, "subsampling": "4:4:4", "speed": 6, **_ONE_THREAD}
    return {"exact": True, **_LOSSLESS} if b"VP8L" in data[:64] else {"quality": 95, "method": 6}


def _jpeg(image: JpegImagePlugin.JpegImageFile) -> Options:
    # The tables it was made with: once more through them changes next to nothing.
    sampling = JpegImagePlugin.get_sampling(image)
    return {
        "qtables": image.quantization,
        # Turned, 4:2:2 would halve the wrong side.
        "subsampling": 0 if sampling == 1 else sampling,
        "progressive": bool(image.info.get("progressive")),
        "optimize": True,
        "comment": b"",
    }


def versions(image: Image.Image, most: int, widths: tuple[int, ...]) -> Iterator[Made]:
    """Yield the versions of *image* worth having: narrower or equal, and ever smaller in bytes.

    A format is left out when its version of the whole image is not smaller than *most* bytes, or than the
    format before it: what a browser picks must never be the worse one. In the image's own format the file
    as published is the widest version; its `Made` has no data.
    """
    if animated(image):
        return
    whole = _plain(upright(image))
    few = image.format in ("PNG", "GIF") and whole.getcolors(_FEW_COLOURS) is not None
    narrow = sorted({width for width in widths if width < whole.width}, reverse=True)
    for kind, options in _encoders(image, whole, few):
        if kind == image.format:
            made = list(_smaller(whole, kind, options, most, narrow))
            yield from [Made(whole.width, TYPES[kind], b""), *made] if made else []
        else:
            made = list(_smaller(whole, kind, options, most, [whole.width, *narrow]))
            yield from made
            most = len(made[0].data) if made else most


def _encoders(image: Image.Image, whole: Image.Image, few: bool) -> Iterator[tuple[str, Options]]:
    if max(whole.size) <= _WEBP_MOST and image.format != "AVIF":
        yield "WEBP", _LOSSLESS if few else WEBP
    if not few and features.check("avif"):
        yield "AVIF", AVIF | _ONE_THREAD


def _smaller(whole: Image.Image, kind: str, options: Options, most: int, widths: list[int]) -> Iterator[Made]:
    """Yield *whole* in *widths*, widest first, up to one that is not smaller than the one before it."""
    for width in widths:
        height = max(1, round(whole.height * width / whole.width))
        small = whole if width == whole.width else whole.resize((width, height), Image.Resampling.LANCZOS)
        data = _saved(small, kind, options)
        if len(data) >= most:
            return
        most = len(data)
        yield Made(width, TYPES[kind], data)


def _saved(image: Image.Image, kind: str, options: Options) -> bytes:
    out = io.BytesIO()
    beside = {name: b"" for name in ("exif", "xmp") if kind in TYPES}
    profile = image.info.get("icc_profile")
    image.save(out, kind, icc_profile=profile, **beside, **options)
    return out.getvalue()


def _plain(image: Image.Image) -> Image.Image:
    """Return *image* as RGB or RGBA, which both formats know."""
    alpha = "A" in image.getbands() or "transparency" in image.info
    mode = "RGBA" if alpha else "RGB"
    profile = image.info.get("icc_profile") or b""
    if profile and profile[16:20] != b"RGB ":
        image = _in_srgb(image, profile)
    if image.mode.startswith("I;16"):
        # Pillow would cut off what is above 255, not scale it.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image if image.mode == mode else image.convert(mode)


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return *image* with the colours of its grey or CMYK *profile* in sRGB, which needs no profile."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        changed = None  # A profile that makes no sense.
    result = changed or image.copy()
    result.info.pop("icc_profile", None)
    return result
