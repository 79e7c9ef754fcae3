"""A plan: what should be so on a server, as plain data."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blogops.provision.secret import Secret

_HERE = str(Path(__file__).parent)
_FRONT = str(Path(__file__).parents[1] / "fabtools.py")


@dataclass(frozen=True, kw_only=True)
class Action:
    """A command to run once at the end of a run, if something it belongs to changed."""

    name: str
    command: tuple[str, ...]


def reload(service: str) -> Action:
    """Return the action that makes a systemd service read its files again, for ``notify``.

    ::

        only_keys = "PasswordAuthentication no\\n"
        require.file("/etc/ssh/sshd_config.d/50-keys.conf", only_keys, notify=[reload("ssh")])
    """
    return Action(name=f"{service} reload", command=("systemctl", "reload", f"{service}.service"))


def restart(service: str) -> Action:
    """Return the action that restarts a systemd service, for ``notify``; it makes a reload needless.

    ::

        require.file("/etc/default/cron", "READ_ENV=no\\n", notify=[restart("cron")])
    """
    return Action(name=f"{service} restart", command=("systemctl", "restart", f"{service}.service"))


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One thing that should be so: its kind (a look in `blogops.agent`), name and wanted state.

    *after* names resources that it may depend on: where one of them would still change, ``--check`` says
    "unknown, after …" rather than guess. *only_if* are commands that must all succeed on the server, else
    it is left alone. An *implied* resource was required by another word, and gives way to the user's own.
    """

    kind: str
    name: str
    want: Mapping[str, Any] = field(default_factory=dict)
    notify: tuple[Action, ...] = ()
    after: tuple[str, ...] = ()
    only_if: tuple[str, ...] = ()
    where: str = ""
    implied: bool = field(default=False, compare=False)

    @property
    def title(self) -> str:
        """Its name among all kinds, as events show it."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Resources in the order they are brought about."""

    resources: tuple[Resource, ...]

    def to_json(self, **options: object) -> str:
        """Return the plan as the one line of JSON the agent reads; it holds secrets: never keep it."""
        actions = {action.name: action.command for item in self.resources for action in item.notify}
        plan = {
            **options,
            "actions": actions,
            "resources": [_sent(item) for item in self.resources],
            "secrets": sorted({secret for item in self.resources for secret in _secrets(item.want)}),
        }
        return json.dumps(plan, ensure_ascii=False, default=_revealed)


def _sent(item: Resource) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "name": item.name,
        "want": item.want,
        "notify": [action.name for action in item.notify],
        "after": item.after,
        "only_if": item.only_if,
        "where": item.where,
    }


def _revealed(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError(f"{type(value).__name__} cannot be in a plan")


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, Secret):
        yield value.line().reveal()  # what a program says of it may end there
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets(item)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended: resources looked at, how many changed (or would, or may), seconds on the server.

    *changes* names those that changed or would.
    """

    resources: int
    changed: int
    seconds: float
    unknown: int = 0
    changes: tuple[str, ...] = ()


def caller() -> str:
    """Return ``file:line`` of the line outside this package that asked for a resource."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith((_HERE, _FRONT)):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
