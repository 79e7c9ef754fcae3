"""The nearest known word to one that is not."""

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str], *, cutoff: float = 0.7) -> str:
    """Return the end of a message: '; did you mean "…"?', or nothing."""
    near = difflib.get_close_matches(word.lower()[:60], known, n=1, cutoff=cutoff)
    return f'; did you mean "{near[0]}"?' if near else ""
