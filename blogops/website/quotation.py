"""Straight quotes and apostrophes, turned by the language they stand in.

Quotes are turned in pairs only: what has no partner (inches, a lone quote of code) stays as it was written.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from docutils.utils.smartquotes import smartchars

SPACES = frozenset(" \t\n\r\u00a0\u202f\u2009")
OPENERS = frozenset("([{«“„‘‚‹")
_CLOSERS = frozenset(")]}»”")
_DASHES = frozenset("-–—")

# Words that begin with an apostrophe, and decades ('90s).
_SHORTENED = re.compile(r"'(?:n'|(?:tis|twas|twere|til|till|em|cause|round|bout)\b|\d\ds?\b)", re.IGNORECASE)
_ELISION = re.compile(
    r"(?:\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu|quelqu|un|\w*ll|com|dov|sant))$", re.IGNORECASE
)


class Edit(NamedTuple):
    """Put *text* where the characters from *start* to *end* stand."""

    start: int
    end: int
    text: str


class Quotes(NamedTuple):
    """The quotes of a language, outer and inner; *space* stands inside the outer ones."""

    outer: tuple[str, str]
    inner: tuple[str, str]
    space: str = ""
    elides: bool = False
    # 'x' becomes an inner quote where it stands in no other.
    single: bool = True


class _Mark(NamedTuple):
    kind: str
    at: int


def quotes(language: str, space: str = "") -> Quotes:
    """Return the quotes of *language* by docutils' table, with *space* inside the outer ones."""
    name, base = language.lower(), language.lower().split("-")[0]
    table = smartchars.quotes.get(name, smartchars.quotes[base])
    first, last, inner_first, inner_last = (mark.strip() for mark in table)
    elides, single = base in {"fr", "it"}, base != "fr"
    return Quotes((first, last), (inner_first, inner_last), space, elides, single)


def before(text: str, at: int) -> int:
    """Return where the spaces that stand before *at* begin."""
    while at > 0 and text[at - 1] in SPACES:
        at -= 1
    return at


def after(text: str, at: int) -> int:
    """Return where the spaces that stand at *at* end."""
    while at < len(text) and text[at] in SPACES:
        at += 1
    return at


def respaced(text: str, start: int, end: int, space: str) -> Iterator[Edit]:
    """Make the gap from *start* to *end* one *space*; a gap that holds an empty line is none."""
    gap = text[start:end]
    if gap != space and gap.count("\n") < 2:
        yield Edit(start, end, space)


def turned(text: str, language: Quotes, frozen: frozenset[int]) -> Iterator[Edit]:
    """Yield the quotes and apostrophes of *text*, except at *frozen* places."""
    if "'" not in text and '"' not in text:
        return
    reading = _Reading(text, language)
    for found in re.finditer(rf"[\"'{re.escape(''.join(language.outer))}]", text):
        if found.start() not in frozen:
            reading.read(found[0], found.start())
    yield from reading.edits()


class _Reading:
    """One walk over the quotes of a text: which open, which close, which are apostrophes."""

    def __init__(self, text: str, language: Quotes) -> None:
        self.text = text
        self.language = language
        self.open: list[_Mark] = []
        self.count: Counter[str] = Counter()
        self.pairs: list[tuple[_Mark, int]] = []
        self.apostrophes: list[int] = []

    def read(self, kind: str, at: int) -> None:
        if kind == "'":
            self._single(at)
        elif kind == '"':
            self._double(at)
        elif kind == self.language.outer[0]:
            self._push("outer", at)
        else:
            self._close("outer", at)

    def edits(self) -> Iterator[Edit]:
        for at in [*self.apostrophes, *(mark.at for mark in self.open if self._begins_a_word(mark))]:
            yield Edit(at, at + 1, "’")
        levels = self._levels()
        for mark, end in self.pairs:
            level = levels[mark.at]
            if mark.kind == '"':
                yield from self._outer(mark.at, end) if level % 2 == 0 else self._inner(mark.at, end)
            elif mark.kind == "'" and (level or self.language.single):
                yield from self._inner(mark.at, end)

    def _levels(self) -> dict[int, int]:
        """Return how many outer quotes each pair stands in; single quotes do not count."""
        begins = {mark.at: mark.kind for mark, _ in self.pairs}
        ends = {end: mark.kind for mark, end in self.pairs}
        depth, levels = 0, {}
        for at in sorted([*begins, *ends]):
            if at in begins:
                levels[at] = depth
                depth += begins[at] != "'"
            else:
                depth -= ends[at] != "'"
        return levels

    def _outer(self, start: int, end: int) -> Iterator[Edit]:
        first, last = self.language.outer
        space = self.language.space
        inside, outside = after(self.text, start + 1), before(self.text, end)
        if not space or inside >= end:
            yield from (Edit(start, start + 1, first), Edit(end, end + 1, last))
            return
        if inside > start + 1:
            yield Edit(start, start + 1, first)
            yield from respaced(self.text, start + 1, inside, space)
        else:
            yield Edit(start, start + 1, first + space)
        if outside < end:
            yield from respaced(self.text, outside, end, space)
            yield Edit(end, end + 1, last)
        else:
            yield Edit(end, end + 1, space + last)

    def _inner(self, start: int, end: int) -> Iterator[Edit]:
        first, last = self.language.inner
        yield from (Edit(start, start + 1, first), Edit(end, end + 1, last))

    def _single(self, at: int) -> None:
        previous, following = self._around(at)
        if (previous.isdigit() and following.isdigit()) or "'" in (previous, following):
            return
        if (previous.isalnum() and following.isalnum()) or self._elides(at):
            self.apostrophes.append(at)
        elif self._may_open(at) and following not in SPACES:
            shortened = _SHORTENED.match(self.text, at)
            if shortened:
                self.apostrophes.append(at)
            else:
                self._push("'", at)
        elif previous not in SPACES and not self._close("'", at) and previous.isalpha():
            self.apostrophes.append(at)

    def _double(self, at: int) -> None:
        previous, following = self._around(at)
        if '"' in (previous, following):
            return
        if self._may_open(at) and following not in SPACES:
            self._push('"', at)
        elif previous not in SPACES:
            if not following.isalnum():
                self._close('"', at)
        elif following in SPACES and self.language.space and not self._close('"', at):
            first, last = before(self.text, at), after(self.text, at + 1)
            if self.text[first - 1 : first] not in OPENERS and self.text[last : last + 1] not in _CLOSERS:
                self._push('"', at)

    def _around(self, at: int) -> tuple[str, str]:
        return self.text[at - 1 : at] or " ", self.text[at + 1 : at + 2] or " "

    def _may_open(self, at: int) -> bool:
        previous, following = self._around(at)
        if following in _CLOSERS:
            return False
        if previous in SPACES or previous in OPENERS or previous in _DASHES:
            return True
        quoted = bool(self.open) and self.open[-1].at == at - 1 and following.isalnum()
        return quoted or (previous in "'’" and self._elides(at - 1))

    def _elides(self, at: int) -> bool:
        """Tell whether the mark at *at* stands for a vowel, and what follows is quoted or of another kind."""
        opens = self.text[at + 1 : at + 2] in {'"', "«", "“", "‘", "(", "\ufffc"}
        return self.language.elides and opens and bool(_ELISION.search(self.text[max(0, at - 12) : at]))

    def _push(self, kind: str, at: int) -> None:
        self.open.append(_Mark(kind, at))
        self.count[kind] += 1

    def _close(self, kind: str, at: int) -> bool:
        if not self.count[kind] or (kind == "'" and self.open[-1].kind != kind):
            return False
        while (mark := self.open.pop()).kind != kind:
            # What was opened inside and never closed was no quote.
            self.count[mark.kind] -= 1
            if self._begins_a_word(mark):
                self.apostrophes.append(mark.at)
        self.count[kind] -= 1
        self.pairs.append((mark, at))
        return True

    def _begins_a_word(self, mark: _Mark) -> bool:
        return mark.kind == "'" and self._around(mark.at)[1].isalpha()
