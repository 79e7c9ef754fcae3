"""``require.system``: the machine's name, its languages, its time zone and its kernel's settings."""

import difflib
import re
import zoneinfo
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from blogops.provision.collector import one_line, refuse, refuse_one
from blogops.provision.plan import Action, Resource

if TYPE_CHECKING:
    from blogops.provision.words import Require

_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_LOCALE = re.compile(r"[A-Za-z]+(_[A-Z]+)?(\.[A-Za-z0-9-]+)?(@[a-z]+)?")
_KEY = re.compile(r"[A-Za-z0-9_-]+([./][A-Za-z0-9_:@-]+)+")
_KERNEL_LIMIT = 64  # bytes; sethostname(2)

# cron reads the time zone when it starts; a host without cron has nobody to tell.
_CRON = Action(
    name="cron time zone",
    command=("sh", "-c", "! systemctl --quiet is-active cron.service || systemctl restart cron.service"),
)


class System:
    """``require.system``: hostname, locales, time zone, sysctl."""

    def __init__(self, require: "Require") -> None:
        self._require = require

    def hostname(self, name: str) -> Resource:
        """Require the machine to be called *name*, now and after a reboot, and to know that name itself.

        That is ``/etc/hostname``, the kernel's name, and a line of ``/etc/hosts``. It comes before any
        package: some, like postfix, read the name while they are installed.

        ::

            require.system.hostname("web1.example.com")
        """
        if len(host_name(name)) > _KERNEL_LIMIT:
            raise refuse(f'"{name}" is longer than the {_KERNEL_LIMIT} characters a kernel takes')
        return self._require.collector.add("hostname", "/etc/hostname", {"name": name})

    def locale(self, name: str, *, default: bool = False) -> Resource:
        """Require a locale to be made; as the *default* it is that of every login, too.

        ::

            require.system.locale("fr_FR.UTF-8")
        """
        if not _LOCALE.fullmatch(name):
            raise refuse(f'"{name}" cannot be a locale', 'Write one like "fr_FR.UTF-8".')
        add = self._require.collector.add
        with self._require.after(self._require.deb.package("locales")):
            made = add("locale", name, {"locale": name, "default": False})
        if not default:
            return made
        with self._require.after(made):
            return add("locale", "of every login", {"locale": name, "default": True})

    def locales(self, names: Sequence[str]) -> list[Resource]:
        """Require several locales to be made.

        ::

            require.system.locales(["en_GB.UTF-8", "fr_FR.UTF-8"])
        """
        refuse_one(names, "system.locales")
        return [self.locale(name) for name in names]

    def default_locale(self, name: str) -> Resource:
        """Require a locale to be made, and to be that of every login.

        ::

            require.system.default_locale("fr_FR.UTF-8")
        """
        return self.locale(name, default=True)

    def timezone(self, name: str) -> Resource:
        """Require a time zone of the tz database; a cron that runs is told.

        ::

            require.system.timezone("Europe/Paris")
        """
        known = zoneinfo.available_timezones()
        if name not in known:
            raise refuse(f'there is no time zone "{name}"', _near(name, known))
        place = f"/usr/share/zoneinfo/{name}"
        with self._require.after(self._require.deb.package("tzdata")):
            # Debian 13 keeps names of old in a package of their own, and a dangling link means UTC.
            self._require.link("/etc/localtime", place, check=["test", "-e", place], notify=[_CRON])
            return self._require.file("/etc/timezone", f"{name}\n", notify=[_CRON])

    def sysctl(self, key: str, value: str | int, *, persist: bool = True) -> Resource:
        """Require a setting of the kernel now and, unless *persist* is false, after a reboot.

        ::

            require.system.sysctl("net.core.somaxconn", 4096)
        """
        if not _KEY.fullmatch(key):
            raise refuse(f'"{key}" cannot be a setting of the kernel', 'Write one like "net.core.somaxconn".')
        text = " ".join(one_line(str(int(value) if isinstance(value, bool) else value)).split())
        if not text:
            raise refuse(f"{key} needs a value")
        resource = self._require.collector.add("sysctl", key, {"path": _proc(key), "value": text})
        if persist:
            # After the kernel has taken it: a value that it refuses is not kept for the next boot.
            name = f"/etc/sysctl.d/60-blogops-{key.replace('/', '-')}.conf"
            with self._require.after(resource):
                self._require.file(name, f"{key} = {text}\n")
        return resource


def host_name(name: str) -> str:
    """Return *name* if it can be a host's by RFC 1123, else raise."""
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise refuse(f'"{name}" cannot be a host name', "Use letters, digits and - (not first, not last).")
    if labels[-1].isdigit():
        raise refuse(f'"{name}" cannot be a host name', "Its last part is a number, like an address's.")
    return name


def _near(name: str, known: Iterable[str]) -> str:
    """Return a hint: the zone that is meant by its city alone, by other capitals, or misspelt."""
    by_end = {zone.rsplit("/", 1)[-1].lower(): zone for zone in sorted(known) if "/" in zone}
    words = by_end | {zone.lower(): zone for zone in known}
    near = difflib.get_close_matches(name.lower().replace(" ", "_"), words, n=1)
    return f"Did you mean {words[near[0]]}?" if near else 'Write one like "Europe/Paris".'


def _proc(key: str) -> str:
    """Return a setting's file; where a slash separates first, dots are parts of names (sysctl(8))."""
    first = next(sign for sign in key if sign in "./")
    parts = key if first == "/" else key.translate(str.maketrans("./", "/."))
    return f"/proc/sys/{parts}"
