"""``require.python``: virtual environments and what is in them; never the system's pip (PEP 668)."""

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from blogops.provision.collector import absolute, refuse, refuse_none
from blogops.provision.plan import Resource
from blogops.provision.requirements import owner_of, project, reference, requirement

if TYPE_CHECKING:
    from blogops.provision.words import Require

PYTHON = "/usr/bin/python3"


class Virtualenv:
    """An environment that is required; in a ``with`` block, where packages go."""

    def __init__(self, directory: str, resource: Resource, entered: list[str]) -> None:
        self.directory = directory
        self.resource = resource
        self._entered = entered

    def __enter__(self) -> "Virtualenv":
        self._entered.append(self.directory)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._entered.pop()


class Python:
    """``require.python``: virtual environments and what is installed in them."""

    def __init__(self, require: "Require") -> None:
        self._require = require
        self._entered: list[str] = []
        self._owners: dict[str, str] = {}
        # environment -> project -> what is wanted of it, and who asked
        self._wanted: dict[str, dict[str, str]] = {}
        self._asked: dict[tuple[str, str], Resource] = {}

    def virtualenv(
        self,
        directory: str,
        *,
        system_site_packages: bool = False,
        venv_python: str = PYTHON,
        user: str = "",
    ) -> Virtualenv:
        """Require a virtual environment; in a ``with`` block, packages go into it.

        It belongs to *user*: by default to NAME where it lies below ``/home/NAME``, else to root; they
        are required with it. One whose Python is gone or of another version is made anew, at its place
        and with its packages. With *system_site_packages* it sees Debian's Python packages too.

        ::

            with require.python.virtualenv("/home/myuser/env"):
                require.python.package("pyramid")
        """
        place, owner = _plain(directory), owner_of(_plain(directory), user)
        if self._owners.get(place, owner) != owner:
            raise refuse(
                f"{place} was taken to belong to {self._owners[place]}",
                "Require the environment with its user before what goes into it.",
            )
        want = {"system_site_packages": system_site_packages, "venv_python": absolute(venv_python)}
        return Virtualenv(place, self._environment(place, owner, want), self._entered)

    def package(self, name: str, *, url: str = "", virtualenv: str = "") -> Resource:
        """Require a Python package in *virtualenv*, or in that of the ``with`` block.

        *name* may have extras and versions, like ``"gunicorn[gevent]>=20,<24"``; *url* is where it comes
        from if that is not the package index. A version that is there stays as long as it will do.

        ::

            require.python.package("pyramid==2.0.2", virtualenv="/srv/app/env")
        """
        return self._install([reference(name, url) if url else requirement(name)], virtualenv)

    def packages(self, names: Sequence[str], *, virtualenv: str = "") -> Resource:
        """Require Python packages, each as in `package`; pip is asked once for all that are missing.

        ::

            require.python.packages(["pyramid", "gunicorn>=20"], virtualenv="/srv/app/env")
        """
        refuse_none(names, "python.packages")
        return self._install([requirement(name) for name in dict.fromkeys(names)], virtualenv)

    def requirements(self, filename: str, *, virtualenv: str = "") -> Resource:
        """Require what a requirements file on the server lists; pip is only asked when the file changed.

        Files that it names with ``-r`` and ``-c`` count as part of it.

        ::

            require.file("/etc/myapp-requirements.txt", "pyramid\\ngunicorn\\n")
            require.python.requirements("/etc/myapp-requirements.txt", virtualenv="/srv/app/env")
        """
        path = absolute(filename)
        place, environment = self._place(virtualenv)
        if known := self._asked.get((place, path)):
            return known
        want = {"virtualenv": place, "user": self._owners[place], "file": path, "beside": self._beside(place)}
        with self._require.after(environment):
            resource = self._require.collector.add("python_requirements", f"{path} in {place}", want)
        self._remember(place, {path: resource})
        return resource

    def locked_virtualenv(
        self, directory: str, *, lock: str, fingerprint: str, wheel: str = "", user: str = "", keep: int = 0
    ) -> Resource:
        """Require a virtual environment with exactly the packages of *lock* (pip's hash-checking mode).

        *lock* is the text of the requirements file, each line with its hashes; *fingerprint* names the
        whole content, and another one makes the environment anew. *wheel* is the file name of one wheel
        more, which is sent only if it is needed. It is made by *user* and belongs to them. With *keep*,
        making one removes its older siblings but for so many of the newest, and for those a link points to.

        ::

            require.python.locked_virtualenv(
                "/srv/app/env", lock=Path("lock.txt").read_text(), fingerprint="7"
            )
        """
        want = {"lock": lock, "fingerprint": fingerprint, "wheel": wheel, "user": user, "keep": keep}
        return self._require.collector.add("locked_virtualenv", absolute(directory), want)

    def _environment(
        self, place: str, owner: str, want: dict[str, object], *, implied: bool = False
    ) -> Resource:
        self._owners[place] = owner
        package = self._require.deb.package("python3-venv")
        self._require.implied_user(owner)
        with self._require.after(package):
            return self._require.collector.add("virtualenv", place, {"user": owner, **want}, implied=implied)

    def _place(self, virtualenv: str) -> tuple[str, Resource]:
        """Return the environment that is meant; one that nobody required yet is required now."""
        if not virtualenv and not self._entered:
            raise refuse(
                "a Python package needs a virtual environment: Debian's own Python takes none (PEP 668)",
                "Say `with require.python.virtualenv(…):`, or virtualenv=…",
            )
        place = _plain(virtualenv) if virtualenv else self._entered[-1]
        owner = self._owners.get(place) or owner_of(place, "")
        want: dict[str, object] = {"system_site_packages": False, "venv_python": PYTHON}
        return place, self._environment(place, owner, want, implied=True)

    def _install(self, requirements: list[str], virtualenv: str) -> Resource:
        place, environment = self._place(virtualenv)
        missing = [each for each in requirements if (place, each) not in self._asked]
        if not missing:
            return self._asked[place, requirements[0]]
        beside = self._beside(place)
        for each in missing:
            self._check(place, each)
        want = {
            "virtualenv": place,
            "user": self._owners[place],
            "requirements": missing,
            "beside": beside,
        }
        with self._require.after(environment):
            resource = self._require.collector.add(
                "python_packages", f"{', '.join(missing)} in {place}", want
            )
        self._remember(place, dict.fromkeys(missing, resource))
        return resource

    def _remember(self, place: str, asked: dict[str, Resource]) -> None:
        """Keep what was asked of *place*, unless it is only asked on a condition."""
        if self._require.collector.conditional:
            return
        self._asked.update({(place, each): resource for each, resource in asked.items()})
        names = {project(each): each for each in asked if not each.startswith("/")}
        self._wanted.setdefault(place, {}).update(names)

    def _check(self, place: str, text: str) -> None:
        """Refuse *text* where the plan wants the same project otherwise: two runs would undo each other."""
        other = self._wanted.get(place, {}).get(project(text), text)
        if other != text:
            where = self._asked[place, other].where
            raise refuse(f"{place} is to have {other} and {text}", f"The first is in {where}.")

    def _beside(self, place: str) -> list[str]:
        """Return what the plan wants there so far: pip must not break it for what comes now."""
        return list(self._wanted.get(place, {}).values())


def _plain(directory: str) -> str:
    place = absolute(directory).rstrip("/")
    if not place:
        raise refuse('"/" cannot be a virtual environment')
    return place
