"""What is wrong with a feed or a sitemap, by the rules of its format."""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import feedparser
import lxml.etree

from checks.tools import HERE

ATOM = "{http://www.w3.org/2005/Atom}feed"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_NAMES = {"a": "http://www.w3.org/2005/Atom"}
# The Schematron rules of RFC 4287's schema, and of its text what no schema can say: where it holds, a fault.
_ALTERNATE = "a:link[@rel='alternate' or not(@rel)]"
_ATOM_FAULTS = {
    "an entry and its feed have no author (4.1.2)": "//a:entry[not(a:author or ../a:author or */a:author)]",
    "an entry has neither alternate link nor content (4.1.2)": f"//a:entry[not({_ALTERNATE} or a:content)]",
    "the feed does not name itself (4.1.1)": "/a:feed[not(a:link[@rel='self'])]",
    "an id that is not absolute (4.2.6)": "//a:id[not(contains(., ':'))]",
}


def root(file: Path) -> str:
    """Return the name of the root element of *file*; raises `lxml.etree.XMLSyntaxError` if it is not XML."""
    return str(lxml.etree.parse(file).getroot().tag)


def atom_faults(file: Path) -> list[str]:
    """Return what RFC 4287 has against *file*."""
    tree = lxml.etree.parse(file)
    schema = lxml.etree.RelaxNG(_schema("atom.rng"))
    faults = [] if schema.validate(tree) else [str(error) for error in schema.error_log]
    faults += [text for text, rule in _ATOM_FAULTS.items() if tree.xpath(rule, namespaces=_NAMES)]
    ids = Counter(tree.xpath("//a:entry/a:id/text()", namespaces=_NAMES))
    return faults + [f"the id {name} stands {count} times" for name, count in ids.items() if count > 1]


def sitemap_faults(file: Path) -> list[str]:
    """Return what the sitemap protocol has against *file*."""
    tree = lxml.etree.parse(file)
    schema = lxml.etree.XMLSchema(_schema("sitemap.xsd"))
    faults = [] if schema.validate(tree) else [str(error) for error in schema.error_log]
    addresses = Counter(tree.xpath("//s:loc/text()", namespaces={"s": SITEMAP.strip("{}")}))
    return faults + [f"{address} stands {count} times" for address, count in addresses.items() if count > 1]


def bozo(file: Path) -> list[str]:
    """Return feedparser's complaint about *file*, and of each entry what a reader could not do without."""
    found = feedparser.parse(file.read_bytes())
    faults = [f"feedparser: {found.bozo_exception}"] if found.bozo else []
    faults += [] if found.feed.get("title") and found.version else ["no title, or no known kind of feed"]
    for entry in found.entries:
        missing = [name for name in ("id", "title", "link") if not entry.get(name)]
        faults += [f"an entry without {' and '.join(missing)}"] if missing else []
    return faults


def json_faults(file: Path) -> list[str]:
    """Return what the JSON Feed specification (version 1.1, jsonfeed.org) requires and *file* lacks."""
    feed = json.loads(file.read_bytes())
    faults = [] if feed.get("version") == "https://jsonfeed.org/version/1.1" else ["version is not 1.1"]
    faults += [] if _text(feed, "title") else ["no title"]
    items = feed.get("items")
    if not isinstance(items, list):
        return [*faults, "no items"]
    ids = Counter(str(item.get("id")) for item in items)
    faults += [f"the id {name} stands {count} times" for name, count in ids.items() if count > 1]
    for item in items:
        faults += [] if _text(item, "id") else ["an item without id"]
        faults += (
            [] if _text(item, "content_html") or _text(item, "content_text") else ["an item without content"]
        )
    return faults


def _text(table: dict[str, Any], name: str) -> bool:
    return isinstance(table.get(name), str) and table[name] != ""


@cache
def _schema(name: str) -> Any:
    return lxml.etree.parse(HERE / name)
