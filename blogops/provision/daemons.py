"""``require.cron``, ``require.supervisor`` and ``require.nginx``: what a daemon reads, checked first."""

import re
import shlex
from typing import TYPE_CHECKING

from blogops.provision.collector import absolute, account, one_line, refuse, render
from blogops.provision.plan import Action

if TYPE_CHECKING:
    from blogops.provision.words import Require

# cron passes over a file with another character in its name (cron(8), Debian).
_FILE_NAME = re.compile(r"[A-Za-z0-9_-]+")


class Cron:
    """``require.cron``: files in /etc/cron.d."""

    def __init__(self, require: "Require") -> None:
        self._require = require

    def task(self, name: str, timespec: str, user: str, command: str) -> None:
        """Require a cron task; *timespec* is five fields or a name like ``@daily`` (crontab(5)).

        ::

            require.cron.task("maintenance", "30 3 * * *", "myuser", "my_script.py")
        """
        if not _FILE_NAME.fullmatch(name):
            raise refuse(f'cron ignores a file called "{name}"', "Use letters, digits, - and _ only.")
        if not re.fullmatch(r"@\w+|\S+( \S+){4}", timespec):
            raise refuse(f'"{timespec}" is not a cron time', 'Write one like "30 3 * * *" or "@daily".')
        context = {
            "timespec": timespec,
            "user": account(user),
            "command": one_line(command).replace("%", r"\%"),
        }
        self._require.file(f"/etc/cron.d/{name}", render("cron.j2", context))

    def daily(self, name: str, user: str, command: str) -> None:
        """Require a task that cron runs once a day at midnight.

        ::

            require.cron.daily("maintenance", user="myuser", command="my_script.py")
        """
        self.task(name, "@daily", user, command)


class Supervisor:
    """``require.supervisor``: programs that are kept running."""

    _UPDATE = Action(name="supervisor update", command=("supervisorctl", "update"))

    def __init__(self, require: "Require") -> None:
        self._require = require

    def process(
        self, name: str, *, command: str, directory: str, user: str, log: str = "", **environment: str
    ) -> None:
        """Require a program that supervisor starts, keeps running and restarts when its settings change.

        *log* takes its output (supervisor's own file by default); further keywords are its environment.

        ::

            require.supervisor.process(
                "myapp", command="/srv/app/env/bin/app", directory="/srv/app", user="myuser"
            )
        """
        if not _FILE_NAME.fullmatch(name):
            raise refuse(f'"{name}" cannot be a program name', "Use letters, digits, - and _ only.")
        if not shlex.split(command):
            raise refuse("a program needs a command")
        self._require.deb.package("supervisor")
        self._require.service.started("supervisor")
        context = {
            "name": name,
            "command": one_line(command).replace("%", "%%"),
            "directory": absolute(directory),
            "user": account(user),
            "log": log,
            "environment": {key: _quoted(value) for key, value in environment.items()},
        }
        path = f"/etc/supervisor/conf.d/{name}.conf"
        self._require.file(path, render("supervisor.conf.j2", context), notify=[self._UPDATE])
        self._require.collector.add("program", name)


def _quoted(value: str) -> str:
    """Return *value* as supervisor reads it between quotes; one that has quotes itself is refused."""
    if '"' in value:
        raise refuse(f"supervisor cannot take {value!r} in an environment", "Write it without double quotes.")
    return one_line(value).replace("%", "%%")


class Nginx:
    """``require.nginx``: the web server and its sites."""

    _CHECK = ("nginx", "-t", "-q")
    _RELOAD = Action(name="nginx reload", command=("systemctl", "reload", "nginx.service"))

    def __init__(self, require: "Require") -> None:
        self._require = require

    def server(self) -> None:
        """Require nginx to be installed and running.

        ::

            require.nginx.server()
        """
        self._require.deb.package("nginx")
        self._require.service.started("nginx")

    def site(self, name: str, contents: str) -> None:
        """Require a site: its file and its link, kept only if ``nginx -t`` accepts them.

        ::

            require.nginx.site("example.com", contents="server { listen 80; root /srv/www; }")
        """
        self.server()
        available, enabled = f"/etc/nginx/sites-available/{name}", f"/etc/nginx/sites-enabled/{name}"
        self._require.file(available, contents, check=self._CHECK, notify=[self._RELOAD])
        self._require.link(enabled, available, check=self._CHECK, notify=[self._RELOAD])

    def disabled(self, name: str) -> None:
        """Require a site not to be enabled; its file in sites-available stays.

        ::

            require.nginx.disabled("default")
        """
        self._require.absent(f"/etc/nginx/sites-enabled/{name}", notify=[self._RELOAD])
