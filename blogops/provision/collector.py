"""Where the words put what they require, and what they refuse: names, paths and modes that cannot work."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import jinja2

from blogops.errors import UsageError
from blogops.provision.plan import Action, Plan, Resource, caller
from blogops.resources import templates

_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


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
                if (other.want, other.notify) == (resource.want, resource.notify):
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
