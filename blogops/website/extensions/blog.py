"""What an author's ``setup(blog)`` gets to register things with."""

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from docutils import utils
from docutils.parsers.rst import Directive, directives, languages, roles, states
from jinja2 import filters

from blogops.website.extensions import guarded
from blogops.website.extensions.origin import Origin, Wrong
from blogops.website.extensions.page import Page
from blogops.website.rst.settings import known


@dataclass
class Registered:
    """All that the extensions of one blog registered, and who did."""

    language: str
    directives: dict[str, type[Directive]] = field(default_factory=dict)
    roles: dict[str, Callable[..., Any]] = field(default_factory=dict)
    filters: dict[str, Callable[..., Any]] = field(default_factory=dict)
    pages: list[Callable[..., Iterable[Page]]] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)


class Blog:
    """One extension's way to blogops. Every mistake is a `ValueError` that says what to do."""

    def __init__(self, origin: Origin, registered: Registered) -> None:
        self._origin = origin
        self._registered = registered

    def directive(self, name: str, cls: type[Directive]) -> None:
        """Let posts write ``.. name::``; *cls* is a docutils ``Directive``.

        https://docutils.sourceforge.io/docs/howto/rst-directives.html
        """
        if not (isinstance(cls, type) and issubclass(cls, Directive)):
            raise Wrong(
                f'the directive "{name}" must be a class made from docutils\' Directive, not {cls!r:.60}'
            )
        self._check_markup("directive", name, _is_directive(name, self._registered.language))
        self._registered.directives[name.lower()] = guarded.directive(cls, self._origin)

    def role(self, name: str, function: Callable[..., Any]) -> None:
        """Let posts write ``:name:`text```; *function* is a docutils role function.

        https://docutils.sourceforge.io/docs/howto/rst-roles.html
        """
        _check_function(f'the role "{name}"', function, "name, rawtext, text, lineno, inliner")
        self._check_markup("role", name, _is_role(name, self._registered.language))
        self._registered.roles[name.lower()] = guarded.role(function, self._origin)

    def filter(self, name: str, function: Callable[..., Any]) -> None:
        """Let templates write ``{{ value|name }}``; *function* is a Jinja filter.

        https://jinja.palletsprojects.com/en/stable/api/#custom-filters
        """
        if not callable(function):
            raise Wrong(f'the filter "{name}" must be a function, not {function!r:.60}')
        if not name.isidentifier():
            raise Wrong(f'"{name}" is not a name that a template can write; use letters, digits and "_"')
        self._claim("filter", name, name in filters.FILTERS)
        self._registered.filters[name] = guarded.filter_(name, function, self._origin)

    def pages(self, function: Callable[..., Iterable[Page]]) -> None:
        """Let *function* add files to the site.

        It gets the published posts (a ``Collection``) and the settings (a ``Config``), and yields `Page`.
        """
        _check_function("a pages hook", function, "found, config")
        self._registered.pages.append(guarded.pages(function, self._origin))

    def _check_markup(self, kind: str, name: str, is_taken: bool) -> None:
        if not re.fullmatch(states.Inliner.simplename, name):
            raise Wrong(f'"{name}" is not a name that a post can write; use letters, digits, "-" and "_"')
        self._claim(kind, name.lower(), is_taken)

    def _claim(self, kind: str, name: str, is_taken: bool) -> None:
        owner = self._registered.owners.get(f"{kind} {name}", "blogops" if is_taken else "")
        if owner:
            raise Wrong(f'the {kind} "{name}" is there already, by {owner}; give yours another name')
        self._registered.owners[f"{kind} {name}"] = self._origin.shown


def _is_directive(name: str, language: str) -> bool:
    names: Any = languages.get_language(known(language))
    return directives.directive(name, names, utils.new_document("an extension"))[0] is not None


def _is_role(name: str, language: str) -> bool:
    names: Any = languages.get_language(known(language))
    return roles.role(name, names, 1, utils.new_document("an extension").reporter)[0] is not None


def _check_function(what: str, function: object, takes: str) -> None:
    if not callable(function):
        raise Wrong(f"{what} must be a function, not {function!r:.60}")
    try:
        inspect.signature(function).bind(*takes.split(", "))
    except TypeError as error:
        raise Wrong(f"{what} must be a function that takes ({takes})") from error
