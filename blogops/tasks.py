"""What the laptop's tasks and the server's tasks share: errors become sentences and exit codes."""

import errno
import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from invoke.exceptions import Exit

from blogops import console
from blogops.errors import ExitCode, OpsError, UsageError

P = ParamSpec("P")
R = TypeVar("R")


def friendly(body: Callable[P, R]) -> Callable[P, R]:
    """Turn what went wrong into words on stderr and an exit code; keeps the signature for ``--help``.

    Numbers are read here: Invoke, which goes by the type of a default, meets what is none with a traceback.
    """
    signature = inspect.signature(body)
    numbers = {name for name, each in signature.parameters.items() if type(each.default) is int}

    @functools.wraps(body)
    def task_body(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            kwargs.update({name: _whole(name, kwargs[name]) for name in numbers & kwargs.keys()})
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

    task_body.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[
            each.replace(default=str(each.default)) if name in numbers else each
            for name, each in signature.parameters.items()
        ]
    )
    return task_body


def _whole(option: str, given: Any) -> int:
    try:
        return int(given)
    except ValueError as error:
        raise UsageError(f"--{option.replace('_', '-')} {given}: not a whole number") from error


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
