"""What a value of blog.toml must look like, by the type of its field in `schema`."""

import difflib
import typing
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from blogops.config.schema import Pairs, Texts

# What to write, and whether a value from TOML is so.
_WANTED: Mapping[Any, str] = MappingProxyType(
    {
        str: "a text in quotes",
        int: "a whole number",
        bool: "true or false",
        Texts: "a list of texts",
        tuple[int, ...]: "a list of whole numbers",
        Pairs: "a list of pairs of texts",
        dict[str, str]: "a table of texts",
        dict[str, dict[str, str]]: "a table of tables of texts",
    }
)


def fields_of(kind: type) -> dict[str, Any]:
    """Return the type of each key of the table *kind*."""
    return typing.get_type_hints(kind)


def is_table(kind: Any) -> bool:
    """Tell whether *kind*, or its type, is a table of `schema`."""
    return hasattr(kind, "_fields")


def problems(name: str, table: Mapping[str, Any], kind: Any) -> Iterator[str]:
    """Yield what is wrong with the keys and types of *table*, which is called *name* in blog.toml."""
    fields = fields_of(kind)
    for key, value in table.items():
        if key not in fields:
            yield unknown(key, fields, f"{name}.")
        elif is_table(fields[key]) and isinstance(value, dict):
            yield from problems(f"{name}.{key}", value, fields[key])
        elif not _fits(value, fields[key]):
            wanted = _WANTED.get(fields[key], f"a [{name}.{key}] table")
            yield f"{name}.{key}: found {shown(value)}; write {wanted}"
    for key in fields:
        if key not in kind._field_defaults and key not in table:
            yield f'{name}.{key}: missing; write {key} = "…"'


def well_typed(table: Mapping[str, Any], kind: Any) -> dict[str, Any]:
    """Return the part of *table* that can be used, ready for *kind*."""
    fields = fields_of(kind)
    good = {key: value for key, value in table.items() if key in fields and _fits(value, fields[key])}
    return {key: _usable(value, fields[key], kind._field_defaults.get(key)) for key, value in good.items()}


def unknown(key: str, known: Iterable[str], prefix: str) -> str:
    """Return the sentence about a key that is none."""
    near = difflib.get_close_matches(key, list(known), n=1)
    advice = f'did you mean "{prefix}{near[0]}"?' if near else f"known here: {', '.join(sorted(known))}"
    return f"{prefix}{key}: unknown key; {advice}"


def shown(value: object) -> str:
    """Return *value* as it stands in TOML."""
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fits(value: object, kind: Any) -> bool:
    if is_table(kind):
        return isinstance(value, dict)
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) is dict:
        return isinstance(value, dict) and all(_fits(item, arguments[1]) for item in value.values())
    if typing.get_origin(kind) is tuple:
        wanted = arguments[0]
        right_length = Ellipsis in arguments or (isinstance(value, list) and len(value) == len(arguments))
        return isinstance(value, list) and right_length and all(_fits(item, wanted) for item in value)
    return isinstance(value, kind) and isinstance(value, bool) == (kind is bool)


def _usable(value: Any, kind: Any, default: Any) -> Any:
    if is_table(default):
        return default._replace(**well_typed(value, kind))
    return _frozen(value)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
