"""All the words of require, as the tests find them."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from blogops.provision import Require


def words() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every public word with its dotted name."""
    require = Require()
    for name, value in vars(require).items():
        if name not in {"collector", "sources"} and type(value).__module__.startswith("blogops.provision."):
            yield from ((f"{name}.{word}", method) for word, method in methods(value))
    yield from methods(require)


def methods(thing: object) -> list[tuple[str, Callable[..., Any]]]:
    found = inspect.getmembers(thing, inspect.ismethod)
    return [(name, method) for name, method in found if not name.startswith("_") and name not in INNER]


# Public for the other words, and no words themselves.
INNER = {"implied_user"}
WORDS = dict(words())
