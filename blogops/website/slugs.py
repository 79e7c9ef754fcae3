"""Slugs as Pelican makes them, so that old addresses stay."""

import re
import unicodedata

# What loses its meaning when its accents are dropped.
_SPELLED = str.maketrans(
    {
        "œ": "oe",
        "Œ": "OE",
        "æ": "ae",
        "Æ": "AE",
        "ß": "ss",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "€": "EUR",
        "–": "-",
        "—": "-",
        "‐": "-",
        "‑": "-",
        "×": "x",
    }
)


def ascii_text(text: str) -> str:
    """Return *text* without accents and without what ASCII cannot say."""
    spelled = unicodedata.normalize("NFKC", text).translate(_SPELLED)
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode("ascii")


def slugify(text: str) -> str:
    """Return the slug of a title or a name; empty when nothing of *text* can be said in ASCII.

    >>> slugify("Élevage & chèvre : « L’œuvre » !")
    'elevage-chevre-loeuvre'
    """
    plain = re.sub(r"[^\w\s-]", "", ascii_text(text))
    return re.sub(r"[-\s]+", "-", plain.strip()).lower()


def same_name(one: str, other: str) -> bool:
    """Tell whether two names differ only in case, accents, spaces and dashes."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "", ascii_text(name).casefold())
