"""Dates as authors write them: Pelican's forms, and French ones."""

import contextlib
import datetime as dt
import functools
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dateutil.parser import parser

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
_NOISE = (
    r"\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|(?:lun|mer|jeu|ven|sam|dim)\b\.?|le\b|à\b|a\b)"
)
# What most authors write, and what dateutil takes it for.
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d)(?::(\d\d))?)?", re.ASCII)
# A number alone is a year or a whole date (with a time); of another length it counts seconds, or is a slip.
_NUMBER = re.compile(r"\d+")
_WHOLE_NUMBERS = {4, 8, 12, 14}


class Date(NamedTuple):
    """A moment, with the offset it was written with, or else in the site's zone.

    *partial* when a day or a month was not written. *ambiguous* when the clocks of the zone showed this time
    twice (the first is taken) or never (the clocks went forward over it; it is as long after the change).
    *zone_name* is the name of a zone that was written and not read.
    """

    moment: dt.datetime
    partial: bool
    ambiguous: bool = False
    zone_name: str = ""


@functools.lru_cache(maxsize=4096)
def parse(text: str, zone: dt.tzinfo) -> Date:
    """Return the moment that *text* names; one without an offset is in *zone*.

    The forms are those of dateutil, as in Pelican (``10-11-12`` and ``09/10/2012`` begin with the month), and
    French ones. What is not written is taken as the first (of January, of the month), never as today: a site
    does not change with the day it is built on. Raises `ValueError` when *text* is not a date.
    """
    plain = _plain(text)
    if _NUMBER.fullmatch(plain) and len(plain) not in _WHOLE_NUMBERS:
        raise ValueError("a number alone")
    unread: list[str] = []
    try:
        first, second = (
            _parsed(plain, dt.datetime(year, part, part), unread) for year, part in ((2000, 1), (2004, 2))
        )
        if first.year != second.year:
            raise ValueError("no year")
        first = first.replace(microsecond=0)  # what is due is told to the second
        moment = first if first.tzinfo else first.replace(tzinfo=zone)
        # By way of UTC: within one zone, Python leaves a time that never was as it is.
        shown = moment.astimezone(dt.UTC).astimezone(moment.tzinfo)
    except OverflowError as error:
        raise ValueError(str(error)) from error
    twice = moment.replace(fold=1).utcoffset() != moment.utcoffset()
    return Date(shown, first.date() != second.date(), twice, "".join(unread[:1]))


def local(moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """Return *moment* in *zone*, or in UTC where HTML and RFC 3339 cannot say that zone's offset then.

    It has seconds before there were time zones: +00:09:21 in Paris, until 1911.
    """
    try:
        there = moment.astimezone(zone)
    except OverflowError:  # The last day of the year 9999.
        return moment
    offset = there.utcoffset() or dt.timedelta()
    return moment.astimezone(dt.UTC) if offset % dt.timedelta(minutes=1) else there


def _parsed(text: str, default: dt.datetime, unread: list[str]) -> dt.datetime:
    if found := _ISO.fullmatch(text):
        with contextlib.suppress(ValueError):
            return dt.datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]

    def zone(name: str | None, offset: int | None) -> dt.tzinfo | None:
        # Names like CEST mean what the machine's own zone says, which differs between laptop and server.
        if offset is None:
            unread.append(name or "")
            return None
        return dt.timezone(dt.timedelta(seconds=offset))

    return _parser().parse(text, default=default, tzinfos=zone)


@functools.cache
def _parser() -> "parser":
    from dateutil.parser import parser, parserinfo  # which takes longer than a blog of plain dates needs

    class Words(parserinfo):
        def convertyear(self, year: int, century_specified: bool = False) -> int:
            """Return the year of two digits as POSIX does (69 to 99: 1900s), and not by today's date."""
            if year >= 100 or century_specified:
                return year
            return year + (1900 if year >= 69 else 2000)

    return parser(Words())


def _plain(text: str) -> str:
    plain = re.sub(r"[\s_]+", " ", text).strip()
    plain = re.sub(_NOISE, " ", plain, flags=re.IGNORECASE)
    for month, names in _MONTHS:
        plain = re.sub(rf"\b(?:{names})\b\.?", month, plain, flags=re.IGNORECASE)
    plain = re.sub(r"\b1er\b", "1", plain)
    plain = re.sub(r"\b(\d{1,2}) ?h ?(\d{2})\b(?: ?min\b)?", r"\1:\2", plain)
    return re.sub(r"\b(\d{1,2}) ?h\b", r"\1:00", plain)
