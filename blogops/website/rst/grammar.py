"""docutils' parser, in which some directives are ours.

docutils looks a directive up in one table for all documents and languages, and keeps there what it finds.
Here a name means the same in every post, whatever was read before it.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives, roles, states
from docutils.parsers.rst.languages import en

from blogops.website.rst import tuning
from blogops.website.rst.directives import REPLACED

_ENGLISH: Any = en
# One colon too few, or no space behind two. Nikola's metadata looks alike, and is none of ours.
_MISSPELT = re.compile(r"\.\. +(?!title|date)([\w.+-]+) ?(?::(?!:)|::(?=\S))")


def find_directive(name: str, language: Any, document: nodes.document) -> Any:
    """Return the directive class called *name* in *language* or in English, or None."""
    local: Mapping[str, str] = language.directives
    canonical = local.get(name.lower()) or en.directives.get(name.lower()) or name.lower()
    # Under its own name first: an extension may have registered it.
    for each in dict.fromkeys((name.lower() if name.lower() not in local else canonical, canonical)):
        found: Any = directives.directive(each, _ENGLISH, document)[0]
        if found:
            return REPLACED.get(found, found)
    return None


def _directive(state: Any, match: Any, **presets: Any) -> Any:
    name = match.group(1)
    found = find_directive(name, state.memo.language, state.document)
    if not found:
        return state.unknown_directive(name)
    return state.run_directive(found, match, name, presets)


class _Ours(tuning.State):
    """What every state of ours has in common."""

    nested_sm = tuning.NestedStateMachine
    nested_sm_cache: ClassVar[list[Any]] = []
    explicit = SimpleNamespace(
        patterns=states.Body.explicit.patterns,
        constructs=[
            (_directive if method is states.Body.directive else method, pattern)
            for method, pattern in states.Body.explicit.constructs
        ],
    )
    directive = _directive

    def __init__(self, state_machine: Any, debug: bool = False) -> None:
        super().__init__(state_machine, debug)  # type: ignore[call-arg]
        self.nested_sm_kwargs = {"state_classes": _STATES, "initial_state": "Body"}

    def comment(self, match: Any) -> Any:
        """Read a comment; one that was meant to be more is told, for its text is not shown."""
        state: Any = self
        found = _MISSPELT.match(match.string)
        if found and find_directive(found[1], state.memo.language, state.document):
            message = f'".. {found[1]}" is a comment here, and not shown; a directive is ".. {found[1]}:: "'
            state.reporter.warning(message, line=state.state_machine.abs_line_number())
        return super().comment(match)  # type: ignore[misc]

    def add_target(self, name: str, address: str, target: Any, line: int) -> None:
        """Note a target; docutils would count the lines of files included above in its line."""
        state: Any = self
        target.source, found = state.state_machine.get_source_and_line(line)
        super().add_target(name, address, target, found or line)  # type: ignore[misc]


# A state is known by the name of its class.
_STATES = tuple(type(state.__name__, (_Ours, state), {}) for state in states.state_classes)


class Parser(tuning.Parser):
    """docutils' parser with our states."""

    def __init__(self) -> None:
        super().__init__(_STATES)


@contextlib.contextmanager
def own_roles() -> Iterator[None]:
    """Forget the roles that a document defines, and what docutils remembers of it, when it is read."""
    table: dict[str, Any] = vars(roles)["_roles"]
    before = dict(table)
    try:
        yield
    finally:
        table.clear()
        table.update(before)
        # Machines to be used again, which hold the whole of the text that they read.
        _Ours.nested_sm_cache.clear()
