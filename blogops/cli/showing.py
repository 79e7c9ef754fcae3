"""What the tasks of ``blogops`` found, as a person reads it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from blogops import console, jobs
from blogops.cli.screen import commit
from blogops.jobs import Build, Plan, Published, Schedule, Timetable
from blogops.releases import Attempt, Outcome, Preview

_SENTENCES = {
    Outcome.PUBLISHED: "{release} is live",
    Outcome.UNCHANGED: "nothing changed: {release} has these bytes already",
    Outcome.WAITING: "{release} is ready and not published: the site is pinned since a rollback"
    " (`fab deploy --unpin` or `fab unpin`)",
}


def show_closely(made: Build | None, *, profile: bool, verbose: bool) -> None:
    """Show where the time of a build went, and how docutils is sped up."""
    if verbose:
        console.say(jobs.docutils_told())
    if not (profile and made):
        return
    if not made.stages:
        console.say("nothing had changed, so nothing was measured; touch a post, or remove work/cache")
    for title, rows in (("stage", made.stages), ("slowest to read", made.slowest)):
        if rows:
            console.table([(title, "seconds"), *((name, f"{seconds:7.3f}") for name, seconds in rows)])


def show_build(made: Build) -> None:
    """Show what was built."""
    console.say(
        f"posts: {made.posts}, pages of the site: {made.pages}, "
        f"kept back: {made.drafts} as draft, {made.scheduled} for later"
        + (f", {made.expired} expired" if made.expired else "")
    )


def show(report: Published, *, quiet: bool = False) -> None:
    """Show what came of a release or a rebuild; if *quiet*, only what is not as it should be."""
    for warning in [*(report.build.warnings if report.build else ()), *report.warnings]:
        console.warn(warning)
    if quiet:
        return
    if report.revision:
        console.say(f"revision {commit(report.revision, report.change)}")
    if report.build:
        show_build(report.build)
    if report.unpinned:
        console.say("The site was pinned by a rollback; this deploy unpins it.", "yellow")
    if report.moved or report.gone:
        console.say(f"old addresses: {report.moved} moved, {report.gone} gone")
    console.say(_SENTENCES[report.outcome].format(release=report.release), "green")


def row(each: Attempt) -> tuple[str, ...]:
    """Return an attempt as a row of `console.table`."""
    took, outcome = f"{each.seconds:7.2f}", str(each.outcome)
    return (str(each.number), each.time, each.task, each.who, each.reason, took, outcome, each.release)


def show_attempt(each: Attempt) -> None:
    """Show an attempt whole."""
    console.say(f"{each.number}: {each.task} by {each.who} at {each.time} ({each.reason})", "bold")
    for name, seconds in each.steps:
        console.say(f"  {name:9} {seconds:6.2f} s", "dim")
    if each.revision:
        console.say(f"  revision {commit(each.revision, each.change)}")
    before = f", before it {each.before}" if each.before else ""
    console.say(f"  {each.outcome} after {each.seconds:.2f} s: {each.release or 'no release'}{before}")
    for warning in each.warnings:
        console.say(f"  warning: {warning}", "yellow")
    if each.error:
        console.say(f"  {each.error}", "red")


_KINDS = (("added", "+", "green"), ("changed", "~", ""), ("removed", "-", "red"))


def show_timetable(found: Timetable, *, json: bool = False) -> None:
    """Show what is rebuilt by itself, and when."""
    if json:
        console.report(found)
        return
    last = found.last
    rows = [
        ("each minute", "what is due, what was missed" if found.installed else "no: run `fab setup`"),
        ("each day", f"at {found.at} ({found.zone}), next {found.next_daily or 'within a minute'}"),
        ("next due", found.next_due or "-"),
        ("last", f"{last.time}: {last.outcome} after {last.seconds:.2f} s" if last else "-"),
        ("failing", f"since {found.failing}" if found.failing else "no"),
        ("suspended", found.suspended or "no"),
    ]
    console.table(rows)


def show_plan(found: Plan) -> None:
    """Show what a deploy would do."""
    for warning in found.warnings:
        console.warn(warning)
    if not found.same_as:
        _show_changes(found)
    elif found.same_as == found.before:
        console.say(f"nothing would change: {found.same_as} has these bytes already", "green")
    else:
        console.say(f"{found.same_as} has these bytes already, and {found.before or 'nothing'} is live")
    for problem in found.refused:
        console.complain(f"would be refused: {problem}")
    if not (found.same_as or found.refused):
        console.say(
            f"a deploy would publish {found.content[:8]} in place of {found.before or 'nothing'}", "green"
        )


def _show_changes(found: Plan) -> None:
    diffs = dict(found.diffs)
    for kind, mark, colour in _KINDS:
        pages, others = getattr(found, kind), getattr(found, f"other_{kind}")
        console.say(f"{kind}: {len(pages)} pages, {len(others)} other files", "bold")
        for address in (*pages, *(f"/{name}" for name in others)):
            console.say(f"  {mark} {address}", colour)
            _show_diff(diffs.get(address, ""))
    _show_redirects(found)
    _show_headers(found)


def _show_diff(diff: str) -> None:
    for line in diff.splitlines():
        console.say(f"      {line}", {"+": "green", "-": "red"}.get(line[:1], "dim"))


def _show_redirects(found: Plan) -> None:
    if not (found.redirects or found.redirects_dropped):
        return
    console.say(f"old addresses: {len(found.redirects)} new, {len(found.redirects_dropped)} dropped", "bold")
    for old, new in found.redirects:
        console.say(f"  + {old} -> {new}", "green")
    for old in found.redirects_dropped:
        console.say(f"  - {old}", "red")


def _show_headers(found: Plan) -> None:
    if not (found.headers or found.headers_dropped):
        return
    console.say(f"headers: {len(found.headers)} new or changed, {len(found.headers_dropped)} dropped", "bold")
    for path, name, value in found.headers:
        console.say(f"  + {path} {name}: {value}", "green")
    for path, name in found.headers_dropped:
        console.say(f"  - {path} {name}", "red")


def show_previews(found: Sequence[Preview], site: str, *, json: bool = False) -> None:
    """Show where previews are, and until when."""
    root = site.rstrip("/")
    told = [each._asdict() | {"url": f"{root}{each.path}", "until": _moment(each)} for each in found]
    if json:
        console.report(told)
    elif not told:
        console.say("no preview")
    for each in [] if json else told:
        console.say(each["url"], "green")
        console.say(f"  {each['what']}, for {each['who']}, until {each['until']}")


def _moment(preview: Preview) -> str:
    until = max(0, min(preview.until, _LAST))
    return f"{datetime.fromtimestamp(until, UTC):%Y-%m-%dT%H:%M:%SZ}"


_LAST = 253402300799  # seconds since 1970: the last that a calendar of four digits knows


def show_schedule(found: Schedule) -> None:
    """Show what appears and expires by itself, and what keeps it waiting."""
    if not found.built:
        deployed = "nothing is known of what comes until the next rebuild"
        console.say(deployed if found.deployed else "nothing comes: nothing was deployed yet")
    else:
        moments = [(each.at, each.local, each.what, each.title, each.address) for each in found.coming]
        moments.append((found.daily, found.daily_local, "rebuild", "the daily one", ""))
        shown = [(_until(each[0]), each[1], each[0], *each[2:]) for each in sorted(moments)]
        rows = [("in", found.zone, "UTC", "what", "", ""), *shown]
        console.table(rows)
        if not found.coming:
            console.say("nothing is scheduled, and nothing expires")
    if found.pinned:
        console.say(f"What comes is built and waits: the site is pinned {found.pinned}", "yellow")
    if found.suspended:
        console.say(f"What comes waits: scheduled rebuilds are suspended {found.suspended}", "yellow")


def _until(at: str) -> str:
    """Return how long it is until *at* (RFC 3339), in its two largest units."""
    minutes = -int((datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds() // 60)
    if minutes <= 0:
        return "due"
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
