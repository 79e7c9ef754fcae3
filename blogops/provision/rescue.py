"""The way back by itself: a program of Python's standard library, outside the toolkit and root's own.

When the toolkit is gone, the disk full or the manuscript lost, it still makes an earlier release live.
"""

from blogops.provision.words import Require
from blogops.provision.zipped import program

_MODULES = ("__init__.py", "errors.py", "console.py", "rollback.py", "releases")
_MAIN = "import sys\nfrom blogops.rollback import main\nsys.exit(main())\n"


def folder(name: str) -> str:
    """Return the folder of the program of the blog *name*."""
    return f"/usr/local/lib/blogops-{name}"


def path(name: str) -> str:
    """Return the path of the program of the blog *name*."""
    return f"{folder(name)}/rollback"


def describe(require: Require, name: str) -> None:
    """Require the program."""
    require.directory(folder(name))
    require.file(path(name), program(_MAIN, _MODULES), mode="755")
