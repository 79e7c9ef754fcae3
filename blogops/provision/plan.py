"""A plan: what should be so on a server, as plain data."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_HERE = str(Path(__file__).parent)


@dataclass(frozen=True, kw_only=True)
class Action:
    """A command to run once at the end of a run, if something it belongs to changed."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One thing that should be so: its kind (a look in `blogops.agent`), name and wanted state."""

    kind: str
    name: str
    want: Mapping[str, Any] = field(default_factory=dict)
    notify: tuple[Action, ...] = ()
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Resources in the order they are brought about."""

    resources: tuple[Resource, ...]

    def to_json(self, *, check: bool = False) -> str:
        """Return the plan as the one line of JSON the agent reads."""
        actions = {action.name: action.command for item in self.resources for action in item.notify}
        resources = [
            asdict(item) | {"notify": [action.name for action in item.notify]} for item in self.resources
        ]
        return json.dumps({"check": check, "actions": actions, "resources": resources}, ensure_ascii=False)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended: resources looked at, how many changed (or would), seconds on the server."""

    resources: int
    changed: int
    seconds: float


def caller() -> str:
    """Return ``file:line`` of the line outside this package that asked for a resource."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
