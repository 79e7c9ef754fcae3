"""What a look at one resource found."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class ResourceError(Exception):
    """A resource cannot be brought to the wanted state; the message is for the user."""


class Finding(NamedTuple):
    """The sentence to tell and, where something has to change, the act that changes it.

    A look never changes anything, so ``--check`` is the same run without the acts.
    """

    why: str
    act: Callable[[], None] | None = None
    diff: str = ""
