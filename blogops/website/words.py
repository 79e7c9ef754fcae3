"""The words of the theme, and dates as a language writes them, without the machine's locales.

What was worded once is in `WORDED`, which builds keep: to load Babel, the typography and the words takes
longer than to make a page.
"""

import datetime as dt
import tomllib
from collections.abc import Callable, Mapping
from functools import cache, wraps
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from babel import Locale

_Forms = Mapping[str, str]
_Wording = TypeVar("_Wording", bound=Callable[..., Any])

WORDED: dict[tuple[object, ...], Any] = {}
"""What the functions here said, by their names and what they were asked."""


def _once(make: _Wording) -> _Wording:
    """Let *make* say the same of the same as it did the first time."""

    @wraps(make)
    def said(*of: object) -> Any:
        key = (make.__name__, *of)
        if key not in WORDED:
            WORDED[key] = make(*of)
        return WORDED[key]

    return cast(_Wording, said)


def words(language: str) -> Mapping[str, str]:
    """Return the theme's words in *language* by name; English for a language without a table.

    Those with a ``{name}`` in them are for ``str.format``. Words that count something are in `counted`.
    """
    return _words(_known(language))


@cache
def _words(language: str) -> Mapping[str, str]:
    return MappingProxyType(_table(language)[0])


@_once
def counted(name: str, number: int, language: str) -> str:
    """Return the word *name* for *number* things in its plural form: "1 article", "2 articles".

    The forms are CLDR's. *name* is ``posts_count`` or ``reading_time`` (in minutes).
    """
    forms = _table(_known(language))[1][name]
    return forms.get(_locale(_known(language)).plural_form(number), forms["other"]).format(count=number)


def shown_date(day: dt.date, language: str) -> str:
    """Return *day* as a reader of *language* writes it: "1er août 2026", "1 August 2026".

    The long form of CLDR, but for the first of a month in French. English is in British order except for
    ``en-US``.
    """
    return _date(day.toordinal(), language)


@_once
def _date(ordinal: int, language: str) -> str:
    from babel.dates import format_date

    day = dt.date.fromordinal(ordinal)
    shown = format_date(day, "long", _locale(language))
    return f"1er{shown[1:]}" if language.lower().startswith("fr") and day.day == 1 else shown


def shown_month(year: int, month: int, language: str, *, heading: bool = False) -> str:
    """Return a month as *language* writes it, "septembre 2012"; with a capital in a *heading*."""
    shown = _month(year, month, language)
    return shown[:1].upper() + shown[1:] if heading else shown


@_once
def _month(year: int, month: int, language: str) -> str:
    from babel.dates import format_skeleton

    return format_skeleton("yMMMM", dt.datetime(year, month, 1), locale=_locale(language))


@_once
def language_name(language: str) -> str:
    """Return the name of *language* in itself, or its code."""
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return language
    return locale.languages.get(str(locale)) or locale.get_display_name() or language


@_once
def direction(language: str) -> str:
    """Return how *language* is written: "ltr", or "rtl" as Arabic and Hebrew are."""
    return _locale(language).text_direction


@cache
def _tables() -> dict[str, dict[str, str | dict[str, str]]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


@_once
def _table(language: str) -> tuple[dict[str, str], dict[str, _Forms]]:
    table = _tables()[language]
    plain = {name: _set(word, language) for name, word in table.items() if isinstance(word, str)}
    forms: dict[str, _Forms] = {
        name: {form: _set(word, language) for form, word in words.items()}
        for name, words in table.items()
        if isinstance(words, dict)
    }
    return plain, forms


def _set(word: str, language: str) -> str:
    from blogops.website.typography import typeset

    # A number does not part from what it counts.
    return typeset(word, language).replace("{count} ", "{count}\u00a0")


@_once
def _known(language: str) -> str:
    """Return the language whose table has the words of *language*."""
    base = language.lower().split("-")[0]
    return base if base in _tables() else "en"


@cache
def _locale(language: str) -> "Locale":
    from babel import Locale, UnknownLocaleError

    for name in (language, language.split("-")[0]):
        try:
            return Locale.parse("en-GB" if name.lower() == "en" else name, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en", "GB")
