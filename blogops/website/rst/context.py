"""What belongs to the reading of one file and has no place in docutils."""

import posixpath
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from docutils import nodes

from blogops.website.rst.model import Options

_NAME = "blogops_context"


class Inclusion(str):
    """The name of an included file, as docutils has it of each line and node that came in by one ``include``.

    *line* is that of the post by which it came in, *cut* how many of the file's first lines did not.
    """

    __slots__ = ("cut", "line")
    cut: int
    line: int


@dataclass
class Context:
    """One reading. *shown* names the file below the content folder; *included* are files that came in,
    *missing* those that could not.
    """

    path: Path
    options: Options
    lines: list[str]
    included: list[str] = field(default_factory=list)
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


def attach(document: nodes.document, context: Context) -> None:
    """Let *document* know its context."""
    setattr(document, _NAME, context)


def context_of(document: nodes.document) -> Context:
    """Return the context of *document*."""
    return cast(Context, getattr(document, _NAME))
