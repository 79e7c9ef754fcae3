"""From a blank Debian VM to a live blog written in reStructuredText."""


def __getattr__(name: str) -> str:
    """Return ``__version__`` to who asks for it: looking it up takes longer than many a command."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("blogops")
    except PackageNotFoundError:  # a checkout that nobody installed
        return "0+checkout"
