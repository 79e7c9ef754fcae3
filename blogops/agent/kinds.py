"""Kind of resource -> the look at it.

A module is imported when a plan has a kind of its own: a plan of files should not wait for the compiler to
read about PostgreSQL. A kind's look is called ``look_KIND``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from .run import Look

_MODULES = {
    "accounts": "authorized_keys group nouser user",
    "apt": "dpkg",
    "commands": "command",
    "files": "absent directory file link",
    "git": "git_working_copy",
    "locked": "locked_virtualenv",
    "packages": "apt_index apt_source nopackages packages",
    "postfix": "postfix_settings",
    "postgres": "postgres_database postgres_user",
    "preseed": "preseed",
    "programs": "program",
    "services": "service",
    "system": "hostname locale sysctl",
    "virtualenvs": "python_packages python_requirements virtualenv",
}
_MODULE_OF = {kind: module for module, kinds in _MODULES.items() for kind in kinds.split()}


class _Kinds(Mapping[str, Look]):
    def __getitem__(self, kind: str) -> Look:
        look: Look = getattr(import_module(f".{_MODULE_OF[kind]}", __package__), f"look_{kind}")
        return look

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULE_OF)

    def __len__(self) -> int:
        return len(_MODULE_OF)

    def __contains__(self, kind: object) -> bool:
        return kind in _MODULE_OF


KINDS: Mapping[str, Look] = _Kinds()
