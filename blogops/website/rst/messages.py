"""What docutils says about a text, as an author can use it."""

import re
from collections.abc import Iterator

from docutils import nodes
from docutils.parsers.rst.languages import en
from docutils.parsers.rst.languages import get_language as words_of

from blogops.website.rst.context import Context, Inclusion
from blogops.website.rst.model import ERROR, WARNING, Message
from blogops.website.rst.nearest import did_you_mean

# docutils only warns of these, but what the author wrote would be missing from the page.
_REFUSED = re.compile(r"directive disabled|roles? disabled|roles\) disabled|access deactivated")
_UNKNOWN = re.compile(r'Unknown (directive type|interpreted text role) "([^"]+)"\.')
_QUOTED = re.compile(r'"([^"]+)"')
_LONGEST_PARAGRAPH = 200


class Said:
    """An observer of a document that keeps what docutils says."""

    def __init__(self, context: Context, language: str) -> None:
        self._context = context
        self._language = language
        self.messages: list[Message] = []

    def __call__(self, message: nodes.system_message) -> None:
        """Keep *message* if it is a warning or more."""
        text = " ".join(message.children[0].astext().split()) if message.children else ""
        level = int(message["level"])
        if _REFUSED.search(text) or self._context.in_formula:
            level = max(level, ERROR)
        if self._context.in_formula:
            text = f"this formula cannot be read: {text}"
        if text and level >= WARNING:
            self._keep(message, self._advised(text), level)

    def _keep(self, message: nodes.system_message, text: str, level: int) -> None:
        source, line = message.get("source"), int(message.get("line") or 0)
        if isinstance(source, Inclusion):
            text = f"{source}:{max(line, 1) + source.cut}: {text}"
            self.messages.append(Message(source.line, 0, text, level))
            return
        self.messages.append(Message(*self._placed(text, line), text, level))

    def _placed(self, text: str, line: int) -> tuple[int, int]:
        """Return the line and column of what *text* quotes; docutils knows where its paragraph starts."""
        wanted = _QUOTED.search(text)
        found = next(self._places(wanted[1].lower(), line), None) if wanted else None
        return found or (line or 1, 0)

    def _places(self, wanted: str, line: int) -> Iterator[tuple[int, int]]:
        last = line + _LONGEST_PARAGRAPH if line else len(self._context.lines)
        for number, shown in enumerate(self._context.lines[max(line, 1) - 1 : last], max(line, 1)):
            column = shown.lower().find(wanted) + 1
            if column:
                yield number, column
            elif line and not shown.strip():
                return

    def _advised(self, text: str) -> str:
        unknown = _UNKNOWN.search(text)
        if not unknown:
            return text.removesuffix(".")
        known = sorted(set(self._names(unknown[1])))
        return text.removesuffix(".") + did_you_mean(unknown[2], known)

    def _names(self, kind: str) -> Iterator[str]:
        for words in (en, words_of(self._language)):
            names = words.directives if kind == "directive type" else words.roles
            yield from (name for name in names if "translation required" not in name)
