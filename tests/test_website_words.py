"""The theme's words and shown dates."""

import datetime as dt
import string
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from blogops.website.words import counted, language_name, shown_date, shown_month, words

TABLES = tomllib.loads((Path(__file__).parents[1] / "blogops/website/words.toml").read_text(encoding="utf-8"))


def names_in(word: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(word)} - {None}


@pytest.mark.parametrize("language", ["fr", "en", "de", "es", "it", "pt", "nl"])
def test_every_table_has_every_word(language: str) -> None:
    own, english = TABLES[language], TABLES["en"]
    assert own.keys() == english.keys()
    for name, word in english.items():
        if isinstance(word, str):
            assert own[name] and names_in(own[name]) == names_in(word), name
        else:
            assert {"one", "other"} <= own[name].keys()
            assert all(names_in(form) == {"count"} for form in own[name].values())


def test_no_word_hides_behind_a_method_of_mappings() -> None:
    assert not [name for name in words("en") if hasattr({}, name)]


def test_words_are_set_by_their_language() -> None:
    assert words("fr")["colon"] == "\u00a0: "
    assert words("fr-CA")["empty"] == "Rien n’est encore publié."
    assert words("fr")["permalink"].format(title="L’été") == "Lien permanent vers «\u00a0L’été\u00a0»"
    assert words("en")["permalink"] == "Permanent link to “{title}”"
    assert words("pt-BR") is words("pt")
    assert words("ja") is words("en")
    assert words("frr") is words("en")


@pytest.mark.parametrize(
    ("name", "number", "language", "shown"),
    [
        ("posts_count", 0, "fr", "0\u00a0article"),
        ("posts_count", 1, "fr", "1\u00a0article"),
        ("posts_count", 2, "fr", "2\u00a0articles"),
        ("posts_count", 1_000_000, "fr", "1000000\u00a0articles"),
        ("posts_count", 0, "en", "0\u00a0posts"),
        ("posts_count", 1, "en-GB", "1\u00a0post"),
        ("posts_count", 0, "it", "0\u00a0articoli"),
        ("posts_count", 1, "ja", "1\u00a0post"),
        ("reading_time", 3, "fr", "3\u00a0min de lecture"),
    ],
)
def test_words_count(name: str, number: int, language: str, shown: str) -> None:
    assert counted(name, number, language) == shown


@pytest.mark.parametrize(
    ("day", "language", "shown"),
    [
        (dt.date(2026, 8, 1), "fr", "1er août 2026"),
        (dt.date(2026, 8, 11), "fr", "11 août 2026"),
        (dt.date(2026, 8, 1), "fr-CA", "1er août 2026"),
        (dt.date(2012, 9, 17), "en", "17 September 2012"),
        (dt.date(2012, 9, 17), "en-GB", "17 September 2012"),
        (dt.date(2012, 9, 17), "en-US", "September 17, 2012"),
        (dt.date(2012, 9, 17), "de", "17. September 2012"),
        (dt.date(2012, 9, 17), "es", "17 de septiembre de 2012"),
        (dt.date(2012, 9, 17), "it", "17 settembre 2012"),
        (dt.date(2012, 9, 17), "pt-BR", "17 de setembro de 2012"),
        (dt.date(2012, 9, 17), "nl", "17 september 2012"),
        (dt.date(2012, 9, 17), "de-XX", "17. September 2012"),
        (dt.date(2012, 9, 17), "qq", "17 September 2012"),
    ],
)
def test_dates_are_shown_as_people_write_them(day: dt.date, language: str, shown: str) -> None:
    assert shown_date(day, language) == shown


def test_months_are_shown() -> None:
    assert shown_month(2012, 9, "fr") == "septembre 2012"
    assert shown_month(2012, 8, "fr", heading=True) == "Août 2012"
    assert shown_month(2012, 9, "en") == "September 2012"
    assert shown_month(2012, 9, "es") == "septiembre de 2012"


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("fr", "français"),
        ("en", "English"),
        ("de", "Deutsch"),
        ("en-GB", "British English"),
        ("pt-BR", "português (Brasil)"),
        ("qq", "qq"),
        ("nonsense!", "nonsense!"),
    ],
)
def test_a_language_is_named_in_itself(language: str, name: str) -> None:
    assert language_name(language) == name


def test_the_machines_locale_is_not_asked() -> None:
    program = (
        "import datetime as dt; from blogops.website.words import *;"
        "print(ascii(shown_date(dt.date(2026, 8, 1), 'fr')), language_name('de'),"
        "counted('posts_count', 2, 'en'))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"LC_ALL": locale, "LANG": locale, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for locale in ("C", "de_DE.UTF-8", "nonsense")
    }
    assert said == {"'1er ao\\xfbt 2026' Deutsch 2\u00a0posts\n"}
