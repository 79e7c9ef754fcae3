"""From a blank Debian VM to a live blog written in reStructuredText."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("blogops")
except PackageNotFoundError:  # a checkout that nobody installed
    __version__ = "0+checkout"
