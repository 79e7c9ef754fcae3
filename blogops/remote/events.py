"""What the agent says, one JSON object a line."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the agent; fields that an event does not have keep their defaults."""

    name: str
    resource: str = ""
    why: str = ""
    where: str = ""
    diff: str = ""
    key: str = ""
    what: str = ""
    resources: int = 0
    changed: int = 0
    unknown: int = 0
    left: int = 0
    owed: tuple[str, ...] = ()
    seconds: float = 0.0
    time: float = 0.0
    said: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def facts(self) -> dict[str, Any]:
        """Return the event as the agent said it, for ``--json``."""
        return dict(self.said) or {"event": self.name, "resource": self.resource, "why": self.why}


_KNOWN = {item.name for item in fields(Event)} - {"name", "said"}


def parse(line: bytes) -> Event | None:
    """Return the event in *line*; None for chatter that a login shell may print before the agent."""
    try:
        data: Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(data, dict) or "event" not in data:
        return None
    facts = {key: value for key, value in data.items() if key in _KNOWN}
    return Event(name=data["event"], **{**facts, "owed": tuple(data.get("owed", ())), "said": data})
