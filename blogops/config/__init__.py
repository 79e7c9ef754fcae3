"""blog.toml: one file configures everything, and a mistake in it is told with its path.

The commented reference is ``example/blog.toml``; a test holds it and the tables of ``schema`` to each
other. Every problem of a file is reported at once.
"""

import os
import tomllib
from pathlib import Path
from typing import Any

from blogops.config import types
from blogops.config.checks import value_problems
from blogops.config.schema import Config, Content, FeedPaths, Images, Lists, Metadata, Server, Site
from blogops.errors import UsageError

__all__ = [
    "ENVIRONMENT",
    "FILE_NAME",
    "Config",
    "Content",
    "FeedPaths",
    "Images",
    "Lists",
    "Metadata",
    "Server",
    "Site",
    "find",
    "load",
]

FILE_NAME = "blog.toml"
ENVIRONMENT = "BLOGOPS_CONFIG"


def find(given: str = "") -> Path:
    """Return the path of blog.toml: *given*, else ``BLOGOPS_CONFIG``, else the working folder's.

    Raises `UsageError` where there is none.
    """
    path = Path(given or os.environ.get(ENVIRONMENT) or FILE_NAME)
    if path.is_dir():
        path = path / FILE_NAME
    if not path.is_file():
        raise UsageError(
            f"there is no {path}",
            hint=f"Stand in the folder of your {FILE_NAME}, or name it: --config PATH or {ENVIRONMENT}=PATH.",
        )
    if path.name != FILE_NAME:
        raise UsageError(
            f"a blog's file is called {FILE_NAME}",
            where=str(path),
            hint="Give each blog a folder of its own.",
        )
    return path.resolve()


def load(path: Path) -> Config:
    """Read and check *path*; raise one `UsageError` that tells every problem."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"not valid TOML: {error}", where=str(path)) from error
    sections = {name: kind for name, kind in types.fields_of(Config).items() if name != "path"}
    problems = [types.unknown(key, sections, "") for key in data if key not in sections]
    values: dict[str, dict[str, Any]] = {}
    for name, kind in sections.items():
        table = data.get(name, {})
        if not isinstance(table, dict):
            problems.append(f"{name}: found {types.shown(table)}; write a [{name}] table")
            table = {}
        problems += types.problems(name, table, kind)
        values[name] = types.well_typed(table, kind)
    problems += value_problems(values)
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        raise UsageError(f"{count}\n" + "\n".join(f"  {problem}" for problem in problems), where=str(path))
    return Config(path=path, **{name: kind(**values[name]) for name, kind in sections.items()})
