"""Names and forms that older Pelicans knew, turned into today's as its own settings.py does.

https://github.com/getpelican/pelican/blob/4.12.0/pelican/settings.py (``handle_deprecated_settings``)
"""

import posixpath
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from blogops.pelican.reading import Settings

DEFAULT_RULES = (
    (r"[^\w\s-]", ""),
    (r"(?u)\A\s*", ""),
    (r"(?u)\s*\Z", ""),
    (r"[-\s]+", "-"),
)
_STRIPPED = DEFAULT_RULES[1:3]
_RENAMED: Mapping[str, str] = MappingProxyType(
    {
        "FEED": "FEED_ATOM",
        "TAG_FEED": "TAG_FEED_ATOM",
        "CATEGORY_FEED": "CATEGORY_FEED_ATOM",
        "TRANSLATION_FEED": "TRANSLATION_FEED_ATOM",
        "FILES_TO_COPY": "",
        "LESS_GENERATOR": "",
    }
)
_FEEDS = ("AUTHOR", "CATEGORY", "TAG", "TRANSLATION")
_FLAVOURS = ("SLUG", "CATEGORY", "TAG", "AUTHOR")
_STRUCTURED = tuple(
    f"{kind}_{lang}{what}"
    for kind in ("ARTICLE", "PAGE")
    for lang in ("", "LANG_")
    for what in ("URL", "SAVE_AS")
)


def modernise(found: Settings) -> None:
    """Turn the old names and forms of *found* into those of Pelican 4.12."""
    _folders(found)
    _feeds(found)
    _rules(found)
    _paginated(found)
    if found.values.get("CLEAN_URLS"):
        for kind, folder in (("ARTICLE", ""), ("PAGE", "pages/")):
            _set(found, f"{kind}_URL", f"{folder}{{slug}}/", "CLEAN_URLS")
            _set(found, f"{kind}_LANG_URL", f"{folder}{{slug}}-{{lang}}/", "CLEAN_URLS")
    _structure(found)


def _set(found: Settings, name: str, value: Any, old: str) -> None:
    found.values[name] = value
    found.where[name] = found.where.get(old, "")


def _folders(found: Settings) -> None:
    for kind in ("ARTICLE", "PAGE"):
        if f"{kind}_DIR" in found.values:
            _set(found, f"{kind}_PATHS", [found.values.pop(f"{kind}_DIR")], f"{kind}_DIR")
    for name in ("ARTICLE_PATHS", "PAGE_PATHS", "STATIC_PATHS"):
        value = found.values.get(name)
        if isinstance(value, str):
            found.values[name] = [value]


def _feeds(found: Settings) -> None:
    for old, new in _RENAMED.items():
        if new and found.values.get(old):
            _set(found, new, found.values.pop(old), old)
    for kind in _FEEDS:
        for form in ("ATOM", "RSS"):
            name = f"{kind}_FEED_{form}"
            value = found.values.get(name)
            if isinstance(value, str):
                field = "{lang}" if kind == "TRANSLATION" else "{slug}"
                found.values[name] = value.replace("%s", field)


def _rules(found: Settings) -> None:
    """Turn ``SLUG_SUBSTITUTIONS`` and its kin (pairs, or triples that keep all other signs) into rules."""
    old: dict[str, Any] = {name: found.values.get(f"{name}_SUBSTITUTIONS") for name in _FLAVOURS}
    given = {name: list(value) for name, value in old.items() if _are_pairs(value)}
    if "SLUG" in given:
        for name in ("CATEGORY", "TAG"):
            if name in given:
                given[name] = [*given["SLUG"], *given[name]]
        given.setdefault("AUTHOR", [])
    for name, pairs in given.items():
        keeps = any(len(pair) == 3 and pair[2] for pair in pairs)
        rules = [(re.escape(pair[0]), pair[1].replace("\\", r"\\")) for pair in pairs]
        rules += _STRIPPED if keeps else DEFAULT_RULES
        _set(found, f"{name}_REGEX_SUBSTITUTIONS", rules, f"{name}_SUBSTITUTIONS")
        found.values.pop(f"{name}_SUBSTITUTIONS", None)


def _are_pairs(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(
        isinstance(pair, (list, tuple))
        and len(pair) in (2, 3)
        and all(isinstance(part, str) for part in pair[:2])
        for pair in value
    )


def _paginated(found: Settings) -> None:
    direct = found.values.pop("PAGINATED_DIRECT_TEMPLATES", None)
    if isinstance(direct, (list, tuple)):
        known = found.values.get("PAGINATED_TEMPLATES")
        known = known if isinstance(known, dict) else dict.fromkeys(("tag", "category", "author"))
        new = {**dict.fromkeys(str(name) for name in direct), **known}
        _set(found, "PAGINATED_TEMPLATES", new, "PAGINATED_DIRECT_TEMPLATES")


def _structure(found: Settings) -> None:
    structure = found.values.pop("ARTICLE_PERMALINK_STRUCTURE", "")
    if not isinstance(structure, str) or not structure:
        return
    structure = re.sub(r"%\((\w+)\)s", r"{\g<1>}", structure)
    structure = re.sub(r"(%[A-z])", r"{date:\g<1>}", structure).lstrip("/")
    for name in _STRUCTURED:
        kind, lang = name.split("_")[0], "-{lang}" if "LANG" in name else ""
        folder = "pages/" if kind == "PAGE" else ""
        value = found.values.get(name, f"{folder}{{slug}}{lang}.html")
        _set(found, name, posixpath.join(structure, value), "ARTICLE_PERMALINK_STRUCTURE")
