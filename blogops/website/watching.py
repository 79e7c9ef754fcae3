"""Which fields of which entries a page was made from: seen while it is made, not guessed.

While `watched` is on, an entry notes each of its fields that anything reads: a template, a macro, a filter of
the author's, our own code. With the identities of what a page is given (`identity`), that is all it shows.
"""

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from blogops.website.digests import digest_of_value
from blogops.website.model import Entry

# The fields that were read, one bit each.
Reads = dict[str, int]

_BITS = {field.name: 1 << number for number, field in enumerate(dataclasses.fields(Entry))}
# What of a text no list is made by: it is asked for when a page is made, and not when pages are planned.
SHOWN_ONLY = sum(_BITS[name] for name in ("body", "summary", "description", "image", "words", "minutes"))
_LONG = 16
_PLAIN = frozenset({str, int, bool, float, bytes, type(None)})
_read: dict[Entry, int] | None = None
# An entry's own dictionary, which nobody sees looked at.
_fields = vars(Entry)["__dict__"].__get__


class Watched(Entry):
    """An entry that notes which of its fields are read."""

    @property
    def __dict__(self) -> Any:  # type: ignore[override] # nobody puts another into its place
        # Whoever looks at this looks at all of them.
        note({self: -1})
        return _fields(self)


def _noted(name: str, bit: int) -> property:
    """Return a property that gives the field *name*, and notes that it was read."""

    def read(entry: Entry) -> Any:
        # As `note` does, without a call: there are hundreds for a page.
        if _read is not None:
            _read[entry] = _read.get(entry, 0) | bit
        return _fields(entry)[name]

    def write(entry: Entry, value: Any) -> None:
        _fields(entry)[name] = value

    return property(read, write)


for _name, _bit in _BITS.items():
    setattr(Watched, _name, _noted(_name, _bit))


@contextlib.contextmanager
def watched(entries: Iterable[Entry]) -> Iterator[None]:
    """Watch *entries* for a while; they stay the objects that they are."""
    every = list(entries)
    try:
        for entry in every:
            object.__setattr__(entry, "__class__", Watched)
        yield
    finally:
        for entry in every:
            object.__setattr__(entry, "__class__", Entry)


class Noting:
    """Gives what is read meanwhile, by the names of the entries; it is there when the block ends."""

    def __enter__(self) -> Reads:
        global _read
        self._outer, _read = _read, {}
        self._reads: Reads = {}
        return self._reads

    def __exit__(self, *_: object) -> None:
        global _read
        found, _read = _read, self._outer
        assert found is not None  # noqa: S101 - it was put there on the way in
        self._reads.update({entry.source.name: bits for entry, bits in found.items()})
        note(found)


def note(reads: Mapping[Entry, int]) -> None:
    """Count *reads* of an earlier `taken` as reads of now: what they made is used again."""
    if _read is not None:
        for entry, bits in reads.items():
            _read[entry] = _read.get(entry, 0) | bits


@contextlib.contextmanager
def taken() -> Iterator[dict[Entry, int]]:
    """Yield what is read meanwhile, to be noted again by `note`."""
    global _read
    outer, _read = _read, {}
    found = _read
    try:
        yield found
    finally:
        _read = outer


def changed(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> Reads:
    """Return the fields of the entries *after* that are not what they were *before*; all of a new one."""
    found = {}
    for name, entry in after.items():
        other = before.get(name)
        if other is not entry:
            found[name] = _difference(other, entry) if other else -1
    return {name: bits for name, bits in found.items() if bits}


def _difference(one: Entry, other: Entry) -> int:
    mine, theirs = vars(one), vars(other)
    return sum(bit for name, bit in _BITS.items() if not _is_alike(mine.get(name), theirs.get(name)))


def _is_alike(one: object, other: object) -> bool:
    """Tell whether nobody can see a difference: a template may show an order that is nothing to ``==``."""
    if isinstance(one, dt.date) and isinstance(other, dt.date):
        return repr(one) == repr(other)  # One moment can be told in two zones.
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return list(one.items()) == list(other.items())
    return one == other


class Identities:
    """Tells what things are, as text, numbers and tuples: of an entry its name, of a list its members.

    What was told of a tuple or a dataclass is remembered, for many stand in many pages.
    """

    def __init__(self) -> None:
        # The thing stays with what is told of it, or another might come to have its number.
        self._known: dict[int, tuple[object, object]] = {}

    def of(self, value: Any) -> object:
        """Return the identity of *value*. Raises `TypeError` for a thing whose identity nobody knows."""
        return self._each((value,))[0]

    def _each(self, values: Iterable[Any]) -> list[object]:
        # Most are plain, or entries; there are hundreds of thousands of them.
        return [
            value
            if (kind := type(value)) in _PLAIN
            else value.source.name
            if kind is Entry
            else self._made_of(value)
            for value in values
        ]

    def _made_of(self, value: Any) -> object:
        if type(value) is dict:
            return self._told(value)  # Each page has its own: nobody would ask for it again.
        known = self._known.get(id(value))
        if not known:
            known = self._known[id(value)] = (value, self._told(value))
        return known[1]

    def _told(self, value: Any) -> object:
        if isinstance(value, tuple | list):
            told = tuple(self._each(value))
            if hasattr(value, "_fields"):
                return type(value).__name__, *told
            return told if len(told) < _LONG else ("many", digest_of_value(told))
        if isinstance(value, dt.date):
            return repr(value)
        if isinstance(value, Mapping):
            return tuple(value), *self._each(value.values())
        if isinstance(value, Entry):
            return value.source.name  # One that is watched.
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return type(value).__name__, *self._each(vars(value).values())
        raise TypeError(f"nobody knows the identity of {type(value).__name__}")
