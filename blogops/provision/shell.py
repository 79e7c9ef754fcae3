"""Pieces of shell commands: quoted, as another user, with files given in place, and no secret in them."""

import shlex
from collections.abc import Callable, Mapping
from typing import Any

from blogops.provision.plan import Resource
from blogops.provision.secret import Secret

Explain = Callable[[Resource], list[str]]

HIDDEN = "«secret»"


def shown(value: Any) -> str:
    """Return *value* as text, without what it hides."""
    return HIDDEN if isinstance(value, Secret) else str(value)


def line(*words: Any) -> str:
    """Return one command line of *words*, each quoted where it needs to be."""
    return shlex.join([shown(word) for word in words])


def as_user(user: str, *words: Any) -> str:
    """Return the command line of *words* run as *user*; root needs no more than the words."""
    return line("runuser", "-u", user, "--", *words) if user and user != "root" else line(*words)


def unless(condition: str, *lines: str) -> list[str]:
    """Return *lines* to be run where *condition* fails."""
    return [f"if ! {condition}; then", *lines, "fi"]


def given(command: str, text: Any) -> list[str]:
    """Return *command* with *text* on its stdin, as a here-document."""
    body = shown(text)
    if not body.endswith("\n"):
        return [f"printf %s {shlex.quote(body)} | {command}" if body else f"{command} </dev/null"]
    mark = "END"
    while mark in body.splitlines():
        mark += "_"
    return [f"{command} <<'{mark}'", *body[:-1].split("\n"), mark]


def written(path: str, contents: Any, rights: Mapping[str, Any]) -> list[str]:
    """Return what writes a file that nobody else can read on the way."""
    made = placed(path, rights, "/dev/null")
    return [*made, *given(line("tee", path) + " >/dev/null", contents)] if shown(contents) else made


def placed(path: str, rights: Mapping[str, Any], *words: Any) -> list[str]:
    """Return what installs *words* at *path* with its rights; an owner's group is their main one."""
    owner, group = rights.get("owner", ""), rights.get("group", "")
    ids = [*(["-o", owner] if owner and group else []), *(["-g", group] if group else [])]
    own = [line("chown", f"{owner}:", path)] if owner and not group else []
    return [line("install", "-m", rights["mode"], *ids, *words, path), *own]
