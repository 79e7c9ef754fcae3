"""The code directives: Pygments at once, rather than a docutils node for each token."""

import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives

from blogops.website.rst.context import context_of
from blogops.website.rst.nearest import did_you_mean

_NUMBERS = ("hl_lines", "emphasize-lines")
_FLAGS = ("anchorlinenos", "nobackground", "nowrap")
_INTEGERS = ("linenostart", "lineno-start", "linenostep", "linenospecial")
_NAMES = ("classprefix", "lineanchors", "linespans")
# Accepted for old posts' sake: a tags file is one of the machine, and lines of a <pre> need no other end.
_IGNORED = ("tagsfile", "tagurlformat", "lineseparator", "force", "dedent")
_OWN = ("caption", "class", "name", "number-lines", "linenos")
_KNOWN = (*_NUMBERS, *_FLAGS, *_INTEGERS, *_NAMES, *_IGNORED, *_OWN)
_LINES = re.compile(r"([0-9]{1,7})(-([0-9]{1,7})?)?")


class HighlightedCode(nodes.literal_block):
    """A block of code whose attribute "html" is what Pygments made of it."""


class CodeFigure(nodes.General, nodes.Element):
    """A block of code with its caption."""


class _AnyOption(dict[str, Callable[[str], Any]]):
    """Takes every option as it is written: a wrong one costs a warning, not the block."""

    def __missing__(self, name: str) -> Callable[[str], Any]:
        return directives.unchanged


class Code(Directive):
    """``code-block``, ``sourcecode`` and ``code``, with the options of Pelican, Sphinx and docutils.

    See https://docs.getpelican.com/en/stable/content.html#syntax-highlighting. An unknown language is
    shown as plain text.
    """

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Callable[[str], Any]] | None] = _AnyOption(
        {"class": directives.class_option}
    )

    def run(self) -> list[nodes.Node]:
        """Return the highlighted block."""
        self.assert_has_content()
        text = "\n".join(self.content)
        language = self.arguments[0] if self.arguments else ""
        from blogops.website.rst import highlighting  # Pygments, which a text without code need not have

        self._warn(highlighting.advice(language, text))
        node = HighlightedCode(text, text, html=highlighting.highlighted(text, language, self._options(text)))
        node["classes"] += self.options.get("class") or []
        node.source, node.line = self.state_machine.get_source_and_line(self.lineno)
        made = self._captioned(node)
        self.add_name(made[0])
        return made

    def _captioned(self, node: nodes.Element) -> list[Any]:
        if not self.options.get("caption"):
            return [node]
        inline, messages = self.state.inline_text(self.options["caption"], self.lineno)
        figure = CodeFigure("", nodes.caption(self.options["caption"], "", *inline), node)
        return [figure, *messages]

    def _options(self, text: str) -> dict[str, Any]:
        for name in sorted(self.options.keys() - set(_KNOWN)):
            self._warn(f':{name}: is no option of "{self.name}"{did_you_mean(name, _KNOWN)}')
        # As with Pelican, they are not those of docutils' own directive.
        told = context_of(self.state.document).options.code_defaults if self.name != "code" else ()
        defaults = dict(told)
        given = {name: str(value or "").strip() for name, value in {**defaults, **self.options}.items()}
        made: dict[str, Any] = {name: True for name in _FLAGS if name in given}
        made["linenos"] = _numbering(given)
        made.update(self._integers(given))
        made.update(self._names(given))
        if "anchorlinenos" in made and "lineanchors" not in made:
            self._warn(":anchorlinenos: needs :lineanchors: with a name for the anchors; it is left out")
            del made["anchorlinenos"]
        count = text.count("\n") + 1
        made["hl_lines"] = sorted(set(self._numbers(given, count)))
        return made

    def _integers(self, given: dict[str, str]) -> Iterator[tuple[str, int]]:
        first = next((name for name in ("lineno-start", "number-lines") if given.get(name)), "linenostart")
        for option, name in (("linenostart", first), ("linenostep", ""), ("linenospecial", "")):
            value = given.get(name or option)
            if value and value.isascii() and value.isdigit() and len(value) < 8:
                yield option, max(int(value), option == "linenostep")
            elif value:
                self._warn(f':{name or option}: "{value}" is not a number; it is left out')

    def _names(self, given: dict[str, str]) -> Iterator[tuple[str, str]]:
        taken = context_of(self.state.document).anchors
        for option in _NAMES:
            value = given.get(option, "")
            if value and not (value.isascii() and value.replace("-", "a").replace("_", "a").isalnum()):
                self._warn(f':{option}: "{value}" may hold letters, digits, "-" and "_" only; it is left out')
            elif value and option == "classprefix":
                yield option, value
            elif value:
                yield option, _unique(value, taken)

    def _numbers(self, given: dict[str, str], count: int) -> Iterator[int]:
        for option in _NUMBERS:
            for word in given.get(option, "").replace(",", " ").split():
                found = _LINES.fullmatch(word)
                if not found:
                    self._warn(f':{option}: "{word}" is not a line; write numbers like "1,3-5"')
                    continue
                last = int(found[3] or count) if found[2] else int(found[1])
                numbers = range(max(int(found[1]), 1), min(last, count) + 1)
                if not numbers:
                    self._warn(f":{option}: there is no line {word}; the block has {count}")
                yield from numbers

    def _warn(self, message: str) -> None:
        if message:
            self.state_machine.reporter.warning(message, line=self.lineno)


def _numbering(given: dict[str, str]) -> str | bool:
    """Return Pygments' "linenos"; as in Pelican, a word that is none of its three means "table"."""
    if "linenos" in given:
        wanted = given["linenos"]
        return False if wanted == "none" else wanted if wanted == "inline" else "table"
    return "inline" if {"number-lines", "lineno-start"} & given.keys() else False


def _unique(prefix: str, taken: set[str]) -> str:
    names = (prefix, *(f"{prefix}-{number}" for number in range(2, len(taken) + 3)))
    found = next(name for name in names if name not in taken)
    taken.add(found)
    return found
