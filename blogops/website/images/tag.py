"""The HTML of an image: docutils' tag, with its size, its versions and how it is loaded."""

import html
import re
from html.parser import HTMLParser
from itertools import groupby

from blogops.website.model import Picture, Variant

# The width of a column of text in the theme, beyond which an image is not shown.
_COLUMN, _COLUMN_PIXELS = "40rem", 640
_DECLARATION = re.compile(r"\s*(width|height):\s*(\d+(?:\.\d+)?)(px)?\s*")


def markup(tag: str, picture: Picture, *, first: bool) -> str:
    """Return *tag*, docutils' ``<img …>`` with its final address, completed from *picture*.

    It gets width and height (a single one that the author gave decides the other by the ratio), and is loaded
    at once if it is the *first* image of its page, else when it comes near. With variants it stands in a
    ``<picture>``.
    """
    attributes = _attributes(tag)
    _set_size(attributes, picture)
    attributes |= {"loading": "eager" if first else "lazy", "decoding": "async"}
    image = _tag("img", attributes)
    if not picture.variants:
        return image
    sizes = _sizes(attributes, picture)
    groups = groupby(picture.variants, key=lambda variant: variant.type)
    return f"<picture>{''.join(_source(kind, list(group), sizes) for kind, group in groups)}{image}</picture>"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found = {name: value or "" for name, value in attrs}


def _attributes(tag: str) -> dict[str, str]:
    reader = _Reader()
    reader.feed(tag)
    reader.close()
    return reader.found


def _set_size(attributes: dict[str, str], picture: Picture) -> None:
    """Give *attributes* a width and a height. What has no attribute of HTML, like 50%, stays a style."""
    rest = [part for part in attributes.pop("style", "").split(";") if part.strip()]
    for part in list(rest):
        found = _DECLARATION.fullmatch(part)
        if found and found[3]:
            attributes[found[1]] = str(round(float(found[2])))
            rest.remove(part)
    if rest:
        attributes["style"] = ";".join(rest).strip() + ";"
    # An attribute for the width would distort what the style makes higher or lower.
    if not any(part.strip().startswith("height") for part in rest):
        _complete(attributes, picture)


def _complete(attributes: dict[str, str], picture: Picture) -> None:
    if not picture.width:
        return
    width, height = _number(attributes.get("width")), _number(attributes.get("height"))
    if not width:
        width = round(height * picture.width / picture.height) if height else picture.width
    if not height:
        height = round(width * picture.height / picture.width)
    attributes |= {"width": str(max(1, width)), "height": str(max(1, height))}


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _sizes(attributes: dict[str, str], picture: Picture) -> str:
    width = _number(attributes.get("width")) or picture.width
    widest = _COLUMN if width >= _COLUMN_PIXELS else f"{width}px"
    return f"(min-width: {widest}) {widest}, 100vw"


def _source(kind: str, variants: list[Variant], sizes: str) -> str:
    narrowest_first = sorted(variants, key=lambda variant: variant.width)
    srcset = ", ".join(f"{variant.url} {variant.width}w" for variant in narrowest_first)
    return _tag("source", {"type": kind, "srcset": srcset, "sizes": sizes})


def _tag(name: str, attributes: dict[str, str]) -> str:
    written = (f'{key}="{html.escape(value)}"' for key, value in attributes.items())
    return f"<{name} {' '.join(written)}>"
