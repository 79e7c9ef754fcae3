"""``require.deb``: Debian packages, where they come from and what they are told while they are installed."""

import base64
import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from blogops.provision.collector import one_line, refuse, refuse_none
from blogops.provision.plan import Resource
from blogops.provision.secret import Secret

if TYPE_CHECKING:
    from blogops.provision.words import Require

_KINDS = ("string", "boolean", "select", "multiselect", "note", "text", "password")


class Deb:
    """``require.deb``: Debian packages."""

    def __init__(self, require: "Require") -> None:
        self._require = require
        self._asked: dict[str, Resource] = {}

    def package(self, name: str, *, version: str = "") -> Resource:
        """Require a Debian package to be installed, in this *version* if one is given.

        ::

            require.deb.package("imagemagick")
        """
        if not version:
            return self.packages([name])
        if not re.fullmatch(r"[A-Za-z0-9.+:~-]+", version):
            raise refuse(f'"{version}" cannot be the version of a Debian package')
        return self._add([_name(name)], {name: version})

    def packages(self, names: Sequence[str]) -> Resource:
        """Require Debian packages; those of the whole plan come in one apt transaction.

        ::

            require.deb.packages(["imagemagick", "libxml2-dev"])
        """
        refuse_none(names, "deb.packages")
        wanted = [_name(name) for name in dict.fromkeys(names) if name not in self._asked]
        return self._add(wanted, {}) if wanted else self._asked[names[0]]

    def _add(self, names: list[str], versions: Mapping[str, str]) -> Resource:
        resource = self._require.collector.add(
            "packages", ", ".join(names), {"packages": names, "versions": dict(versions)}
        )
        if not self._require.collector.conditional:
            self._asked.update(dict.fromkeys(names, resource))
        return resource

    def nopackage(self, name: str, *, purge: bool = False) -> Resource:
        """Require a Debian package not to be installed; with *purge* its configuration goes too.

        ::

            require.deb.nopackage("apache2")
        """
        return self.nopackages([name], purge=purge)

    def nopackages(self, names: Sequence[str], *, purge: bool = False) -> Resource:
        """Require Debian packages not to be installed; apt removes what depends on them as well.

        ::

            require.deb.nopackages(["apache2", "lighttpd"], purge=True)
        """
        wanted = [_name(name) for name in dict.fromkeys(names)]
        if both := [name for name in wanted if name in self._asked]:
            raise refuse(f"{both[0]} is required and not", f"first in {self._asked[both[0]].where}")
        return self._require.collector.add(
            "nopackages", ", ".join(wanted), {"packages": wanted, "purge": purge}
        )

    def uptodate_index(self, *, max_age: int = 86400) -> Resource:
        """Require apt's index to be at most *max_age* seconds old (a day), be a package missing or not.

        ::

            require.deb.uptodate_index(max_age=3600)
        """
        return self._require.collector.add("apt_index", "apt", {"max_age": max_age})

    def source(
        self, name: str, uri: str, distribution: str, *components: str, key: str | Path, source: bool = False
    ) -> Resource:
        """Require a package source, trusted for the packages signed with *key* and no others.

        *key* is the local file of the archive's public key, or its text, ASCII-armoured or binary. It is
        written to ``/etc/apt/keyrings``, and the source in deb822 form names it (sources.list(5), Signed-By).

        ::

            require.deb.source("myapp", "https://deb.example.org/", "trixie", "main", key="myapp.asc")
        """
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise refuse(f'"{name}" cannot name a package source', "Use letters, digits, - and _ only.")
        if not re.match(r"(https?|file|copy):", uri) or " " in uri:
            raise refuse(f'"{uri}" is not the address of a package source')
        if not components and not distribution.endswith("/"):
            raise refuse("a package source needs components", 'For instance "main".')
        stanza = {
            "Types": "deb deb-src" if source else "deb",
            "URIs": uri,
            "Suites": one_line(distribution),
            "Components": " ".join(components),
            "Signed-By": f"/etc/apt/keyrings/{name}.asc",
        }
        text = "".join(f"{field}: {value}\n" for field, value in stanza.items() if value)
        want = {"key": _armoured(key), "stanza": text}
        return self._require.collector.add("apt_source", name, want)

    def preseed(self, package: str, answers: Mapping[str, tuple[str, str | Secret]]) -> Resource:
        """Require debconf's *answers* for a package: question -> (type, value), set before it is installed.

        ::

            require.deb.preseed("postfix", {"postfix/mailname": ("string", "example.com")})
        """
        told = {question: (kind, _told(value)) for question, (kind, value) in answers.items()}
        for question, (kind, value) in told.items():
            if kind not in _KINDS or not re.fullmatch(r"[\w./+-]+", question):
                raise refuse(f'"{question}" with type "{kind}" is no debconf question')
            if isinstance(value, Secret) and re.search(r"[\r\n]", value.reveal()):
                raise refuse(f"the answer to {question} is more than one line")
        want = {"answers": {question: list(answer) for question, answer in told.items()}}
        return self._require.collector.add("preseed", _name(package), want)


def _told(value: str | Secret) -> str | Secret:
    return value.line() if isinstance(value, Secret) else one_line(value)


def _name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name):
        raise refuse(f'"{name}" cannot be a Debian package')
    return name


def _armoured(key: str | Path) -> str:
    """Return the key as ASCII armour, which apt reads from a file called .asc."""
    begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
    if isinstance(key, str) and key.lstrip().startswith(begin):
        return key.strip() + "\n"
    try:
        data = Path(key).read_bytes()
    except OSError as error:
        raise refuse(f"the key {key} cannot be read: {error.strerror}") from error
    if data.lstrip().startswith(begin.encode()):
        return data.decode().strip() + "\n"
    body = "\n".join(textwrap.wrap(base64.b64encode(data).decode(), 64))
    return f"{begin}\n\n{body}\n-----END PGP PUBLIC KEY BLOCK-----\n"
