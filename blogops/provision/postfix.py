"""``require.postfix``: the mail server."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from blogops.provision.collector import one_line, refuse
from blogops.provision.files import check_of
from blogops.provision.plan import Resource, reload, restart
from blogops.provision.system import host_name

if TYPE_CHECKING:
    from blogops.provision.words import Require

_MAIN = "/etc/postfix/main.cf"
_PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")

# A reload is not enough for these (postconf(5)).
_NEED_RESTART = ("inet_interfaces", "inet_protocols")


class Postfix:
    """``require.postfix``: the mail server."""

    def __init__(self, require: "Require") -> None:
        self._require = require

    def server(self, mailname: str, *, settings: Mapping[str, str] | None = None) -> Resource:
        """Require postfix as an "Internet Site": mail for *mailname* stays here, other mail goes out.

        *mailname* is the domain of mail sent from here; when it changes later, postfix follows.
        *settings* are further parameters of ``main.cf`` (postconf(5)). All of ``main.cf`` that is not
        about either stays as it is, and a file that postfix refuses never counts.

        ::

            require.postfix.server("example.com")
        """
        domain = _domain(mailname)
        wanted = {**_following(domain), **_parameters(settings or {})}
        action = (restart if any(name in wanted for name in _NEED_RESTART) else reload)("postfix")
        with self._require.after(*self._before(domain)):
            package = self._require.deb.package("postfix")
        with self._require.after(package):
            self._require.service.started("postfix")
            self._require.file("/etc/mailname", f"{domain}\n", notify=[action])
            want = {"settings": wanted, "check": list(check_of(_MAIN))}
            return self._require.collector.add("postfix_settings", _MAIN, want, [action])

    def _before(self, domain: str) -> tuple[Resource, Resource]:
        """Require what postfix is told while it is installed; it cannot be on a machine with an odd name."""
        answers = {
            "postfix/main_mailer_type": ("select", "Internet Site"),
            "postfix/mailname": ("string", domain),
        }
        name = self._require.collector.add("hostname", "/etc/hostname", {"name": ""}, implied=True)
        return name, self._require.deb.preseed("postfix", answers)


def _domain(mailname: str) -> str:
    name = host_name(mailname).lower()
    if "." not in name:
        raise refuse(f'"{mailname}" is no mail domain', 'Write a whole one like "example.com".')
    return name


def _following(domain: str) -> dict[str, str]:
    """Return the parameters that have to follow the mail name."""
    return {
        "myhostname": domain,
        "myorigin": "/etc/mailname",
        # The file stands for the machine's own name, whatever it is, as Debian has it.
        "mydestination": f"$myhostname, {domain}, /etc/hostname, localhost.localdomain, localhost",
    }


def _parameters(settings: Mapping[str, str]) -> dict[str, str]:
    for name in settings:
        if not _PARAMETER.fullmatch(name):
            raise refuse(f'"{name}" cannot be a parameter of postfix', "postconf(5) lists them.")
    return {name: " ".join(one_line(str(value)).split()) for name, value in settings.items()}
