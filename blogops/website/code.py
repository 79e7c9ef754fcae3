"""The code directives: Pygments at once, rather than a docutils node for each token."""

from collections.abc import Callable
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound


def _ignored(argument: str | None) -> str:
    return argument or ""


class Code(Directive):
    """``code-block``, ``sourcecode`` and ``code``; an unknown language is shown as plain text."""

    optional_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Callable[[str], Any]] | None] = {
        "class": directives.class_option,
        "name": directives.unchanged,
        "number-lines": _ignored,
        "linenos": _ignored,
        "linenostart": directives.nonnegative_int,
        "hl_lines": directives.unchanged,
        "emphasize-lines": directives.unchanged,
        "caption": directives.unchanged,
        **dict.fromkeys(
            ("anchorlinenos", "classprefix", "lineanchors", "linenospecial", "linenostep", "lineseparator"),
            _ignored,
        ),
        **dict.fromkeys(("linespans", "nobackground", "nowrap", "tagsfile", "tagurlformat"), _ignored),
    }

    def run(self) -> list[nodes.Node]:
        """Return the highlighted block."""
        self.assert_has_content()
        numbered = "inline" if {"number-lines", "linenos"} & self.options.keys() else False
        formatter = HtmlFormatter(
            linenos=numbered, linenostart=self._first_line(), hl_lines=self._marked(), wrapcode=True
        )
        code = highlight("\n".join(self.content), _lexer(self.arguments), formatter)
        # A long line scrolls; without a tabindex it would not for a reader without a mouse.
        return [nodes.raw("", code.replace("<pre>", '<pre tabindex="0">', 1), format="html")]

    def _first_line(self) -> int:
        number = self.options.get("number-lines") or self.options.get("linenostart") or 1
        return int(number) if str(number).isdigit() else 1

    def _marked(self) -> list[int]:
        text = self.options.get("hl_lines") or self.options.get("emphasize-lines") or ""
        return [int(word) for word in text.replace(",", " ").split() if word.isdigit()]


def _lexer(arguments: list[str]) -> Lexer:
    try:
        return get_lexer_by_name(arguments[0]) if arguments else TextLexer()
    except ClassNotFound:
        return TextLexer()


class NoDate(Directive):
    """``date`` is refused: it would give the site new bytes on every day."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Refuse."""
        raise self.error(f'The "{self.name}" directive is switched off: write the date itself.')


def register() -> None:
    """Put these directives in the place of docutils' own."""
    for name in ("code-block", "sourcecode", "code"):
        directives.register_directive(name, Code)
    directives.register_directive("date", NoDate)
