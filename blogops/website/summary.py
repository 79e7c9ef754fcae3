"""The beginning of a text as its summary, counted in words as Pelican counts them.

https://docs.getpelican.com/en/latest/settings.html (``SUMMARY_MAX_LENGTH``, ``SUMMARY_MAX_PARAGRAPHS``)
"""

import functools
import html as html_text
import re

from blogops.config.schema import Lists

_TOKEN = re.compile(r"<[^>]*>|[^<]+")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)[^>]*?(/?)>")
# Each sign of the scripts that write no spaces is a word, and an entity is none.
_WORD = re.compile(r"&#?\w+;|[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]|\w[\w'’-]*")
_VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_PARAGRAPH = re.compile(r"<p\b[^>]*>.*?</p>", re.DOTALL)
# What means nothing away from the whole text: headings, marks of footnotes, contents, numbers of lines.
_ONLY_IN_THE_TEXT = re.compile(
    r"<h[1-6]\b.*?</h[1-6]>"
    r'|<a\b[^>]*(?:class="[^"]*\b(?:footnote-reference|citation-reference|anchor)\b|role="doc-noteref").*?</a>'
    r'|<nav\b[^>]*class="[^"]*\bcontents\b.*?</nav>'
    r'|<(td|span)\b[^>]*class="[^"]*\blinenos\b.*?</\1>',
    re.DOTALL,
)
# A section without its heading is none, and a list of terms may be cut before its first definition.
_FRAMES = re.compile(r"</?(?:section|dl|dd)\b[^>]*>")
_TERM = re.compile(r"<(/?)dt\b[^>]*>")
_NOTES, _DIV = re.compile(r'<div\b[^>]*class="footnote-list\b'), re.compile(r"<(/?)div\b[^>]*>")
_ID = re.compile(r'(<[^>]*?) id="[^"]*"')
# A tag that stands between words; the others stand inside of one, or beside a sign.
_DIVIDING = re.compile(
    r"<(?!/?(?:a|abbr|b|bdi|bdo|cite|code|del|dfn|em|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|time|u|var"
    r"|wbr)\b)[^>]*>"
)
_FIRST_SIGNS, _LONGEST_WORD = 200, 40


@functools.lru_cache(maxsize=1024)
def summary_of(html: str, lists: Lists) -> str:
    """Return the beginning of *html*, as long as *lists* says; what was opened is closed."""
    shown = neutral(html)
    if lists.summary_paragraphs:
        shown = "".join(_PARAGRAPH.findall(shown)[: lists.summary_paragraphs])
    return _first_words(shown, lists.summary_words, lists.summary_end) if lists.summary_words else shown


def neutral(html: str) -> str:
    """Return *html* fit to stand beside others on a page: without ids and what points at them."""
    kept = _TERM.sub(r"<\1p>", _FRAMES.sub("", _ONLY_IN_THE_TEXT.sub("", _without_notes(html))))
    return _ID.sub(r"\1", kept).strip()


def _without_notes(html: str) -> str:
    """Return *html* without its footnotes, which nothing points at where their marks are left out."""
    parts, done = [], 0
    while notes := _NOTES.search(html, done):
        parts.append(html[done : notes.start()])
        depth, done = 0, len(html)
        for tag in _DIV.finditer(html, notes.start()):
            depth += -1 if tag[1] else 1
            if depth == 0:
                done = tag.end()
                break
    return "".join((*parts, html[done:]))


def plain(html: str) -> str:
    """Return the text of *html*, its first words only, for an attribute."""
    text = " ".join(html_text.unescape(re.sub("<[^>]*>", "", _DIVIDING.sub(" ", html))).split())
    if len(text) <= _FIRST_SIGNS:
        return text
    first = text[:_FIRST_SIGNS]
    # What writes few spaces, as Chinese does, would end at the last of them, wherever that is.
    end = first.rfind(" ", _FIRST_SIGNS - _LONGEST_WORD)
    return (first[:end] if end > 0 else first).rstrip(",;:. ") + "…"


def _first_words(html: str, limit: int, end: str) -> str:
    """Cut *html* after its word number *limit*; the tags open there are closed."""
    opened: list[str] = []
    open_there: tuple[str, ...] = ()
    last = count = 0
    for token in _TOKEN.finditer(html):
        tag = _TAG.fullmatch(token[0])
        if tag:
            _track(tag, opened)
        for word in () if tag else _WORD.finditer(token[0]):
            if word[0].startswith("&"):
                continue
            count += 1
            if count > limit:
                closing = "".join(f"</{name}>" for name in reversed(open_there))
                return f"{html[:last]} {end}{closing}"
            last, open_there = token.start() + word.end(), tuple(opened)
    return html


def _track(tag: re.Match[str], opened: list[str]) -> None:
    closes, name, alone = tag.groups()
    if closes:
        if name in opened:
            del opened[len(opened) - 1 - opened[::-1].index(name) :]
    elif not alone and name.lower() not in _VOID:
        opened.append(name)
