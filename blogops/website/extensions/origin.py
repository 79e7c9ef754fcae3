"""Where in an author's own file a mistake is."""

import traceback
from types import CodeType
from typing import Any, NamedTuple

from blogops.errors import Failed

_HINT = "Nothing was built. Mend the extension and build again."


class Wrong(ValueError):
    """What an author asked of blogops in an extension and cannot have."""


class Origin(NamedTuple):
    """An extension: its *file* as Python knows it, and as its author does (*shown*)."""

    file: str
    shown: str

    def where(self, error: BaseException, made: object = None) -> str:
        """Return the file and the line that raised *error*, or else the one where *made* is defined."""
        if isinstance(error, SyntaxError) and error.filename == self.file:
            return f"{self.shown}:{error.lineno or 1}"
        frames = traceback.walk_tb(error.__traceback__)
        lines = [line for frame, line in frames if frame.f_code.co_filename == self.file]
        return f"{self.shown}:{lines[-1]}" if lines else self.defined(made)

    def defined(self, made: object) -> str:
        """Return the file and the line where *made* is defined, as far as that is known."""
        code: Any = getattr(made, "__code__", None)
        is_ours = isinstance(code, CodeType) and code.co_filename == self.file
        return f"{self.shown}:{code.co_firstlineno if is_ours else 1}"

    def failed(self, what: str, error: BaseException, made: object = None) -> Failed:
        """Return the `Failed` that says that *what* failed with *error*."""
        told = str(error) if isinstance(error, Wrong) else f"{what} failed: {said(error)}"
        return Failed(told, where=self.where(error, made), hint=_HINT)

    def refused(self, problem: str, made: object = None) -> Failed:
        """Return the `Failed` that says what is wrong with *made*."""
        return Failed(problem, where=self.defined(made), hint=_HINT)


def said(error: BaseException) -> str:
    """Return what *error* says, on one line."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"
    return " ".join(f"{type(error).__name__}: {error}".split()).rstrip(":")
