"""From a manuscript (a folder of reStructuredText) to a site (a folder of HTML)."""

from blogops.website.build import build
from blogops.website.moves import Address, Manifest, moves
from blogops.website.report import BuildReport

__all__ = ["Address", "BuildReport", "Manifest", "build", "moves"]
