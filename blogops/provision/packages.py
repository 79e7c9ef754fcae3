"""``require.deb``, ``require.python`` and ``require.service``: what is installed and started."""

import re
from collections.abc import Sequence

from blogops.provision.collector import Collector, absolute, refuse


class Deb:
    """``require.deb``: Debian packages."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._asked: set[str] = set()

    def package(self, name: str) -> None:
        """Require a Debian package to be installed.

        ::

            require.deb.package("imagemagick")
        """
        self.packages([name])

    def packages(self, names: Sequence[str]) -> None:
        """Require Debian packages; those of the whole plan come in one apt transaction.

        ::

            require.deb.packages(["imagemagick", "libxml2-dev"])
        """
        for name in names:
            if not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name):
                raise refuse(f'"{name}" cannot be a Debian package')
        wanted = [name for name in names if name not in self._asked]
        if wanted:
            self._asked.update(wanted)
            self._collector.add("packages", ", ".join(wanted), {"packages": wanted})


class Service:
    """``require.service``: systemd services."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def started(self, name: str) -> None:
        """Require a service to run now and after a reboot.

        ::

            require.service.started("nginx")
        """
        self._collector.add("service", name)


class Python:
    """``require.python``: virtual environments."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def virtualenv(
        self, directory: str, *, lock: str, fingerprint: str, wheel: str = "", user: str = "", keep: int = 0
    ) -> None:
        """Require a virtual environment with exactly the packages of *lock* (pip's hash-checking mode).

        *lock* is the text of the requirements file, each line with its hashes; *fingerprint* names the
        whole content, and another one makes the environment anew. *wheel* is the file name of one wheel
        more, which is sent only if it is needed. It is made by *user* and belongs to them. With *keep*,
        making one removes its older siblings but for so many of the newest, and for those a link points to.

        ::

            require.python.virtualenv("/srv/app/env", lock=Path("lock.txt").read_text(), fingerprint="7")
        """
        want = {"lock": lock, "fingerprint": fingerprint, "wheel": wheel, "user": user, "keep": keep}
        self._collector.add("virtualenv", absolute(directory), want)
