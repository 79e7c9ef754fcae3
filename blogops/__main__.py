"""The command ``blogops``: `cli`, without what nobody calls of Invoke.

Invoke imports a double for its users' tests, and with it asyncio and ssl, and a reader of YAML for settings
that we do not have: a third of the time that a rebuild with nothing to do took.
"""

from blogops.late import late

with late("unittest.mock", "invoke.vendor.yaml"):
    from blogops.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
