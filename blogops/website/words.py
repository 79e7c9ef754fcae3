"""The words of the theme, and dates as a language writes them, without the machine's locales."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton

from blogops.website.typography import typeset

_Forms = Mapping[str, str]


@cache
def words(language: str) -> Mapping[str, str]:
    """Return the theme's words in *language* by name; English for a language without a table.

    Those with a ``{name}`` in them are for ``str.format``. Words that count something are in `counted`.
    """
    return _table(_known(language))[0]


@lru_cache(maxsize=4096)
def counted(name: str, number: int, language: str) -> str:
    """Return the word *name* for *number* things in its plural form: "1 article", "2 articles".

    The forms are CLDR's. *name* is ``posts_count`` or ``reading_time`` (in minutes).
    """
    forms = _table(_known(language))[1][name]
    form = Locale(_known(language)).plural_form(number)
    return forms.get(form, forms["other"]).format(count=number)


def shown_date(day: dt.date, language: str) -> str:
    """Return *day* as a reader of *language* writes it: "1er août 2026", "1 August 2026".

    The long form of CLDR, but for the first of a month in French. English is in British order except for
    ``en-US``.
    """
    shown = format_date(day, "long", _locale(language))
    return f"1er{shown[1:]}" if language.lower().startswith("fr") and day.day == 1 else shown


def shown_month(year: int, month: int, language: str, *, heading: bool = False) -> str:
    """Return a month as *language* writes it, "septembre 2012"; with a capital in a *heading*."""
    shown = format_skeleton("yMMMM", dt.datetime(year, month, 1), locale=_locale(language))
    return shown[:1].upper() + shown[1:] if heading else shown


def language_name(language: str) -> str:
    """Return the name of *language* in itself, or its code."""
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return language
    return locale.languages.get(str(locale)) or locale.get_display_name() or language


@cache
def _tables() -> dict[str, dict[str, str | dict[str, str]]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


@cache
def _table(language: str) -> tuple[Mapping[str, str], dict[str, _Forms]]:
    table = _tables()[language]
    plain = {name: _set(word, language) for name, word in table.items() if isinstance(word, str)}
    forms: dict[str, _Forms] = {
        name: {form: _set(word, language) for form, word in words.items()}
        for name, words in table.items()
        if isinstance(words, dict)
    }
    return MappingProxyType(plain), forms


def _set(word: str, language: str) -> str:
    # A number does not part from what it counts.
    return typeset(word, language).replace("{count} ", "{count}\u00a0")


def _known(language: str) -> str:
    base = language.lower().split("-")[0]
    return base if base in _tables() else "en"


@cache
def _locale(language: str) -> Locale:
    for name in (language, language.split("-")[0]):
        try:
            return Locale.parse("en-GB" if name.lower() == "en" else name, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en", "GB")
