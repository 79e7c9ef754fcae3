"""``require.git``: working copies."""

import re
from typing import TYPE_CHECKING

from blogops.provision.collector import absolute, account, one_line, refuse
from blogops.provision.plan import Resource
from blogops.provision.requirements import owner_of, without_password

if TYPE_CHECKING:
    from blogops.provision.words import Require


class Git:
    """``require.git``: working copies."""

    def __init__(self, require: "Require") -> None:
        self._require = require

    def working_copy(
        self, remote_url: str, path: str = "", *, branch: str = "main", update: bool = True, user: str = ""
    ) -> Resource:
        """Require a clone of *remote_url* at *path*, on *branch* and, with *update*, at its newest commit.

        It belongs to *user*, who needs to be able to read the repository without a password: by default
        to NAME where *path* lies below ``/home/NAME``, else to root. Without a *path* it lies in the home
        of *user*. It only ever goes forward: local changes are kept, and told of as an error.

        ::

            require.git.working_copy("https://git.example.org/myapp.git", user="myuser", branch="main")
        """
        place = absolute(path).rstrip("/") if path else self._default(_url(remote_url), user)
        if not place:
            raise refuse('"/" cannot be a working copy')
        owner = owner_of(place, user)
        want = {"remote_url": _url(remote_url), "branch": _branch(branch), "update": update, "user": owner}
        package = self._require.deb.package("git")
        self._require.implied_user(owner)
        with self._require.after(package):
            return self._require.collector.add("git_working_copy", place, want)

    def _default(self, url: str, user: str) -> str:
        if not user:
            raise refuse("a working copy needs a path, or a user to lie with", 'Say path="/srv/…".')
        name = re.split(r"[/:]", url.rstrip("/").removesuffix(".git"))[-1]
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name):
            raise refuse(f"{url} gives the working copy no name", 'Say path="/srv/…".')
        return f"{self._home(account(user))}/{name}"

    def _home(self, user: str) -> str:
        if item := self._require.collector.find("user", user):
            return str(item.want["home"]).rstrip("/")
        return "/root" if user == "root" else f"/home/{user}"


def _url(url: str) -> str:
    # "::" would name a transport helper, which is a program to run (gitremote-helpers(7)).
    if not url or url.startswith("-") or "::" in url.split("/")[0] or re.search(r"\s", one_line(url)):
        raise refuse(f'"{url}" is not the address of a repository')
    return without_password(url)


def _branch(name: str) -> str:
    """Return *name* if it can be a branch (git-check-ref-format(1)), else raise."""
    if re.search(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/.]|[/.]$|\.lock$|/\.", name) or name in (
        "",
        "@",
        "HEAD",
    ):
        raise refuse(f'"{name}" cannot be a branch')
    return name
