"""The plain words: user, group, file, directory, link and the other things a host is made of.

Every word says what should be so and only collects it; the agent looks and acts on the host. Names are
those of fabtools wherever it has one (https://fabtools.readthedocs.io).
"""

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import jinja2

from blogops.errors import UsageError
from blogops.provision.plan import Action, Outcome, Plan, Resource, caller
from blogops.resources import templates

_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_CRON_NAME = re.compile(r"[A-Za-z0-9_-]+")


class Collector:
    """Takes resources in, refusing what could never work, with the line of the fabfile that asked."""

    def __init__(self) -> None:
        self._resources: list[Resource] = []

    def plan(self) -> Plan:
        """Return what was collected so far."""
        return Plan(resources=tuple(self._resources))

    def add(
        self, kind: str, name: str, want: Mapping[str, Any] | None = None, notify: Sequence[Action] = ()
    ) -> None:
        """Collect one resource; two that contradict each other are refused."""
        resource = Resource(kind=kind, name=name, want=want or {}, notify=tuple(notify), where=caller())
        for other in self._resources:
            if (other.kind, other.name) == (kind, name):
                if other.want == resource.want:
                    return
                raise UsageError(
                    f"{kind} {name} is required twice, differently",
                    where=resource.where,
                    hint=f"first in {other.where}",
                )
        self._resources.append(resource)


def refuse(problem: str, hint: str = "") -> UsageError:
    """Return the error for a word that was used wrongly, naming the user's line."""
    return UsageError(problem, where=caller(), hint=hint)


def render(template: str, context: Mapping[str, object]) -> str:
    """Return ``templates/server/TEMPLATE`` filled with *context*; an unknown name is an error."""
    environment = jinja2.Environment(  # noqa: S701 -- configuration files, not HTML
        loader=jinja2.FileSystemLoader(templates("server")),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(context)


def absolute(path: str) -> str:
    """Return *path* if it is absolute and plain, else raise."""
    if not path.startswith("/") or ".." in PurePosixPath(path).parts or "\n" in path:
        raise refuse(f'"{path}" is not an absolute path')
    return path


def account(name: str) -> str:
    """Return *name* if it can be a user or group on Debian (useradd(8)), else raise."""
    if not _NAME.fullmatch(name):
        raise refuse(f'"{name}" cannot be a user or group name')
    return name


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


class Cron:
    """``require.cron``: files in /etc/cron.d."""

    def __init__(self, collector: Collector, file: Any) -> None:
        self._collector = collector
        self._file = file

    def task(self, name: str, timespec: str, user: str, command: str) -> None:
        """Require a cron task; *timespec* is five fields or a name like ``@daily`` (crontab(5)).

        ::

            require.cron.task("maintenance", "30 3 * * *", "myuser", "my_script.py")
        """
        if not _CRON_NAME.fullmatch(name):
            raise refuse(f'cron ignores a file called "{name}"', "Use letters, digits, - and _ only.")
        if not re.fullmatch(r"@\w+|\S+( \S+){4}", timespec):
            raise refuse(f'"{timespec}" is not a cron time', 'Write one like "30 3 * * *" or "@daily".')
        context = {"timespec": timespec, "user": account(user), "command": command.replace("%", r"\%")}
        self._file(f"/etc/cron.d/{name}", render("cron.j2", context))

    def daily(self, name: str, user: str, command: str) -> None:
        """Require a task that cron runs once a day at midnight.

        ::

            require.cron.daily("maintenance", user="myuser", command="my_script.py")
        """
        self.task(name, "@daily", user, command)


class Supervisor:
    """``require.supervisor``: programs that are kept running."""

    _UPDATE = Action(name="supervisor update", command=("supervisorctl", "update"))

    def __init__(self, collector: Collector, deb: Deb, service: Service, file: Any) -> None:
        self._collector, self._deb, self._service, self._file = collector, deb, service, file

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
        if not _CRON_NAME.fullmatch(name):
            raise refuse(f'"{name}" cannot be a program name', "Use letters, digits, - and _ only.")
        if not shlex.split(command):
            raise refuse("a program needs a command")
        self._deb.package("supervisor")
        self._service.started("supervisor")
        context = {
            "name": name,
            "command": command.replace("%", "%%"),
            "directory": absolute(directory),
            "user": account(user),
            "log": log,
            "environment": environment,
        }
        path = f"/etc/supervisor/conf.d/{name}.conf"
        self._file(path, render("supervisor.conf.j2", context), notify=[self._UPDATE])
        self._collector.add("program", name)


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


class Require:
    """The vocabulary; `blogops.provision.on` hands it out, and fills in `outcome` when its block ends."""

    outcome: Outcome

    def __init__(self) -> None:
        self.collector = Collector()
        self.deb = Deb(self.collector)
        self.service = Service(self.collector)
        self.python = Python(self.collector)
        self.cron = Cron(self.collector, self.file)
        self.supervisor = Supervisor(self.collector, self.deb, self.service, self.file)
        self.nginx = Nginx(self)

    def group(self, name: str) -> None:
        """Require a group.

        ::

            require.group("editors")
        """
        self.collector.add("group", account(name))

    def user(
        self, name: str, *, home: str = "", shell: str = "/bin/bash", comment: str = "", group: str = ""
    ) -> None:
        """Require a system user; *home* is ``/home/NAME`` by default, made with the user.

        ::

            require.user("myuser", home="/home/myuser", shell="/bin/bash")
        """
        want = {"home": absolute(home or f"/home/{name}"), "shell": shell, "comment": comment, "group": group}
        self.collector.add("user", account(name), want)

    def sudoer(self, username: str, commands: Sequence[str]) -> None:
        """Require that a user may run exactly these commands as root, without a password (sudoers(5)).

        ::

            require.sudoer("myuser", commands=["/usr/bin/systemctl reload nginx.service"])
        """
        self.deb.package("sudo")
        for command in commands:
            if not command.startswith("/") or re.search(r"[,:=\\\n*]", command):
                raise refuse(f'"{command}" is not one exact command', "Write its whole path and arguments.")
        rule = f"{account(username)} ALL=(root) NOPASSWD: {', '.join(commands)}\n"
        check = ("visudo", "--check", "--quiet")
        self.file(f"/etc/sudoers.d/blogops-{username}", rule, mode="440", check=check)

    def authorized_key(self, user: str, key: str) -> None:
        """Require an SSH public key to be allowed to log in as *user*; other keys stay.

        ::

            require.authorized_key("myuser", "ssh-ed25519 AAAA… me@laptop")
        """
        if not re.fullmatch(r"(ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/=]+( [^\n]*)?", key):
            raise refuse("that is not an SSH public key", "Give the text of a .pub file, one line.")
        self.collector.add(
            "authorized_key", f"{account(user)} {key.split()[1][-12:]}", {"user": user, "key": key}
        )

    def directory(self, path: str, *, owner: str = "", group: str = "", mode: str = "755") -> None:
        """Require a directory with this owner (root by default) and mode (octal).

        ::

            require.directory("/srv/app", owner="myuser", mode="750")
        """
        self.collector.add(
            "directory", absolute(path), {"owner": owner, "group": group, "mode": _octal(mode)}
        )

    def file(
        self,
        path: str,
        contents: str,
        *,
        owner: str = "",
        group: str = "",
        mode: str = "644",
        check: Sequence[str] = (),
        notify: Sequence[Action] = (),
        secret: bool = False,
        keep: bool = False,
    ) -> None:
        """Require a file; *check* is a command that must accept it, or the old bytes come back.

        A *secret* file's contents are in no diff and no event. With *keep* the contents are only for a
        file that is not there yet; one that is keeps its own.

        ::

            require.file("/etc/motd", "Welcome.\\n", mode="644")
        """
        rights = {"owner": owner, "group": group, "mode": _octal(mode)}
        want = {"contents": contents, **rights, "check": list(check), "secret": secret, "keep": keep}
        self.collector.add("file", absolute(path), want, notify)

    def template_file(self, path: str, template: str, context: Mapping[str, object], **options: Any) -> None:
        """Require a file made from ``templates/server/TEMPLATE``; *options* are those of `file`.

        ::

            require.template_file("/etc/logrotate.d/myapp", "logrotate.j2", {"paths": ["/var/log/a.log"]})
        """
        self.file(path, render(template, context), **options)

    def link(
        self, path: str, target: str, *, check: Sequence[str] = (), notify: Sequence[Action] = ()
    ) -> None:
        """Require a symbolic link at *path* to *target*, switched by one rename.

        ::

            require.link("/srv/app/current", "releases/7")
        """
        self.collector.add("link", absolute(path), {"target": target, "check": list(check)}, notify)

    def absent(self, path: str, *, notify: Sequence[Action] = ()) -> None:
        """Require that there is no file or link at *path*; a directory is refused.

        ::

            require.absent("/etc/nginx/sites-enabled/default")
        """
        self.collector.add("absent", absolute(path), notify=notify)

    def logrotate(self, name: str, paths: Sequence[str]) -> None:
        """Require the logs at *paths* to be rotated: weekly, eight kept, compressed (logrotate(8)).

        ::

            require.logrotate("myapp", ["/var/log/myapp/*.log"])
        """
        self.deb.package("logrotate")
        self.template_file(
            f"/etc/logrotate.d/{name}", "logrotate.j2", {"paths": [absolute(p) for p in paths]}
        )


def _octal(mode: str) -> str:
    if not re.fullmatch(r"0?[0-7]{3,4}", mode):
        raise refuse(f'"{mode}" is not a mode', 'Write it in octal, like "644".')
    return mode
