"""What the laptop's tasks and the server's tasks share: errors become sentences and exit codes."""

import errno
import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from invoke.exceptions import Exit

from blogops import console
from blogops.errors import ExitCode, OpsError

P = ParamSpec("P")
R = TypeVar("R")


def friendly(body: Callable[P, R]) -> Callable[P, R]:
    """Turn what went wrong into words on stderr and an exit code; keeps the signature for ``--help``."""

    @functools.wraps(body)
    def task_body(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return body(*args, **kwargs)
        except OpsError as error:
            console.complain(f"error: {error}")
            raise Exit(code=int(error.exit_code)) from error
        except OSError as error:
            if error.errno not in _ADVICE:  # rather a fault of ours
                raise
            console.complain(f"error: {error}\n  {_ADVICE[error.errno]}")
            raise Exit(code=int(ExitCode.FAILED)) from error
        except KeyboardInterrupt as error:
            console.complain("interrupted; what had begun on a server ends there by itself")
            raise Exit(code=int(ExitCode.INTERRUPTED)) from error

    return task_body


_OWNER, _ROOM = "Run it as the user who owns that.", "Make room: see `df -h` and `df -i`."
# What the machine refuses, and what to do about it.
_ADVICE = {
    errno.EACCES: _OWNER,
    errno.EPERM: _OWNER,
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EROFS: "Is the disk mounted read-only?",
    errno.EIO: "Look at the disk: `dmesg` tells of it.",
}
