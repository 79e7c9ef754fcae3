"""From the text of a file to plain data: docutils' stages, one after the other."""

import contextlib
import gc
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from docutils import nodes

from blogops.website.rst import fields
from blogops.website.rst.addresses import take_addresses
from blogops.website.rst.context import Context
from blogops.website.rst.grammar import Parser, own_roles
from blogops.website.rst.messages import Said
from blogops.website.rst.model import SEVERE, WARNING, Field, Heading, Message, Options, Parsed
from blogops.website.rst.settings import (
    LONGEST_SUBSTITUTION,
    clean,
    clean_html,
    is_clean,
    lines_of,
    new_document,
)
from blogops.website.rst.translator import Translator

_ID = re.compile(r' id="([^"]*)"')
_SPACES = re.compile(r"[ \t\n]+")
# Of the scripts that put no spaces between words, which are two signs long on average.
_SIGN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_NO_TEXT = (nodes.footnote_reference, nodes.citation_reference, nodes.label)
_HIDDEN = (
    *_NO_TEXT,
    nodes.comment,
    nodes.raw,
    nodes.substitution_definition,
    nodes.system_message,
    nodes.pending,
    nodes.meta,
)


def parse(text: str, path: Path, options: Options) -> Parsed:
    """Read *text*, which stands in the file *path*; never raises for what an author wrote."""
    text = lines_of(text)
    with _one_collection(), own_roles():
        return _parsed(text, Context(path, options, text.split("\n")))


def _parsed(text: str, context: Context) -> Parsed:
    document = new_document(context)
    said = Said(context, document.settings.language_code)
    document.reporter.attach_observer(said)
    try:
        _read(text, document)
        return _written(document, context, said)
    except RecursionError:
        return nothing(Message(1, 0, "nested too deeply: take some levels of quotes or lists away", SEVERE))
    except MemoryError:
        raise
    except Exception as error:  # A fault of docutils; the author is told which post meets it.
        return nothing(Message(1, 0, f"docutils fails on this text: {error!r}", SEVERE), *said.messages)


@contextlib.contextmanager
def _one_collection() -> Iterator[None]:
    """Let Python's garbage collector rest: what a reading makes is a tree, needed until its end, then gone.

    A collection while it is there would look at all of it, and keep it for the next.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.collect(0)
            gc.enable()


def nothing(*messages: Message) -> Parsed:
    """Return what is known of a text that could not be read."""
    return Parsed("", "", "", {}, "", (), (), frozenset(), 0, (), messages)


def _read(text: str, document: nodes.document) -> None:
    parser, reader, writer = Parser(), fields.Reader(), fields.Writer()
    parser.parse(text, document)
    document.settings.line_length_limit = LONGEST_SUBSTITUTION
    document.transformer.populate_from_components((reader, parser, writer))
    document.transformer.apply_transforms()


def _written(document: nodes.document, context: Context, said: Said) -> Parsed:
    _clean(document)
    metadata = fields.metadata_of(document)
    title, subtitle = (_taken(document, kind) for kind in (nodes.title, nodes.subtitle))
    every = list(document.findall(nodes.Element))
    metas = list(fields.meta_fields(each for each in every if isinstance(each, nodes.meta)))
    told = [each for field in metadata for each in field.findall(nodes.Element)]
    titles = (each for node in (title, subtitle) if node is not None for each in node.findall(nodes.Element))
    _move_ids(document, every, [*titles, *told])
    every += told
    links = take_addresses(document, every)
    # What is compared, searched or becomes an address is as the author typed it.
    typed = _plain(title)
    values, words = [fields.value_of(field) for field in metadata], _counted(_read_out(document))
    if context.options.typography:
        from blogops.website.typography import typeset_document

        for root in (document, title, subtitle, *metadata):
            if root is not None:
                typeset_document(root, context.options.language)
    translator = Translator(document)
    html, anchors = _without_twins(translator.take(document), document)
    named = (_field(field, value, translator) for field, value in zip(metadata, values, strict=True))
    found = dict([*metas, *zip((field["name"] for field in metadata), named, strict=True)])
    headings = tuple(_headings(document, translator))
    return Parsed(
        title=typed,
        shown_title=_shown(title),
        subtitle=_shown(subtitle),
        fields=found,
        html=clean_html(html),
        links=links,
        headings=headings,
        anchors=anchors,
        words=words,
        includes=tuple(name for name in dict.fromkeys(context.included) if not name.startswith("<")),
        messages=_messages(said, metadata),
        missing=tuple(sorted(context.missing)),
    )


def _clean(document: nodes.document) -> None:
    """Take away what is used up, and what ``unicode::`` wrote that no XML may hold."""
    found = list(document.findall(nodes.Node))
    for definition in [node for node in found if isinstance(node, nodes.substitution_definition)]:
        definition.parent.remove(definition)
    for decoration in [node for node in found if isinstance(node, nodes.decoration)]:
        message = "a post has no header or footer of its own: this text is not shown"
        document.reporter.warning(message, base_node=next(decoration.findall(nodes.TextElement), decoration))
        decoration.parent.remove(decoration)
    texts = [node for node in found if isinstance(node, nodes.Text)]
    if is_clean("".join(texts)):
        return
    for node in texts:
        # In a node, and only there, docutils marks what was escaped by a null.
        if clean(node.astext()) != node.astext():
            node.parent.replace(node, nodes.Text(clean(node.astext())))


def _taken(document: nodes.document, kind: type[nodes.Element]) -> nodes.Element | None:
    found = next((node for node in document.children if isinstance(node, kind)), None)
    if found is not None:
        document.remove(found)
    return found


def _move_ids(
    document: nodes.document, elements: Iterable[nodes.Element], taken: Iterable[nodes.Element]
) -> None:
    """Keep the places that *elements* link to, and notes back to, where what was *taken* had them."""
    ids = [*document["ids"], *(name for each in taken for name in each["ids"])]
    if not ids:
        return
    wanted = {each["refid"] for each in elements if isinstance(each, nodes.reference) and "refid" in each}
    notes = (each for each in elements if isinstance(each, nodes.footnote | nodes.citation))
    wanted |= {name for each in notes for name in each["backrefs"]}
    found = [name for name in dict.fromkeys(ids) if name in wanted]
    if found:
        document.insert(0, nodes.target("", "", ids=found))


def _without_twins(html: str, document: nodes.document) -> tuple[str, frozenset[str]]:
    """Take away ids that a page would hold twice (from code's line anchors, or HTML of the author).

    Return what is left, and its ids.
    """
    found = _ID.findall(html)
    anchors = frozenset(found)
    if len(found) == len(anchors):
        return html, anchors
    seen: set[str] = set()

    def once(match: re.Match[str]) -> str:
        if match[1] not in seen:
            seen.add(match[1])
            return match[0]
        document.reporter.warning(f'two places are called "{match[1]}"; links lead to the first', line=1)
        return ""

    return _ID.sub(once, html), anchors


def _field(field: nodes.field, value: str, translator: Translator) -> Field:
    if fields.is_broken(field):
        html = f"<p>{translator.encode(fields.raw_text(field))}</p>"
    else:
        # A summary may be shown beside others: its places have no names.
        html = _ID.sub("", translator.take(field.children[1]).strip())
    return Field(clean(value), clean_html(html), int(field.line or 1))


def _about(metadata: list[nodes.field]) -> Iterator[Message]:
    lines: dict[str, int] = {}
    for field in metadata:
        line, name = int(field.line or 1), field["name"]
        if name in lines:
            yield Message(line, 1, f":{name}: is written twice; this one counts", WARNING)
        lines[name] = line


def _inline(node: nodes.Element, translator: Translator) -> str:
    """Return the HTML of a title without addresses: no links, to stand inside another, and alt for images."""
    if all(isinstance(child, nodes.Text) for child in node.children):
        return clean_html(translator.take(node).strip())
    copy = node.deepcopy()
    for inner in list(copy.findall(nodes.Element)):
        if isinstance(inner, (*_NO_TEXT, nodes.target)):
            inner.parent.replace(inner, [] if isinstance(inner, _NO_TEXT) else list(inner.children))
        elif isinstance(inner, nodes.reference):
            inner.parent.replace(inner, list(inner.children))
        elif isinstance(inner, nodes.image):
            inner.parent.replace(inner, nodes.Text(inner.get("alt", "")))
    return clean_html(_ID.sub("", translator.take(copy)).strip())


def _headings(document: nodes.document, translator: Translator) -> Iterator[Heading]:
    def below(node: nodes.Element, level: int) -> Iterator[Heading]:
        for section in (child for child in node.children if isinstance(child, nodes.section)):
            title = section.next_node(nodes.title)
            if title is not None and section["ids"]:
                yield Heading(level, section["ids"][0], _inline(title, translator))
            yield from below(section, level + 1)

    return below(document, 2)


def _plain(node: nodes.Node | None) -> str:
    return "" if node is None else " ".join(_read_out(node).split())


def _shown(node: nodes.Node | None) -> str:
    """Return the text of *node* in one line, with its no-break spaces."""
    return "" if node is None else _SPACES.sub(" ", _read_out(node)).strip(" ")


def _read_out(node: nodes.Node) -> str:
    pieces: list[str] = []
    _gather(node, pieces)
    return "".join(pieces)


def _counted(text: str) -> int:
    """Return how many words *text* has."""
    return len(text.split()) + (0 if text.isascii() else len(_SIGN.findall(text)) // 2)


def _gather(node: nodes.Node, pieces: list[str]) -> None:
    if isinstance(node, nodes.Text):
        pieces.append(node.astext())
        return
    if isinstance(node, _HIDDEN) or "contents" in getattr(node, "attributes", {}).get("classes", ()):
        return
    for child in node.children:
        _gather(child, pieces)
    if not isinstance(node, nodes.Inline):
        pieces.append("\n")


def _messages(said: Said, metadata: list[nodes.field]) -> tuple[Message, ...]:
    eased = (_eased(message, metadata) for message in said.messages)
    return tuple(
        sorted(
            dict.fromkeys([*eased, *_about(metadata)]), key=lambda each: (each.line, each.column, each.text)
        )
    )


def _eased(message: Message, metadata: list[nodes.field]) -> Message:
    """Return *message*; markup in metadata that docutils cannot read is shown as text, and no more."""
    inside = any(message.line in fields.lines_of(field) for field in metadata)
    return message._replace(level=min(message.level, WARNING)) if inside else message
