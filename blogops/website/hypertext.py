"""HTML and CSS as a browser finds them: where a page leads, what it fetches, what a fragment of it can be.

Not by html.parser: it takes ten times as long, and one new post may change a hundred pages.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

ENDINGS = (".html", ".htm")
"""What the files of pages are called."""

# https://html.spec.whatwg.org/multipage/parsing.html#tokenization; it never looks at a sign twice, so that
# no page takes long, and what is cut off ends with the text.
_TOKEN = re.compile(
    r"""<(?:!--(?:-?>|.*?(?:--!?>|\Z))"""
    r"""|([a-zA-Z][^\s/>]*+)"""
    r"""((?:[\s/=]++|[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+))?+)*+)"""
    r"""(?:>|\Z))""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([^\s/>=]++)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s>"'][^\s>]*+)))?+""")
_TEMPLATE = re.compile(r"<(/?)template(?=[\s/>])", re.IGNORECASE)
_CANDIDATE = re.compile(r"[\s,]*+(\S*[^\s,])(?:\s[^,]*+)?(?:,|\Z)")

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_URL = re.compile(r"""url\(\s*+(?:"([^"]*+)"|'([^']*+)'|([^()"']*+))\s*+\)|@import\s*+["']([^"']*+)["']""")

# What stands in these is text, whatever it looks like.
_OF_TEXT = frozenset({"script", "style", "title", "textarea", "iframe"})
_LEADING, _NAMED = ("a", "area"), ("href", "xlink:href")
_FETCHED, _LISTED = ("src", "poster"), ("srcset", "imagesrcset")
_TELLING = frozenset({"id", "name", "data", *_NAMED, *_FETCHED, *_LISTED})


class Hypertext(NamedTuple):
    """What stands in a page: where it *leads*, what a browser *needs* to show it, its anchors.

    *is_whole* is false for one that opens its ``<html>`` and does not close it.
    """

    leads: frozenset[str]
    needs: frozenset[str]
    anchors: frozenset[str]
    title: str
    is_whole: bool


def of_style(text: str) -> frozenset[str]:
    """Return the addresses of what a browser needs to show a style sheet."""
    return frozenset("".join(groups).strip() for groups in _URL.findall(_COMMENT.sub("", text))) - {""}


def read(html: str) -> Hypertext:
    """Return what stands in a page. Comments and templates are passed over."""
    leads, needs, anchors = set[str](), set[str](), set[str]()
    title = ""
    for tag, written, text in _tags(html):
        if tag == "title":
            title = title or unescape(text).strip()
        for name, value in _attributes(written) if written else ():
            if name == "id" or (name == "name" and tag == "a"):
                anchors.add(value)
            elif name in _NAMED and tag in _LEADING:
                leads.add(value)
            else:
                needs.update(_needed(tag, name, value))
    small = html.lower()
    is_whole = "<html" not in small or "</html>" in small
    return Hypertext(frozenset(leads), frozenset(needs), frozenset(anchors), title, is_whole)


def _tags(html: str) -> Iterator[tuple[str, str, str]]:
    """Yield each tag that opens: its name, its attributes as written, and its text if it holds no tags."""
    position = 0
    while found := _TOKEN.search(html, position):
        position = found.end()
        if not found[1]:
            continue
        tag = found[1].lower()
        if tag == "template":
            position = _past_template(html, position)
            continue
        # Inside an SVG these may close themselves.
        end = _end_of(tag, html, position) if tag in _OF_TEXT and found[2][-1:] != "/" else position
        yield tag, found[2], html[position:end]
        position = end


def _past_template(html: str, position: int) -> int:
    depth = 1
    while depth and (found := _TEMPLATE.search(html, position)):
        depth += -1 if found[1] else 1
        position = found.end()
    return position if depth == 0 else len(html)


def _end_of(tag: str, html: str, position: int) -> int:
    found = re.compile(rf"</{tag}(?=[\s/>])", re.IGNORECASE).search(html, position)
    return found.start() if found else len(html)


def _attributes(written: str) -> Iterator[tuple[str, str]]:
    for name, *values in _ATTRIBUTE.findall(written):
        small = name.lower()
        if small in _TELLING and (value := "".join(values).strip()):
            yield small, unescape(value)


def _needed(tag: str, name: str, value: str) -> list[str]:
    if name in _LISTED:
        return list(_CANDIDATE.findall(value.strip(", \t\n\r\f")))
    # <base> is not obeyed, by the site's Content-Security-Policy.
    is_fetched = name in _FETCHED or (tag, name) == ("object", "data") or (name in _NAMED and tag != "base")
    return [value] if is_fetched else []
