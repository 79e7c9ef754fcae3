"""Pygments: from code to HTML that a keyboard and a screen reader can use too."""

import functools
import re
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from blogops.website.rst.lexers import quick
from blogops.website.rst.nearest import did_you_mean

# About half a second of Pygments; what is longer is data rather than code.
_LONGEST = 200_000
_ANCHOR = re.compile(r'<a id="([\w-]+)" name="\1"(?: href="#\1")?></a>')


def highlighted(text: str, language: str, options: dict[str, Any]) -> str:
    """Return *text* in colours; *options* are those of Pygments' ``HtmlFormatter``."""
    lexer = _plain() if len(text) > _LONGEST else lexer_of(language) or _plain()
    made = highlight(text, lexer, _formatter(**{**options, "hl_lines": tuple(options.get("hl_lines", ()))}))
    # An anchor without text is a link that a screen reader stops at and cannot name.
    made = _ANCHOR.sub(r'<span id="\1"></span>', made)
    made = made.replace('<table class="highlighttable">', '<table class="highlighttable" role="none">')
    # A long line scrolls; without a tabindex it would not for a reader without a mouse.
    return made.replace("<pre><span></span>", '<pre tabindex="0"><span></span>', 1)


def advice(language: str, text: str) -> str:
    """Return what the author should know, or nothing."""
    if len(text) > _LONGEST:
        return (
            f"a block of {len(text) // 1000} KB is shown without colours; {_LONGEST // 1000} KB is the most"
        )
    if not language or lexer_of(language):
        return ""
    near = did_you_mean(language, _languages(), cutoff=0.75)
    return f'no highlighting is known for "{language}"{near}' if near else ""


@functools.lru_cache(64)
def _formatter(**options: Any) -> HtmlFormatter[str]:
    """Return a formatter, which costs as much to make as a block to format, and keeps nothing of one."""
    return HtmlFormatter(wrapcode=True, **options)


@functools.lru_cache(64)
def lexer_of(language: str) -> Lexer | None:
    """Return Pygments' lexer called *language*, if there is one."""
    try:
        return quick(get_lexer_by_name(language))
    except (ClassNotFound, ValueError):
        return None


@functools.cache
def _plain() -> Lexer:
    return TextLexer()


@functools.cache
def _languages() -> tuple[str, ...]:
    return tuple(sorted({alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases}))
