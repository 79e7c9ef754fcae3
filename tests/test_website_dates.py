"""Dates as authors write them."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from blogops.website import dates

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2012-09-17 11:23", "2012-09-17T11:23:00+02:00"),
        ("2012-09-17_11:23", "2012-09-17T11:23:00+02:00"),
        ("2012-09-17   11:23:45", "2012-09-17T11:23:45+02:00"),
        ("2012-09-17T11:23:00Z", "2012-09-17T11:23:00+00:00"),
        ("2012-09-17T11:23:00+02:00", "2012-09-17T11:23:00+02:00"),
        ("2012-09-17 11:23 +0500", "2012-09-17T11:23:00+05:00"),
        ("2012-09-17 11:23 UTC", "2012-09-17T11:23:00+00:00"),
        ("2012-09-17", "2012-09-17T00:00:00+02:00"),
        ("2012-9-7", "2012-09-07T00:00:00+02:00"),
        ("2012/09/17", "2012-09-17T00:00:00+02:00"),
        ("20120917", "2012-09-17T00:00:00+02:00"),
        ("20120917T112300", "2012-09-17T11:23:00+02:00"),
        ("17 sep 2012", "2012-09-17T00:00:00+02:00"),
        ("17th September 2012, 11:23 pm", "2012-09-17T23:23:00+02:00"),
        ("Mon, 17 Sep 2012 11:23:00 +0200", "2012-09-17T11:23:00+02:00"),
        ("2012-09-17 11h23", "2012-09-17T11:23:00+02:00"),
        ("17/09/2012", "2012-09-17T00:00:00+02:00"),
        ("09/10/2012", "2012-09-10T00:00:00+02:00"),
        ("10-11-12", "2012-10-11T00:00:00+02:00"),
        ("99-01-02", "1999-01-02T00:00:00+01:00"),
        ("01/02/68", "2068-01-02T00:00:00+01:00"),
        ("17 septembre 2012 à 11h23", "2012-09-17T11:23:00+02:00"),
        ("17 septembre 2012 à 11 h 23 min", "2012-09-17T11:23:00+02:00"),
        ("17 sept 2012 11 h", "2012-09-17T11:00:00+02:00"),
        ("lundi 17 sept. 2012 à 11h23", "2012-09-17T11:23:00+02:00"),
        ("lun. 17 sept. 2012 à 11h", "2012-09-17T11:00:00+02:00"),
        ("le 1er août 2012", "2012-08-01T00:00:00+02:00"),
        ("1er août 2012", "2012-08-01T00:00:00+02:00"),
        ("Mardi 14 Février 2012", "2012-02-14T00:00:00+01:00"),
        ("mer. 14 mars 2012", "2012-03-14T00:00:00+01:00"),
        ("3 mars 2012", "2012-03-03T00:00:00+01:00"),
        ("12 aout 2012", "2012-08-12T00:00:00+02:00"),
        ("25 déc. 2012", "2012-12-25T00:00:00+01:00"),
    ],
)
def test_dates_are_read(text: str, moment: str) -> None:
    date = dates.parse(text, PARIS)
    assert (date.moment.isoformat(), date.partial, date.ambiguous) == (moment, False, False)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2012-09", "2012-09-01"),
        ("septembre 2012", "2012-09-01"),
        ("Sept 2012", "2012-09-01"),
        ("2012", "2012-01-01"),
    ],
)
def test_a_partial_date_is_its_first_day_on_every_day(text: str, day: str) -> None:
    date = dates.parse(text, PARIS)
    assert (date.moment.date().isoformat(), date.partial) == (day, True)


@pytest.mark.parametrize(
    ("text", "moment", "ambiguous"),
    [
        ("2026-10-25 02:30", "2026-10-25T02:30:00+02:00", True),
        ("2026-10-25 02:30 +0100", "2026-10-25T02:30:00+01:00", False),
        ("2026-10-25 03:00", "2026-10-25T03:00:00+01:00", False),
        ("2026-03-29 02:30", "2026-03-29T03:30:00+02:00", True),
        ("2026-03-29 03:00", "2026-03-29T03:00:00+02:00", False),
    ],
)
def test_a_time_shown_twice_or_never_is_told(text: str, moment: str, ambiguous: bool) -> None:
    date = dates.parse(text, PARIS)
    assert (date.moment.isoformat(), date.ambiguous) == (moment, ambiguous)


def test_the_moment_is_in_the_zone_of_the_site() -> None:
    date = dates.parse("9999-12-31 23:59", dt.UTC)
    assert date.moment == dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "hier", "lundi", "mardi", "mars", "12", "0", "3.5", "abc 2012", "demain 2012"),
        *("11:23", "17 septembre", "17 septembre vers 2012", "2012-09-17 25:00"),
        *("2012-02-30", "30 février 2012", "2012-13", "13/25/2012", "2012-W38", "2012-260"),
        *("1347873780", "1347873780000", "120917", "201209", "9" * 40),
        *("0001-01-01", "9999-12-31 23:59 -1200"),
    ],
)
def test_what_is_not_a_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        dates.parse(text, PARIS)
