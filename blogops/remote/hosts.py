"""Several hosts at once: one connection and one thread each, output kept apart, a failure kept to its own."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from fabric import Config, Connection
from fabric.main import program

from blogops import console
from blogops.errors import Failed, OpsError
from blogops.interrupts import counted

# IPv6 in brackets, which Fabric takes for a part of the name; without them it has no port.
_BRACKETED = re.compile(r"(?:([^@]+)@)?\[([^]]+)\](?::(\d+))?")
_AT_ONCE = 20  # hosts; each costs a thread and a connection


def named(host: str, config: Config) -> Connection:
    """Return the connection to a host of blog.toml: ``[USER@]HOST[:PORT]``."""
    found = _BRACKETED.fullmatch(host)
    if not found:
        return Connection(host, config=config)
    user, address, port = found.groups()
    return Connection(address, user=user, port=int(port) if port else None, config=config)


def asked_for(c: Connection) -> list[Connection]:
    """Return all hosts of ``-H a,b,c`` for the first of them, and none for the others.

    Fabric calls a task once for each host, one after the other; so the first call takes them all.
    """
    given = program.core[0].args.hosts.value if program.core else None
    names = list(dict.fromkeys(given.split(","))) if given else []
    if len(names) < 2:
        return [c]
    if c != Connection(names[0], config=c.config):
        return []
    return [c, *(_like(c, name) for name in names[1:])]


def _like(c: Connection, name: str) -> Connection:
    return Connection(name, config=c.config, connect_kwargs=dict(c.connect_kwargs))


def on_each(hosts: Sequence[Connection], act: Callable[[Connection], None]) -> None:
    """Run *act* for every host at once; where some fail, the others go on to their end.

    With one host it is a plain call. With several each line names its host, and the error of the first
    that failed, in the order given, is raised once all have ended.
    """
    if len(hosts) == 1:
        act(hosts[0])
        return
    if not hosts:
        return
    width = max(len(str(host.original_host)) for host in hosts)
    with counted(), ThreadPoolExecutor(_AT_ONCE) as pool:
        running = [pool.submit(_apart, host, width, act) for host in hosts]
        while wait(running, timeout=0.2).not_done:
            pass  # short waits, so that Ctrl-C is counted meanwhile
    _report(list(zip(hosts, running, strict=True)))


def _apart(host: Connection, width: int, act: Callable[[Connection], None]) -> None:
    with console.prefixed(f"[{host.original_host!s:{width}}] "):
        try:
            act(host)
        except OpsError as error:
            console.complain(f"error: {error}")
            raise


def _report(ended: list[tuple[Connection, "Future[None]"]]) -> None:
    errors = [(host, future.exception()) for host, future in ended]
    failed = [(host, error) for host, error in errors if error]
    if not failed:
        return
    for _, error in failed:
        if not isinstance(error, OpsError):
            raise error
    names = ", ".join(str(host.original_host) for host, _ in failed)
    first = failed[0][1]
    problem = Failed(f"{len(failed)} of {len(ended)} hosts failed: {names}")
    problem.exit_code = first.exit_code if isinstance(first, OpsError) else problem.exit_code
    raise problem from first
