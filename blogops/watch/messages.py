"""What the owner is told, in words: it fails, it goes well again, something waits."""

from dataclasses import dataclass
from typing import Any

from blogops.releases import Attempt, Layout, Ledger, live_id
from blogops.watch.look import read, utc

FAILED, RECOVERED, WAITING, TEST = "failed", "recovered", "waiting", "test"
_MOST = 6000  # characters of a message, about a hundred lines


@dataclass(frozen=True, kw_only=True)
class Message:
    """What happened to which *site*, in a line (*title*) and whole (*text*); *kind* is for programs.

    *error* is what the run said was wrong, *live* the release that readers see.
    """

    kind: str
    site: str
    title: str
    text: str
    error: str = ""
    live: str = ""


def failed(site: str, layout: Layout, lines: list[str], code: int, now: int) -> Message:
    """Return the message on a scheduled rebuild that said *lines* and ended with *code*."""
    error = _error(lines, code)
    parts = [
        f"The scheduled rebuild of {site} failed at {utc(now)}. Live is, as before:\n{_live(layout)}",
        error,
        _overdue(layout, now),
        "It is tried again after 1, 2, 4, … minutes, at last each hour. You hear of it when it goes well.",
        f"To look further: `fab status`, `fab log`, and on the server {_log(layout)}.",
    ]
    if lines and "\n".join(lines) != error:
        parts.append("The last lines of the run:\n" + "\n".join(f"    {line}" for line in lines))
    return _message(FAILED, site, "the scheduled rebuild failed", parts, error=error, live=live_id(layout))


def recovered(site: str, layout: Layout, since: int, now: int) -> Message:
    """Return the message that scheduled rebuilds go well again, with what the last one warned of.

    It may be that it passed over the release that failed.
    """
    warned = [f"    {each}" for last in Ledger(layout.ledger).attempts[-1:] for each in last.warnings]
    parts = [
        f"The scheduled rebuild of {site}, which failed since {utc(since)}, went well at {utc(now)}.",
        "\n".join(["It warned:", *warned]) if warned else "",
        f"Live now:\n{_live(layout)}",
    ]
    return _message(RECOVERED, site, "scheduled rebuilds go well again", parts, live=live_id(layout))


def waiting(site: str, layout: Layout, made: Attempt, pinned: str, due: list[str]) -> Message:
    """Return the message that the release *made* waits, since the site is pinned."""
    parts = [
        f"{made.release} is ready and not published: {site} is pinned {pinned}.\nLive:\n{_live(layout)}",
        "\n".join(["What became due:", *due]) if due else "",
        "`fab unpin` lets rebuilds publish again, `fab deploy --unpin` publishes at once.",
    ]
    return _message(WAITING, site, "a release waits while the site is pinned", parts, live=live_id(layout))


def test(site: str, layout: Layout, who: str, now: int) -> Message:
    """Return a message to try the channels with."""
    parts = [f"This is how blogops tells of {site}: a test, by {who} at {utc(now)}. Nothing is wrong."]
    return _message(TEST, site, "a test", parts, live=live_id(layout))


def overdue(layout: Layout, now: int) -> list[str]:
    """Return in words what was to appear or to go by *now*, as far as the last good run knew."""
    coming = read(str(layout.due)).get("coming") or []
    return [_named(each) for each in coming if str(each.get("at")) <= utc(now)]


def _named(each: dict[str, Any]) -> str:
    return f"    {each.get('title')} ({each.get('source')}) {each.get('what')} at {each.get('at')}"


def _overdue(layout: Layout, now: int) -> str:
    found = overdue(layout, now)
    return "\n".join(["Overdue:", *found]) if found else ""


def _message(
    kind: str, site: str, what: str, parts: list[str], *, error: str = "", live: str = ""
) -> Message:
    text = "\n\n".join(filter(None, parts)) + "\n"
    title = f"{site.rpartition('//')[2]}: {what}"
    return Message(kind=kind, site=site, title=title, text=text[:_MOST], error=error[:_MOST], live=live)


def _error(lines: list[str], code: int) -> str:
    start = next((number for number, line in enumerate(lines) if line.startswith("error:")), None)
    if start is not None:
        return "\n".join(lines[start:])
    return f"It said no more, and ended with {_code(code)}."


def _code(code: int) -> str:
    if code == 124:
        return "code 124: it took longer than it may"
    return f"code {code}" + (", killed by a signal: out of memory?" if code in (-9, 137) else "")


def _live(layout: Layout) -> str:
    live = live_id(layout)
    return f"    {live}, since {Ledger(layout.ledger).since(live)}" if live else "    nothing yet"


def _log(layout: Layout) -> str:
    return f"/var/log/blogops/{layout.root.name}-rebuild.log"
