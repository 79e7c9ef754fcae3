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
_NAMED = re.compile(r"@(reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)")
# Of one wrong field cron passes over the whole file; names count from the first number (crontab(5)).
_FIELDS = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, tuple("jan feb mar apr may jun jul aug sep oct nov dec".split())),
    (0, 7, tuple("sun mon tue wed thu fri sat".split())),
)
_PART = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(/\d+)?", re.ASCII)


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

        *user* is required with it. In *command* ``%`` and ``\\`` are ordinary characters.

        ::

            require.cron.task("maintenance", "30 3 * * *", "myuser", "my_script.py")
        """
        if not _NAMED.fullmatch(timespec) and not _is_time(timespec.split(" ")):
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
            "command": one_line(command).replace("\\", r"\\").replace("%", r"\%"),
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


def _is_time(fields: list[str]) -> bool:
    pairs = zip(fields, _FIELDS, strict=False)
    return len(fields) == len(_FIELDS) and all(_is_field(text, *field) for text, field in pairs)


def _is_field(text: str, least: int, most: int, names: tuple[str, ...]) -> bool:
    """Tell whether cron can read the field *text*: a list of numbers or names, ranges and steps."""
    numbers = {name: least + index for index, name in enumerate(names)}
    for part in text.split(","):
        found = _PART.fullmatch(part)
        if not found:
            return False
        first, last, step = found.groups()
        ends = [numbers.get(end.lower(), int(end) if end.isdigit() else -1) for end in (first, last) if end]
        if ends != sorted(ends) or not all(least <= end <= most for end in ends):
            return False
        if step and (len(ends) == 1 or int(step[1:]) == 0):
            return False
    return True


def _path(name: str) -> str:
    if not _FILE_NAME.fullmatch(name):
        raise refuse(f'cron ignores a file called "{name}"', "Use letters, digits, - and _ only.")
    return f"/etc/cron.d/{name}"
