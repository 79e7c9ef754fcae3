"""The manuscript becomes `work/site`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blogops.config import Config
from blogops.jobs.place import Place
from blogops.jobs.reports import Build
from blogops.releases import Run, write_file

if TYPE_CHECKING:
    from blogops import website


def built(at: Place, config: Config, run: Run) -> Build:
    """Build the site, and its manifest beside it; what was built before counts no more meanwhile."""
    from blogops import website  # which a rollback need not pay

    at.layout.built.unlink(missing_ok=True)
    report = website.build(
        config,
        at.layout.site,
        now=datetime.now(UTC),
        cache=at.layout.cache,
        may_skip=at.layout.manifest.is_file(),
        progress=run.progress,
    )
    if report.manifest:
        write_file(at.layout.manifest, report.manifest.to_json())
    at.layout.built.write_text(report.newest)
    return told(report)


def told(report: "website.BuildReport") -> Build:
    """Return what is reported of a build."""
    return Build(
        posts=report.posts,
        drafts=report.drafts,
        scheduled=report.scheduled,
        pages=report.pages,
        newest=report.newest,
        warnings=report.warnings,
        site=report.site,
        stages=report.stages,
        slowest=report.slowest,
    )
