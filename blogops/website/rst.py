"""reStructuredText to HTML by docutils, with its doors shut.

A post may format text; it may not read files of the machine, run scripts in a reader's browser or make
the output depend on anything but itself.
"""

import copy
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from docutils import frontend, languages, nodes, transforms, utils
from docutils.parsers.rst import Parser
from docutils.readers import standalone
from docutils.transforms import frontmatter
from docutils.writers import html5_polyglot

from blogops.website import code

_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "halt_level": 5,
    # Nothing of docutils' messages goes into a page: an observer gathers them.
    "report_level": 5,
    "warning_stream": False,
    "embed_stylesheet": False,
    "stylesheet_path": [],
    "image_loading": "lazy",
    "initial_header_level": 2,
    "math_output": "MathML",
    "sectsubtitle_xform": False,
    "syntax_highlight": "short",
    "toc_backlinks": False,
    "footnote_references": "superscript",
}
# docutils only warns of these, but what the author wrote would be missing from the page.
_REFUSED = re.compile(r"directive disabled|roles? disabled|roles\) disabled|access deactivated")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

_FIELDS = "blogops_fields"
_MAY_STAND_BEFORE: Any = nodes.PreBibliographic

code.register()


@dataclass(frozen=True)
class Field:
    """A line of metadata."""

    value: str
    line: int


@dataclass(frozen=True)
class Message:
    """Something docutils said; *broken* when the text cannot be published so."""

    line: int
    text: str
    broken: bool


@dataclass(frozen=True)
class Parsed:
    """A text that was read, before its links are known."""

    document: nodes.document
    title: str
    subtitle: str
    opening: str
    fields: dict[str, Field]
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class Written:
    """The HTML of a text."""

    html: str
    messages: tuple[Message, ...]


def clean(text: str) -> str:
    """Return *text* without the characters that no XML may hold."""
    return _NOT_XML.sub("", text)


def parse(text: str, shown: str, language: str) -> Parsed:
    """Read *text*, in which directives and metadata may have the names of *language*."""
    document = _new_document(shown, language)
    messages = _guarded(document, lambda: _read(clean(text), document))
    fields = getattr(document, _FIELDS, {})
    title, subtitle = (_taken(document, kind) for kind in (nodes.title, nodes.subtitle))
    return Parsed(document, title, subtitle, _opening(document), fields, messages)


def write(document: nodes.document) -> Written:
    """Return the body of *document* as HTML, and what was wrong with it (formulas are looked at here)."""
    translator = _Translator(document)
    messages = _guarded(document, lambda: document.walkabout(translator))
    body = clean("".join(translator.fragment))
    return Written(body.replace('<pre class="', '<pre tabindex="0" class="'), messages)


def _guarded(document: nodes.document, work: Callable[[], object]) -> tuple[Message, ...]:
    """Do *work* and return what docutils said meanwhile."""
    said: list[Message] = []

    def observer(message: nodes.system_message) -> None:
        said.append(_message(message))

    document.reporter.attach_observer(observer)
    try:
        work()
    except RecursionError:
        said.append(Message(1, "nested too deeply", broken=True))
        document.children.clear()
    except Exception as error:  # A fault of docutils; the author is told which post meets it.
        said.append(Message(1, f"docutils fails on this text: {error!r}", broken=True))
        document.children.clear()
    finally:
        document.reporter.detach_observer(observer)
    return tuple(dict.fromkeys(message for message in said if message.text))


def _read(text: str, document: nodes.document) -> None:
    parser, reader, writer = Parser(), _Reader(), html5_polyglot.Writer()
    parser.parse(text, document)
    document.transformer.populate_from_components((reader, parser, writer))
    document.transformer.apply_transforms()


@functools.cache
def _defaults() -> Any:
    # No configuration file is read on this way: one in the working folder could open the doors again.
    settings = frontend.get_default_settings(Parser, standalone.Reader, html5_polyglot.Writer)
    for name, value in _SETTINGS.items():
        setattr(settings, name, value)
    return settings


def _new_document(shown: str, language: str) -> nodes.document:
    settings = copy.deepcopy(_defaults())
    settings.language_code = language if is_known(language) else "en"
    return utils.new_document(shown, settings)


@functools.cache
def is_known(language: str) -> bool:
    """Tell whether docutils has labels in *language*."""
    found = languages.get_language(language)
    return language.startswith("en") or found is not languages.get_language("en")


def _message(message: nodes.system_message) -> Message:
    text = " ".join(message.children[0].astext().split()) if message.children else ""
    level = int(message["level"])
    broken = level >= 3 or bool(_REFUSED.search(text))
    return Message(int(message.get("line") or 1), text if level >= 2 else "", broken)


def _taken(document: nodes.document, kind: type[nodes.Element]) -> str:
    for node in document.children:
        if isinstance(node, kind):
            document.remove(node)
            return clean(" ".join(node.astext().split()))
    return ""


def _opening(document: nodes.document) -> str:
    """Return the text of the first paragraphs, for a summary."""
    footnotes = (nodes.footnote_reference, nodes.citation_reference)
    texts = []
    for paragraph in document.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.document | nodes.section):
            parts = (part.astext() for part in paragraph.children if not isinstance(part, footnotes))
            texts.append("".join(parts))
        if sum(map(len, texts)) > 600:
            break
    return clean(" ".join(" ".join(texts).split()))


class _Reader(standalone.Reader):  # type: ignore[type-arg]
    """docutils' reader, with our own way to take the metadata out."""

    def get_transforms(self) -> list[type[transforms.Transform]]:
        stock = super().get_transforms()
        return [_TakeFields if each is frontmatter.DocInfo else each for each in stock]


class _TakeFields(transforms.Transform):
    """Takes the fields at the head of a document away, and remembers their lines."""

    default_priority = frontmatter.DocInfo.default_priority

    def apply(self, **kwargs: Any) -> None:
        """Leave them on the document under the name ``_FIELDS``."""
        index = self.document.first_child_not_matching_class(_MAY_STAND_BEFORE)
        first = self.document[index] if index is not None else None
        if index is None or not isinstance(first, nodes.field_list):
            return
        language: Any = languages.get_language(self.document.settings.language_code)
        fields = (field for field in first.children if isinstance(field, nodes.field))
        found = dict(_field(field, language.bibliographic_fields) for field in fields)
        setattr(self.document, _FIELDS, found)
        del self.document[index]


def _field(field: nodes.field, local: dict[str, str]) -> tuple[str, Field]:
    name, body = field.children
    plain = " ".join(name.astext().lower().split())
    canonical = {"abstract": "summary"}.get(local.get(plain, ""), local.get(plain, plain))
    return canonical, Field(clean(_field_text(body)), int(field.line or 1))


def _field_text(body: nodes.Node) -> str:
    parts = body.children
    if len(parts) == 1 and isinstance(parts[0], nodes.bullet_list):
        return "; ".join(item.astext() for item in parts[0].children)
    if all(isinstance(part, nodes.paragraph) for part in parts):
        return " ".join(" ".join(part.astext().split()) for part in parts)
    # "R. Hubscher" reads as a list item to docutils.
    return " ".join(str(getattr(body, "rawsource", "")).split())


class _Translator(html5_polyglot.HTMLTranslator):
    """docutils' HTML 5, which never puts a file of the machine into a page."""

    def visit_image(self, node: nodes.image) -> None:
        """Show an image by its address, whatever was asked for."""
        node.attributes.pop("loading", None)
        super().visit_image(node)
