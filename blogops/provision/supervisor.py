"""``require.supervisor``: programs that are kept running."""

import difflib
import re
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

from blogops.provision.collector import absolute, account, one_line, refuse, render
from blogops.provision.plan import Action, Resource

if TYPE_CHECKING:
    from blogops.provision.words import Require

# The settings of a [program:x] section besides those that have a word of their own
# (http://supervisord.org/configuration.html#program-x-section-values).
_OPTIONS = frozenset(
    "autorestart autostart exitcodes killasgroup priority redirect_stderr serverurl startretries "
    "startsecs stderr_capture_maxbytes stderr_events_enabled stderr_logfile stderr_logfile_backups "
    "stderr_logfile_maxbytes stderr_syslog stdout_capture_maxbytes stdout_events_enabled stdout_logfile "
    "stdout_logfile_backups stdout_logfile_maxbytes stdout_syslog stopasgroup stopsignal stopwaitsecs "
    "umask".split()
)
# They make several processes of a program, or one of another name than the program's.
_SEVERAL = frozenset("numprocs numprocs_start process_name".split())
_DEFAULTS: dict[str, str | int | bool] = {
    "autostart": True,
    "autorestart": True,
    "startsecs": 1,
    "stopasgroup": True,
    "killasgroup": True,
    "redirect_stderr": True,
}


class Supervisor:
    """``require.supervisor``: programs that are kept running."""

    def __init__(self, require: "Require") -> None:
        self._require = require

    def process(
        self,
        name: str,
        *,
        command: str,
        user: str,
        directory: str = "/",
        environment: Mapping[str, str] | None = None,
        log: str = "",
        **options: str | int | bool,
    ) -> Resource:
        """Require a program that supervisor starts, keeps running and restarts when its settings change.

        It has succeeded once the program has run for ``startsecs`` seconds (1). *user* is required with
        it. *log* takes its output (supervisor's own file by default); *options* are further settings of
        supervisor's program section, such as ``stopwaitsecs=30``.

        ::

            require.supervisor.process(
                "myapp", command="/srv/app/env/bin/app", directory="/srv/app", user="myuser"
            )
        """
        path = _path(name)
        words = _words(command)
        startsecs = str(options.get("startsecs", _DEFAULTS["startsecs"]))
        if not startsecs.isdecimal():
            raise refuse(f"startsecs cannot be {startsecs}", "Write a number of seconds.")
        context = {
            "name": name,
            "command": _value(command),
            "directory": _value(absolute(directory)),
            "user": account(user),
            "log": one_line(log),
            "options": {key: _option(key, value) for key, value in {**_DEFAULTS, **options}.items()},
            "environment": {key: _quoted(key, value) for key, value in (environment or {}).items()},
        }
        update = update_of(name)
        self._require.implied_user(user)
        with self._require.after(self._server()):
            self._require.file(path, render("supervisor.conf.j2", context), notify=[update])
            want = {"command": words[0], "directory": directory, "startsecs": int(startsecs)}
            return self._program(name, running=True, **want)

    def absent(self, name: str) -> Resource:
        """Require that supervisor has no such program; one that runs is stopped.

        ::

            require.supervisor.absent("myapp")
        """
        update = update_of(name)
        self._require.absent(_path(name), check=[], notify=[update])
        return self._program(name, running=False)

    def _program(self, name: str, **want: object) -> Resource:
        settles = [update_of(name).name, restart_of(name).name]
        return self._require.collector.add("program", name, {**want, "settles": settles})

    def _server(self) -> Resource:
        package = self._require.deb.package("supervisor")
        with self._require.after(package):
            self._require.service.started("supervisor")
        return package


def update_of(name: str) -> Action:
    """Return the action that makes supervisor take over one program's settings, and touch no other."""
    return Action(name=f"supervisor update {name}", command=("supervisorctl", "update", name))


def restart_of(name: str, *prefix: str) -> Action:
    """Return the action that restarts a program whose code changed, for ``notify``.

    It is done where the plan requires the program, which then must run again; else at the end.
    """
    command = (*prefix, "/usr/bin/supervisorctl", "restart", name)
    return Action(name=f"supervisor restart {name}", command=command)


def _path(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise refuse(f'"{name}" cannot be a program name', "Use letters, digits, - and _ only.")
    return f"/etc/supervisor/conf.d/{name}.conf"


def _option(key: str, value: str | int | bool) -> str:
    if key in _SEVERAL:
        raise refuse(f"a program is one process of its name: no {key}", "Require one for each process.")
    if key not in _OPTIONS:
        near = difflib.get_close_matches(key, _OPTIONS, n=1)
        raise refuse(f"supervisor has no setting {key}", f"Did you mean {near[0]}?" if near else "")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _value(text)


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(one_line(command))
    except ValueError as error:
        raise refuse(f"the command cannot be read: {error}", f"It is: {command}") from error
    if not words:
        raise refuse("a program needs a command")
    return words


def _value(text: str) -> str:
    """Return *text* as supervisor reads it, who expands ``%`` and cuts off what a ``#`` or ``;`` begins.

    It cuts first: a name that is expanded to nothing keeps the sign from the blank that makes it a comment.
    """
    return re.sub(r"(?<=\s)(?=[#;])", "%(program_name).0s", one_line(text).replace("%", "%%"))


def _quoted(key: str, value: str) -> str:
    """Return *value* in quotes it does not hold: supervisor has no escape, and strips both at the ends."""
    if not re.fullmatch(r"[A-Za-z_]\w*", key, re.ASCII):
        raise refuse(f'"{key}" cannot be set in an environment')
    quotes = [quote for quote in "\"'" if quote not in value]
    if not quotes or value.strip("\"'") != value:
        hint = (
            "No quote can be first or last, and not both kinds in one; have the program read it from a file."
        )
        raise refuse(f"supervisor cannot set {key} to a text with such quotes", hint)
    return f"{quotes[0]}{_value(value)}{quotes[0]}"
