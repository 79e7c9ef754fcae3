"""How it stands, on one screen: green is well, yellow is worth a look, red is wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from blogops import console
from blogops.jobs import Disk, Host, Status
from blogops.releases import Attempt, Outcome
from blogops.rollback import age, span

Row = tuple[str, str, str]  # what it is about, the words, and their colour

_ALMOST_FULL = 0.1  # of a disk is left
_SOON = 14  # days: Let's Encrypt's clients have renewed long before
_OLD_LISTS = 3  # days
_WELL = (Outcome.PUBLISHED, Outcome.UNCHANGED, Outcome.ROLLED_BACK)


def show_status(found: Status) -> None:
    """Show how it stands."""
    rows = [*_releases(found), *_ahead(found), *_behind(found), *_machine(found)]
    for title, words, colour in rows:
        console.say(f"{title:<9}  {words}", colour)
    if found.last and found.last.error:
        console.say(f"  {found.last.error}", "red")
    for warning in found.warnings:
        console.warn(warning)
    for problem in found.problems:
        console.complain(f"wrong: {problem}")


def _releases(found: Status) -> Iterator[Row]:
    live = found.live
    if live:
        yield "live", f"{live.id} for {age(found.since)}, by {live.who}: {live.reason}", "green"
        if words := commit(live.revision, live.change):
            yield "change", words, ""
    else:
        yield "live", "nothing yet: `fab deploy`", "yellow"
    yield "pinned", found.pinned or "no", "yellow" if found.pinned else ""
    if stopped := found.suspended:
        yield "suspended", stopped.sentence, "yellow"
    if found.waiting and found.pinned:
        yield "waiting", f"{found.waiting}, until the site is unpinned", "yellow"
    yield "releases", str(found.releases), ""


def commit(revision: str, change: str) -> str:
    """Return what is told of a commit of the manuscript; nothing where there is none."""
    return ", ".join(filter(None, (revision[:10], change)))


def _ahead(found: Status) -> Iterator[Row]:
    if post := found.next_post:
        yield "next post", f"{_at(post.at, found.timezone)}: {post.title or post.source}", ""
    if found.next_daily:
        yield "next run", _at(found.next_daily, found.timezone), ""


def _at(moment: str, zone: str) -> str:
    """Return a moment in the site's zone, and how far off it is."""
    try:
        at = datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))
    except ValueError:
        return moment
    seconds = (at - datetime.now(UTC)).total_seconds()
    far = f"in {span(seconds)}" if seconds >= 0 else f"{span(-seconds)} ago"
    return f"{at:%Y-%m-%d %H:%M} {zone} ({far})"


def _behind(found: Status) -> Iterator[Row]:
    for title, tried in (("rebuild", found.last_rebuild), ("deploy", found.last_deploy)):
        yield title, *_ended(tried)
    last = found.last
    if last and last not in (found.last_rebuild, found.last_deploy):
        yield last.task, *_ended(last)


def _ended(tried: Attempt | None) -> tuple[str, str]:
    if tried is None:
        return "-", ""
    words = f"{tried.outcome} after {tried.seconds:.1f} s, {age(tried.time)} ago, by {tried.who}"
    bad = tried.outcome in (Outcome.FAILED, Outcome.REVERTED)
    return words, "red" if bad else "" if tried.outcome in _WELL else "yellow"


def _machine(found: Status) -> Iterator[Row]:
    yield "disk", *_room(found.disk)
    if found.host:
        yield from _host(found.host)
    hash_ = f" ({found.toolkit})" if found.toolkit else ""
    yield "toolkit", f"blogops {found.version}{hash_}", ""


def _room(disk: Disk) -> tuple[str, str]:
    share = disk.free / disk.size if disk.size else 0.0
    words = f"{disk.free / 1e9:.1f} GB free ({share:.0%})"
    if disk.inodes:  # some file systems count none
        words += f", {disk.inodes_free} inodes free ({disk.inodes_free / disk.inodes:.0%})"
        share = min(share, disk.inodes_free / disk.inodes)
    return words, "yellow" if disk.size and share < _ALMOST_FULL else ""


def _host(host: Host) -> Iterator[Row]:
    yield "host", f"{host.name}, {host.os}", ""
    states = ", ".join(
        each.name if each.state == "active" else f"{each.name} {each.state}" for each in host.services
    )
    yield "services", states, "" if all(each.alive for each in host.services) else "red"
    yield "HTTPS", *_certificate(host.certificate)
    waiting = host.updates
    if waiting.problem:
        yield "updates", f"unknown: {waiting.problem}", "yellow"
        return
    names = ", ".join(waiting.packages)
    told = f"{len(waiting.packages)} for security: {names}" if names else "none for security"
    old = _days(waiting.looked) < -_OLD_LISTS
    yield "updates", f"{told}; apt looked {age(waiting.looked)} ago", "yellow" if names or old else ""


def _certificate(certificate: str) -> tuple[str, str]:
    if not certificate.endswith("Z"):
        return certificate, ""
    days = _days(certificate)
    far = f"in {days:.0f} d" if days >= 0 else f"{-days:.0f} d ago"
    return f"until {certificate}, {far}", "red" if days < 0 else "yellow" if days < _SOON else ""


def _days(moment: str) -> float:
    """Return how many days from now *moment* is."""
    return (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds() / 86400
