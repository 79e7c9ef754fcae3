"""``require.service``: systemd services."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from blogops.provision.collector import absolute, refuse
from blogops.provision.plan import Resource

if TYPE_CHECKING:
    from blogops.provision.words import Require


class Service:
    """``require.service``: systemd services."""

    def __init__(self, require: "Require") -> None:
        self._require = require

    def started(self, name: str) -> Resource:
        """Require a service to run now and after a reboot.

        ::

            require.service.started("nginx")
        """
        return self._add(name, "", active=True, enabled=True)

    def enabled(self, name: str) -> Resource:
        """Require a service to be started at boot, whether or not it runs now.

        ::

            require.service.enabled("fstrim.timer")
        """
        return self._add(name, " enabled", enabled=True)

    def stopped(self, name: str) -> Resource:
        """Require a service not to run, now or after a reboot; one that is not installed is as wanted.

        ::

            require.service.stopped("apache2")
        """
        return self._add(name, "", active=False, enabled=False)

    def restarted(self, name: str, *, since: Sequence[str]) -> Resource:
        """Require a service to have been started after the files in *since* last changed.

        Unlike a notification it needs no memory: the files' times and the service's are compared on the
        server, and nothing is restarted twice.

        ::

            require.service.restarted("cron", since=["/etc/environment"])
        """
        if not since:
            raise refuse("service.restarted needs the files it is about", 'Say since=["/etc/…"].')
        return self._add(name, " restarted", active=True, since=[absolute(path) for path in since])

    def _add(self, name: str, what: str, **want: object) -> Resource:
        if not re.fullmatch(r"[A-Za-z0-9@:_.-]+", name):
            raise refuse(f'"{name}" cannot be a systemd service')
        unit = name if re.search(r"\.(service|socket|timer|target|path|mount)$", name) else f"{name}.service"
        return self._require.collector.add("service", f"{name}{what}", {"unit": unit, **want})
