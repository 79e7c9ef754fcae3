"""The pure parts of the builder, as tables."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from blogops import resources
from blogops.website import dates
from blogops.website.links import file_key
from blogops.website.metadata import language_of, names
from blogops.website.slugs import same_name, slugify
from blogops.website.words import shown_date, words

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Élevage & chèvre : « L’œuvre » !", "elevage-chevre-loeuvre"),
        ("l'été -- 100 %", "lete-100"),
        ("100€", "100eur"),
        ("a/b", "ab"),
        ("--foo--", "-foo-"),
        ("naïve_snake_case", "naive_snake_case"),
        ("C++", "c"),
        ("C#", "c"),
        (".NET", "net"),
        (
            "WeasyPrint ou comment générer des PDF sans souffrir",
            "weasyprint-ou-comment-generer-des-pdf-sans-souffrir",
        ),
        ("Retours sur PyconFR 2012", "retours-sur-pyconfr-2012"),
        ("Avant – après", "avant-apres"),
        ("ﬁne ligature", "fine-ligature"),
        ("  Straße\tnach\nÅrhus  ", "strasse-nach-arhus"),
        ("日本語", ""),
        ("", ""),
    ],
)
def test_slugs_are_pelicans(text: str, slug: str) -> None:
    assert slugify(text) == slug


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Python", "python", True),
        ("Conférences", "conferences", True),
        ("open source", "Open-Source", True),
        ("C++", "C#", False),
        ("C", "C++", False),
    ],
)
def test_names_that_differ_in_writing_only_are_the_same(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2012-09-17 11:23", "2012-09-17T11:23:00+02:00"),
        ("2012-09-17_11:23", "2012-09-17T11:23:00+02:00"),
        ("2012-09-17T11:23:00Z", "2012-09-17T13:23:00+02:00"),
        ("2012-09-17 11:23 +0500", "2012-09-17T08:23:00+02:00"),
        ("2012-09-17", "2012-09-17T00:00:00+02:00"),
        ("2012/09/17", "2012-09-17T00:00:00+02:00"),
        ("20120917", "2012-09-17T00:00:00+02:00"),
        ("20120917T112300", "2012-09-17T11:23:00+02:00"),
        ("17 sep 2012", "2012-09-17T00:00:00+02:00"),
        ("Mon, 17 Sep 2012 11:23:00 +0200", "2012-09-17T11:23:00+02:00"),
        ("2012-09-17 11h23", "2012-09-17T11:23:00+02:00"),
        ("17/09/2012", "2012-09-17T00:00:00+02:00"),
        ("10-11-12", "2012-10-11T00:00:00+02:00"),
        ("17 septembre 2012 à 11h23", "2012-09-17T11:23:00+02:00"),
        ("lundi 17 sept. 2012 à 11h", "2012-09-17T11:00:00+02:00"),
        ("le 1er août 2012", "2012-08-01T00:00:00+02:00"),
        ("Mardi 14 Février 2012", "2012-02-14T00:00:00+01:00"),
        ("3 mars 2012", "2012-03-03T00:00:00+01:00"),
        ("25 déc. 2012", "2012-12-25T00:00:00+01:00"),
        ("2026-10-25 02:30", "2026-10-25T02:30:00+02:00"),
    ],
)
def test_dates_are_read(text: str, moment: str) -> None:
    date = dates.parse(text, PARIS)
    assert (date.moment.isoformat(), date.partial) == (moment, False)


@pytest.mark.parametrize(("text", "day"), [("2012-09", "2012-09-01"), ("septembre 2012", "2012-09-01")])
def test_a_partial_date_is_its_first_day_on_every_day(text: str, day: str) -> None:
    date = dates.parse(text, PARIS)
    assert (date.moment.date().isoformat(), date.partial) == (day, True)


@pytest.mark.parametrize(
    "text", ["", "hier", "2012-02-30", "11:23", "17 septembre", "lundi", "2012-09-17 10:00 CEST", "9" * 40]
)
def test_what_is_not_a_date_is_refused(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        dates.parse(text, PARIS)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("afpy, pycon, python", ("afpy", "pycon", "python")),
        ("a, b; c", ("a, b", "c")),
        ("a, b;", ("a, b",)),
        (" a ,, a , b ", ("a", "b")),
        ("", ()),
    ],
)
def test_lists_are_split_as_pelican_does(value: str, wanted: tuple[str, ...]) -> None:
    assert names(value) == wanted


@pytest.mark.parametrize(
    ("head", "language"),
    [
        ("Title\n=====\n\n:lang: en\n", "en"),
        (":lang: pt_BR", "pt-BR"),
        (":lang:\n", "fr"),
        ("Text with :lang: en inside", "fr"),
    ],
)
def test_the_language_is_known_before_reading(head: str, language: str) -> None:
    assert language_of(head, "fr") == language


def test_dates_are_shown_without_locales() -> None:
    assert shown_date(dt.date(2026, 8, 1), "fr") == "1er août 2026"
    assert shown_date(dt.date(2026, 8, 1), "en-GB") == "1 August 2026"


def test_every_language_of_the_theme_has_every_word() -> None:
    assert words("fr").keys() == words("en").keys()
    assert words("fr") != words("en") == words("de")


def test_a_link_finds_a_file_in_spite_of_spaces_and_composed_accents() -> None:
    assert file_key("cat e\u0301/b c.rst") == file_key("cat é/bc.rst")


def test_the_templates_are_found_in_a_checkout_and_in_a_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (resources.templates("site") / "base.html").is_file()
    (tmp_path / "templates/site").mkdir(parents=True)
    monkeypatch.setattr(resources, "__file__", str(tmp_path / "resources.py"))
    assert resources.templates("site") == tmp_path / "templates/site"
