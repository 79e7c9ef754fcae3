"""The HTML of a post as a feed reader needs it, away from the site."""

import functools
import html as html_text
import re

from blogops.website.addresses import joined

# Possessive, and never without a match where it looked far: no text costs more than its length.
# Most tags have nothing to change and are passed over: ends, what has no attributes, the spans of code.
_TAG = re.compile(
    r"""<(?!/(?!a[\s>])|span\ class="[^"<>]*">|[a-z][a-z0-9]*>)
    /?[a-z](?:[^>"']++|"[^"]*+"|'[^']*+')*+>?""",
    re.IGNORECASE | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""(?<!\s)\s++([^\s=>"'/]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'>]++))?""")
_LINK, _END = re.compile(r"<a\s", re.IGNORECASE), re.compile(r"</a\s*>", re.IGNORECASE)
_ADDRESSES = {"href", "src", "poster", "cite", "data"}


@functools.lru_cache(maxsize=128)
def for_readers(html: str, page: str) -> str:
    """Return *html* with every address absolute, *page* being the one that it stands on.

    A link to a footnote leads to the page; ids stay, so that a reader that knows notes finds them. The
    links that headings have to themselves go away, and so do the places where a keyboard stops.
    """
    parts: list[str] = []
    done, inside = 0, False
    for tag in _TAG.finditer(html):
        if inside:
            inside = not _END.match(tag[0])
            done = done if inside else tag.end()
            continue
        parts.append(html[done : tag.start()])
        inside = _is_self_link(tag[0])
        if not inside:
            parts.append(_ATTRIBUTE.sub(lambda found: _attribute(found, page), tag[0]))
        done = tag.start() if inside else tag.end()
    return "".join((*parts, html[done:]))


def _is_self_link(tag: str) -> bool:
    if not _LINK.match(tag):
        return False
    given = {name.lower(): _value(quoted) for name, quoted in _ATTRIBUTE.findall(tag)}
    return "anchor" in given.get("class", "").split()


def _attribute(found: re.Match[str], page: str) -> str:
    name, quoted = found[1].lower(), found[2]
    if name == "tabindex":
        return ""
    if quoted is None or name not in (*_ADDRESSES, "srcset"):
        return found[0]
    value = _value(quoted)
    absolute = _joined(value, page) if name in _ADDRESSES else _each_joined(value, page)
    return f' {name}="{html_text.escape(absolute)}"'


def _value(quoted: str) -> str:
    return html_text.unescape(quoted[1:-1] if quoted[:1] in ("'", '"') else quoted)


def _joined(address: str, page: str) -> str:
    try:
        return joined(page, address)
    except ValueError:  # Not an address at all: it is the author's, as it is on the page.
        return address


def _each_joined(candidates: str, page: str) -> str:
    """Return what a ``srcset`` holds: addresses, each with what follows it up to a comma and a space."""
    told, is_address = [], True
    for word in candidates.split():
        address = word.rstrip(",")
        told.append(_joined(address, page) + word[len(address) :] if is_address and address else word)
        is_address = word.endswith(",")
    return " ".join(told)
