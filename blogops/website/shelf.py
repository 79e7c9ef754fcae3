"""A mapping that lies in many rows of the store, of which only those are written that changed.

What a build knows of ten thousand texts is megabytes; a build that changed one of them writes a few of it.
"""

import zlib
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from blogops.website.store import Store, recalled, remember

_ROWS = 64

T = TypeVar("T", bound=tuple[object, ...])


class Shelf(Generic[T]):
    """Tuples by name, in the rows *name*/0 and so on; an element that is the same object has not changed."""

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._name = store, name
        self._rows: list[dict[str, T]] = [
            recalled(store, f"{name}/{number}") or {} for number in range(_ROWS)
        ]

    def all(self) -> dict[str, T]:
        """Return everything."""
        return {name: value for row in self._rows for name, value in row.items()}

    def keep(self, items: Mapping[str, T]) -> None:
        """Hold exactly *items*."""
        rows: list[dict[str, T]] = [{} for _ in range(_ROWS)]
        for name, value in items.items():
            rows[zlib.crc32(name.encode("utf-8", "surrogatepass")) % _ROWS][name] = value
        for number, (before, after) in enumerate(zip(self._rows, rows, strict=True)):
            if not _is_same(before, after):
                remember(self._store, f"{self._name}/{number}", after)
        self._rows = rows


def _is_same(before: Mapping[str, T], after: Mapping[str, T]) -> bool:
    if before.keys() != after.keys():
        return False
    pairs: Iterable[tuple[object, object]] = (
        pair for name, value in after.items() for pair in zip(before[name], value, strict=True)
    )
    return all(one is other for one, other in pairs)
