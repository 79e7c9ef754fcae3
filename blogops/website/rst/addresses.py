"""The addresses of a text: where each one was written, and the placeholder that stands for it."""

import bisect
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from docutils import nodes
from docutils.utils import get_source_line

from blogops.website.rst.context import Context, Inclusion, context_of
from blogops.website.rst.model import Link

PLACEHOLDER = "\x02%d\x03"
# Plain text with another scheme, like ssh://host, is no link.
_LINKED_SCHEMES = ("http", "https", "mailto", "tel", "ftp")
_EMBEDDED = re.compile(r"<([^<>]+)>`__?\Z")
_TARGET = re.compile(r"\.\.\s+(?:__|_(?:`[^`]*`|[^:]|\\:)*):\s+(.*)|__\s+(.*)", re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WORD = re.compile(r"[^\s<>`]+")
_AROUND = ".,;:!?()[]{}\"'«»“”"
_FEW = 40
_VIDEOS = (".mp4", ".webm", ".ogv")


def is_video(address: str) -> bool:
    """Tell whether *address* is one of a film, which HTML shows in another way than an image."""
    return address.partition("?")[0].lower().endswith(_VIDEOS)


def take_addresses(document: nodes.document, elements: Sequence[nodes.Element]) -> tuple[Link, ...]:
    """Put a placeholder in the place of every address of *elements*; return the addresses."""
    found = list(_addresses(elements))
    if not found:
        return ()
    written = dict(_targets(elements))
    addresses = [_as_written(node, node[attribute], written) for node, attribute in found]
    finder = _Finder(context_of(document), {_last_word(address) for address in addresses})
    links: list[Link] = []
    for (node, attribute), address in zip(found, addresses, strict=True):
        line = finder.line(node, address)
        image = isinstance(node, nodes.image) and not is_video(address)
        if isinstance(node, nodes.image):
            node["video"] = not image
        node[attribute] = PLACEHOLDER % len(links)
        links.append(Link(address, line, image))
    return tuple(links)


def _addresses(elements: Iterable[nodes.Element]) -> Iterator[tuple[nodes.Element, str]]:
    for node in elements:
        if isinstance(node, nodes.reference) and "refuri" in node:
            if _is_plain_text(node):
                node.parent.replace(node, list(node.children))
            # docutils writes some links to places of the page as addresses.
            elif not node["refuri"].startswith("#"):
                yield node, "refuri"
        elif isinstance(node, nodes.image):
            yield node, "uri"


def _is_plain_text(node: nodes.reference) -> bool:
    scheme, colon, _ = node["refuri"].partition(":")
    # What docutils found in plain text has no backquotes around it.
    found = node.rawsource == node.astext() and node.rawsource in node["refuri"]
    return bool(colon) and found and scheme.lower() not in _LINKED_SCHEMES


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _targets(elements: Iterable[nodes.Element]) -> Iterator[tuple[str, str]]:
    """Yield the addresses of named targets, without and with the spaces that docutils takes out."""
    for element in elements:
        found = _TARGET.match(element.rawsource) if isinstance(element, nodes.target) else None
        if found and "refuri" in element:
            yield element["refuri"], _joined(found[1] or found[2])


def _joined(text: str) -> str:
    """Return an address as it was meant: one that goes on in the next line has no space there."""
    return "".join(line.strip() for line in text.splitlines())


def _as_written(node: nodes.Element, address: str, targets: dict[str, str]) -> str:
    if _SCHEME.match(address):
        # A web address has no spaces; docutils took out those of a line that was broken.
        return str(address)
    embedded = _EMBEDDED.search(node.rawsource) if isinstance(node, nodes.reference) else None
    written = _joined(embedded[1]) if embedded else _joined(node.rawsource)
    for candidate in (written, targets.get(address, "")):
        if _squeezed(candidate) == _squeezed(address):
            return candidate
    return str(address)


def _last_word(address: str) -> str:
    return address.split()[-1] if address.split() else ""


def _lines_with(words: Iterable[str], lines: Sequence[str]) -> list[int]:
    """Return the numbers of the *lines*, from 0 on, that hold one of *words*."""
    text = "\n".join(lines)
    starts = list(itertools.accumulate((len(line) + 1 for line in lines), initial=0))
    found: set[int] = set()
    for word in words:
        at = text.find(word)
        while at >= 0:
            number = bisect.bisect_right(starts, at) - 1
            found.add(number)
            at = text.find(word, starts[number + 1])
    return sorted(found)


class _Finder:
    """Finds the line of an address: docutils knows only where its paragraph starts."""

    def __init__(self, context: Context, wanted: set[str]) -> None:
        self._context = context
        self._lines: dict[str, list[int]] = {}
        # Of many words, the text would be searched for each.
        numbers = _lines_with(wanted, context.lines) if len(wanted) <= _FEW else range(len(context.lines))
        for number in numbers:
            for word in _WORD.findall(context.lines[number]):
                for spelled in {word, word.strip(_AROUND)}:
                    self._lines.setdefault(spelled, []).append(number + 1)

    def line(self, node: nodes.Element, address: str) -> int:
        """Return the line of *address* in *node*, or the one where its paragraph starts."""
        source, start = get_source_line(node)
        if isinstance(source, Inclusion):
            return source.line
        first = int(start or 1)
        known = self._lines.get(_last_word(address), ())
        index = bisect.bisect_left(known, first)
        after = known[index] if index < len(known) else None
        if after is None:
            near = range(first, min(first + 50, len(self._context.lines)) + 1)
            after = next((number for number in near if address in self._context.lines[number - 1]), None)
        return after or (known[-1] if known else first)
