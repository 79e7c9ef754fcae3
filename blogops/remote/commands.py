"""Run one command on the server and show what it says as it says it."""

from fabric import Connection

from blogops.errors import Failed
from blogops.remote.connection import ready


def run(c: Connection, command: str) -> int:
    """Run *command* on *c*, its output on ours; return its exit code.

    Our own stdin is not sent: Fabric would read it character by character, and block under cron.
    """
    ready(c)
    try:
        result = c.run(command, in_stream=False, warn=True)
    except (EOFError, OSError) as error:
        raise Failed(
            f"the connection to {c.host} was cut: {error}",
            hint="What runs there ends by itself. `fab status` tells how.",
        ) from error
    return int(result.exited)
