"""What is wrong with a manuscript, gathered so that it is told at once."""

from dataclasses import dataclass, field
from typing import NamedTuple

from blogops.errors import Failed


class Note(NamedTuple):
    """One thing to mend, at its place in the author's own file; column 0 is the whole line."""

    file: str
    line: int
    message: str
    column: int = 0

    def __str__(self) -> str:
        column = f":{self.column}" if self.column else ""
        return f"{self.file}:{self.line}{column}: {self.message}"


@dataclass
class Notes:
    """Problems stop the build; warnings are told and the post is published all the same."""

    problems: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)

    def problem(self, file: str, line: int, message: str, column: int = 0) -> None:
        """Remember what must be mended before anything is built."""
        self.problems.append(Note(file, line, message, column))

    def warning(self, file: str, line: int, message: str, column: int = 0) -> None:
        """Remember what an author should look at."""
        self.warnings.append(Note(file, line, message, column))

    def tell(self, policy: str, file: str, line: int, message: str, column: int = 0) -> None:
        """Remember it as blog.toml's *policy* has it: "stop", "tell" or "ignore"."""
        if policy == "stop":
            self.problem(file, line, message, column)
        elif policy == "tell":
            self.warning(file, line, message, column)

    def give_up_stopping(self) -> None:
        """Make every problem a warning: what has one is left out."""
        self.warnings += self.problems
        self.problems.clear()

    def stop_if_broken(self) -> None:
        """Raise one `Failed` that tells every problem, if there is any."""
        found = sorted(set(self.problems))
        if not found:
            return
        count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
        lines = "\n".join(f"  {note}" for note in found)
        raise Failed(
            f"{count} in the manuscript\n{lines}",
            hint="Nothing was built. Mend each line named above and build again.",
        )
