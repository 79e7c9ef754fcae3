"""From a manuscript (a folder of reStructuredText) to a site (a folder of HTML)."""

from blogops.website.build import BuildReport, build
from blogops.website.moves import Address, Manifest, moves

__all__ = ["Address", "BuildReport", "Manifest", "build", "moves"]
