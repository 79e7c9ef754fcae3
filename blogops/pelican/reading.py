"""pelicanconf.py and publishconf.py, read as text: which settings they give, and at which line."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blogops.errors import UsageError
from blogops.pelican.values import NotUnderstood, added, evaluate

CONFIG, PUBLISH = "pelicanconf.py", "publishconf.py"
_LARGEST = 1_000_000  # bytes
_DEEPEST = 5  # files that import one another
_CHANGES = ("append", "extend", "update", "insert", "setdefault", "remove", "pop")
_HARMLESS = ("sys.path.", "print(", "locale.setlocale(", "logging.")


@dataclass(frozen=True)
class Puzzle:
    """Something in the file that only Python could work out; *names* are the settings it may give."""

    where: str
    text: str
    names: tuple[str, ...] = ()


@dataclass
class Settings:
    """What was given, where (``file:line``), and what was not understood."""

    folder: Path
    values: dict[str, Any] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    puzzles: list[Puzzle] = field(default_factory=list)


def read(path: Path) -> Settings:
    """Read the settings at *path*: pelicanconf.py, or the folder that holds it.

    A publishconf.py beside it comes after it, as ``pelican -s publishconf.py`` does. Raises `UsageError`
    where there is no such file, or it is not Python.
    """
    file = path / CONFIG if path.is_dir() else path
    if not file.is_file():
        raise UsageError(
            f"there is no {CONFIG} in {path}" if path.is_dir() else f"there is no {path}",
            hint=f"Name the folder of your Pelican blog, or its {CONFIG}.",
        )
    publish = file.with_name(PUBLISH)
    found = Settings(file.parent.resolve())
    _Reader(found).file(publish if publish.is_file() else file, 0)
    return found


class _Reader:
    def __init__(self, found: Settings) -> None:
        self.found = found
        self.name = ""

    def file(self, path: Path, depth: int) -> None:
        """Add what *path* gives."""
        tree = _parsed(path)
        outer, self.name = self.name, path.name
        names = self.found.values
        names["__file__"] = str(path.resolve())
        for statement in tree.body:
            try:
                self.statement(statement, path, depth)
            except NotUnderstood as puzzle:
                self.puzzled(statement, str(puzzle))
            except RecursionError:
                self.puzzled(statement, "an expression that is too deep")
        self.name = outer
        names.pop("__file__", None)

    def statement(self, node: ast.stmt, path: Path, depth: int) -> None:
        """Add what one statement gives; raise `NotUnderstood` where that cannot be told."""
        if isinstance(node, ast.Assign):
            value = evaluate(node.value, self.found.values)
            for target in node.targets:
                self.assign(target, value)
        elif isinstance(node, ast.AnnAssign) and node.value:
            self.assign(node.target, evaluate(node.value, self.found.values))
        elif isinstance(node, ast.AugAssign):
            old = evaluate(_read_again(node.target), self.found.values)
            self.assign(node.target, added(node, old, evaluate(node.value, self.found.values)))
        elif isinstance(node, ast.ImportFrom):
            self.imported(node, path, depth)
        elif not _harmless(node):
            raise NotUnderstood(_shortened(node))

    def assign(self, target: ast.expr, value: Any) -> None:
        """Note that *target* is *value* from here on."""
        if isinstance(target, ast.Name):
            self.found.values[target.id] = value
            self.found.where[target.id] = f"{self.name}:{target.lineno}"
        elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (tuple, list)):
            if len(value) != len(target.elts):
                raise NotUnderstood("names and values of different number")
            for part, each in zip(target.elts, value, strict=True):
                self.assign(part, each)
        elif isinstance(target, ast.Subscript):
            self.item(target, value)
        else:
            raise NotUnderstood(ast.unparse(target))

    def item(self, target: ast.Subscript, value: Any) -> None:
        """Note that one entry of a dictionary is *value*."""
        holder = evaluate(_read_again(target.value), self.found.values)
        key = evaluate(target.slice, self.found.values)
        if not isinstance(holder, dict):
            raise NotUnderstood(ast.unparse(target))
        holder[key] = value

    def imported(self, node: ast.ImportFrom, path: Path, depth: int) -> None:
        """Take the settings that *node* imports from the file beside *path*."""
        everything = any(alias.name == "*" for alias in node.names)
        if not everything and not any(_assigned(node)):
            return
        other = path.with_name(f"{(node.module or '').split('.')[-1]}.py")
        if depth >= _DEEPEST or node.level > 1 or not node.module or not other.is_file():
            raise NotUnderstood(_shortened(node))
        if everything:
            here = self.found.values.get("__file__")
            self.file(other, depth + 1)
            self.found.values["__file__"] = here
        else:
            self.named(node, other, depth)

    def named(self, node: ast.ImportFrom, other: Path, depth: int) -> None:
        """Take from *other* the names that *node* lists, and what is not understood of them."""
        there = Settings(self.found.folder)
        _Reader(there).file(other, depth + 1)
        unknown = dict.fromkeys(_assigned(node))
        for puzzle in there.puzzles:
            names = tuple(_name_here(alias) for alias in node.names if alias.name in puzzle.names)
            if names or not puzzle.names:
                self.found.puzzles.append(Puzzle(puzzle.where, puzzle.text, names))
            unknown = {name: None for name in unknown if name not in names}
        for alias in node.names:
            name = _name_here(alias)
            self.found.values.pop(name, None)
            if alias.name in there.values:
                self.found.values[name] = there.values[alias.name]
                self.found.where[name] = there.where[alias.name]
                unknown.pop(name, None)
        if unknown:
            where = f"{self.name}:{node.lineno}"
            self.found.puzzles.append(Puzzle(where, _shortened(node), tuple(unknown)))

    def puzzled(self, node: ast.stmt, text: str) -> None:
        """Note that *node* is not understood, and that what it may set is unknown from here on."""
        names = tuple(dict.fromkeys(_assigned(node)))
        for name in names:
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.ImportFrom)):
                self.found.values.pop(name, None)
        settings = tuple(name for name in names if name.isupper())
        if settings or not names:
            self.found.puzzles.append(Puzzle(f"{self.name}:{node.lineno}", text, settings))


def _parsed(path: Path) -> ast.Module:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    if len(data) > _LARGEST:
        raise UsageError("larger than 1 MB, which no pelicanconf.py is", where=str(path))
    try:
        return ast.parse(data, filename=str(path))
    except SyntaxError as error:
        where = f"{path}:{error.lineno}" if error.lineno else str(path)
        raise UsageError(f"not Python 3: {error.msg}", where=where) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise UsageError(f"not Python 3: {error}", where=str(path)) from error


def _harmless(node: ast.stmt) -> bool:
    """Tell whether *node* gives no setting: an import, a docstring, a function, a call about sys.path."""
    if isinstance(node, (ast.Import, ast.FunctionDef, ast.ClassDef, ast.Pass, ast.AnnAssign)):
        return True
    if not isinstance(node, ast.Expr):
        return False
    return isinstance(node.value, ast.Constant) or ast.unparse(node).startswith(_HARMLESS)


def _assigned(node: ast.AST) -> Iterator[str]:
    """Yield the names that *node* may set or change."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        elif isinstance(part, ast.ImportFrom):
            # Others are modules, functions and classes as a rule.
            yield from (name for name in map(_name_here, part.names) if name.isupper())
        elif (isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store)) or (
            isinstance(part, ast.Attribute) and part.attr in _CHANGES
        ):
            yield from (name.id for name in ast.walk(part.value) if isinstance(name, ast.Name))


def _name_here(alias: ast.alias) -> str:
    """Return the name under which *alias* is known where it is imported."""
    return alias.asname or alias.name


def _shortened(node: ast.stmt) -> str:
    return ast.unparse(node).splitlines()[0][:80]


def _read_again(target: ast.expr) -> ast.expr:
    """Return *target* as it is read rather than written."""
    return ast.parse(ast.unparse(target), mode="eval").body
