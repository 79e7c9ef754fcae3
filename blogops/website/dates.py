"""Dates as authors write them: Pelican's forms, and French ones."""

import datetime as dt
import re
from dataclasses import dataclass

from dateutil import parser

_MONTHS = (
    ("jan", r"janvier|janv"),
    ("feb", r"f[ée]vrier|f[ée]vr|f[ée]v"),
    ("mar", r"mars"),
    ("apr", r"avril|avr"),
    ("may", r"mai"),
    ("jun", r"juin"),
    ("jul", r"juillet|juil"),
    ("aug", r"ao[ûu]t"),
    ("sep", r"septembre|sept"),
    ("oct", r"octobre"),
    ("nov", r"novembre"),
    ("dec", r"d[ée]cembre|d[ée]c"),
)
_NOISE = r"\b(?:(?:lun|mar|mer|jeu|ven|sam)(?:di|credi|dredi)|jeudi|vendredi|samedi|dimanche|le|à|a)\b"


@dataclass(frozen=True)
class Date:
    """A moment in the site's zone; *partial* when a day or a month was not written."""

    moment: dt.datetime
    partial: bool


def parse(text: str, zone: dt.tzinfo) -> Date:
    """Return the moment that *text* names; one without an offset is in *zone*.

    What is not written is taken as the first (of January, of the month), never as today: a site does not
    change with the day it is built on. Raises `ValueError` when *text* is not a date.
    """
    plain = _plain(text)
    first, second = (_parsed(plain, dt.datetime(year, part, part)) for year, part in ((2000, 1), (2004, 2)))
    if first.year != second.year:
        raise ValueError("no year")
    moment = first if first.tzinfo else first.replace(tzinfo=zone)
    return Date(moment.astimezone(zone), partial=first.date() != second.date())


def _parsed(text: str, default: dt.datetime) -> dt.datetime:
    try:
        return parser.parse(text, default=default, tzinfos=_zone)
    except OverflowError as error:
        raise ValueError(str(error)) from error


def _zone(name: str | None, offset: int | None) -> dt.tzinfo | None:
    # Names like CEST mean what the machine's own zone says, which differs between laptop and server.
    if name and offset is None:
        raise ValueError(f"unknown zone {name}")
    return None if offset is None else dt.timezone(dt.timedelta(seconds=offset))


def _plain(text: str) -> str:
    plain = re.sub(r"[\s_]+", " ", text).strip()
    plain = re.sub(_NOISE, " ", plain, flags=re.IGNORECASE)
    for month, names in _MONTHS:
        plain = re.sub(rf"\b(?:{names})\b\.?", month, plain, flags=re.IGNORECASE)
    plain = re.sub(r"\b1er\b", "1", plain)
    plain = re.sub(r"\b(\d{1,2}) ?h ?(\d{2})\b", r"\1:\2", plain)
    return re.sub(r"\b(\d{1,2}) ?h\b", r"\1:00", plain)
