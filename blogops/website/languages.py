"""The language of a text, which must be known before it is read."""

import re

from blogops.config import Config
from blogops.website.fields import outer
from blogops.website.model import Source

_CODE = r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?(?:[-_](?:[A-Za-z]{2}|[0-9]{3}))?"
_HEAD = re.compile(r"(?:[^\n]*\n){0,40}")
_NAMED = re.compile(rf"^:lang:[ \t]*({_CODE})[ \t]*$", re.MULTILINE | re.IGNORECASE)


def language_of(text: str, default: str) -> str:
    """Return the language that the head of *text* names: docutils must know it before it reads."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    head = _HEAD.match(f"{lines}\n")
    found = head and _NAMED.search(head[0])
    return canonical(found[1]) if found else default


def told_language(source: Source, config: Config) -> str:
    """Return the language of a text that names none: by blog.toml or its file's name, or else the site's."""
    told = outer(source, config).get("lang")
    return (code_of(told.value) if told else "") or config.site.language


def code_of(code: str) -> str:
    """Return *code* as `canonical` has it; nothing for what is no language code."""
    return canonical(code.strip()) if re.fullmatch(_CODE, code.strip()) else ""


def canonical(language: str) -> str:
    """Return a language code as BCP 47 (RFC 5646, section 2.1.1) writes it.

    >>> canonical("zh_hans_cn"), canonical("EN")
    ('zh-Hans-CN', 'en')
    """
    first, *rest = re.split("[-_]", language.lower())
    return "-".join((first, *(part.title() if len(part) == 4 else part.upper() for part in rest)))
