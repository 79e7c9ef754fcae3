"""What a built site says, read from its files: pages, feeds, and everything else by its path."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from benchmarks.parity.body import Body, body

_FACTS = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)
_BODY = re.compile(r"<main>(.*)</main>", re.DOTALL)
_ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True)
class Page:
    """A page of the site: what its builder says of it, and its article, if it has one."""

    facts: Mapping[str, Any]
    body: Body | None

    @property
    def kind(self) -> str:
        """What it is: article, page, index, tag, …"""
        return str(self.facts["kind"])


@dataclass(frozen=True)
class Item:
    """An entry of a feed."""

    id: str
    title: str
    link: str
    published: str
    updated: str


@dataclass(frozen=True)
class Built:
    """A built site by path below its root, and what its builder said meanwhile."""

    pages: Mapping[str, Page]
    feeds: Mapping[str, tuple[Item, ...]]
    files: Mapping[str, str]
    log: str

    @property
    def paths(self) -> set[str]:
        """Every path of the site."""
        return {*self.pages, *self.feeds, *self.files}

    def of(self, *kinds: str) -> dict[str, Page]:
        """Return the pages of these kinds."""
        return {path: page for path, page in self.pages.items() if page.kind in kinds}


def read(folder: Path, site: str, log: str) -> Built:
    """Read what was built in *folder*; its links are resolved below the address *site*."""
    pages: dict[str, Page] = {}
    feeds: dict[str, tuple[Item, ...]] = {}
    files: dict[str, str] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        if page := _page(name, data, site):
            pages[name] = page
        elif name.endswith((".xml", ".rss", ".atom")) and (items := _items(data)) is not None:
            feeds[name] = items
        else:
            files[name] = hashlib.sha256(data).hexdigest()
    return Built(pages, feeds, files, log)


def _page(name: str, data: bytes, site: str) -> Page | None:
    text = data.decode("utf-8", "replace")
    facts = _FACTS.search(text)
    if not facts:
        return None
    found = _BODY.search(text)
    article = body(found[1], f"{site}/{name.removesuffix('index.html')}") if found else None
    return Page(json.loads(facts[1]), article)


def _items(data: bytes) -> tuple[Item, ...] | None:
    root = ElementTree.fromstring(data)  # noqa: S314 -- written a moment ago, by the builders compared
    if root.tag == f"{_ATOM}feed":
        return tuple(_atom(entry) for entry in root.iter(f"{_ATOM}entry"))
    if root.tag == "rss":
        return tuple(_rss(entry) for entry in root.iter("item"))
    return None


def _atom(entry: ElementTree.Element) -> Item:
    def text(name: str) -> str:
        return (entry.findtext(f"{_ATOM}{name}") or "").strip()

    links = [link for link in entry.iter(f"{_ATOM}link") if link.get("rel", "alternate") == "alternate"]
    address = (links[0].get("href") or "") if links else ""
    return Item(text("id"), text("title"), address, text("published"), text("updated"))


def _rss(entry: ElementTree.Element) -> Item:
    def text(name: str) -> str:
        return (entry.findtext(name) or "").strip()

    return Item(text("guid"), text("title"), text("link"), text("pubDate"), "")
