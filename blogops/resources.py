"""Where the templates lie: inside an installed wheel, or beside the package in a checkout."""

from pathlib import Path


def templates(kind: str) -> Path:
    """Return the folder of the templates of *kind*, ``"site"`` or ``"server"``."""
    package = Path(__file__).parent
    installed = package / "templates" / kind
    return installed if installed.is_dir() else package.parent / "templates" / kind
