"""Typography by language: quotes, apostrophes, dashes, ellipses and the spaces of French.

A rule acts where it is sure. What looks like code, an address or a path is left as it was written, and so
is every language without rules here. docs/typography.md lists what is done.
"""

import re
from collections import deque
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from docutils import nodes

from blogops.website import french
from blogops.website.quotation import SPACES, Edit, Quotes, after, before, quotes, turned

_LANGUAGES = {"fr", "en", "de", "es", "it", "pt", "nl"}
_MARKS = ("'", '"', "--", "...")
_NOTHING: frozenset[int] = frozenset()

# A word that holds one of these is no prose: address, path, option, code, entity. What prose has none of is
# found by one character, and only there the rest is looked at.
_SIGN = re.compile(r"[:@\\=_{}<>$|^~#`(&+!?;/.-]")
_CODE = re.compile(
    r"""
      ://  |  \.(?<=www\.)  |  @(?<=\w@)\w  |  ::  |  \\  |  [=_{}<>$|^~#`]  |  \((?<=\w\()  |  &\#?\w+;
    | \+\+  |  ->  |  [!?;:]\w  |  -(?<!\S-)-?\w  |  /[^\s/]*/
    | /(?:(?<!\S/)|(?<=\./)(?<!\S\./)|(?<=\.\./)(?<!\S\.\./))\w
    """,
    re.VERBOSE,
)
_DASHES = re.compile(r"(?<!-)---?(?!-)")
_DOTS = re.compile(r"(?<!\.)\.\.\.(?!\.)")

# Texts of programs and formulas, what is no text, and what docutils numbers itself.
_CLOSED = (
    nodes.FixedTextElement,
    nodes.literal,
    nodes.math,
    nodes.raw,
    nodes.problematic,
    nodes.option_string,
    nodes.option_argument,
    nodes.footnote_reference,
    nodes.citation_reference,
    nodes.label,
    nodes.generated,
    nodes.image,
    nodes.docinfo,
    nodes.Invisible,
    nodes.system_message,
)
_CLOSED_CLASSES = {"code", "no-typography"}
_OPAQUE = "\ufffc"


def typeset(text: str, language: str) -> str:
    """Return the plain *text* as *language* (a BCP 47 tag) is printed; other languages come back unchanged.

    Prose that was set once is not changed again. *text* has no markup: HTML in it is taken for code.
    """
    return _rewritten(text, 0, len(text), _edits(text, language, _NOTHING))


def typeset_document(document: nodes.Element, language: str) -> None:
    """Typeset the texts of *document* (or a part of one) in place, and the ``alt`` of its images.

    The language of a text is that of the nearest class ``language-xx``, else *language*. Literals, formulas,
    raw text, metadata, comments, addresses and everything of the class ``no-typography`` are left alone.
    """
    left: list[tuple[nodes.Element, str]] = [(document, language)]
    while left:
        node, outer = left.pop()
        spoken = _language(node, outer)
        if isinstance(node, nodes.image):
            _typeset_alt(node, outer)
        elif isinstance(node, nodes.TextElement) and not _is_closed(node):
            _typeset_block(node, outer)
        elif not _is_closed(node):
            left += [(child, spoken) for child in node.children if isinstance(child, nodes.Element)]


def _edits(text: str, language: str, frozen: frozenset[int]) -> list[Edit]:
    base = language.lower().split("-")[0]
    # French has spaces to set, too.
    if base not in _LANGUAGES or (base != "fr" and not any(mark in text for mark in _MARKS)):
        return []
    frozen |= _code(text)
    found = sorted(_proposed(text, language, frozen), key=lambda edit: edit.start)
    edits: list[Edit] = []
    for edit in found:
        free = edit.start not in frozen and edit.end - 1 not in frozen
        if free and (not edits or edits[-1].end <= edit.start):
            edits.append(edit)
    return edits


def _proposed(text: str, language: str, frozen: frozenset[int]) -> Iterator[Edit]:
    marks, spaces = _rules(language.lower())
    yield from turned(text, marks, frozen)
    if "--" in text:
        yield from _dashes(text, english=language.lower().startswith("en"))
    if "..." in text:
        yield from _ellipses(text)
    if spaces:
        yield from french.spaced(text, spaces)


@cache
def _rules(language: str) -> tuple[Quotes, french.Spaces | None]:
    if not language.startswith("fr"):
        return quotes(language), None
    spaces = french.spaces(language)
    return quotes(language, spaces.quote), spaces


def _code(text: str) -> frozenset[int]:
    """Return the places of words that are no prose; the double quotes around them stay outside."""
    places: set[int] = set()
    at = 0
    for sign in _SIGN.finditer(text):
        found = sign.start() >= at and _CODE.match(text, sign.start())
        if not found:
            continue
        start, end = found.span()
        while start > at and text[start - 1] not in SPACES:
            start -= 1
        while end < len(text) and text[end] not in SPACES:
            end += 1
        at = end
        word = text[start:end]
        tail = len(word.rstrip('.,"»”'))
        quote = re.search('["»”]', word[tail:])
        places.update(range(end - len(word.lstrip('"«“')), start + tail + quote.start() if quote else end))
    return frozenset(places)


def _dashes(text: str, *, english: bool) -> Iterator[Edit]:
    for found in _DASHES.finditer(text):
        start, end = found.span()
        previous, following = text[start - 1 : start] or " ", text[end : end + 1]
        long = end - start == 3
        first, last = before(text, start), after(text, end)
        quoted = text[first - 1 : first] == "«" or text[last : last + 1] == "»"
        spaced = previous in SPACES and following in SPACES and not quoted
        inside = previous.isalnum() and following.isalnum()
        numbers = previous.isdigit() and following.isdigit()
        if spaced or numbers or (inside and (long or english)):
            yield Edit(start, end, "—" if long else "–")


def _ellipses(text: str) -> Iterator[Edit]:
    for found in _DOTS.finditer(text):
        previous, following = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
        if previous != "/" and following != "/" and not following.isalnum():
            yield Edit(*found.span(), "…")


def _rewritten(text: str, start: int, end: int, edits: list[Edit]) -> str:
    """Return what stands from *start* to *end* after the *edits* that lie within."""
    parts = []
    for edit in edits:
        parts += [text[start : edit.start], edit.text]
        start = edit.end
    return "".join([*parts, text[start:end]])


class _Piece(NamedTuple):
    """A text node and where it stands in the text of its block."""

    parent: nodes.Element
    place: int
    start: int
    end: int
    language: str


class _Block:
    """A paragraph, title, … as one string, in which what is closed is one opaque character."""

    def __init__(self, node: nodes.Element, language: str) -> None:
        self.pieces: list[_Piece] = []
        self.frozen: set[int] = set()
        self.parts: list[str] = []
        self.length = 0
        self._add(node, language)
        self.text = "".join(self.parts)

    def _add(self, node: nodes.Element, outer: str) -> None:
        language = _language(node, outer)
        for place, child in enumerate(node.children):
            if isinstance(child, nodes.Text):
                start = self.length
                self._add_text(str(child))
                self.pieces.append(_Piece(node, place, start, self.length, language))
            elif isinstance(child, nodes.Element) and not _is_closed(child):
                self._add(child, language)
            elif not isinstance(child, nodes.Invisible):
                self._add_plain(_OPAQUE)
            if isinstance(child, nodes.image):
                _typeset_alt(child, language)

    def _add_text(self, text: str) -> None:
        # docutils marks what the author escaped by a NUL: \" stays as it is, an escaped space is nothing.
        plain, *escaped = text.split("\0")
        self._add_plain(plain)
        for part in escaped:
            if part[:1] in {" ", "\n"}:
                self._add_plain(part[1:])
                continue
            self.frozen.add(self.length)
            self._add_plain(part)

    def _add_plain(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)


def _typeset_block(node: nodes.Element, language: str) -> None:
    if len(node) == 1 and type(node[0]) is nodes.Text and "\0" not in node[0]:
        # Most are words without markup in them.
        text = str(node[0])
        if edits := _edits(text, _language(node, language), _NOTHING):
            node[0] = nodes.Text(_rewritten(text, 0, len(text), edits))
        return
    block = _Block(node, language)
    frozen = frozenset(block.frozen)
    spoken = dict.fromkeys(piece.language for piece in block.pieces)
    # The whole block is the context of each of its languages.
    left = {language: deque(_edits(block.text, language, frozen)) for language in spoken}
    for piece in block.pieces:
        edits = list(_taken(left[piece.language], piece))
        if edits:
            text = _rewritten(block.text, piece.start, piece.end, edits)
            piece.parent[piece.place] = nodes.Text(text)


def _taken(edits: deque[Edit], piece: _Piece) -> Iterator[Edit]:
    """Take the edits up to the end of *piece*; those that are not wholly within it are dropped."""
    while edits and edits[0].start < piece.end:
        edit = edits.popleft()
        if edit.start >= piece.start and edit.end <= piece.end:
            yield edit


def _language(node: nodes.Element, outer: str) -> str:
    names: list[str] = node.get("classes", [])
    for name in names:
        if name.startswith("language-"):
            return name.removeprefix("language-")
    return outer


def _typeset_alt(image: nodes.image, outer: str) -> None:
    if "alt" in image and not _is_marked(image):
        image["alt"] = typeset(image["alt"], _language(image, outer))


def _is_marked(node: nodes.Element) -> bool:
    return not _CLOSED_CLASSES.isdisjoint(node.get("classes", ()))


def _is_closed(node: nodes.Element) -> bool:
    kind: type = type(node)
    return _is_of_closed_kind(kind) or _is_marked(node) or _is_an_address(node)


@cache
def _is_of_closed_kind(kind: type) -> bool:
    # A target is of no kind that is shown, but the text of an inline one is.
    return issubclass(kind, _CLOSED) and not issubclass(kind, nodes.target)


def _is_an_address(node: nodes.Element) -> bool:
    if not isinstance(node, nodes.reference) or "refuri" not in node:
        return False
    text, address = node.astext(), node["refuri"]
    return bool(text) and address in {text, f"mailto:{text}", f"http://{text}", f"https://{text}"}
