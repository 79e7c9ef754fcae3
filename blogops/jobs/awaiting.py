"""What the clock alone will do to the site: told by a build, kept for the minute's check, shown to people."""

import contextlib
import datetime as dt
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from blogops.config import Config
from blogops.errors import UsageError
from blogops.jobs.place import Place
from blogops.jobs.reports import Awaited, Schedule
from blogops.releases import Layout, Ledger, live_id, write_file
from blogops.watch.look import read
from blogops.watch.suspension import suspension

if TYPE_CHECKING:
    from blogops.website.report import Coming


def daily(after: dt.datetime, at: str, zone: dt.tzinfo) -> dt.datetime:
    """Return the first moment after *after* at which the clocks of *zone* show *at* (``HH:MM``), in UTC.

    A time that they leave out comes as long after the change as it should have come after midnight; of one
    that they show twice, it is the first.
    """
    hour, minute = map(int, at.split(":"))
    first = after.astimezone(zone).date() - dt.timedelta(days=1)
    days = (first + dt.timedelta(days=number) for number in range(4))
    moments = (dt.datetime.combine(day, dt.time(hour, minute), zone).astimezone(dt.UTC) for day in days)
    return next(moment for moment in moments if moment > after)


def due_of(coming: "tuple[Coming, ...]", config: Config, now: dt.datetime) -> str:
    """Return due.json as the build of the moment *now* has it (docs/schedule.md)."""
    told = {
        "built": _told(now),
        "next": _told(coming[0].at) if coming else None,
        "daily": _told(daily(now, config.rebuild.at, ZoneInfo(config.site.timezone))),
        "coming": [{**each._asdict(), "at": _told(each.at)} for each in coming],
    }
    return json.dumps(told, ensure_ascii=False) + "\n"


def tell_due(layout: Layout, warnings: list[str]) -> None:
    """Let what the last build told count; where it cannot be written, the next check builds again."""
    try:
        write_file(layout.due, layout.coming.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        warnings.append(f"{layout.due}: cannot be written, so the site is rebuilt once more: {error}")
        with contextlib.suppress(OSError):  # it is recorded already, and the old one asks for a rebuild, too
            layout.due.unlink(missing_ok=True)


def schedule(at: Place) -> Schedule:
    """Tell what will appear and expire, as the last build that counted has it."""
    layout, zone = at.layout, _zone(at)
    due, paused = read(str(layout.due)), suspension(layout)
    try:
        coming = tuple(_awaited(each, zone) for each in due.get("coming", ()))
        built, next_day = str(due.get("built", "")), str(due.get("daily", ""))
        local = _local(next_day, zone) if next_day else ""
    except (AttributeError, KeyError, TypeError, ValueError):  # damaged: the next check builds again
        coming, built, next_day, local = (), "", "", ""
    return Schedule(
        deployed=bool(live_id(layout)),
        zone=str(zone),
        built=built,
        daily=next_day,
        daily_local=local,
        coming=coming,
        pinned=Ledger(layout.ledger).pinned(),
        suspended=paused.sentence if paused else "",
    )


def _zone(at: Place) -> ZoneInfo:
    try:
        return ZoneInfo(at.config().site.timezone)
    except UsageError:  # on a server that nothing was sent to yet
        return ZoneInfo("UTC")


def _awaited(told: Mapping[str, Any], zone: ZoneInfo) -> Awaited:
    return Awaited(**{"local": _local(told["at"], zone), **told})


def _told(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _local(told: str, zone: ZoneInfo) -> str:
    try:
        return dt.datetime.fromisoformat(told).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z")
    except OverflowError:  # in the last hours of the year 9999
        return told
