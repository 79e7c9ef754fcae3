"""From a Pelican blog to a blog.toml: its settings are read as text, and nothing of it is changed."""

import dataclasses
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blogops import config
from blogops.config import FILE_NAME, Config
from blogops.config.types import fields_of, is_table
from blogops.errors import Failed, OpsError, Refused, UsageError
from blogops.pelican import advice, content, legacy, telling, toml
from blogops.pelican.carry import carried
from blogops.pelican.model import Draft, Left, Line
from blogops.pelican.reading import Puzzle, read

__all__ = ["Left", "Line", "Plugin", "Puzzle", "Report", "import_settings", "translated"]


@dataclass(frozen=True)
class Plugin:
    """A plugin of Pelican's, and what blogops has instead."""

    name: str
    instead: str


@dataclass(frozen=True)
class Report:
    """What came of an import: the file written, what is in it, and what is not."""

    file: str
    lines: tuple[Line, ...]
    left: tuple[Left, ...]
    puzzles: tuple[Puzzle, ...]
    plugins: tuple[Plugin, ...]
    unbuilt: tuple[str, ...]

    def sentences(self) -> list[str]:
        """Return the report as lines for people."""
        plugins = tuple((plugin.name, plugin.instead) for plugin in self.plugins)
        told = telling.sentences(self.file, self.lines, self.left, self.puzzles, plugins, self.unbuilt)
        return list(told)


def import_settings(path: Path, *, to: Path | None = None, force: bool = False) -> Report:
    """Write the blog.toml that the Pelican blog at *path* makes, into *to* or beside its pelicanconf.py.

    *path* is the blog's folder, or its pelicanconf.py; nothing of it is run. Raises `UsageError` where there
    is none or it is not Python, `Refused` where a blog.toml is there already and *force* is not given.
    """
    draft = translated(path)
    folder = to or draft.found.folder
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", hint="Name one that is there, or leave --to away.")
    target = folder / FILE_NAME
    if target.exists() and not force:
        raise Refused(f"{target} is there already", hint="Nothing was written. --force writes over it.")
    _relocated(draft, folder.resolve())
    lines = _written(draft, target)
    return Report(
        file=str(target),
        lines=tuple(lines),
        left=tuple(draft.left),
        puzzles=tuple(draft.found.puzzles),
        plugins=tuple(Plugin(*pair) for pair in advice.plugins(draft)),
        unbuilt=_unbuilt(draft),
    )


def translated(path: Path) -> Draft:
    """Return the whole blog.toml of the Pelican blog at *path*, what equals blogops' defaults included."""
    found = read(path)
    legacy.modernise(found)
    draft = carried(found)
    advice.tell_the_rest(draft)
    return draft


def _told(draft: Draft) -> list[Line]:
    """Return the lines that say anything but blogops' own defaults, in the order of its tables."""
    order = {name: index for index, (name, _) in enumerate(_tables(Config, ""))}
    kinds = dict(_tables(Config, ""))
    lines = [line for line in draft.lines.values() if not _is_default(line, kinds[line.table])]
    return sorted(lines, key=lambda line: order[line.table])


def _tables(kind: Any, prefix: str, default: Any = None) -> list[tuple[str, dict[str, Any]]]:
    """Return the tables of blog.toml by name, each with its defaults."""
    found: list[tuple[str, dict[str, Any]]] = []
    told = kind._field_defaults if default is None else default._asdict()
    for name, table in fields_of(kind).items():
        if is_table(table):
            here = told.get(name)
            found.append((f"{prefix}{name}", table._field_defaults if here is None else here._asdict()))
            found += _tables(table, f"{prefix}{name}.", here)
    return found


def _is_default(line: Line, defaults: dict[str, Any]) -> bool:
    return line.key in defaults and bool(_plain(defaults[line.key]) == _plain(line.value))


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _relocated(draft: Draft, folder: Path) -> None:
    """Name the manuscript as it is seen from *folder*, where it lies below it."""
    line = draft.lines["content", "path"]
    manuscript = draft.found.folder / line.value
    path = os.path.relpath(manuscript, folder)
    if path.startswith(".."):
        draft.leave("PATH", f"{manuscript} stays where it is: copy it to {folder / line.value}")
    elif path != ".":
        draft.lines["content", "path"] = dataclasses.replace(line, value=Path(path).as_posix())


def _origin(draft: Draft) -> str:
    files = dict.fromkeys(where.partition(":")[0] for where in draft.found.where.values() if where)
    return " and ".join(sorted(files)) or "pelicanconf.py"


def _unbuilt(draft: Draft) -> tuple[str, ...]:
    tables = draft.tables["content"]
    manuscript = draft.found.folder / tables["path"]
    return content.unbuilt(manuscript, tuple(tables["static"]))


def _written(draft: Draft, target: Path) -> list[Line]:
    """Write *target* aside, read it as any blog.toml is read, and only then rename it; return its lines.

    A value that blog.toml does not take is left, rather than the whole of it.
    """
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".import-") as aside:
            fresh = Path(aside) / FILE_NAME
            while True:
                lines = _told(draft)
                fresh.write_text(toml.written(lines, _origin(draft)), encoding="utf-8")
                if _is_taken(fresh, draft):
                    fresh.replace(target)
                    return lines
    except OSError as error:
        raise Failed(f"cannot be written: {error.strerror or error}", where=str(target)) from error


def _is_taken(fresh: Path, draft: Draft) -> bool:
    """Tell whether *fresh* is a good blog.toml; the lines of *draft* that are not are left."""
    try:
        config.load(fresh)
    except OpsError as error:
        problems = re.findall(r"^  ([\w.]+)\.(\w+)(?:\[\d+\])?: (.+)$", error.problem, re.MULTILINE)
        refused = [(table, key, why) for table, key, why in problems if (table, key) in draft.lines]
        if not refused:
            raise Failed(f"Pelican's settings make no blog.toml: {error.problem}") from error
        for table, key, why in refused:
            if line := draft.lines.pop((table, key), None):
                draft.left.append(Left(line.reason, "", f"{table}.{key}: {why}"))
        return False
    return True
