"""Previews: a release that is kept, or the manuscript with its drafts, at an address nobody can guess."""

from blogops.errors import Refused, UsageError
from blogops.jobs.building import made
from blogops.jobs.fetching import manuscript
from blogops.jobs.place import Place
from blogops.releases import Preview, Run, attempt, drop_previews, make_preview, previews, remove_preview

_MOST = 3650  # days: ten years


def share(at: Place, run: Run, *, release: str = "", draft: bool = False, days: int = 7) -> Preview:
    """Show a *release*, or with *draft* the manuscript with what is not published, for so many *days*.

    Raises `Refused` for a release that is not there.
    """
    if bool(release) == draft:
        raise UsageError("say what to show", hint="`fab preview --id ID`, or `fab preview --draft`.")
    if days < 1:
        raise UsageError(f"{days} days are over already", hint="Write --days 1 or more.")
    if days > _MOST:
        raise UsageError(f"{days} days are more than ten years", hint=f"Write --days {_MOST} or less.")
    layout = at.layout
    reads = at.lock if draft else None
    with attempt(layout, "preview", run, keeps_word=False, reads=reads) as journal:
        drop_previews(layout)
        if draft:
            config = manuscript(at, journal, layout.checkout_aside)
            with journal.step("build"):
                made(at, config, run, layout.preview, preview=True)
        elif not (release and layout.public(release).is_dir() and "/" not in release):
            raise Refused(f"there is no release {release}", hint="See `fab releases`.")
        with journal.step("copy"):
            tree = layout.preview if draft else layout.public(release)
            return make_preview(layout, tree, what=release or "drafts", who=run.who, days=days)


def shared(at: Place) -> list[Preview]:
    """Return the previews that are there, the next to go first."""
    return previews(at.layout)


def unshare(at: Place, run: Run, token: str) -> Preview:
    """Remove a preview before its time; raise `Refused` where there is no such one."""
    with attempt(at.layout, "preview", run, keeps_word=False):
        drop_previews(at.layout)
        return remove_preview(at.layout, token)
