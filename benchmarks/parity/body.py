"""The text, the links and the anchors of an article, the same for docutils' old and new HTML."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin

_BLOCKS = frozenset(
    "address article aside blockquote br caption dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5"
    " h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_EMPTY = frozenset("area base br col embed hr img input link meta source track wbr".split())
# What is said by other means in the other writer: named, counted, and left out of the text.
_FOLDED = {
    "linenos": "line numbers",
    "ln": "line numbers",
    "linenodiv": "line numbers",
    "anchor": "heading anchors",
    "formula": "math",
}
_OTHER_TAGS = {"math": "math", "script": "scripts", "style": "scripts", "object": "vector pictures"}
# Ids that a writer makes up: nobody links to them from outside.
_MADE_UP = re.compile(
    r"(footnote|citation|toc-entry|footnote-reference|citation-reference|problematic|id)-?\d+"
)


@dataclass(frozen=True)
class Body:
    """What an article says. *folded* counts what was left out of its text, by name."""

    text: str
    links: tuple[str, ...]
    images: tuple[str, ...]
    ids: frozenset[str]
    folded: Counter[str] = field(default_factory=Counter)


def body(html: str, address: str) -> Body:
    """Return what *html* says; its links are resolved against *address*."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = re.sub(r"\s+", " ", "".join(reader.text)).strip()
    links, images = (
        tuple(unquote(urljoin(address, link.strip())) for link in found)
        for found in (reader.links, reader.images)
    )
    return Body(text, links, images, frozenset(reader.ids), reader.folded)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.links: list[str] = []
        self.images: list[str] = []
        self.ids: set[str] = set()
        self.folded: Counter[str] = Counter()
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if self._silent:
            self._silent += [tag] if tag not in _EMPTY else []
            return
        if name := _folded(tag, values):
            self.folded[name] += 1
            if tag == "object":
                self.images.append(values.get("data", ""))
            self._silent += [tag] if tag not in _EMPTY else []
            return
        self._note(tag, values)

    def _note(self, tag: str, values: dict[str, str]) -> None:
        if tag in _BLOCKS:
            self.text.append(" ")
        if "id" in values and not _MADE_UP.fullmatch(values["id"]):
            self.ids.add(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "img" and "src" in values:
            self.images.append(values["src"])

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag in self._silent:
                while self._silent.pop() != tag:
                    pass
            return
        if tag in _BLOCKS:
            self.text.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)


def _folded(tag: str, values: dict[str, str]) -> str:
    if tag in _OTHER_TAGS:
        return _OTHER_TAGS[tag]
    return next((_FOLDED[name] for name in values.get("class", "").split() if name in _FOLDED), "")
