"""The way back, as a program: ``blogops rollback``, and the same by itself, outside the toolkit.

`fab setup` installs the latter as ``/usr/local/lib/blogops-NAME/rollback``, from this file and the room
`releases`. It needs Debian's own Python and nothing else: no virtual environment, no blog.toml, no free disk.
"""

import getpass
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from blogops import console
from blogops.errors import ExitCode, OpsError, UsageError
from blogops.releases import Layout, Ledger, Run, State, live_id, roll_back, way_back

if TYPE_CHECKING:
    import argparse


class Way(NamedTuple):
    """A release that is there: *steps* back from the live one, or 0 where only ``--to`` leads."""

    steps: int
    id: str
    state: State
    since: str


def ways_back(layout: Layout) -> list[Way]:
    """Return the releases that are there, the newest first, and how far back each one is."""
    ledger, live = Ledger(layout.ledger), live_id(layout)
    back = way_back(layout, ledger, live)
    states = {**ledger.states(), **({live: State.LIVE} if live else {})}
    return [
        Way(
            steps=back.index(name) + 1 if name in back else 0,
            id=name,
            state=states[name],
            since=ledger.since(name),
        )
        for name in sorted(states, reverse=True)
        if layout.public(name).is_dir()
    ]


def show_ways_back(layout: Layout, *, json: bool = False) -> None:
    """Show where a rollback could go."""
    found = ways_back(layout)
    if json:
        console.report(found)
        return
    if not found:
        console.say("no release yet: `fab deploy`")
        return
    rows = [("steps", "release", "state", "since")]
    rows += [(str(way.steps or "-"), way.id, str(way.state), f"{age(way.since)} ago") for way in found]
    console.table(rows)


def asker(who: str) -> str:
    """Return *who* asks, by default the user, as the ledger can hold it."""
    try:
        return written(who or getpass.getuser())
    except (KeyError, OSError):  # of no account, as in many a container; which of the two depends on Python
        return f"user {os.getuid()}"


def written(words: str) -> str:
    """Return *words* of a command line as text that can be written down: U+FFFD for what is no UTF-8."""
    return words.encode(errors="surrogateescape").decode(errors="replace")


def go_back(layout: Layout, *, who: str, to: str = "", steps: int = 1, wait: int = 0) -> None:
    """Go back, and say how it went."""
    if steps < 1:
        raise UsageError(f"{steps} steps lead nowhere", hint="Write --steps 1 or more.")
    told = console.Steps()
    name = asker(who)
    run = Run(who=name, reason="rollback", wait=wait, begun=told.begin, tell=told.end, waiting=console.say)
    done = roll_back(layout, run, to=to, steps=steps)
    for warning in done.warnings:
        console.warn(warning)
    console.say(done.sentence, "green")


def age(made: str) -> str:
    """Return how long ago *made* (RFC 3339) is, in its largest unit."""
    if not made:
        return "?"
    return span((datetime.now(UTC) - datetime.fromisoformat(made)).total_seconds())


def span(seconds: float) -> str:
    """Return a span of time in its largest unit."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{max(int(seconds), 0)} s"


def _parsed(words: list[str]) -> "argparse.Namespace":
    import argparse  # only this program reads words by it, and every command imports this module

    parser = argparse.ArgumentParser(
        prog="rollback", description="Make an earlier release live again, and keep rebuilds from undoing it."
    )
    name = Path(sys.argv[0]).resolve().parent.name.removeprefix("blogops-")
    parser.add_argument("--root", default=f"/srv/{name}", help="the blog's folder (default: %(default)s)")
    parser.add_argument("--to", default="", help="the release's id (default: the last good one before)")
    parser.add_argument("--steps", type=int, default=1, help="how many releases to go back (default: 1)")
    parser.add_argument("--list", action="store_true", help="show where it could go, and change nothing")
    parser.add_argument("--json", action="store_true", help="with --list: print JSON")
    parser.add_argument("--who", default="", help="who asks, for the ledger (default: the user)")
    parser.add_argument("--wait", type=int, default=0, help="seconds to wait for another run (default: 0)")
    return parser.parse_args(words)


def _as_owner(root: Path) -> None:
    """Be whoever owns the blog: what root would leave behind, they could not write."""
    owner = root.stat()
    if os.geteuid() == 0 and owner.st_uid:
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)


def main() -> int:
    """Run the program; return its exit code (docs/exit-codes.md)."""
    os.umask(0o022)  # nginx and the service are other users, and read what we make
    asked = _parsed(sys.argv[1:])
    root = Path(asked.root)
    try:
        if not (root / "releases").is_dir():
            raise UsageError(f"there is no blog in {root}", hint="Name its folder: --root /srv/NAME.")
        _as_owner(root)
        layout = Layout.on_server(root)
        if asked.list:
            show_ways_back(layout, json=asked.json)
        else:
            go_back(layout, who=asked.who, to=asked.to, steps=asked.steps, wait=asked.wait)
    except OpsError as error:
        console.complain(f"error: {error}")
        return int(error.exit_code)
    return int(ExitCode.DONE)
