"""Feeds and sitemap of the built example, by their schemas and by a reader's parser."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from checks import feeds
from checks.example import Built
from checks.tools import nothing


def of_root(site: Built, *names: str) -> list[Path]:
    """Return the XML files whose root element has one of *names*."""
    return [file for file in site.files(".xml", ".rss", ".atom") if feeds.root(file) in names]


def json_feeds(site: Built) -> list[Path]:
    """Return the JSON files that say they are a feed."""
    read = {file: json.loads(file.read_bytes()) for file in site.files(".json")}
    return [
        file
        for file, data in read.items()
        if isinstance(data, dict) and "jsonfeed" in data.get("version", "")
    ]


def faults(site: Built, files: list[Path], of: Callable[[Path], list[str]]) -> list[str]:
    """Return what *of* finds in *files*, of which there has to be one."""
    if not files:
        return ["the site has none"]
    return [f"{site.address(file)}: {fault}" for file in files for fault in of(file)]


def test_every_atom_feed_is_as_rfc_4287_says(site: Built) -> None:
    nothing(faults(site, of_root(site, feeds.ATOM), feeds.atom_faults))


@pytest.mark.parametrize("root", [feeds.ATOM, "rss"], ids=["atom", "rss"])
def test_a_reader_parses_every_feed(site: Built, root: str) -> None:
    nothing(faults(site, of_root(site, root), feeds.bozo))


def test_every_json_feed_has_what_the_specification_requires(site: Built) -> None:
    nothing(faults(site, json_feeds(site), feeds.json_faults))


def test_every_sitemap_follows_the_protocol(site: Built) -> None:
    names = (f"{feeds.SITEMAP}urlset", f"{feeds.SITEMAP}sitemapindex")
    nothing(faults(site, of_root(site, *names), feeds.sitemap_faults))
