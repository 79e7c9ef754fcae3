"""Where the words put what they require, and what they refuse: names, paths and modes that cannot work."""

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from blogops.errors import UsageError
from blogops.provision.plan import Action, Plan, Resource, caller
from blogops.resources import templates

_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")

# The machine's name, package sources, preseeded answers and the index come before the one transaction that
# needs them.
_FIRST = ("hostname", "apt_key", "apt_source", "preseed", "apt_index")


class Collector:
    """Takes resources in, refusing what could never work, with the line of the fabfile that asked."""

    def __init__(self) -> None:
        self._resources: dict[str, Resource] = {}
        self._after: tuple[str, ...] = ()
        self._only_if: tuple[str, ...] = ()
        self._notify: tuple[Action, ...] = ()

    def plan(self) -> Plan:
        """Return what was collected so far, in the order it is brought about."""
        found = list(self._resources.values())
        found.sort(key=lambda item: item.kind not in _FIRST)  # stable: all else stays in the user's order
        return Plan(resources=tuple(found))

    def add(
        self,
        kind: str,
        name: str,
        want: Mapping[str, Any] | None = None,
        notify: Sequence[Action] = (),
        *,
        implied: bool = False,
    ) -> Resource:
        """Collect one resource and return it; two that contradict each other are refused.

        An *implied* one is what a word takes for granted; it stands at the place of its first use, and
        what the user requires of the same name, sooner or later, takes that place.
        """
        resource = Resource(
            kind=kind,
            name=name,
            want=want or {},
            notify=tuple(dict.fromkeys((*notify, *self._notify))),
            after=() if implied else self._after,
            only_if=() if implied else self._only_if,
            where=caller(),
            implied=implied,
        )
        other = self._resources.get(resource.title)
        if other is None or (other.implied and not implied):
            self._resources[resource.title] = resource
            return resource
        if implied or dataclasses.replace(resource, where=other.where, after=other.after) == other:
            return other
        raise UsageError(
            f"{kind} {name} is required twice, differently",
            where=resource.where,
            hint=f"first in {other.where}",
        )

    def find(self, kind: str, name: str) -> Resource | None:
        """Return what was collected of this kind and name."""
        return self._resources.get(f"{kind} {name}")

    @contextlib.contextmanager
    def scope(
        self, *, after: Sequence[Resource] = (), only_if: Sequence[str] = (), notify: Sequence[Action] = ()
    ) -> Iterator[None]:
        """Give what is collected in the block these besides its own."""
        outer = self._after, self._only_if, self._notify
        self._after += tuple(resource.title for resource in after if resource.title not in self._after)
        self._only_if += tuple(only_if)
        self._notify += tuple(notify)
        try:
            yield
        finally:
            self._after, self._only_if, self._notify = outer

    @property
    def conditional(self) -> bool:
        """Tell whether what is collected now depends on a condition."""
        return bool(self._only_if)


def refuse(problem: str, hint: str = "") -> UsageError:
    """Return the error for a word that was used wrongly, naming the user's line."""
    return UsageError(problem, where=caller(), hint=hint)


def refuse_one(given: str | Sequence[str], of: str, kind: str = "names") -> None:
    """Refuse one text where *of* needs a list of a *kind*: each of its signs would be taken for one."""
    if isinstance(given, str):
        raise refuse(f"{of} needs a list of {kind}", f'Write ["{given}"].' if given else "")


def refuse_none(given: str | Sequence[str], of: str, kind: str = "names") -> None:
    """Refuse what `refuse_one` does, and a list of nothing."""
    refuse_one(given, of, kind)
    if not given:
        raise refuse(f"{of} needs a list of {kind}")


def render(template: str, context: Mapping[str, object]) -> str:
    """Return ``templates/server/TEMPLATE`` filled with *context*; an unknown name is an error."""
    import jinja2  # 17 ms that a fabfile without templates need not wait for

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
    if not path.startswith("/") or ".." in PurePosixPath(path).parts or re.search(r"[\n\r\0]", path):
        raise refuse(f'"{path}" is not an absolute path')
    return path


def account(name: str) -> str:
    """Return *name* if it can be a user or group on Debian (useradd(8)), else raise."""
    if not _NAME.fullmatch(name):
        raise refuse(f'"{name}" cannot be a user or group name')
    return name


def octal(mode: str) -> str:
    """Return *mode* if it is a file mode in octal, else raise."""
    if not re.fullmatch(r"0?[0-7]{3,4}", mode):
        raise refuse(f'"{mode}" is not a mode', 'Write it in octal, like "644".')
    return mode


def one_line(text: str) -> str:
    """Return *text* if it is one line, else raise: a second line would be another setting, or another job."""
    if "\n" in text or "\r" in text:
        raise refuse(f"{text!r} is more than one line")
    return text
