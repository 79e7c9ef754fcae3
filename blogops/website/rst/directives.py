"""The directives and roles that are ours in the place of docutils', and why."""

import re
from collections.abc import Callable
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives, roles

from blogops.website.rst.code import Code
from blogops.website.rst.include import Include
from blogops.website.rst.stock import body, images, misc, tables

_META = ("description", "keywords")
_ABBREVIATION = re.compile(r"(?P<short>.*\S)\s*\((?P<long>.+)\)\s*", re.DOTALL)


class NoDate(Directive):
    """``date`` is refused: it would give the site new bytes on every day."""

    has_content = True

    def run(self) -> Any:
        """Refuse."""
        raise self.error(f'The "{self.name}" directive is switched off: write the date itself.')


def _loading(argument: str) -> str:
    if argument.strip().lower() == "embed":
        raise ValueError("an image cannot be embedded; take :loading: embed away")
    return directives.choice(argument, ("link", "lazy"))


class Image(images.Image):
    """An image is shown by its address: docutils would embed any file of the machine."""

    option_spec: ClassVar[dict[str, Callable[[str], Any]] | None] = {
        **(images.Image.option_spec or {}),
        "loading": _loading,
    }

    def run(self) -> Any:
        """Return the image, which remembers its address as it was written."""
        return _with_address(super().run(), self.arguments[0])


class Figure(images.Figure):
    """A figure is shown by its address, as an image is."""

    option_spec: ClassVar[dict[str, Callable[[str], Any]] | None] = {
        **(images.Figure.option_spec or {}),
        "loading": _loading,
    }

    def run(self) -> Any:
        """Return the figure, whose image remembers its address as it was written."""
        return _with_address(super().run(), self.arguments[0])


def _with_address(made: Any, address: str) -> Any:
    image = next((image for node in made for image in node.findall(nodes.image)), None)
    if image is not None:
        image.rawsource = address
    return made


class Raw(misc.Raw):
    """HTML as it stands, where the site allows it and only from the post itself."""

    def run(self) -> Any:
        """Return it, or refuse."""
        if not self.state.document.settings.raw_enabled:
            raise self.error(f'The "{self.name}" directive is switched off: write it as reStructuredText.')
        if {"file", "url"} & self.options.keys():
            raise self.error(f'"{self.name}" may not read a file or an address: write the HTML below it.')
        if self.arguments[0].lower().split() != ["html"]:
            raise self.error(f'"{self.name}" knows only the format html.')
        return super().run()


class CSVTable(tables.CSVTable):
    """A table of comma-separated values that stand in the post."""

    def run(self) -> Any:
        """Return the table, or refuse to read a file."""
        if {"file", "url"} & self.options.keys():
            raise self.error(f'"{self.name}" may not read a file or an address: write the values below it.')
        return super().run()


class Meta(misc.Meta):
    """A description or keywords for search engines; no other word for a browser."""

    def run(self) -> Any:
        """Leave the allowed ones in the document."""
        before = set(self.state.document.findall(nodes.meta))
        made = super().run()
        for meta in [meta for meta in self.state.document.findall(nodes.meta) if meta not in before]:
            meta.line = self.lineno
            if meta.get("name") not in _META or set(meta.non_default_attributes()) - {"name", "content"}:
                meta.parent.remove(meta)
                told = " ".join(f"{key}={value}" for key, value in meta.non_default_attributes().items())
                message = f'"{self.name}" takes {" and ".join(_META)} only; "{told}" is left out'
                self.state_machine.reporter.warning(message, line=self.lineno)
        return made


REPLACED: dict[Any, Any] = {
    body.CodeBlock: Code,
    images.Figure: Figure,
    images.Image: Image,
    misc.Date: NoDate,
    misc.Include: Include,
    misc.Meta: Meta,
    misc.Raw: Raw,
    tables.CSVTable: CSVTable,
}


def _abbreviation(
    name: str,
    rawtext: str,
    text: str,
    lineno: int,
    inliner: Any,
    options: dict[str, Any] | None = None,
    content: list[str] | None = None,
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    # As Pelican: https://docs.getpelican.com/en/stable/content.html#file-metadata-and-content (":abbr:")
    plain = nodes.unescape(text)
    found = _ABBREVIATION.fullmatch(plain)
    given = roles.normalize_options(options)
    node = nodes.abbreviation(rawtext, found["short"] if found else plain, **given)
    if found:
        node["title"] = " ".join(found["long"].split())
    return [node], []


_role: Any = _abbreviation
roles.register_canonical_role("abbr", _role)
