"""What belongs to the reading of one file and has no place in docutils."""

import posixpath
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from docutils import nodes

from blogops.website.rst.model import Options

_NAME = "blogops_context"


@dataclass
class Context:
    """One reading. *shown* names the file below the content folder; *included* says where a file
    came in, and *cut* how many of its first lines did not. *missing* are files that could not come in.
    """

    path: Path
    options: Options
    lines: list[str]
    included: dict[str, int] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    included_bytes: int = 0
    inclusions: int = 0
    anchors: set[str] = field(default_factory=set)

    in_formula: bool = False

    @property
    def shown(self) -> str:
        """The file's name for its author, without the machine's folders."""
        if self.path.is_relative_to(self.options.content):
            return self.path.relative_to(self.options.content).as_posix()
        return self.path.name

    @property
    def folder(self) -> str:
        """The file's folder below the content folder."""
        return posixpath.dirname(self.shown)

    def place(self, source: str | None, line: int | None) -> int:
        """Return the line of this file that *line* of *source* came in by."""
        return self.included.get(source or "", line or 1) or 1


def attach(document: nodes.document, context: Context) -> None:
    """Let *document* know its context."""
    setattr(document, _NAME, context)


def context_of(document: nodes.document) -> Context:
    """Return the context of *document*."""
    return cast(Context, getattr(document, _NAME))
