"""What the agent says, one JSON object a line."""

import json
from dataclasses import dataclass, fields
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
    resources: int = 0
    changed: int = 0
    seconds: float = 0.0


_KNOWN = {field.name for field in fields(Event)}


def parse(line: bytes) -> Event | None:
    """Return the event in *line*; None for chatter that a login shell may print before the agent."""
    try:
        data: Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(data, dict) or "event" not in data:
        return None
    return Event(name=data["event"], **{key: value for key, value in data.items() if key in _KNOWN})
