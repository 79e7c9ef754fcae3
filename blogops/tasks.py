"""What the laptop's tasks and the server's tasks share: errors become sentences and exit codes."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from invoke.exceptions import Exit

from blogops import console
from blogops.errors import OpsError

P = ParamSpec("P")
R = TypeVar("R")


def friendly(body: Callable[P, R]) -> Callable[P, R]:
    """Turn an `OpsError` into a line on stderr and its exit code; keeps the signature for ``--help``."""

    @functools.wraps(body)
    def task_body(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return body(*args, **kwargs)
        except OpsError as error:
            console.complain(f"error: {error}")
            raise Exit(code=int(error.exit_code)) from error
        except KeyboardInterrupt as error:
            console.complain("interrupted; what had begun on a server ends there by itself")
            raise Exit(code=130) from error

    return task_body
