"""Invoke's `Program`, with our exit codes, no settings of its own, and streams that may be lost."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from invoke.config import Config
from invoke.exceptions import Exit, ParseError
from invoke.program import Program

from blogops import console, keep_bytecode
from blogops.errors import ExitCode


class BlankConfig(Config):
    """Invoke's own settings come from nowhere but its defaults: blog.toml is the one file."""

    prefix = "blogops"

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{**kwargs, "lazy": True})  # type: ignore[arg-type]


class OpsProgram(Program):
    """What cannot be understood ends with 2, and Ctrl-C with 130, as docs/exit-codes.md promises."""

    def run(self, argv: list[str] | None = None, exit: bool = True) -> None:
        try:
            super().run(argv, exit)
        except SystemExit as end:
            if isinstance(end.__context__, KeyboardInterrupt):  # before a task began; Invoke says 1
                raise SystemExit(int(ExitCode.INTERRUPTED)) from end
            raise

    def print_version(self) -> None:
        """Tell the version, which takes longer to look up than a rebuild with nothing to do."""
        from blogops import __version__

        console.say(f"{self.name} {__version__}")

    def parse_core(self, argv: list[str] | None) -> None:
        with _understood():
            super().parse_core(argv)
        keep_bytecode()

    def parse_tasks(self) -> None:
        with _understood():
            super().parse_tasks()

    def parse_cleanup(self) -> None:
        with _understood():
            super().parse_cleanup()


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except ParseError as error:
        raise Exit(f"error: {error}\n  See `blogops --help`.", code=int(ExitCode.USAGE)) from error


class Steady:
    """A stream whose loss stops nothing: the terminal hung up, or the log's disk is full."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")

    def write(self, text: str) -> int:
        """Write *text*, if it can still be written."""
        with self._lost_quietly():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what can still be flushed."""
        with self._lost_quietly():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextmanager
    def _lost_quietly(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
