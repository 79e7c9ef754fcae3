"""What a fabfile written for fabtools needs to run on Fabric 3: adapt its imports, and nothing else.

::

    from blogops import fabtools
    from blogops.fabtools import require, task

    @task
    def setup():
        require.deb.packages(["imagemagick"])
        with fabtools.python.virtualenv("/home/myuser/env"):
            require.python.package("pyramid")
        fabtools.cron.add_daily("maintenance", "myuser", "my_script.py")

The words collect a plan while the task's body runs, and one round trip brings it about when it returns;
docs/require.md lists them beside fabtools' own.
"""

import inspect
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, cast

import fabric
from fabric import Connection
from invoke.exceptions import Exit

from blogops.errors import ExitCode, UsageError
from blogops.provision import Options, Require, Resource, apply
from blogops.provision.plan import caller
from blogops.remote import asked_for, on_each
from blogops.tasks import friendly

_require: ContextVar[Require | None] = ContextVar("require", default=None)


class _Ambient:
    """The `Require` of the task at work, or the part of it called *name*."""

    def __init__(self, name: str = "") -> None:
        self._name = name

    def __getattr__(self, word: str) -> Any:
        current = _require.get()
        if current is None:
            raise UsageError(
                f"{word} is used outside a task",
                where=caller(),
                hint="Put it into a function with blogops.fabtools.task, or use `with provision.on(c)`.",
            )
        return getattr(getattr(current, self._name) if self._name else current, word)


class _Cron:
    """``fabtools.cron``."""

    def add_task(
        self,
        name: str,
        timespec: str,
        user: str,
        command: str,
        environment: Mapping[str, str] | None = None,
    ) -> Resource:
        """Require a cron task; `Cron.task` by its name in fabtools."""
        return require.cron.task(name, timespec, user, command, environment=environment)

    def add_daily(
        self, name: str, user: str, command: str, environment: Mapping[str, str] | None = None
    ) -> Resource:
        """Require a daily cron task; `Cron.daily` by its name in fabtools."""
        return require.cron.daily(name, user, command, environment=environment)


require = cast(Require, _Ambient())
python = _Ambient("python")
cron = _Cron()


def task(body: Callable[..., None]) -> Any:
    """Make *body* a Fabric task whose words go to each host of ``-H`` as one plan.

    *body* takes the connection or nothing, as with Fabric 1.
    """
    takes_connection = bool(inspect.signature(body).parameters)

    def setup(
        c: Connection,
        check: bool = False,
        explain: bool = False,
        json: bool = False,
        lock_timeout: int = 600,
    ) -> None:
        options = Options(check=check, explain=explain, json=json, lock_timeout=lock_timeout)
        if not isinstance(c, Connection) and not explain:
            raise UsageError("no host to go to", hint="Say `fab -H root@HOST …`.")

        changes: list[int] = []

        def bring(host: Connection) -> None:
            outcome = apply(host, _collected(body, host if takes_connection else None), options)
            changes.append(outcome.changed + outcome.unknown)

        on_each(asked_for(c) if isinstance(c, Connection) else [c], bring)
        if check and any(changes):
            raise Exit(code=int(ExitCode.WOULD_CHANGE))

    setup.__name__, setup.__doc__ = body.__name__, body.__doc__
    return fabric.task(friendly(setup), help=_HELP)


_HELP = {
    "check": "change nothing, show what would change; exit code 10 if anything would",
    "explain": "print the commands the plan stands for, and connect to no host",
    "json": "print the events as JSON, one a line",
    "lock_timeout": "seconds to wait for another process that holds a lock of apt",
}


def _collected(body: Callable[..., None], c: Connection | None) -> Require:
    current = Require()
    token = _require.set(current)
    try:
        body(*([c] if c else []))
    finally:
        _require.reset(token)
    return current
