"""What an expression of pelicanconf.py is worth, worked out from its syntax; nothing is ever executed.

Understood are literals, names given before, ``+`` and ``%s``, ``format``, f-strings, and the few functions
that such files use to put paths and addresses together. Anything else raises `NotUnderstood`.
"""

import ast
import os.path
import posixpath
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin

_LARGEST = 100_000  # letters of a text, or items of a list and of all that is in it
_FIELD = re.compile(r"\{(\w*)\}|\{\{|\}\}")


class NotUnderstood(Exception):
    """An expression that only Python itself could work out; its text says what it is."""


def evaluate(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Return what *node* is worth, where *names* are what was given before it."""
    kind = _KINDS.get(type(node))
    if kind is None:
        raise NotUnderstood(_said(node))
    return _bounded(kind(node, names))


def _bounded(value: Any) -> Any:
    # A few lines of `A = A + A`, or of lists of lists, would otherwise fill the memory.
    if _weight(value, _LARGEST) > _LARGEST:
        raise NotUnderstood("a value of more than 100,000 letters or items")
    return value


def _weight(value: Any, most: int) -> int:
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, (list, tuple, dict, set)):
        return 1
    total = 1
    for item in [*value, *value.values()] if isinstance(value, dict) else value:
        total += _weight(item, most - total)
        if total > most:
            break
    return total


def _constant(node: ast.Constant, names: Mapping[str, Any]) -> Any:
    if isinstance(node.value, str) and ("\0" in node.value or _is_broken(node.value)):
        raise NotUnderstood("a text that no file can hold")
    if node.value is None or isinstance(node.value, (str, int, float)):
        return node.value
    raise NotUnderstood(_said(node))


def _is_broken(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _name(node: ast.Name, names: Mapping[str, Any]) -> Any:
    if node.id not in names:
        raise NotUnderstood(f"the value of {node.id}")
    return names[node.id]


def _list(node: ast.List | ast.Tuple | ast.Set, names: Mapping[str, Any]) -> Any:
    items: list[Any] = []
    for item in node.elts:
        if isinstance(item, ast.Starred):
            items += evaluate(item.value, names)
        else:
            items.append(evaluate(item, names))
    return tuple(items) if isinstance(node, ast.Tuple) else items


def _dict(node: ast.Dict, names: Mapping[str, Any]) -> Any:
    found: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            found |= evaluate(value, names)
        else:
            found[_hashable(evaluate(key, names))] = evaluate(value, names)
    return found


def _hashable(key: Any) -> Any:
    try:
        hash(key)
    except TypeError as error:
        raise NotUnderstood("a key that cannot be one") from error
    return key


def _text(node: ast.JoinedStr, names: Mapping[str, Any]) -> str:
    parts: list[str] = []
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value))
        elif isinstance(value, ast.FormattedValue) and value.format_spec is None and value.conversion == -1:
            parts.append(_shown(evaluate(value.value, names)))
        else:
            raise NotUnderstood(_said(value))
    return "".join(parts)


def _shown(value: Any) -> str:
    if isinstance(value, (str, int, float)):
        return str(value)
    raise NotUnderstood("a text made from a list")


def _sum(node: ast.BinOp, names: Mapping[str, Any]) -> Any:
    left, right = evaluate(node.left, names), evaluate(node.right, names)
    if isinstance(node.op, ast.Mod) and isinstance(left, str):
        return _percent(left, right if isinstance(right, tuple) else (right,))
    if isinstance(node.op, ast.Div) and isinstance(left, str) and isinstance(right, str):
        return posixpath.join(left, right)
    return added(node, left, right)


def added(node: ast.AST, left: Any, right: Any) -> Any:
    """Return *left* + *right*, where *node* says so, of two texts, lists or numbers."""
    same = type(left) is type(right) and isinstance(left, (str, list, tuple, int, float))
    wanted = isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Add)
    if same and wanted:
        return _bounded(left + right)
    raise NotUnderstood(_said(node))


def _percent(text: str, values: tuple[Any, ...]) -> str:
    parts = re.split(r"%[sd]", text)
    if len(parts) != len(values) + 1 or any("%" in part for part in parts):
        raise NotUnderstood("a text with other signs than %s")
    return "".join(part + _shown(value) for part, value in zip(parts, [*values, ""], strict=True))


def _call(node: ast.Call, names: Mapping[str, Any]) -> Any:
    called = ast.unparse(node.func)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return _formatted(node, evaluate(node.func.value, names), names)
    function = _FUNCTIONS.get(called)
    if function is None or node.keywords:
        raise NotUnderstood(_said(node))
    try:
        return function(*(evaluate(argument, names) for argument in node.args))
    except (TypeError, ValueError, AttributeError) as error:
        raise NotUnderstood(_said(node)) from error


def _formatted(node: ast.Call, text: Any, names: Mapping[str, Any]) -> str:
    given = {str(index): evaluate(argument, names) for index, argument in enumerate(node.args)}
    given |= {word.arg: evaluate(word.value, names) for word in node.keywords if word.arg}
    counter = iter(range(len(node.args)))

    def filled(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        name = found[1] or str(next(counter, ""))
        if name not in given:
            raise NotUnderstood(_said(node))
        return _shown(given[name])

    if not isinstance(text, str) or re.search(r"[{}]", _FIELD.sub("", text)):
        raise NotUnderstood(_said(node))
    return _FIELD.sub(filled, text)


def _attribute(node: ast.Attribute, names: Mapping[str, Any]) -> Any:
    if ast.unparse(node) in ("os.curdir", "os.path.curdir"):
        return "."
    if node.attr == "parent":
        return posixpath.dirname(str(evaluate(node.value, names)))
    raise NotUnderstood(_said(node))


def _item(node: ast.Subscript, names: Mapping[str, Any]) -> Any:
    try:
        return evaluate(node.value, names)[evaluate(node.slice, names)]
    except (KeyError, IndexError, TypeError) as error:
        raise NotUnderstood(_said(node)) from error


def _negative(node: ast.UnaryOp, names: Mapping[str, Any]) -> Any:
    value = evaluate(node.operand, names)
    if isinstance(node.op, ast.Not):
        return not value
    if isinstance(node.op, ast.USub) and isinstance(value, (int, float)):
        return -value
    raise NotUnderstood(_said(node))


def _said(node: ast.AST) -> str:
    text = re.sub(r"\s+", " ", ast.unparse(node))
    return text if len(text) <= 80 else text[:79] + "…"


def _join(*parts: str) -> str:
    return os.path.join(*parts)  # noqa: PTH118 -- what the file itself says, on a text


def _absolute(path: str) -> str:
    return os.path.abspath(path)  # noqa: PTH100 -- the same


_FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "os.path.join": _join,
        "path.join": _join,
        "join": _join,
        "os.path.dirname": posixpath.dirname,
        "os.path.abspath": _absolute,
        "os.path.realpath": _absolute,
        "os.path.normpath": posixpath.normpath,
        "urljoin": urljoin,
        "Path": lambda *parts: str(Path(*parts)),
        "str": _shown,
        "list": list,
        "tuple": tuple,
        "dict": dict,
    }
)
_KINDS: Mapping[type, Callable[[Any, Mapping[str, Any]], Any]] = MappingProxyType(
    {
        ast.Constant: _constant,
        ast.Name: _name,
        ast.List: _list,
        ast.Tuple: _list,
        ast.Set: _list,
        ast.Dict: _dict,
        ast.JoinedStr: _text,
        ast.BinOp: _sum,
        ast.Call: _call,
        ast.Attribute: _attribute,
        ast.Subscript: _item,
        ast.UnaryOp: _negative,
    }
)
