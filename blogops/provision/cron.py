"""``require.cron``: files in /etc/cron.d."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from blogops.provision.collector import account, one_line, refuse, render
from blogops.provision.plan import Resource

if TYPE_CHECKING:
    from blogops.provision.words import Require

# cron passes over a file with another character in its name (cron(8), Debian).
_FILE_NAME = re.compile(r"[A-Za-z0-9_-]+")
_TIME = re.compile(r"@(reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)|\S+( \S+){4}")


class Cron:
    """``require.cron``: files in /etc/cron.d."""

    def __init__(self, require: "Require") -> None:
        self._require = require

    def task(
        self,
        name: str,
        timespec: str,
        user: str,
        command: str,
        *,
        environment: Mapping[str, str] | None = None,
    ) -> Resource:
        """Require a cron task; *timespec* is five fields or a name like ``@daily`` (crontab(5)).

        *user* is required with it. A ``%`` in *command* is an ordinary character.

        ::

            require.cron.task("maintenance", "30 3 * * *", "myuser", "my_script.py")
        """
        if not _TIME.fullmatch(timespec):
            raise refuse(f'"{timespec}" is not a cron time', 'Write one like "30 3 * * *" or "@daily".')
        for key, value in (environment or {}).items():
            if not re.fullmatch(r"[A-Za-z_]\w*", key) or '"' in value:
                raise refuse(f"cron cannot set {key}={value}", "Use a plain name, and no double quotes.")
        path = _path(name)
        self._require.deb.package("cron")
        self._require.implied_user(user)
        context = {
            "timespec": timespec,
            "user": account(user),
            "command": one_line(command).replace("%", r"\%"),
            "environment": {key: one_line(value) for key, value in (environment or {}).items()},
        }
        return self._require.file(path, render("cron.j2", context))

    def daily(
        self, name: str, user: str, command: str, *, environment: Mapping[str, str] | None = None
    ) -> Resource:
        """Require a task that cron runs once a day at midnight.

        ::

            require.cron.daily("maintenance", user="myuser", command="my_script.py")
        """
        return self.task(name, "@daily", user, command, environment=environment)

    def hourly(
        self, name: str, user: str, command: str, *, environment: Mapping[str, str] | None = None
    ) -> Resource:
        """Require a task that cron runs at the start of each hour.

        ::

            require.cron.hourly("fetch-mail", user="myuser", command="fetchmail --silent")
        """
        return self.task(name, "@hourly", user, command, environment=environment)

    def absent(self, name: str) -> Resource:
        """Require that there is no cron task of this name.

        ::

            require.cron.absent("maintenance")
        """
        return self._require.absent(_path(name))


def _path(name: str) -> str:
    if not _FILE_NAME.fullmatch(name):
        raise refuse(f'cron ignores a file called "{name}"', "Use letters, digits, - and _ only.")
    return f"/etc/cron.d/{name}"
