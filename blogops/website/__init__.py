"""From a manuscript (a folder of reStructuredText) to a site (a folder of HTML)."""

from blogops.website.build import BuildReport, build

__all__ = ["BuildReport", "build"]
