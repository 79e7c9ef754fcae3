"""What a check has to say."""

import re
from dataclasses import dataclass

from blogops.errors import OpsError
from blogops.website.notes import Note

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to mend; *line* and *column* begin at 1 and are 0 where they are the whole file or line."""

    file: str
    line: int
    column: int
    level: str
    kind: str
    message: str

    def __str__(self) -> str:
        place = ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])
        return f"{place}: {self.level}: {self.kind}: {self.message}"


def of_note(note: Note, level: str) -> Finding:
    """Return what the build itself says."""
    return Finding(note.file, note.line, note.column, level, "build", note.message)


def of_failure(error: OpsError) -> Finding:
    """Return what stopped the build."""
    found = re.fullmatch(r"(.*?)(?::(\d+))?", error.where, re.DOTALL)
    file, line = (found[1], int(found[2] or 0)) if found else (error.where, 0)
    return Finding(file or "blog.toml", line, 0, ERROR, "build", error.problem)
