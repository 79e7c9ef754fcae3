"""Groups, users, what they may do as root, and the keys that log in as them."""

import re
from collections.abc import Sequence

from blogops.provision.collector import absolute, account, one_line, refuse, refuse_one
from blogops.provision.files import Files
from blogops.provision.plan import Resource

# On every Debian, by /usr/share/base-passwd; no plan has to make them.
SYSTEM_ACCOUNTS = frozenset(
    "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc nobody".split()
)
_KEY = re.compile(r"(ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/=]+( [^\n]*)?")


class Accounts(Files):
    """``require.group``, ``user``, ``nouser``, ``sudoer``, ``authorized_keys``."""

    def group(self, name: str, *, gid: int | None = None, system: bool = False) -> Resource:
        """Require a group, with this number if one is given.

        ::

            require.group("editors")
        """
        return self.collector.add("group", account(name), {"gid": gid, "system": system})

    def user(
        self,
        name: str,
        *,
        comment: str = "",
        home: str = "",
        create_home: bool = True,
        group: str = "",
        extra_groups: Sequence[str] = (),
        system: bool = False,
        shell: str = "/bin/bash",
        uid: int | None = None,
        ssh_public_keys: Sequence[str] = (),
    ) -> Resource:
        """Require a user without a password; *home* is ``/home/NAME`` by default, made with the user.

        *group* is the main group, one of its own by default. A user who is there already keeps every
        file and group, and gets the home, shell, number and *extra_groups* asked for.

        ::

            require.user("myuser", shell="/bin/bash", extra_groups=["www-data"])
        """
        refuse_one(extra_groups, "extra_groups")
        for each in (group, *extra_groups):
            if each and each not in SYSTEM_ACCOUNTS:
                self.collector.add("group", account(each), {"gid": None, "system": False}, implied=True)
        want = {
            "comment": one_line(comment).replace(":", " "),
            "home": absolute(home or f"/home/{name}"),
            "create_home": create_home,
            "group": group,
            "extra_groups": list(extra_groups),
            "system": system,
            "shell": absolute(shell),
            "uid": uid,
        }
        resource = self.collector.add("user", account(name), want)
        if ssh_public_keys:
            self.authorized_keys(name, ssh_public_keys)
        return resource

    def implied_user(self, name: str) -> None:
        """Require *name* as another word takes it for granted: there, or made with the defaults of `user`."""
        if account(name) not in SYSTEM_ACCOUNTS:
            self.collector.add("user", name, {"implied": True, "home": f"/home/{name}"}, implied=True)

    def nouser(self, name: str) -> Resource:
        """Require that there is no such user; their home and their processes go too.

        ::

            require.nouser("myuser")
        """
        if account(name) in SYSTEM_ACCOUNTS:
            raise refuse(f"{name} belongs to Debian and stays")
        return self.collector.add("nouser", name)

    def sudoer(
        self, username: str, commands: Sequence[str] = (), *, operators: str = "root", passwd: bool = False
    ) -> Resource:
        """Require that a user may run exactly these commands as *operators*, by default root (sudoers(5)).

        ``commands=["ALL"]`` is every command. With *passwd* they are asked for their password. The rule is
        checked by ``visudo`` before it counts.

        ::

            require.sudoer("myuser", commands=["/usr/bin/systemctl reload nginx.service"])
        """
        self.deb.package("sudo")
        if not commands:
            raise refuse("a sudoer needs commands", 'Name them, or say commands=["ALL"].')
        for command in commands:
            if command != "ALL" and (not command.startswith("/") or re.search(r"[,:=\\\n*?#^[\]]", command)):
                raise refuse(f'"{command}" is not one exact command', "Write its whole path and arguments.")
        tag = "PASSWD" if passwd else "NOPASSWD"
        who = operators if operators == "ALL" else account(operators)
        rule = f"{account(username)} ALL=({who}) {tag}: {', '.join(commands)}\n"
        return self.file(f"/etc/sudoers.d/blogops-{username}", rule, mode="440")

    def authorized_keys(self, user: str, keys: Sequence[str], *, exclusive: bool = False) -> Resource:
        """Require these SSH public keys to be allowed to log in as *user*.

        Other keys stay, unless *exclusive*: then these are the only ones. Mind that your own is among them.

        ::

            require.authorized_keys("myuser", ["ssh-ed25519 AAAA… me@laptop"])
        """
        self.implied_user(user)
        for key in keys:
            if not _KEY.fullmatch(key.strip()):
                raise refuse("that is not an SSH public key", "Give the text of a .pub file, one line.")
        if not keys:
            raise refuse("authorized_keys needs at least one key")
        want = {"user": user, "keys": [key.strip() for key in keys], "exclusive": exclusive}
        return self.collector.add("authorized_keys", account(user), want)
