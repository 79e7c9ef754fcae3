"""The size of an SVG, read from its root element and nothing else."""

import re
from pathlib import Path
from xml.parsers import expat

# CSS Values 4, section 6.2: absolute lengths in pixels.
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 9.6 / 2.54}
_LENGTH = re.compile(r"\s*\+?(\d*\.?\d+(?:e[+-]?\d{1,2})?)\s*([a-z]*)\s*", re.IGNORECASE)
_HEAD = 65536
_MOST = 1_000_000


class _Found(Exception):
    """The root element was read."""


class _Refused(Exception):
    """An entity that could grow."""


def size(path: Path) -> tuple[int, int] | None:
    """Return the width and height of the SVG at *path* in pixels, or None if its root says neither."""
    root = _root(path)
    width, height = _length(root.get("width", "")), _length(root.get("height", ""))
    box = [_length(part) for part in re.split(r"[\s,]+", root.get("viewBox", "").strip())]
    if len(box) == 4 and box[2] and box[3]:
        ratio = box[2] / box[3]
        width, height = (
            width or (height * ratio if height else box[2]),
            height or (width / ratio if width else box[3]),
        )
    if not width or not height or max(width, height) > _MOST:
        return None
    return max(1, round(width)), max(1, round(height))


def _length(text: str) -> float:
    found = _LENGTH.fullmatch(text)
    return float(found[1]) * _PIXELS.get(found[2].lower(), 0.0) if found else 0.0


def _root(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "svg":
            found.update(attributes)
        raise _Found

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EntityDeclHandler = _entity
    try:
        with path.open("rb") as file:
            parser.Parse(file.read(_HEAD), False)
    except (_Found, _Refused, expat.ExpatError, ValueError, LookupError, OSError):
        pass
    return found


def _entity(name: str, parameter: bool, value: str | None, *rest: object) -> None:
    # Drawing programs declare short names for namespaces; one entity inside another could grow without end.
    if parameter or value is None or "&" in value or len(value) > 200:
        raise _Refused
