"""How docutils is set up: every door shut, and no configuration file of the machine read."""

import copy
import functools
import pkgutil
import re
import unicodedata
from typing import Any

from docutils import frontend, languages, nodes, utils
from docutils.parsers import rst
from docutils.readers import standalone

from blogops.website.rst import tuning
from blogops.website.rst.context import Context, attach
from blogops.website.rst.stock import html5_polyglot

LONGEST_LINE = 1_000_000
# What a substitution may hold: docutils' own limit, which stops one that doubles again and again.
LONGEST_SUBSTITUTION = 10_000

_SETTINGS = {
    "_disable_config": True,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "halt_level": 5,
    # Nothing of docutils' messages goes into a page: an observer gathers them.
    "report_level": 5,
    "warning_stream": False,
    "traceback": False,
    "embed_stylesheet": False,
    "stylesheet_path": [],
    "image_loading": "link",
    "initial_header_level": 2,
    "line_length_limit": LONGEST_LINE,
    "math_output": "MathML",
    "sectsubtitle_xform": False,
    "strip_comments": True,
    "syntax_highlight": "short",
    "toc_backlinks": False,
    "footnote_references": "superscript",
}
_NOT_XML = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# Of these, what is a byte of UTF-8.
_CONTROLS = bytes((*range(9), *range(0xE, 0x20), 0x7F))
_PLACEHOLDER = re.compile("(\x02[0-9]+\x03)")
# Python counts these as ends of lines and editors do not: the numbers of lines would be wrong.
_STRANGE_ENDS = "\x0b\x0c\x85\u2028\u2029"
_LANGUAGES = frozenset(module.name for module in pkgutil.iter_modules(languages.__path__))


def clean(text: str) -> str:
    """Return *text* without the characters that no XML may hold."""
    return text if is_clean(text) else _NOT_XML.sub("", text)


def is_clean(text: str) -> bool:
    """Tell whether `clean` would change nothing: in half the time that a pattern takes."""
    try:
        data = text.encode()
    except UnicodeEncodeError:  # half a character
        return False
    whole = len(data.translate(None, _CONTROLS)) == len(data)
    return whole and "\ufffe" not in text and "\uffff" not in text


def clean_html(html: str) -> str:
    """Return *html* without such characters, save for the placeholders of addresses."""
    pieces = _PLACEHOLDER.split(html)
    if is_clean("".join(pieces[::2])):
        return html
    pieces[::2] = map(clean, pieces[::2])
    return "".join(pieces)


def lines_of(text: str) -> str:
    """Return a whole file's *text* as docutils should see it: its lines are those of an editor.

    An accent is one character (NFC): docutils knows no directive whose name is written otherwise.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for end in _STRANGE_ENDS:
        text = text.replace(end, " ")
    return unicodedata.normalize("NFC", clean(text))


def known(language: str) -> str:
    """Return docutils' code for *language*, or "en" where it has no words in it.

    docutils itself would import any module of that name.
    """
    tags = utils.normalize_language_tag(language)
    return next((tag for tag in tags if tag in _LANGUAGES), "en")


def new_document(context: Context) -> nodes.document:
    """Return an empty document that belongs to *context*."""
    settings = copy.copy(_defaults())
    settings.language_code = known(context.options.language)
    settings.raw_enabled = context.options.raw_html
    document = tuning.Document(settings, utils.new_reporter(context.shown, settings), source=context.shown)
    document.note_source(context.shown, -1)
    attach(document, context)
    return document


@functools.cache
def _defaults() -> Any:
    settings = frontend.get_default_settings(rst.Parser, standalone.Reader, html5_polyglot.Writer)
    for name, value in _SETTINGS.items():
        setattr(settings, name, value)
    return settings
