"""What is wrong with a manuscript, gathered so that it is told at once."""

from dataclasses import dataclass, field

from blogops.errors import Failed


@dataclass(frozen=True, order=True)
class Note:
    """One thing to mend, at its place in the author's own file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass
class Notes:
    """Problems stop the build; warnings are told and the post is published all the same."""

    problems: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)

    def problem(self, file: str, line: int, message: str) -> None:
        """Remember what must be mended before anything is built."""
        self.problems.append(Note(file, line, message))

    def warning(self, file: str, line: int, message: str) -> None:
        """Remember what an author should look at."""
        self.warnings.append(Note(file, line, message))

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
