"""The vocabulary: user, group, file, directory, link, and by their names the words of the other modules.

Every word says what should be so and only collects it; the agent looks and acts on the host. Names are
those of fabtools wherever it has one (https://fabtools.readthedocs.io).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from blogops.provision.collector import Collector, absolute, account, octal, refuse, render
from blogops.provision.daemons import Cron, Nginx, Supervisor
from blogops.provision.packages import Deb, Python, Service
from blogops.provision.plan import Action, Outcome


class Require:
    """The vocabulary; `blogops.provision.on` hands it out, and fills in `outcome` when its block ends."""

    outcome: Outcome

    def __init__(self) -> None:
        self.collector = Collector()
        self.deb = Deb(self.collector)
        self.service = Service(self.collector)
        self.python = Python(self.collector)
        self.cron = Cron(self)
        self.supervisor = Supervisor(self)
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
        self.collector.add("directory", absolute(path), {"owner": owner, "group": group, "mode": octal(mode)})

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
        rights = {"owner": owner, "group": group, "mode": octal(mode)}
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
