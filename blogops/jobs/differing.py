"""The difference of two pages as a person reads them."""

import difflib
from html.parser import HTMLParser
from pathlib import Path

_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr "
    "li main nav ol p pre section table td th title tr ul".split()
)
_UNSEEN = frozenset(("script", "style", "template"))
_CONTEXT = 1  # lines around what changed
_MOST = 200  # lines of one page


def difference(old: Path, new: Path) -> str:
    """Return how the text of two pages differs, as a unified diff; of their source, if the text does not."""
    before, after = (path.read_text(encoding="utf-8", errors="replace") for path in (old, new))
    lines = _diff(_text(before), _text(after)) or _diff(before.splitlines(), after.splitlines())
    left = len(lines) - _MOST
    return "\n".join([*lines[:_MOST], *([f"… and {left} lines more"] if left > 0 else [])])


def _diff(before: list[str], after: list[str]) -> list[str]:
    return list(difflib.unified_diff(before, after, n=_CONTEXT, lineterm=""))[2:]


def _text(page: str) -> list[str]:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return [line for line in lines if line]


class _Reader(HTMLParser):
    """Collects what is seen of a page, a line for each block."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data.replace("\n", " "))

    def _break(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")
