"""The archives: all posts by year, a year by month, a month or a day by itself."""

import datetime as dt
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from blogops.website.collection import Period
from blogops.website.frame import Frame
from blogops.website.model import Entry
from blogops.website.output import Output
from blogops.website.words import shown_date, shown_month, words

# What stands below a heading of its own in the list of a span.
_WITHIN = {"all": "year", "year": "month", "month": "", "day": ""}
_FORMS = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d"}


class Group(NamedTuple):
    """Posts below one heading; *url* is the address of a list of them alone, if there is one."""

    title: str
    url: str
    posts: tuple[Entry, ...]


def archives(frame: Frame) -> Iterator[Output]:
    """Yield the list of all posts, and that of each year, month and day that has an address."""
    urls = {_key(period.span, period.date): period.place.url for period in frame.found.periods}
    place, title = frame.places.get("archives"), words(frame.config.site.language)["archives"]
    if place:
        groups = tuple(_groups("year", frame.found.newest_first, urls, frame))
        data = (frame.way([(title, place.url)]),)
        yield frame.page(place, "the archives", "archives.html", title, groups=groups, period=None, data=data)
    for period in frame.found.periods:
        yield _period(period, urls, frame)


def _period(period: Period, urls: dict[str, str], frame: Frame) -> Output:
    name, word = _named(period.span, period.date, frame), words(frame.config.site.language)
    above = [(word["archives"], frame.places["archives"].url)] if "archives" in frame.places else []
    return frame.page(
        period.place,
        f"the archives of {_key(period.span, period.date)}",
        "archives.html",
        f"{word['archives']}{word['colon']}{name}",
        groups=tuple(_groups(_WITHIN[period.span], period.posts, urls, frame)),
        period=period,
        data=(frame.way([*above, (name, period.place.url)]),),
    )


def _groups(span: str, posts: tuple[Entry, ...], urls: dict[str, str], frame: Frame) -> Iterator[Group]:
    if not span:
        yield Group("", "", posts)
        return
    dated = ((post.date.astimezone(frame.found.zone), post) for post in posts if post.date)
    for key, group in groupby(dated, lambda pair: _key(span, pair[0])):
        pairs = list(group)
        title = _named(span, pairs[0][0], frame)
        yield Group(title, urls.get(key, ""), tuple(post for _, post in pairs))


def _key(span: str, date: dt.datetime) -> str:
    return date.strftime(_FORMS[span])


def _named(span: str, date: dt.datetime, frame: Frame) -> str:
    language = frame.config.site.language
    if span == "month":
        return shown_month(date.year, date.month, language, heading=True)
    return str(date.year) if span == "year" else shown_date(date, language)
