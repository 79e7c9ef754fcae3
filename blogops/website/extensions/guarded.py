"""What an author wrote, so that its mistakes name the author's file and line instead of a traceback."""

import dataclasses
import functools
from collections.abc import Callable, Iterable
from typing import Any

import jinja2
from docutils import nodes
from docutils.parsers.rst import Directive, DirectiveError

from blogops.errors import OpsError
from blogops.website.addresses import BadPlace
from blogops.website.extensions.origin import Origin, said
from blogops.website.extensions.page import Page

# These belong to the post (too deep, too large) or to docutils, and are told of there.
_NOT_OURS = (DirectiveError, RecursionError, MemoryError)


def directive(cls: type[Directive], origin: Origin) -> type[Directive]:
    """Return *cls*, whose mistakes are docutils messages at the place in the post."""

    def run(self: Directive) -> list[nodes.Node]:
        what = f'the directive "{self.name}" of {origin.shown}'
        try:
            made: Any = cls.run(self)
        except _NOT_OURS:
            raise
        except Exception as error:
            raise self.severe(f"{what} failed at {origin.where(error, cls.run)}: {said(error)}") from error
        if not _are_nodes(made):
            raise self.severe(f"{what} must return a list of docutils nodes, not {made!r:.60}")
        return list(made)

    return type(cls.__name__, (cls,), {"run": run, "__doc__": cls.__doc__})


def role(function: Callable[..., Any], origin: Origin) -> Callable[..., Any]:
    """Return *function*, whose mistakes are docutils messages at the place in the post."""

    @functools.wraps(function)
    def guarded(
        name: str, rawtext: str, text: str, lineno: int, inliner: Any, *more: Any, **options: Any
    ) -> Any:
        what = f'the role "{name}" of {origin.shown}'
        try:
            made = function(name, rawtext, text, lineno, inliner, *more, **options)
        except _NOT_OURS:
            raise
        except Exception as error:
            problem = f"{what} failed at {origin.where(error, function)}: {said(error)}"
        else:
            if isinstance(made, tuple) and len(made) == 2 and all(map(_are_nodes, made)):
                return made
            problem = f"{what} must return a list of docutils nodes and a list of messages, not {made!r:.60}"
        message = inliner.reporter.severe(problem, line=lineno)
        return [inliner.problematic(rawtext, rawtext, message)], [message]

    return guarded


def filter_(name: str, function: Callable[..., Any], origin: Origin) -> Callable[..., Any]:
    """Return *function*, whose mistakes are Jinja's, which knows the place in the template."""

    @functools.wraps(function)
    def guarded(*values: Any, **options: Any) -> Any:
        try:
            return function(*values, **options)
        except jinja2.TemplateError:
            raise
        except Exception as error:
            what = f'the filter "{name}" failed at {origin.where(error, function)}: {said(error)}'
            raise jinja2.TemplateRuntimeError(what) from error

    return guarded


def pages(function: Callable[..., Any], origin: Origin) -> Callable[..., Iterable[Page]]:
    """Return *function*, whose mistakes name it and whose pages know where they come from."""

    @functools.wraps(function)
    def guarded(*given: Any) -> list[Page]:
        try:
            made = list(function(*given))
        except OpsError:
            raise
        except Exception as error:
            raise origin.failed("this pages hook", error, function) from error
        for page in made:
            problem = _trouble(page)
            if problem:
                raise origin.refused(problem, function)
        return [dataclasses.replace(page, origin=origin.shown) for page in made]

    return guarded


def _trouble(page: object) -> str:
    if not isinstance(page, Page):
        return f"a pages hook yields Page(...), not {page!r:.60}"
    if bool(page.template) == (page.body is not None):
        return f'the page "{page.url}" needs either a template or a body'
    try:
        return "" if page.place else "never"
    except BadPlace as error:
        return str(error)


def _are_nodes(made: object) -> bool:
    return isinstance(made, list) and all(isinstance(node, nodes.Node) for node in made)
