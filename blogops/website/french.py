"""The spaces of French: which ones there are, and how wide.

Rules: "Lexique des règles typographiques en usage à l'Imprimerie nationale" (a fine no-break space before
``; ! ?`` and between groups of three digits, a no-break word space before ``:``, inside « » and before
units). Québec (OQLF) has no space before ``; ! ?``; Swiss printers ("Guide du typographe") set all of them
fine. A space is put in only where its absence is surely a mistake; elsewhere the spaces that are there are
made no-break.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from blogops.website.quotation import OPENERS, SPACES, Edit, after, before, respaced

NARROW, WIDE = "\u202f", "\u00a0"

_S = "[ \t\n\u00a0\u202f\u2009]"
# What a sign may follow without a space and still be punctuation of a sentence.
_CLOSERS = frozenset(")]»”’\"'….%‰€°²³\ufffc")
_BEFORE_A_QUOTE = SPACES | OPENERS | frozenset("-–—") | {""}
_AFTER_A_SIGN = SPACES | frozenset(")]}»”’\"'….,—–\ufffc") | {""}
_FACTORIAL = re.compile(r"(?:^|[^\w])(?:[kmnx]|\d{1,2})$")
_NO_LABEL = re.compile(r"(?:^|[^\w])(?:[A-Z]|:\w+|\d+:\d+|[A-Z]\w*(?:-[A-Z]\w*)+)$")

_GROUPS = re.compile(rf"[1-9]\d{{0,2}}(?:{_S}\d{{3}})+(?!{_S}?\d|\w)")
_UNITS = (
    "%|‰|€|\\$|£|¥|°C|°F|°|k€|M€|"
    "km/h|m/s|km²|m²|cm²|mm²|m³|cm³|km|hm|dm|cm|mm|µm|nm|m|ha|kg|mg|µg|g|"
    "cl|cL|ml|mL|dl|hl|l|L|ms|µs|ns|min|s|h|kHz|MHz|GHz|THz|Hz|"
    "kWh|MWh|GWh|TWh|Wh|kW|MW|GW|TW|W|mV|kV|V|mAh|mA|Ω|dB|hPa|kPa|Pa|kJ|kcal|ppm|px|dpi|"
    "kbit/s|Mbit/s|Gbit/s|kb/s|Mb/s|Gb/s|ko/s|Mo/s|Go/s|ko|Mo|Go|To|Po|Kio|Mio|Gio|Tio|EUR|USD|CHF|CAD"
)
_WITH_UNIT = re.compile(rf"\d(?P<gap>{_S}+)(?:h(?P<more>{_S}+)(?=\d\d(?!\d))|(?:{_UNITS})(?![\w'’]))")
# What holds to the word behind it. Each begins with a plain character, which Python finds quickly; what must
# stand before it is looked for behind.
*_BEFORE_A_NUMBER, _BEFORE_A_NAME, _OF_A_CENTURY = (
    re.compile(f"{pattern}(?P<gap>{_S}+)", re.VERBOSE)
    for pattern in (
        rf"[nN][°º] (?={_S}+\d)",
        rf"§ (?={_S}+\d)",
        rf"\. (?={_S}+\d) (?:(?<=\b[pt]\.) | (?<=\bpp\.) | (?<=\b(?:art|fig|vol)\.) | (?<=\bchap\.))",
        rf"(?:M(?<!\wM)(?:M|mes?|lles?|gr)? | D(?<!\wD)r | P(?<!\wP)r) \.? (?={_S}+[A-ZÀ-ÖØ-Þ])",
        rf"[IVXL](?<!\w.)[IVXL]*(?:er|e|ᵉ|ème) (?={_S}+siècles?\b)",
    )
)
_DIGIT = re.compile(r"\d")
_HIGH, _COLON, _GUILLEMET = re.compile("[;!?]+"), re.compile(":"), re.compile("[«»]")
_ENDS_A_COLON = re.compile(r"""\s|$|»|"(?!\w)""")
_DASH = re.compile(r"--+|[–—]")
_SENTENCE = re.compile(r"[.!?…]\s")


class Spaces(NamedTuple):
    """The spaces of one country's French: before ``; ! ?``, before ``:``, inside « »."""

    high: str
    colon: str
    quote: str
    # Whether a space before ``; ! ?`` is put where there is none.
    added: bool = True


def spaces(language: str) -> Spaces:
    """Return the spaces of *language*, a tag that begins with ``fr``."""
    country = language.lower().partition("-")[2]
    if country == "ch":
        return Spaces(NARROW, NARROW, NARROW)
    return Spaces(NARROW, WIDE, WIDE, added=country != "ca")


def spaced(text: str, wanted: Spaces) -> Iterator[Edit]:
    """Yield the no-break spaces of *text*."""
    # A sign is found ten times as fast as a pattern.
    if ";" in text or "!" in text or "?" in text:
        for found in _HIGH.finditer(text):
            yield from _high(text, found.start(), found.end(), wanted)
    if ":" in text:
        for found in _COLON.finditer(text):
            yield from _colon(text, found.start(), wanted.colon)
    if "«" in text or "»" in text:
        for found in _GUILLEMET.finditer(text):
            yield from _guillemet(text, found.start(), wanted.quote)
    if _DIGIT.search(text):
        yield from _numbers(text)
        for pattern in _BEFORE_A_NUMBER:
            yield from _together(text, pattern)
    yield from _together(text, _BEFORE_A_NAME)
    if "siècle" in text:
        yield from _together(text, _OF_A_CENTURY)
    yield from _asides(text)


def _together(text: str, pattern: re.Pattern[str]) -> Iterator[Edit]:
    for found in pattern.finditer(text):
        yield from respaced(text, *found.span("gap"), WIDE)


def _high(text: str, start: int, end: int, wanted: Spaces) -> Iterator[Edit]:
    gap = before(text, start)
    if not gap or _opens(text, gap - 1) or text[end : end + 1] not in _AFTER_A_SIGN:
        return
    if gap < start:
        yield from respaced(text, gap, start, wanted.high)
    elif wanted.added and _ends_a_word(text, start):
        factorial = text[start] == "!" and _FACTORIAL.search(text[max(0, start - 3) : start])
        if not factorial:
            yield Edit(start, start + 1, wanted.high + text[start])


def _colon(text: str, at: int, space: str) -> Iterator[Edit]:
    gap = before(text, at)
    if not gap or _opens(text, gap - 1) or not _ENDS_A_COLON.match(text, at + 1):
        return
    if gap < at:
        yield from respaced(text, gap, at, space)
    elif _ends_a_word(text, at) and not _NO_LABEL.search(text[max(0, at - 40) : at]):
        yield Edit(at, at + 1, space + ":")


def _opens(text: str, at: int) -> bool:
    return text[at] in OPENERS or (text[at] == '"' and text[at - 1 : at] in _BEFORE_A_QUOTE)


def _ends_a_word(text: str, at: int) -> bool:
    previous, one_more = text[at - 1], text[at - 2 : at - 1]
    if previous in "\"'":
        return one_more not in _BEFORE_A_QUOTE
    return previous.isalnum() or previous in _CLOSERS


def _guillemet(text: str, at: int, space: str) -> Iterator[Edit]:
    if text[at] == "«":
        end = after(text, at + 1)
        if end == len(text) or text[end] == "»" or text[at + 1] == "-":
            return
        yield from respaced(text, at + 1, end, space) if end > at + 1 else [Edit(at, at + 1, "«" + space)]
    else:
        start = before(text, at)
        if not start or text[start - 1] == "«" or text[at - 1] == "-":
            return
        yield from respaced(text, start, at, space) if start < at else [Edit(at, at + 1, space + "»")]


def _numbers(text: str) -> Iterator[Edit]:
    for found in _GROUPS.finditer(text):
        start = found.start()
        if not re.search(rf"[\w.,+:/-]$|\d{_S}$", text[max(0, start - 2) : start]):
            for gap in re.finditer(_S, found[0]):
                yield from respaced(text, start + gap.start(), start + gap.end(), NARROW)
    for found in _WITH_UNIT.finditer(text):
        yield from respaced(text, *found.span("gap"), WIDE)
        if found["more"]:
            yield from respaced(text, *found.span("more"), WIDE)


def _asides(text: str) -> Iterator[Edit]:
    """A dash that opens an aside holds to the word after it, one that closes it to the word before."""
    if "--" not in text and "–" not in text and "—" not in text:
        return
    opened, last = False, 0
    for found in _DASH.finditer(text):
        start, end = before(text, found.start()), after(text, found.end())
        if end == found.end() or end == len(text) or (start and start == found.start()):
            continue
        if text[start - 1 : start] == "«" or text[end] in ";:!?»":  # Whose own space it is.
            continue
        if text[start - 1 : start].isdigit() and text[end].isdigit():
            continue
        closes = opened and not _SENTENCE.search(text, last, start)
        if closes:
            yield from respaced(text, start, found.start(), WIDE)
        else:
            yield from respaced(text, found.end(), end, WIDE)
        opened, last = bool(start) and not closes, end
