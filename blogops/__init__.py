"""From a blank Debian VM to a live blog written in reStructuredText."""

import sys


def keep_bytecode() -> None:
    """Let Python keep what it compiles, unless it was told not to: a checkout is compiled at each start else.

    Invoke's programs, Fabric's among them, turn that off for the task files of their users.
    """
    sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)


keep_bytecode()  # a fabfile is loaded when Fabric has turned it off


def __getattr__(name: str) -> str:
    """Return ``__version__`` to who asks for it: looking it up takes longer than many a command."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("blogops")
    except PackageNotFoundError:  # a checkout that nobody installed
        return "0+checkout"
