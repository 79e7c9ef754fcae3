"""What a site must be to be published, judged by the files that were built and by nothing that made them.

The rules are told in docs/releases.md, "What a release must have".
"""

import os
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from urllib.parse import quote

from blogops.config import Config
from blogops.website import compress, hypertext
from blogops.website.addresses import Addresses
from blogops.website.documents import MAP, check_feed, feeds, matching, read_map
from blogops.website.hypertext import ENDINGS, Hypertext
from blogops.website.redirects import inside
from blogops.website.served import Served, known_as, tries

MOST = 20
"""How many problems are told one by one."""

_OF_MAPS = re.compile(r"sitemap\d*\.xml")
# From so many on, a page is read as quickly as it is searched for each of them.
_MANY_SIGNS = 40


@dataclass(frozen=True)
class _Problem:
    """What is wrong with the file *name*; *address* tells that it is one that others may hold too."""

    name: str
    sentence: str
    address: bool = False


def problems(
    config: Config,
    site: Path,
    changed: Collection[str],
    *,
    every: bool,
    declared: Mapping[str, str | None] | None = None,
    removed: Collection[str] = (),
    expired: Collection[str] = (),
) -> tuple[str, ...]:
    """Return what is wrong with the folder *site*: a sentence each, and one for those beyond `MOST`.

    *changed* are the files that the live release has not, or has with other bytes; *removed* those that it
    alone has. What did not change is taken to be sound, but for links to what was removed; if *every* is set,
    all is looked at. *declared* tells where old paths (decoded) lead, None where one is gone, as moves.json.
    A link to an *expired* path is let be: it expired by itself, with nobody there to mend the link.

    A link that leads nowhere counts where ``build.link`` is "stop", or if *every* is set; a picture, a style
    or a script that is missing always does. Raises `OSError` where a file cannot be read.
    """
    files = frozenset(_listed(site))
    if not files:
        return ("the site is empty",)
    served = Served(config.site.url, files, declared or {})
    links = every or config.build.link == "stop"
    gate = _Gate(config, site, served, links, frozenset(expired))
    looked = sorted(files if every else files.intersection(changed))
    others = sorted(files.difference(looked)) if removed else []
    return _told([*gate.absent(), *gate.wrong(looked), *gate.left_behind(others, removed)])


def pages_of(site_listing: Collection[str], expired: Collection[str] = ()) -> int:
    """Return how many of the files of a site are pages, without those that *expired* names by their paths."""
    return sum(name.endswith(ENDINGS) and not known_as(f"/{name}", expired) for name in site_listing)


def _listed(site: Path) -> Iterator[str]:
    root = os.fspath(site)
    for folder, _, names in os.walk(root):
        prefix = folder[len(root) + 1 :].replace(os.sep, "/")
        yield from (posixpath.join(prefix, name) for name in names)


def _told(found: list[_Problem]) -> tuple[str, ...]:
    """Return the sentences. An address that stands in many files is told of the first."""
    alike: dict[object, dict[str, _Problem]] = {}
    for each in found:
        key = each.sentence if each.address else (each.name, each.sentence)
        alike.setdefault(key, {}).setdefault(each.name, each)
    told = [_sentence(list(group.values())) for group in alike.values()]
    return (*told[:MOST], *([f"and {len(told) - MOST} more"] if len(told) > MOST else []))


def _sentence(alike: list[_Problem]) -> str:
    first, others = alike[0], len(alike) - 1
    more = f" (as in {others} more {'file' if others == 1 else 'files'})" if others else ""
    return f"{first.name}: {first.sentence}{more}"


@dataclass(frozen=True)
class _Gate:
    """One site; *links* tells whether one that leads nowhere is a problem."""

    config: Config
    site: Path
    served: Served
    links: bool
    expired: frozenset[str]

    @cached_property
    def _titled(self) -> tuple[str, ...]:
        index = Addresses(self.config).of("index", {})
        return tuple(dict.fromkeys(["index.html", *([index.path] if index else []), "404.html"]))

    def absent(self) -> Iterator[_Problem]:
        """Yield what every site has, and this one has not."""
        whole = (path for path in feeds(self.config) if "{" not in path)
        for name in (*self._titled, MAP, *whole):
            if name not in self.served.files:
                yield _Problem(name, "there is no such file")

    def wrong(self, looked: Collection[str]) -> Iterator[_Problem]:
        """Yield what is wrong with the files *looked* at, and with those that every site has."""
        chosen = frozenset(looked)
        must = [name for name in self._titled if name in self.served.files]
        for name in dict.fromkeys([*must, *looked]):
            if name.endswith(ENDINGS):
                yield from self._of_page(name, linked=name in chosen)
            elif name.endswith(".css"):
                yield from self._of_needs(name, hypertext.of_style(self._text(name)))
        yield from self._of_maps()
        yield from self._of_feeds(looked)

    def left_behind(self, others: Collection[str], removed: Collection[str]) -> Iterator[_Problem]:
        """Yield the links that stand in *others*, which did not change, to what was *removed*."""
        lost = {name for name in removed if not _is_twin(name) and self.served.fate(f"/{quote(name)}", "")}
        signs = {sign for name in lost for sign in _signs(name)}
        for name in others if signs else ():
            if name.endswith((*ENDINGS, ".css")) and self._shows(name, signs):
                yield from self._left_in(name, lost)

    def _shows(self, name: str, signs: set[bytes]) -> bool:
        data = (self.site / name).read_bytes().lower()
        return len(signs) > _MANY_SIGNS or any(sign in data for sign in signs)

    def _left_in(self, name: str, lost: set[str]) -> Iterator[_Problem]:
        def of_lost(addresses: Collection[str]) -> list[str]:
            return [each for each in addresses if not lost.isdisjoint(tries(self.served.path(each, name)))]

        if name.endswith(".css"):
            yield from self._of_needs(name, of_lost(hypertext.of_style(self._text(name))))
        else:
            page = hypertext.read(self._text(name))
            yield from self._of_links(name, of_lost(page.leads))
            yield from self._of_needs(name, of_lost(page.needs))

    def _of_page(self, name: str, *, linked: bool) -> Iterator[_Problem]:
        text = self._text(name)
        page = hypertext.read(text)
        yield from (_Problem(name, sentence) for sentence in self._of_whole(name, text, page))
        if linked:
            yield from self._of_links(name, page.leads)
            yield from self._of_needs(name, page.needs)

    def _of_whole(self, name: str, text: str, page: Hypertext) -> Iterator[str]:
        if not text.strip():
            yield "it is empty"
        elif not page.title and name in self._titled:
            yield "it has no title"
        if not page.is_whole:
            yield "it breaks off before </html>"

    def _of_links(self, name: str, addresses: Collection[str]) -> Iterator[_Problem]:
        for address in sorted(addresses) if self.links else ():
            fate = self.served.fate(address, name)
            if fate and not self._has_expired(self.served.path(address, name)):
                yield _Problem(name, f'the link to "{address}" {fate}', address=True)

    def _has_expired(self, path: str) -> bool:
        moves = self.served.moves
        end = inside(moves.get(known_as(path, moves)) or "")
        return any(known_as(each, self.expired) for each in (path, end) if each)

    def _of_needs(self, name: str, addresses: Collection[str]) -> Iterator[_Problem]:
        for address in sorted(addresses):
            if self.served.fate(address, name):
                yield _Problem(name, f'"{address}" is missing', address=True)

    def _of_maps(self) -> Iterator[_Problem]:
        """Yield what is wrong with the map of the site, be it one file or several."""
        maps = [MAP] if MAP in self.served.files else []
        for name in maps:
            try:
                found = read_map((self.site / name).read_bytes())
            except ValueError as error:
                yield _Problem(name, str(error))
                continue
            files = {address: self.served.file(address) for address in found.addresses}
            for address in (address for address, file in files.items() if not file):
                yield _Problem(name, f'there is no "{address}"')
            if found.of_parts and name == MAP:  # a part has none
                maps += [file for file in files.values() if file not in ("", MAP)]

    def _of_feeds(self, looked: Collection[str]) -> Iterator[_Problem]:
        patterns = [(matching(path), kind) for path, kind in feeds(self.config).items()]
        for name in looked:
            # A pattern like "{slug}.xml" takes in more than feeds.
            if name.endswith(ENDINGS) or _is_twin(name) or _OF_MAPS.fullmatch(name):
                continue
            kinds = {kind for pattern, kind in patterns if pattern.fullmatch(name)}
            wrong = [self._of_feed(name, kind) for kind in sorted(kinds)]
            if wrong and all(wrong):
                yield _Problem(name, wrong[0])

    def _of_feed(self, name: str, kind: str) -> str:
        try:
            check_feed((self.site / name).read_bytes(), kind)
        except ValueError as error:
            return str(error)
        return ""

    def _text(self, name: str) -> str:
        return (self.site / name).read_text(encoding="utf-8", errors="replace")


def _is_twin(name: str) -> bool:
    return name.endswith(compress.ENDINGS) and compress.is_text(name.rpartition(".")[0])


def _signs(name: str) -> set[bytes]:
    """Return what stands in any page that links to the file *name*, in small letters."""
    base = posixpath.basename(name.removesuffix("index.html").rstrip("/")).removesuffix(".html")
    return {sign.encode().lower() for sign in (base, quote(base), escape(base)) if sign}
