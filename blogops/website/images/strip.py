"""Taking out of a file what says where, when and by whom it was made. No pixel is touched.

What goes: EXIF, XMP, IPTC, comments, thumbnails, and whatever stands after the end of the image (cameras
and telephones put a second picture there). What stays: the pixels, the colour profile, the animation.
"""

import re
import struct
from collections.abc import Callable, Iterator

from blogops.website.images.opening import BadImage

_CUT_OFF = "the image is damaged or cut off"


def stripped(kind: str, data: bytes) -> bytes:
    """Return *data*, a file of Pillow's format *kind*, without what describes it; equal if there was nothing.

    Raises `BadImage` where the file has not the parts that its kind has.
    """
    try:
        return _WAYS[kind](data)
    except (IndexError, struct.error) as error:
        raise BadImage(_CUT_OFF) from error


# ITU T.81, annex B. After a scan's head comes entropy-coded data, up to the next marker but RST0 to RST7.
_END = 0xD9
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")


def _jpeg(data: bytes) -> bytes:
    kept = [data[:2]]
    at = 2
    while (found := _MARKER.search(data, at)) and found[1][0] != _END:
        end = found.end() + struct.unpack_from(">H", data, found.end())[0]
        segment = data[found.end() - 2 : end]
        kept.append(data[at : found.start()])
        if _wanted(found[1][0], segment[4:]):
            kept.append(segment)
        at = end
    kept.append(data[at : found.start() if found else len(data)])
    return b"".join(kept) + bytes((0xFF, _END))


def _wanted(marker: int, payload: bytes) -> bool:
    """JFIF's density, the colour profile and Adobe's colour transform are needed to show the image."""
    heads = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
    if marker in heads:
        return payload.startswith(heads[marker])
    return not 0xE0 <= marker <= 0xEF and marker != 0xFE


# PNG, third edition, section 11.
_PNG_UNWANTED = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}


def _png(data: bytes) -> bytes:
    kept = [data[:8]]
    at, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind not in _PNG_UNWANTED:
            kept.append(data[at : at + 12 + length])
        at += 12 + length
    return b"".join(kept)


# RFC 9649, section 2.7: the flags of a VP8X chunk that say EXIF and XMP follow.
_WEBP_FLAGS = 0b0000_1100


def _webp(data: bytes) -> bytes:
    kept = []
    for kind, chunk in _webp_chunks(data):
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes((chunk[8] & ~_WEBP_FLAGS,)) + chunk[9:]
        if kind not in (b"EXIF", b"XMP "):
            kept.append(chunk)
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, end = 12, 8 + struct.unpack_from("<I", data, 4)[0]
    while at + 8 <= min(end, len(data)):
        kind, length = struct.unpack_from("<4sI", data, at)
        following = at + 8 + length + length % 2
        yield kind, data[at:following]
        at = following


# GIF89a, sections 18 to 26.
_GIF_IMAGE, _GIF_EXTENSION, _GIF_END = 0x2C, 0x21, 0x3B
_GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def _gif(data: bytes) -> bytes:
    at = 13 + _colours(data[10])
    kept = [data[:at]]
    while data[at] != _GIF_END:
        start = at
        at += 2 if data[at] == _GIF_EXTENSION else 11 + _colours(data[at + 9])
        at = _after_blocks(data, at)
        if data[start] == _GIF_IMAGE or _shows(data[start + 1], data[start + 3 : start + 14]):
            kept.append(data[start:at])
    return b"".join(kept) + bytes((_GIF_END,))


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    while length := data[at]:
        at += 1 + length
    return at + 1


def _shows(label: int, application: bytes) -> bool:
    return application in _GIF_LOOPS if label == 0xFF else label != 0xFE


_WAYS: dict[str, Callable[[bytes], bytes]] = {
    "JPEG": _jpeg,
    "MPO": _jpeg,
    "PNG": _png,
    "GIF": _gif,
    "WEBP": _webp,
}
