"""Headers that travel with a release: nginx's maps of them, and root's program that writes them."""

from blogops.provision.rescue import folder
from blogops.provision.words import Require
from blogops.provision.zipped import program

_MODULES = ("__init__.py", "errors.py", "console.py", "headers")
_MAIN = "import sys\nfrom blogops.headers.program import main\nsys.exit(main({name!r}))\n"


def maps(name: str) -> str:
    """Return the folder of nginx's maps for the blog *name*."""
    return f"/etc/nginx/blogops-{name}"


def path(name: str) -> str:
    """Return the program that the blog's user may run as root: it reads the releases and writes the maps."""
    return f"{folder(name)}/headers"


def describe(require: Require, name: str) -> None:
    """Require the program and the folder."""
    require.directory(maps(name))
    require.file(path(name), program(_MAIN.format(name=name), _MODULES), mode="755")
