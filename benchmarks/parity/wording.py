"""Explained differences in what a post says."""

import re

from docutils.languages import get_language

from benchmarks.parity.both import Both
from benchmarks.parity.compare import Difference
from benchmarks.parity.reading import Built

_WORDS = frozenset(
    word
    for language in ("en", "fr", "de", "es", "it", "pt")
    for label in get_language(language).labels.values()
    for word in label.split()
)


def dead_link(found: Difference, both: Both) -> bool:
    """A link that Pelican could not resolve and left as it was written."""
    return found.what in ("links", "images") and bool(re.search(r"/[{|]\w+[|}]", str(found.pelican)))


def spaces(found: Difference, both: Both) -> bool:
    """docutils takes the spaces out of an address, so that Pelican's {tag} leads to no page."""
    if found.what != "links" or not found.pelican or not found.blogops:
        return False
    path = str(found.pelican).removeprefix(both.site).lstrip("/")
    return path not in both.pelican.paths and str(found.blogops).replace("-", "") == str(
        found.pelican
    ).replace("-", "")


def dashed(found: Difference, both: Both) -> bool:
    """A language has its code of BCP 47, which knows no underscore; addresses keep what was typed."""
    return found.what == "lang" and str(found.pelican).replace("_", "-") == found.blogops


def whole_second(found: Difference, both: Both) -> bool:
    """A date is told to the second: at a part of one nothing can be due."""
    return found.what == "date" and re.sub(r"\.\d+", "", str(found.pelican)) == str(found.blogops)


def front(found: Difference, both: Both) -> bool:
    """The front page has the address that readers type."""
    if found.what != "links":
        return False
    return str(found.pelican).replace("/index.html", "/", 1) == str(found.blogops)


def contents(found: Difference, both: Both) -> bool:
    """docutils' old writer links each heading back to the table of contents, and that to the top."""
    links = re.compile(r"#(top|toc-entry-\d+)$")
    return found.what == "links" and found.blogops is None and bool(links.search(str(found.pelican)))


def marks(found: Difference, both: Both) -> bool:
    """A note's mark stands closer to its word; a summary has spaces where blocks meet."""
    if found.what == "summary":
        return re.sub(r"\s", "", found.pelican) == re.sub(r"\s", "", found.blogops)
    if found.what != "text":
        return False
    old, new = (_closer(_text(built, found.path)) for built in (both.pelican, both.blogops))
    return old == new


def _closer(text: str) -> str:
    return re.sub(r"\s*([\[\](),])\s*", r"\1", text)


def labels(found: Difference, both: Both) -> bool:
    """The words that docutils puts in are those of the post's language, not of the site's."""
    if found.what not in ("text", "summary") or both.pelican.pages[found.path].facts["lang"] == "":
        return False
    if found.what == "text":
        old, new = (_text(built, found.path) for built in (both.pelican, both.blogops))
    else:
        old, new = str(found.pelican), str(found.blogops)
    return _unlabelled(old) == _unlabelled(new)


def _unlabelled(text: str) -> list[str]:
    words = (word for word in text.split() if word.strip(":!") not in _WORDS)
    return _closer(" ".join(words)).split()


def _text(built: Built, path: str) -> str:
    article = built.pages[path].body
    return article.text if article else ""


def math(found: Difference, both: Both) -> bool:
    """A summary with a formula in it."""
    article = both.pelican.pages[found.path].body if found.path in both.pelican.pages else None
    return found.what == "summary" and bool(article and article.folded["math"])


def summary(found: Difference, both: Both) -> bool:
    """A summary made from the text: without headings, tables of contents and code, and never cut inside."""
    if found.what != "summary":
        return False
    article = both.pelican.pages[found.path].body
    words = _bare(str(found.blogops).removesuffix("…").removesuffix("..."))
    following = iter(_bare(article.text) if article else ())
    return bool(words) and all(word in following for word in words)


def _bare(text: str) -> list[str]:
    return re.findall(r"\w+", text)
