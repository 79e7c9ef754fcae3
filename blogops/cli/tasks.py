"""The tasks of ``blogops``: thin, like those of the fabfile; `showing` says what they found."""

from dataclasses import asdict
from pathlib import Path

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from blogops import console, jobs
from blogops.authoring.tasks import CHECK, look
from blogops.cli.screen import show_status
from blogops.cli.showing import (
    row,
    show,
    show_attempt,
    show_build,
    show_closely,
    show_plan,
    show_previews,
    show_schedule,
    show_timetable,
)
from blogops.errors import ExitCode, Failed, UsageError
from blogops.jobs import Wishes
from blogops.releases import DEPLOY, Ledger, Run, check_user
from blogops.rollback import age, asker, go_back, show_ways_back, written
from blogops.tasks import friendly
from blogops.watch.suspension import resume, suspend

_ROOT = {"root": "the blog's folder: /srv/NAME, or one with a blog.toml (default: BLOGOPS_ROOT, else here)"}
_WHO = {"who": "who asks, for the ledger (default: the user)"}
_QUIET = {"quiet": "say nothing unless something went wrong"}
_WAIT = {"wait": "seconds to wait for another run to end (default: 0)"}


def _run(who: str, reason: str, *, quiet: bool = False, wait: int = 0) -> Run:
    name, why = asker(who), written(reason)
    if quiet:
        return Run(who=name, reason=why, wait=wait)
    told = console.Steps()
    return Run(
        who=name,
        reason=why,
        wait=wait,
        begun=told.begin,
        tell=told.end,
        waiting=console.say,
        progress=told.progress,
    )


_LOOKS = {
    "profile": "tell where the time went, by stage, and the ten slowest posts",
    "verbose": "tell how docutils is sped up, and what could not be",
}


_PREVIEW = {
    "preview": "show drafts and scheduled posts too, into work/preview, which is never released",
    "keep_going": "with --preview: leave out what is broken, say so, and build the rest",
}


@task(help=_ROOT | _WHO | _WAIT | _PREVIEW | _LOOKS)
@friendly
def build(
    context: Context,
    root: str = "",
    preview: bool = False,
    keep_going: bool = False,
    profile: bool = False,
    verbose: bool = False,
    who: str = "",
    wait: int = 0,
) -> None:
    """Build the site into work/site and publish nothing."""
    if keep_going and not preview:
        raise UsageError(
            "--keep-going is for previews: a release has all of its posts, or is none",
            hint="Say `blogops build --preview --keep-going`.",
        )
    run = _run(who, "by hand", wait=wait)
    made = (
        jobs.preview(jobs.place(root), run, keep_going=keep_going)
        if preview
        else jobs.build(jobs.place(root), run)
    )
    for warning in made.warnings:
        console.warn(warning)
    show_build(made)
    show_closely(made, profile=profile, verbose=verbose)


_WISHES = {
    "force": "publish what the gate holds up; it says what is overridden",
    "strict": "look for dead links in the whole site, not only in what changed",
    "unpin": "publish although the site is pinned since a rollback, and unpin it",
}


@task(help=_ROOT | _WHO | _WAIT | _WISHES)
@friendly
def release(
    context: Context,
    root: str = "",
    who: str = "",
    wait: int = 0,
    force: bool = False,
    strict: bool = False,
    unpin: bool = False,
) -> None:
    """Publish what `blogops build` made."""
    wishes = Wishes(force=force, strict=strict, unpin=unpin)
    show(jobs.release(jobs.place(root), _run(who, DEPLOY, wait=wait), wishes))


@task(
    help=_ROOT
    | _WHO
    | _QUIET
    | _WAIT
    | _WISHES
    | _LOOKS
    | {"reason": "why, for the ledger; `deploy` is refused while the site is pinned"}
)
@friendly
def rebuild(
    context: Context,
    root: str = "",
    reason: str = "by hand",
    who: str = "",
    quiet: bool = False,
    force: bool = False,
    strict: bool = False,
    unpin: bool = False,
    profile: bool = False,
    verbose: bool = False,
    wait: int = 0,
) -> None:
    """Build the site and publish it, unless it is the same, broken, or pinned."""
    wishes = Wishes(force=force, strict=strict, unpin=unpin)
    report = jobs.rebuild(jobs.place(root), _run(who, reason, quiet=quiet, wait=wait), wishes)
    show(report, quiet=quiet)
    show_closely(report.build, profile=profile, verbose=verbose)


@task(
    help=_ROOT
    | _WAIT
    | _WISHES
    | {
        "source": "the folder of another manuscript than the blog's own",
        "diff": "compare the text of each changed page, too",
        "json": "print JSON",
    }
)
@friendly
def plan(
    context: Context,
    root: str = "",
    source: str = "",
    diff: bool = False,
    json: bool = False,
    force: bool = False,
    strict: bool = False,
    unpin: bool = False,
    wait: int = 0,
) -> None:
    """Show what a deploy would change, and change nothing; 10 if anything would, 4 if it would be refused."""
    wishes = Wishes(force=force, strict=strict, unpin=unpin)
    run = _run("", DEPLOY, quiet=json, wait=wait)
    found = jobs.plan(jobs.place(root, source), run, wishes, diff=diff)
    if json:
        console.report(found)
    else:
        show_plan(found)
    if found.refused:
        raise Exit(code=int(ExitCode.FAILED))
    if not found.same_as:
        raise Exit(code=int(ExitCode.WOULD_CHANGE))


@task(
    help=_ROOT
    | _WHO
    | _WAIT
    | {
        "id": "the release to show",
        "draft": "show the manuscript with its drafts and scheduled posts",
        "days": "for how many days (default: 7)",
        "list": "list the previews",
        "remove": "remove the preview whose token begins so",
        "source": "the folder of another manuscript than the blog's own",
        "json": "print JSON",
    }
)
@friendly
def preview(
    context: Context,
    root: str = "",
    id: str = "",
    draft: bool = False,
    days: int = 7,
    list: bool = False,
    remove: str = "",
    source: str = "",
    json: bool = False,
    who: str = "",
    wait: int = 0,
) -> None:
    """Show a release, or the drafts, at an address that nobody can guess."""
    at, run = jobs.place(root, source), _run(who, "preview", quiet=json, wait=wait)
    if remove:
        found = [jobs.unshare(at, run, remove)]
    else:
        found = jobs.shared(at) if list else [jobs.share(at, run, release=id, draft=draft, days=days)]
    if remove and not json:
        console.say(f"removed: {found[0].what}")
        return
    show_previews(found, at.config().site.url, json=json)


@task(
    help=_ROOT
    | _WHO
    | _WAIT
    | {
        "to": "the release's id (default: the last good one before the live one)",
        "steps": "how many releases to go back (default: 1)",
        "list": "show where it could go, and change nothing",
        "json": "with --list: print JSON",
    }
)
@friendly
def rollback(
    context: Context,
    root: str = "",
    to: str = "",
    steps: int = 1,
    list: bool = False,
    json: bool = False,
    who: str = "",
    wait: int = 0,
) -> None:
    """Make an earlier release live again and keep rebuilds from undoing it."""
    at = jobs.place(root)
    if list:
        show_ways_back(at.layout, json=json)
    else:
        go_back(at.layout, who=who, to=to, steps=steps, wait=wait)


@task(help=_ROOT | _WHO | _WAIT | {"check": "only tell whether it is pinned; 10 if it is"})
@friendly
def unpin(context: Context, root: str = "", check: bool = False, who: str = "", wait: int = 0) -> None:
    """Let scheduled rebuilds publish again after a rollback."""
    if check:
        pinned = Ledger(jobs.place(root).layout.ledger).pinned()
        console.say(f"pinned {pinned}" if pinned else "nothing is pinned")
        raise Exit(code=int(ExitCode.WOULD_CHANGE if pinned else ExitCode.DONE))
    was_pinned = jobs.unpin(jobs.place(root), _run(who, "unpin", wait=wait))
    console.say("unpinned: rebuilds publish again" if was_pinned else "nothing was pinned")


@task(
    positional=["action"],
    help=_ROOT
    | _WHO
    | {
        "action": "list (what is rebuilt by itself, and when), suspend, resume, or run (now, as cron would)",
        "why": "with suspend: why, for whoever looks",
        "json": "with list: print JSON",
    },
)
@friendly
def cron(
    context: Context, action: str, root: str = "", why: str = "", who: str = "", json: bool = False
) -> None:
    """Look after the rebuilds that come by themselves: list, suspend, resume, run."""
    at = jobs.place(root)
    if action == "list":
        show_timetable(jobs.timetable(at), json=json)
    elif action == "suspend":
        begun = suspend(at.layout, who=asker(who), why=written(why))
        console.say(f"suspended {begun.sentence}; `fab cron resume` ends it")
    elif action == "resume":
        console.say(_RESUMED if resume(at.layout) else "nothing was suspended")
    elif action == "run":
        from blogops.watch.check import check  # with all that sends messages

        raise Exit(code=check(at.layout.root, by_hand=True))
    else:
        raise UsageError(f'"{action}" is nothing to do', hint="Write list, suspend, resume or run.")


_RESUMED = "resumed: what was missed is made up for within a minute"


@task(help=_ROOT | _WHO)
@friendly
def alert_test(context: Context, root: str = "", who: str = "") -> None:
    """Send a message by every channel of [alerts], to see that it comes; 4 if one does not take it."""
    from blogops.watch.check import try_channels

    results = try_channels(jobs.place(root).layout.root, asker(who))
    console.table([(name, problem or "taken") for name, problem in results.items()])
    if any(results.values()):
        raise Failed("not every channel took the message", hint="Scheduled rebuilds go on all the same.")


@task(help=_ROOT | CHECK)
@friendly
def check(
    context: Context, root: str = "", json: bool = False, strict: bool = False, external: bool = False
) -> None:
    """Look for what is wrong with the blog: dead links, unknown metadata, ...; 4 if there are errors."""
    at = jobs.place(root)
    check_user(at.layout)  # it remembers what it read
    look(at.config(), json=json, strict=strict, external=external)


@task(help=_ROOT | {"json": "print JSON"})
@friendly
def releases(context: Context, root: str = "", json: bool = False) -> None:
    """List the releases, the newest first."""
    found = jobs.releases(jobs.place(root))
    if json:
        console.report(found)
    elif not found:
        console.say("no release yet: `fab deploy`")
    else:
        rows = [("", "release", "state", "age", "by", "why")]
        rows += [
            ("*" if item.state == "live" else "", item.id, item.state, age(item.made), item.who, item.reason)
            for item in found
        ]
        console.table(rows)


_LAST = 20  # attempts that `log` shows


@task(
    help=_ROOT
    | {
        "id": "one attempt, whole: its number, or the release it was about",
        "all": "all of them, not only the last twenty",
        "json": "print JSON",
    }
)
@friendly
def log(context: Context, root: str = "", id: str = "", all: bool = False, json: bool = False) -> None:
    """Show what was tried, the newest last: who, why, how long, and what came of it."""
    found = jobs.log(jobs.place(root), id)
    if not (id or all):
        found = found[-_LAST:]
    if json:
        console.report(found)
    elif id:
        for each in found:
            show_attempt(each)
    elif not found:
        console.say("nothing was tried yet: `fab deploy`")
    else:
        rows = [("", "time", "task", "by", "why", "seconds", "outcome", "release")]
        console.table(rows + [row(each) for each in found])


@task(help=_ROOT | {"json": "print JSON"})
@friendly
def status(context: Context, root: str = "", json: bool = False) -> None:
    """Tell how the blog and its machine stand; 4 if something is wrong (docs/status.md)."""
    found = jobs.status(jobs.place(root))
    if json:
        console.report(found)
    else:
        show_status(found)
    if found.problems:
        raise Exit(code=int(ExitCode.FAILED))


@task(help=_ROOT | {"json": "print JSON"})
@friendly
def schedule(context: Context, root: str = "", json: bool = False) -> None:
    """List what appears and what expires by itself, and when the site is rebuilt next."""
    found = jobs.schedule(jobs.place(root))
    if json:
        console.report(found)
    else:
        show_schedule(found)


@task(
    name="import",
    positional=["what", "path"],
    help={
        "what": 'the tool the blog was made with: "pelican"',
        "path": "the folder of its pelicanconf.py",
        "to": "the folder that gets the blog.toml (default: that of pelicanconf.py)",
        "force": "write over a blog.toml that is there",
        "json": "print JSON",
    },
)
@friendly
def import_(
    context: Context, what: str, path: str, to: str = "", force: bool = False, json: bool = False
) -> None:
    """Write a blog.toml from the settings of a Pelican blog, and tell what does not come over."""
    if what != "pelican":
        raise UsageError(
            f'"{what}" is not a tool to import from', hint="Write `blogops import pelican PATH`."
        )
    from blogops import pelican

    report = pelican.import_settings(Path(path), to=Path(to) if to else None, force=force)
    if json:
        console.report(asdict(report))
        return
    for line in report.sentences():
        console.say(line)


TASKS = (
    *(build, check, plan, preview, release, rebuild, rollback, unpin, cron, alert_test),
    *(releases, log, status, schedule, import_),
)
