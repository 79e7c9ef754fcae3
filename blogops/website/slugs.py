"""Slugs as Pelican makes them, so that old addresses stay.

https://docs.getpelican.com/en/latest/settings.html#url-settings (``SLUG_REGEX_SUBSTITUTIONS``)
"""

import functools
import re
import unicodedata
from typing import NamedTuple

from markupsafe import Markup
from unidecode import unidecode

from blogops.config import Config

# Pelican's own: no letter but \w, spaces and dashes; none at the ends; one dash for a run of them.
_RULES = ((r"[^\w\s-]", ""), (r"\A\s*", ""), (r"\s*\Z", ""), (r"[-\s]+", "-"))


class Slugs(NamedTuple):
    """How one blog makes its slugs."""

    rules: tuple[tuple[str, str], ...] = ()
    keeps_unicode: bool = False
    keeps_case: bool = False

    def of(self, text: str) -> str:
        """Return the slug of a title or a name; empty when nothing of *text* is left.

        >>> Slugs().of("Élevage & chèvre : « L’œuvre » !")
        'elevage-chevre-loeuvre'
        """
        return _slug(self, text)


@functools.lru_cache(maxsize=8192)
def _slug(how: Slugs, text: str) -> str:
    slug = unicodedata.normalize("NFKC", text)
    if not how.keeps_unicode:
        slug = unidecode(slug)
    for pattern, replacement in how.rules or _RULES:
        wanted, put = (unicodedata.normalize("NFKC", part) for part in (pattern, replacement))
        slug = re.sub(wanted, put, slug, flags=re.IGNORECASE)
    return (slug if how.keeps_case else slug.lower()).strip()


def slugs_for(kind: str, config: Config) -> Slugs:
    """Return how the slugs of a *kind* (slug, tag, category or author) are made."""
    told = config.metadata
    rules = getattr(told, f"{kind}_rules", ()) or told.slug_rules
    return Slugs(rules, told.slug_unicode, told.slug_keep_case)


def stripped(text: str) -> str:
    """Return *text*, a field as its author wrote it, without the tags and entities that may stand in it.

    >>> stripped("R&amp;D <em>now</em>")
    'R&D now'
    """
    return Markup(text).striptags()  # noqa: S704 - what comes out is no markup


def same_name(one: str, other: str) -> bool:
    """Tell whether two names differ only in case, accents, spaces and dashes."""
    return _folded(one) == _folded(other)


@functools.lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "", unidecode(unicodedata.normalize("NFKC", name)).casefold())
