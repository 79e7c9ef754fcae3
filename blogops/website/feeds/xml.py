"""XML by hand: two formats, a dozen elements, and bytes that never depend on a library's version."""

import re
from collections.abc import Mapping
from types import MappingProxyType

# https://www.w3.org/TR/xml/#charsets, the other way round: the set of all that it allows takes re ten times
# as long to compile.
_NOT_XML = re.compile("[\0-\b\v\f\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Not the functions of xml.sax.saxutils: they come with urllib.request, http.client, ssl and email.
_QUOTED = (('"', "&quot;"), ("\n", "&#10;"), ("\r", "&#13;"), ("\t", "&#9;"))
_NONE: Mapping[str, str] = MappingProxyType({})


def clean(text: str) -> str:
    """Return *text* without the characters that no XML may hold."""
    return _NOT_XML.sub("", text)


def escape(text: str) -> str:
    """Return *text* as it may stand in an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoted(text: str) -> str:
    """Return *text* as the value of an attribute, in its quotes."""
    text = escape(text)
    for sign, reference in _QUOTED:
        text = text.replace(sign, reference)
    return f'"{text}"'


def element(name: str, text: str = "", attributes: Mapping[str, str] = _NONE) -> str:
    """Return an element that holds *text*, whatever that is.

    >>> element("title", "a < b", {"xml:lang": "fr"})
    '<title xml:lang="fr">a &lt; b</title>'
    """
    opening = opened(name, attributes)
    return f"{opening}{escape(clean(text))}</{name}>" if text else f"{opening[:-1]}/>"


def opened(name: str, attributes: Mapping[str, str]) -> str:
    """Return the tag that opens an element."""
    told = (f" {key}={quoted(clean(value))}" for key, value in attributes.items())
    return f"<{name}{''.join(told)}>"
