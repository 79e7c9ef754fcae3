"""The colours that blog.toml may choose, and whether a text in them can be read.

https://www.w3.org/TR/WCAG22/#contrast-minimum
"""

from collections.abc import Iterator, Mapping

from blogops.config import Config

_STOCK = {
    "paper": "#fdfcf9",
    "tint": "#f4f1e9",
    "accent": "#9a3412",
    "paper_dark": "#161514",
    "tint_dark": "#211f1d",
    "accent_dark": "#f0a578",
}
_LEAST = 4.5
_COMFORTABLE = 7.0


def colours(config: Config) -> Mapping[str, str]:
    """Return the colours of the theme by name; those that end in ``_dark`` are for the dark.

    An accent without a dark one of its own is lightened until it can be read there.
    """
    chosen = {"accent": config.theme.accent, "accent_dark": config.theme.accent_dark}
    if chosen["accent"] and not chosen["accent_dark"]:
        chosen["accent_dark"] = _lightened(chosen["accent"], _STOCK["tint_dark"])
    return _STOCK | {name: colour.lower() for name, colour in chosen.items() if colour}


def faint(config: Config) -> Iterator[str]:
    """Yield a sentence for each chosen colour that is too faint to be read as a link."""
    found = colours(config)
    for name, paper in (("accent", "tint"), ("accent_dark", "tint_dark")):
        ratio = contrast(found[name], found[paper])
        if ratio < _LEAST:
            yield (
                f"theme.{name}: {found[name]} is hard to read on {found[paper]}: a contrast of {ratio:.1f}, "
                f"and readers need {_LEAST}; choose a {'lighter' if name.endswith('dark') else 'darker'} one"
            )


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21.

    >>> contrast("#fff", "#000000")
    21.0
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _lightened(colour: str, paper: str) -> str:
    channels = _channels(colour)
    for step in range(21):
        mixed = [round(channel + (255 - channel) * step / 20) for channel in channels]
        found = "#{:02x}{:02x}{:02x}".format(*mixed)
        if contrast(found, paper) >= _COMFORTABLE:
            return found
    return "#ffffff"


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> tuple[int, int, int]:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue
