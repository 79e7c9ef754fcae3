"""The lines of metadata at the head of a file: docutils' docinfo, read as Pelican reads it."""

import html
from collections.abc import Iterable, Iterator
from typing import Any, cast

from docutils import languages, nodes, transforms
from docutils.readers import standalone
from docutils.transforms import frontmatter, references, universal

from blogops.website.rst.model import Field
from blogops.website.rst.stock import html5_polyglot

_MAY_STAND_BEFORE: Any = nodes.PreBibliographic
_WRONG = (nodes.problematic, nodes.system_message)
_TOPICS = ("dedication", "abstract")


class Metadata(nodes.Structural, nodes.Element):
    """The fields, kept in the document until references in them are known."""


class Reader(standalone.Reader):  # type: ignore[type-arg]
    """docutils' reader, with our own way to take the metadata out."""

    def get_transforms(self) -> list[type[transforms.Transform]]:
        """Return docutils' transforms with ours among them."""
        stock = super().get_transforms()
        ours: dict[Any, type[transforms.Transform]] = {
            frontmatter.DocInfo: _SetApart,
            references.AnonymousHyperlinks: _PairAnonymous,
        }
        return [*(ours.get(each, each) for each in stock), _KeepAsText, _MarkBroken]


class Writer(html5_polyglot.Writer):
    """docutils' writer, which takes its messages out of the text in one pass."""

    def get_transforms(self) -> list[type[transforms.Transform]]:
        """Return docutils' transforms with ours among them."""
        stock = super().get_transforms()
        return [_TakeMessages if each is universal.FilterMessages else each for each in stock]


class _PairAnonymous(references.AnonymousHyperlinks):
    """Does what docutils' own does, which tells at no line that some have no partner."""

    def apply(self, **kwargs: Any) -> None:
        links, targets = (
            [node for node in self.document.findall(kind) if node.get("anonymous")]
            for kind in (nodes.reference, nodes.target)
        )
        if len(links) != len(targets):
            self._tell(links, targets)
        elif links:
            super().apply(**kwargs)

    def _tell(self, links: list[Any], targets: list[Any]) -> None:
        alone = (links[len(targets) :] or targets[len(links) :])[0]
        message = f"Anonymous hyperlink mismatch: {len(links)} references but {len(targets)} targets"
        # What is quoted is found in its paragraph.
        first = f'"{alone.rawsource.partition(chr(10))[0]}" is the first of them without a partner'
        self.document.reporter.error(f"{message}; {first}", base_node=alone)
        for node in links:
            node.parent.replace(node, nodes.Text(node.rawsource))


class _TakeMessages(transforms.Transform):
    """Does what docutils' `FilterMessages` does, which takes minutes for a text of many wrong marks."""

    default_priority = universal.FilterMessages.default_priority

    def apply(self, **kwargs: Any) -> None:
        found = list(self.document.findall(nodes.Element))
        if not any(isinstance(node, _WRONG) for node in found):
            return
        for node in found:
            if any(isinstance(child, _WRONG) for child in node.children):
                kept = (child for child in node.children if not isinstance(child, nodes.system_message))
                # Not by the node's own methods: they would give its children another line.
                node.children = [_as_text(child, node) for child in kept]
        for section in [child for child in self.document.children if isinstance(child, nodes.section)]:
            if "system-messages" in section["classes"]:
                self.document.remove(section)


def _as_text(node: nodes.Node, parent: nodes.Element) -> nodes.Node:
    text = nodes.Text(node.astext()) if isinstance(node, nodes.problematic) else node
    text.parent = parent
    return text


class _SetApart(transforms.Transform):
    """Puts the fields below the title into a `Metadata` node under the names Pelican gives them."""

    default_priority = frontmatter.DocInfo.default_priority

    def apply(self, **kwargs: Any) -> None:
        index = self.document.first_child_not_matching_class(_MAY_STAND_BEFORE)
        first = self.document[index] if index is not None else None
        if index is None or not isinstance(first, nodes.field_list):
            return
        language: Any = languages.get_language(self.document.settings.language_code)
        _forget_anonymous(first)
        metadata, topics = Metadata(), {}
        for field in (child for child in first.children if isinstance(child, nodes.field)):
            plain = nodes.fully_normalize_name(field[0].astext())
            name = language.bibliographic_fields.get(plain, plain)
            if name in _TOPICS and name not in topics and plain in language.bibliographic_fields:
                topics[name] = _topic(name, language.labels[name], field[1])
                continue
            field["name"] = name
            metadata += field
        metadata += [child for child in first.children if isinstance(child, nodes.system_message)]
        # Pelican shows these two above the text, in docutils' order.
        shown = (topics[name] for name in _TOPICS if name in topics)
        self.document[index : index + 1] = [metadata, *shown]


def _forget_anonymous(fields: nodes.field_list) -> None:
    """``:slug: foo__`` is a word: counted as a link without a name, it would move those of the text."""
    for node in list(fields.findall(nodes.reference)):
        if node.get("anonymous"):
            node.parent.replace(node, nodes.Text(node.rawsource))


def _topic(name: str, label: str, body: Any) -> nodes.topic:
    return nodes.topic("", nodes.title(label, label), *body.children, classes=[name])


class _KeepAsText(transforms.Transform):
    """A word of metadata that looks like a reference (``:slug: foo_``) and is none is text."""

    default_priority = references.DanglingReferences.default_priority - 1

    def apply(self, **kwargs: Any) -> None:
        for metadata in _all_metadata(self.document):
            for node in list(metadata.findall(nodes.reference)):
                name = node.get("refname")
                if name is not None and name not in self.document.nameids:
                    node.parent.replace(node, nodes.Text(node.rawsource or node.astext()))


class _MarkBroken(transforms.Transform):
    """Remembers in which fields docutils saw wrong markup, before its words about it are gone."""

    default_priority = universal.FilterMessages.default_priority - 1

    def apply(self, **kwargs: Any) -> None:
        for metadata in _all_metadata(self.document):
            for node in metadata.findall(nodes.Element):
                if isinstance(node, _WRONG):
                    _field_around(node)["broken"] = True


def _all_metadata(document: nodes.document) -> list[nodes.Element]:
    """Return the one `Metadata` node, if there is one: it stands at the top."""
    return [child for child in document.children if isinstance(child, Metadata)]


def _field_around(node: Any) -> Any:
    while node.parent is not None and not isinstance(node, nodes.field | Metadata):
        node = node.parent
    return node


def metadata_of(document: nodes.document) -> list[nodes.field]:
    """Take the fields out of *document* and return them."""
    found = next(iter(_all_metadata(document)), None)
    if found is None:
        return []
    document.remove(found)
    return [child for child in found.children if isinstance(child, nodes.field)]


def _body(field: nodes.field) -> nodes.Element:
    return cast(nodes.Element, field.children[1])


def is_broken(field: nodes.field) -> bool:
    """Tell whether docutils could not make sense of the markup in *field*."""
    return bool(field.get("broken"))


def lines_of(field: nodes.field) -> range:
    """Return the lines that *field* stands on."""
    first = int(field.line or 1)
    return range(first, first + len(_body(field).rawsource.splitlines()) + 1)


def meta_fields(metas: Iterable[nodes.meta]) -> Iterator[tuple[str, Field]]:
    """Take the *metas*, of ``meta`` directives, out of the document; yield what they say as fields."""
    for meta in metas:
        value = " ".join(str(meta["content"]).split())
        meta.parent.remove(meta)
        yield str(meta["name"]), Field(value, f"<p>{html.escape(value)}</p>", int(meta.line or 1))


def raw_text(field: nodes.field) -> str:
    """Return what the author wrote after the name."""
    return " ".join(_body(field).rawsource.split())


def value_of(field: nodes.field) -> str:
    """Return the plain text of *field*; a list is joined by semicolons."""
    parts = _body(field).children
    if is_broken(field):
        return raw_text(field)
    if len(parts) == 1 and isinstance(parts[0], nodes.bullet_list):
        items = [" ".join(item.astext().split()) for item in parts[0].children]
        # A single name may hold a comma; a semicolon behind it keeps it whole.
        return "; ".join(items) + (";" if len(items) == 1 and "," in items[0] else "")
    if all(isinstance(part, nodes.paragraph) for part in parts):
        # Several paragraphs of authors are one each, as docutils has it.
        between = "; " if field["name"] == "authors" else " "
        return between.join(" ".join(part.astext().split()) for part in parts)
    # "R. Hubscher" reads as a list item to docutils.
    return raw_text(field)
