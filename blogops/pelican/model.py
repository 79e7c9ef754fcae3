"""What comes of an import: the lines of a blog.toml, and what could not be carried over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from blogops.pelican.reading import Settings


@dataclass(frozen=True)
class Line:
    """A key of blog.toml, its value, and where it came from."""

    table: str
    key: str
    value: Any
    reason: str


@dataclass(frozen=True)
class Left:
    """A setting that did not come over; *why* says what there is instead."""

    setting: str
    where: str
    why: str


@dataclass
class Draft:
    """A blog.toml in the making."""

    found: Settings
    lines: dict[tuple[str, str], Line] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def has(self, setting: str) -> bool:
        """Tell whether Pelican's file gives *setting*; it counts as looked at from now on."""
        self.seen.add(setting)
        return setting in self.found.values

    def get(self, setting: str, default: Any = None) -> Any:
        """Return what Pelican's file gives for *setting*, or else *default*."""
        self.seen.add(setting)
        return self.found.values.get(setting, default)

    def items(self, setting: str) -> list[Any]:
        """Return the items of *setting*, of which a single text is one; what is no list is left."""
        value = self.get(setting)
        if isinstance(value, str):
            return [value]
        if isinstance(value, (list, tuple)):
            return list(value)
        if value:
            self.leave(setting, f"{value!r} is not a list")
        return []

    def put(self, table: str, key: str, value: Any, *settings: str) -> None:
        """Write *key* of *table*, which comes from *settings*."""
        given = [f"{name} ({self.found.where[name]})" for name in settings if self.found.where.get(name)]
        reason = ", ".join(given) or f"{', '.join(settings)}: Pelican's default"
        self.lines[table, key] = Line(table, key, value, reason)

    def note(self, table: str, key: str, value: Any, reason: str) -> None:
        """Write *key* of *table* for *reason*."""
        self.lines[table, key] = Line(table, key, value, reason)

    def leave(self, setting: str, why: str) -> None:
        """Note that *setting* does not come over."""
        self.seen.add(setting)
        self.left.append(Left(setting, self.found.where.get(setting, ""), why))

    @property
    def tables(self) -> Mapping[str, Mapping[str, Any]]:
        """The tables as they would be read."""
        tables: dict[str, dict[str, Any]] = {}
        for line in self.lines.values():
            tables.setdefault(line.table, {})[line.key] = line.value
        return tables
