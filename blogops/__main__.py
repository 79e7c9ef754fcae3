"""The command ``blogops``: `cli`, without what nobody calls of Invoke.

Invoke imports a double for its users' tests, and with it asyncio and ssl, and a reader of YAML for settings
that we do not have: a third of the time that a rebuild with nothing to do took.
"""

import gc
import os
import sys

_INTERRUPTED = 130  # docs/exit-codes.md; nothing of ours is imported yet that says so

gc.disable()  # no command lasts, and a build holds hundreds of thousands of objects and drops few
try:
    from blogops.late import late

    with late("unittest.mock", "invoke.vendor.yaml"):
        from blogops import cli
except KeyboardInterrupt:
    os._exit(_INTERRUPTED)


def main() -> None:
    """Run the command line, and end.

    What ends well ends at once: Python would take everything apart first, which the system does in no time.
    """
    try:
        cli.main()
    except KeyboardInterrupt:
        os._exit(_INTERRUPTED)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
