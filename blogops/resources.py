"""Where the templates lie: inside the package once installed, beside it in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def templates(kind: str) -> Path:
    """Return the folder of the templates of *kind*, ``"site"`` or ``"server"``."""
    installed = _PACKAGE / "templates" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / "templates" / kind
