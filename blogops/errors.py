"""What can go wrong for a user, and the exit code that says so.

An error says what, where (the user's own file and line, where there is one) and what to do next. It is
shown on stderr without a traceback; see docs/exit-codes.md.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """The promise to scripts; ``docs/exit-codes.md`` explains each one."""

    DONE = 0
    BUG = 1
    USAGE = 2
    REFUSED = 3
    FAILED = 4
    REVERTED = 5
    WOULD_CHANGE = 10
    BUSY = 75
    INTERRUPTED = 130


class OpsError(Exception):
    """A problem a user can understand and mend."""

    exit_code = ExitCode.FAILED

    def __init__(self, problem: str, *, where: str = "", hint: str = "") -> None:
        self.problem = problem
        self.where = where
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        first = f"{self.where}: {self.problem}" if self.where else self.problem
        return f"{first}\n  {self.hint}" if self.hint else first


class UsageError(OpsError):
    """The command or blog.toml is wrong; nothing was tried."""

    exit_code = ExitCode.USAGE


class Refused(OpsError):
    """The request cannot be granted; nothing was changed."""

    exit_code = ExitCode.REFUSED


class Failed(OpsError):
    """It was tried and did not work; what was live before is live still."""

    exit_code = ExitCode.FAILED


class Reverted(OpsError):
    """The switch was made, the health check failed, and the switch was taken back."""

    exit_code = ExitCode.REVERTED


class Busy(OpsError):
    """Another run holds the lock."""

    exit_code = ExitCode.BUSY


class Interrupted(OpsError):
    """Ctrl-C was pressed; what was begun is finished, or ends by itself."""

    exit_code = ExitCode.INTERRUPTED
