"""The manuscript becomes a site: the one that may be released, or one to be looked at."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from blogops.config import Config
from blogops.jobs.awaiting import due_of
from blogops.jobs.place import Place
from blogops.jobs.reports import Build
from blogops.releases import Run, write_file

if TYPE_CHECKING:
    from blogops import website


def built(at: Place, config: Config, run: Run) -> Build:
    """Build ``work/site``, and its manifest beside it; what was built before counts no more meanwhile."""
    # A build that was cut off here may have left the manifest of another one.
    is_whole = at.layout.built.is_file() and at.layout.manifest.is_file()
    at.layout.built.unlink(missing_ok=True)
    now = datetime.now(UTC)
    report = made(at, config, run, at.layout.site, now=now, may_skip=is_whole)
    if report.manifest:
        write_file(at.layout.manifest, report.manifest.json)
    at.layout.coming.write_text(due_of(report.coming, config, now), encoding="utf-8")
    at.layout.built.write_text(report.newest)
    _count(at, report)
    return told(report)


def _count(at: Place, report: "website.BuildReport") -> None:
    """Write down what metrics tell of the site, where it is another than before."""
    posts = {"published": report.posts, "draft": report.drafts, "scheduled": report.scheduled}
    text = json.dumps({**posts, "pages": report.pages})
    if not at.layout.counts.is_file() or at.layout.counts.read_text() != text:
        write_file(at.layout.counts, text)


def made(
    at: Place,
    config: Config,
    run: Run,
    out: Path,
    *,
    now: datetime | None = None,
    may_skip: bool = True,
    preview: bool = False,
    keep_going: bool = False,
) -> "website.BuildReport":
    """Build the manuscript into *out*, as it is due *now*."""
    from blogops import website  # which a rollback need not pay

    return website.build(
        config,
        out,
        now=now or datetime.now(UTC),
        cache=at.layout.cache,
        may_skip=may_skip,
        preview=preview,
        keep_going=keep_going,
        progress=run.progress,
    )


def told(report: "website.BuildReport") -> Build:
    """Return what is reported of a build."""
    return Build(
        posts=report.posts,
        drafts=report.drafts,
        scheduled=report.scheduled,
        expired=report.expired,
        pages=report.pages,
        newest=report.newest,
        warnings=report.warnings,
        site=report.site,
        stages=report.stages,
        slowest=report.slowest,
    )
