"""Writes docs/reliability.md from what a run has measured: ``report.py NUMBERS.json PAGE.md``."""

import json
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PAGE = """# Reliability

`make reliability` boots a blank Debian 13, makes it a small blog, has readers ask nginx for its pages without
end, and meanwhile does to it what servers meet. It writes this page and removes the machine. A run that loses
one request, or shows one page of another release than it says, fails.

Last run: {date}, commit {commit}, Linux {kernel}, {cores} cores, machine under nspawn, {minutes} minutes.

| what | measured |
|---|---|
| requests while all that went on, but for the unhealthy releases below | {requests} |
| of these lost: no answer, not 200, a body of two releases, or not of the one in `X-Release` | {lost} |
| switches between two releases under load | {switches} |
| a rollback on the server, the median of {rollbacks} and the slowest | {rollback} s, {slowest} s |
| the same with 0 bytes and 0 inodes free, toolkit and manuscript deleted, the slower of two | {full} s |
| added to the disk by 60 nights without a change | {added} bytes ({share} %) |
| addresses that answered 304 after them | {addresses} of {addresses} |
| ten deploys at once, half of them with `--wait` | {published} published, {busy} refused as busy, 0 lost |

## Faults

After each one the site is whole (every file of the live release is asked of nginx and compared), nobody holds
the lock, and every line of the ledger is one; the next deploy, which does not wait, publishes what was asked,
and the next rollback goes to what was live before. Nobody mends anything in between but what was broken
outside the blog: nginx comes back, and room on the disk.

| fault | injected | survived |
|---|---|---|
{faults}

- Signals come before and after every step of a deploy, of a scheduled rebuild and of a rollback; SIGKILL also
  within steps, as between the new link and its rename.
- The disk is an ext4 of its own, full before each step of a deploy and of a rollback.
- The connection is cut at the server and at the laptop, while the deploy builds and while it verifies.
- What lies about: links of killed switches, a `current` that leads nowhere or is a folder (which is refused),
  half releases, whole ones that no ledger knows, other tools' folders, a line that was cut off, ...

The cut connections, laptops with wrong clocks, three people at once and the rollback without disk are `fab`
over SSH. The others are the same `blogops` commands, run inside by a process that strikes at the step.

## Unhealthy releases

How long a release was live that nginx did not serve as it should, or readers saw something wrong, whichever
is longer; the promise is five seconds. Of the last two, which are the server's fault, it is the former: the
old release is no better there, and the new one not marked bad.

| what nginx does with the new release | seconds |
|---|---|
{outages}

## Are the checks any good?

They hold, and fail, each as it should, once the engine has a part of another tool in it:

{noticed}

## What this does not show

A power cut (in what order things reach the disk is the file system's word), a disk that breaks, a network
that loses packets, Debian 12, blogs of thousands of posts. The readers are {readers} threads on the same
computer: "0 lost" is of the requests above, and no more.
"""
WORDS = {
    "disk full: both": "no byte and no inode left",
    "disk full: bytes": "no byte left",
    "disk full: inodes": "no inode left",
    "leftover": "something lies about",
    "unhealthy": "the site is unhealthy",
    "unreadable": "it may not read it",
    "page gone": "a page is missing in it",
    "another site answers": "another site answers in its place",
    "nginx hangs": "its workers hang",
}
READERS = 4


def page(told: dict[str, Any]) -> str:
    """Return the page."""
    nights, at_once, injected = told["nights"], told["at_once"], told["injected"]
    return PAGE.format(
        **{name: told[name] for name in ("date", "commit", "kernel", "cores", "lost", "switches")},
        minutes=f"{told['seconds'] / 60:.1f}",
        requests=f"{told['requests']:,}",
        rollbacks=len(told["rollbacks"]),
        rollback=f"{statistics.median(told['rollbacks']):.3f}",
        slowest=f"{max(told['rollbacks']):.3f}",
        full=f"{max(told['rollbacks_on_a_full_disk']):.3f}",
        added=nights["added"],
        share=f"{100 * nights['added'] / nights['disk']:.1f}",
        addresses=nights["addresses"],
        published=at_once["published"],
        busy=at_once["busy"],
        faults=_rows((name, count, told["survived"].get(name, 0)) for name, count in injected.items()),
        outages=_rows((name, f"{seconds:.1f}") for name, seconds in told["outages"].items()),
        noticed="\n".join(f"- {name}" for name in told["noticed"]),
        readers=READERS,
    )


def _rows(rows: Iterable[tuple[str, *tuple[object, ...]]]) -> str:
    return "\n".join(f"| {WORDS.get(name, name)} | {' | '.join(map(str, rest))} |" for name, *rest in rows)


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(page(json.loads(Path(sys.argv[1]).read_text())))
