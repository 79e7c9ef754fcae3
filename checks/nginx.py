"""What nginx answers with, read from the configuration that `fab setup` puts on the server."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from blogops.config import Config, load
from blogops.provision.blog import describe
from blogops.provision.words import Require

REPO = Path(__file__).parents[1]
# A quoted word, a mark of its own, or a bare word, in which ${name} may stand; comments are left out.
_TOKEN = re.compile(r'#[^\n]*|"((?:[^"\\]|\\.)*)"|([{};])|((?:\$\{\w+\}|[^\s{};"])+)')


@dataclass(frozen=True)
class Directive:
    """One directive of nginx's configuration; *block* is what stands between its braces."""

    words: tuple[str, ...]
    block: tuple["Directive", ...] = ()


def configured(config: Config) -> tuple[Directive, ...]:
    """Return what the recipe of *config* writes for nginx."""
    require = Require()
    describe(require, config, key="")
    found = require.collector.find("file", f"/etc/nginx/sites-available/{config.server.name}")
    assert found is not None, "the recipe writes no site for nginx"
    return parsed(str(found.want["contents"]))


def parsed(text: str) -> tuple[Directive, ...]:
    """Return the directives of *text*."""
    return tuple(_block(iter(_tokens(text))))


def example() -> tuple[Directive, ...]:
    """Return nginx's configuration for the example."""
    return configured(load(REPO / "example/blog.toml"))


def _tokens(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each word and whether it is a mark: `{`, `}` or `;`."""
    for match in _TOKEN.finditer(text):
        quoted, mark, bare = match.groups()
        if not match[0].startswith("#"):
            yield (mark, True) if mark else (quoted if quoted is not None else bare, False)


def _block(tokens: Iterator[tuple[str, bool]]) -> Iterator[Directive]:
    words: list[str] = []
    for word, is_mark in tokens:
        if not is_mark:
            words.append(word)
        elif word == "}":
            return
        else:
            yield Directive(tuple(words), tuple(_block(tokens)) if word == "{" else ())
            words = []


def named(block: tuple[Directive, ...], name: str) -> list[Directive]:
    """Return the directives of *block* that are called *name*, in their order."""
    return [directive for directive in block if directive.words and directive.words[0] == name]


def location(server: tuple[Directive, ...], path: str) -> Directive:
    """Return the location that answers *path*, chosen as nginx chooses (ngx_http_core_module, "location")."""
    places = [(place.words[1:-1], place.words[-1], place) for place in named(server, "location")]
    exact = [place for modifier, prefix, place in places if modifier == ("=",) and prefix == path]
    if exact:
        return exact[0]
    prefixed = [row for row in places if row[0] in ((), ("^~",)) and path.startswith(row[1])]
    longest = max(prefixed, key=lambda row: len(row[1]), default=((), "", Directive(())))
    if longest[0] == ("^~",):
        return longest[2]
    for modifier, pattern, place in places:
        flags = re.IGNORECASE if modifier == ("~*",) else re.NOFLAG
        pattern = pattern.replace("(?<", "(?P<")  # a group's name as Python writes it
        if modifier in (("~",), ("~*",)) and re.search(pattern, path, flags):
            return place
    return longest[2]


def variables(block: tuple[Directive, ...], path: str) -> dict[str, str]:
    """Return what the maps of `$uri` in *block*, alone or after a release, make of *path*, by variable.

    No release says anything of it: what they include is not there.
    """
    found = {}
    for mapped in named(block, "map"):
        if mapped.words[1] == "$uri" or mapped.words[1].endswith("_release:$uri"):
            found[mapped.words[2]] = _mapped(mapped.block, path)
    return found


def _mapped(rows: tuple[Directive, ...], path: str) -> str:
    default = ""
    for row in rows:
        key, value = row.words[0], row.words[-1]
        if key == "default":
            default = value
        elif key == path or (key.startswith("~") and re.search(key.lstrip("~*"), path)):
            return value
    return default


def headers(
    block: tuple[Directive, ...], server: tuple[Directive, ...], path: str, ok: bool
) -> dict[str, str]:
    """Return the headers that nginx adds to its answer for *path*; *ok* tells a success from an error."""
    # A location with one of its own inherits none (ngx_http_headers_module).
    rows = named(location(server, path).block, "add_header") or named(server, "add_header")
    values = variables(block, path)
    found = {}
    for _, name, value, *always in (row.words for row in rows):
        if ok or always:
            found[name] = values.get(value, value)
    # What other variables hold, nginx alone knows.
    return {name: value for name, value in found.items() if value and not value.startswith("$")}
