"""Pygments' lexers made faster, with the same tokens (ADR 13): by its first sign, a place tries few patterns.

A state of a lexer has dozens of patterns, and Pygments tries them in turn at each place of a text.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from pygments.lexer import Lexer, RegexLexer
from pygments.token import Error, Whitespace, _TokenType

from blogops.website.rst import tuning

try:
    # How Python reads a pattern; a later version may have it elsewhere.
    from re import _parser  # type: ignore[attr-defined]
except ImportError:
    _parser = None

# Only from then on it is worth to look into a lexer's patterns: that takes as long as some blocks.
_BLOCKS = 8
STEP = tuning.Step("lexers", ((RegexLexer, "get_tokens_unprocessed"),))
_EVERY = frozenset(map(chr, range(128)))


def quick(lexer: Lexer) -> Lexer:
    """Return *lexer*, soon to give its tokens quicker, if Pygments' own code gives them."""
    if _parser and not _why_not() and _is_plain(lexer):
        vars(lexer)["get_tokens_unprocessed"] = _Quick(lexer)
    return lexer


@cache
def _why_not() -> str:
    return tuning.why_not(STEP)


def _is_plain(lexer: Lexer) -> bool:
    return type(lexer).get_tokens_unprocessed is RegexLexer.get_tokens_unprocessed


class _Quick:
    """What takes the place of a lexer's method."""

    def __init__(self, lexer: Any) -> None:
        self._lexer, self._blocks = lexer, 0
        self._states = {name: _Rules(rules) for name, rules in lexer._tokens.items()}

    def __call__(self, text: str, stack: tuple[str, ...] = ("root",)) -> Iterator[Any]:
        self._blocks += 1
        if self._blocks < _BLOCKS:
            return RegexLexer.get_tokens_unprocessed(self._lexer, text, stack)
        return _tokens(self._lexer, self._states, text, stack)


class _Rules(dict[str, list[Any]]):
    """The rules of a state by the signs that what they match may begin with."""

    def __init__(self, rules: list[Any]) -> None:
        super().__init__()
        self._every = rules

    def __missing__(self, sign: str) -> list[Any]:
        if sign not in _EVERY:
            return self._every
        rules = self[sign] = [rule for rule in self._every if sign in _signs_of(rule[0])]
        return rules


def _tokens(lexer: Any, states: dict[str, _Rules], text: str, stack: Any) -> Iterator[Any]:
    """Do what ``RegexLexer.get_tokens_unprocessed`` does."""
    pos = 0
    names = list(stack)
    rules = states[names[-1]]
    while True:
        for match_at, action, following in rules[text[pos : pos + 1]]:
            match = match_at(text, pos)
            if not match:
                continue
            if type(action) is _TokenType:
                yield pos, action, match.group()
            elif action is not None:
                yield from action(lexer, match)
            pos = match.end()
            if following is not None:
                _follow(names, following)
                rules = states[names[-1]]
            break
        else:
            if pos >= len(text):
                return
            if text[pos] == "\n":
                names, rules = ["root"], states["root"]
                yield pos, Whitespace, "\n"
            else:
                yield pos, Error, text[pos]
            pos += 1


def _follow(names: list[str], following: Any) -> None:
    if isinstance(following, int):
        # One state always stays.
        del names[1 if abs(following) >= len(names) else following :]
        return
    for name in following if isinstance(following, tuple) else (following,):
        if name == "#push":
            names.append(names[-1])
        elif name != "#pop":
            names.append(name)
        elif len(names) > 1:
            names.pop()


def _signs_of(match_at: Any) -> frozenset[str]:
    pattern = getattr(match_at, "__self__", None)
    return _signs(pattern.pattern, pattern.flags) if isinstance(pattern, re.Pattern) else _EVERY


@cache
def _signs(pattern: str, flags: int) -> frozenset[str]:
    """Return the ASCII characters that a match of *pattern* may begin with; all, if it may be empty."""
    found, may_be_empty = _begins(_parser.parse(pattern, flags), flags)
    return _EVERY if may_be_empty else found & _EVERY


def _begins(items: Any, flags: int) -> tuple[frozenset[str], bool]:
    """Return what *items* of a pattern may begin with, at the least, and whether they may match nothing."""
    found: frozenset[str] = frozenset()
    for code, told in items:
        name = str(code)
        if name in ("AT", "ASSERT", "ASSERT_NOT"):
            continue
        signs, may_be_empty = _of_item(name, told, flags)
        found |= signs
        if not may_be_empty:
            return found, False
    return found, True


def _of_item(name: str, told: Any, flags: int) -> tuple[frozenset[str], bool]:
    if name == "LITERAL":
        return _cased(frozenset(chr(told)), flags), False
    if name == "IN":
        return _cased(_of_set(told, flags), flags), False
    if name in ("ANY", "NOT_LITERAL"):
        return _EVERY, False
    if name == "BRANCH":
        every = [_begins(each, flags) for each in told[1]]
        return frozenset().union(*(signs for signs, _ in every)), any(empty for _, empty in every)
    if name.endswith("_REPEAT"):
        least, _, items = told
        signs, may_be_empty = _begins(items, flags)
        return signs, may_be_empty or not least
    if name == "SUBPATTERN":
        _, added, removed, items = told
        return _begins(items, (flags | added) & ~removed)
    return _EVERY, True


def _of_set(items: Any, flags: int) -> frozenset[str]:
    found: set[str] = set()
    for code, told in items:
        name = str(code)
        if name == "LITERAL":
            found.add(chr(told))
        elif name == "RANGE":
            # Of what is beyond ASCII it is enough to know that there is something.
            found |= {chr(told[1]), *map(chr, range(told[0], min(told[1], 127)))}
        elif name == "CATEGORY":
            found |= _of_class(str(told), flags & re.ASCII)
    return _EVERY - found if str(items[0][0]) == "NEGATE" else frozenset(found)


@cache
def _of_class(name: str, flags: int) -> frozenset[str]:
    sign = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}[name.rpartition("_")[2]]
    found = re.compile(rf"\{sign.upper() if '_NOT_' in name else sign}", flags)
    return frozenset(filter(found.match, _EVERY))


def _cased(signs: frozenset[str], flags: int) -> frozenset[str]:
    if not flags & re.IGNORECASE:
        return signs
    # Some letters beyond ASCII are those of ASCII to Python, written otherwise.
    return frozenset(map(str.swapcase, signs)) | signs if signs <= _EVERY else _EVERY
