"""A manuscript to build with both: files, and the settings that Pelican would read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SITE = "https://blog.example.org"


@dataclass(frozen=True)
class Tree:
    """A generated blog: *settings* are lines of pelicanconf.py, *files* lie below ``content/``."""

    name: str
    settings: str
    files: Mapping[str, str | bytes] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """Write the tree below *folder*; return its pelicanconf.py."""
        for name, text in self.files.items():
            path = folder / "content" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        settings = folder / "pelicanconf.py"
        settings.write_text(COMMON + self.settings)
        return settings


COMMON = f"""AUTHOR = "Alice Martin"
SITENAME = "A blog"
SITEURL = "{SITE}"
PATH = "content"
TIMEZONE = "Europe/Paris"
"""


def post(title: str, body: str = "A text.", *, date: str = "2012-09-17 11:23", **fields: str) -> str:
    """Return a post in reStructuredText, with a title, a docinfo and a body."""
    return head(title, {"date": date, **fields}) + body + "\n"


def page(title: str, body: str = "A text.", **fields: str) -> str:
    """Return a page: a post without a date."""
    return head(title, fields) + body + "\n"


def head(title: str, fields: Mapping[str, str]) -> str:
    """Return a title with its line below, and the docinfo; a field with an empty name is left out."""
    return f"{title}\n{'#' * width(title)}\n\n" + "".join(lines(fields)) + "\n"


def lines(fields: Mapping[str, str]) -> Iterator[str]:
    """Yield a docinfo line for each of *fields*."""
    return (f":{name}: {value}\n" for name, value in fields.items() if value)


def width(title: str) -> int:
    """Return how long the line below a title must be: two columns for a wide character."""
    return max(4, 2 * len(title))
