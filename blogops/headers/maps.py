"""nginx's maps of all releases' headers: pure text, of which no letter is an author's but in quotes."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from blogops.headers.rules import ALLOWED, Rule

RELEASE = re.compile(r"[0-9]{6,12}-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")
MOST_ROWS = 20_000  # of all releases together: nginx tries them one after the other
_PLAIN = re.compile(r"[A-Za-z0-9/_-]")


def maps(releases: Mapping[str, Sequence[Rule]]) -> dict[str, str]:
    """Return the text of each header's map, by its slug, of all *releases*' rules by id.

    Of a map's regular expressions the first that fits counts, and of the rules the last: so they are turned.
    """
    found: dict[str, list[str]] = {slug: [] for slug in ALLOWED.values()}
    for release, rules in sorted(releases.items(), reverse=True):
        for slug, row in _rows(release, reversed(rules)):
            found[slug].append(row)
    if sum(len(rows) for rows in found.values()) > MOST_ROWS:
        raise ValueError(f"all releases together have more than {MOST_ROWS} headers")
    return {slug: "".join(rows) for slug, rows in found.items()}


def _rows(release: str, rules: Iterable[Rule]) -> Iterator[tuple[str, str]]:
    if not RELEASE.fullmatch(release):
        raise ValueError("not a release")
    for path, name, value in rules:
        yield ALLOWED[name], f'"~^{release}:{pattern(path)}" "{value}";\n'


def pattern(path: str) -> str:
    r"""Return the regular expression of what nginx calls the files that *path* names, by `$uri`.

    `/word` is word.html and word/index.html, too; `/word/` is found as `/word//index.html`. Only `\z` is the
    end: before a last line feed is `$`.
    """
    if path.endswith("*"):
        return _escaped(path[:-1])
    folder = path.removesuffix("index.html")
    if folder.endswith("/"):
        return rf"{_escaped(folder)}/?index\.html\z"
    more = "" if path.endswith(".html") else r"(\.html|/index\.html)?"
    return rf"{_escaped(path)}{more}\z"


def _escaped(text: str) -> str:
    """Return *text* as it is, but for all that is no letter, digit, `/`, `_` or `-`: that by its bytes."""
    return "".join(
        one if _PLAIN.fullmatch(one) else "".join(f"\\x{byte:02x}" for byte in one.encode()) for one in text
    )
