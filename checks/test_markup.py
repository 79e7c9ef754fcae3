"""The bytes of the built example: valid, every id once, every internal link leads somewhere."""

from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import lxml.etree
import lxml.html

from checks import serving, tools
from checks.example import Built
from checks.tools import nothing

# Attributes that hold one address, and those that hold several, each followed by a size.
ONE = ("href", "src", "poster", "data", "cite")
MANY = ("srcset", "imagesrcset")


def test_html_validate_has_nothing_to_say(site: Built) -> None:
    nothing(tools.html_validate(site.files(".html")))


def test_the_nu_checker_has_nothing_to_say(site: Built) -> None:
    nothing(tools.vnu(site.files(".html", ".css", ".svg")))


def test_every_id_stands_once_on_its_page(site: Built) -> None:
    twice = []
    for page in site.files(".html"):
        counted = Counter(parsed(page).xpath("//@id"))
        twice += [f"{site.address(page)}: {name}" for name, count in counted.items() if count > 1]
    nothing(twice)


def test_every_internal_link_leads_somewhere(site: Built) -> None:
    anchors = {page: set(parsed(page).xpath("//@id")) for page in site.files(".html")}
    broken = []
    for page in site.files(".html"):
        for link in linked(parsed(page)):
            if fault := broken_link(site, site.address(page), link, anchors):
                broken.append(f"{site.address(page)}: {link}: {fault}")
    nothing(broken)


def test_every_address_for_machines_leads_to_a_file(site: Built) -> None:
    found = []
    for file in site.files(".xml"):
        root = lxml.etree.parse(file).getroot()
        links = [*root.xpath("//*[local-name()='loc' or local-name()='link']/text()"), *root.xpath("//@href")]
        for text in (text for text in root.itertext() if "<" in text):
            links += linked(lxml.html.fromstring(text))
        broken = [link for link in links if broken_link(site, "/", link.strip(), {})]
        found += [f"{site.address(file)}: {link}" for link in broken]
    nothing(found)


def parsed(page: Path) -> lxml.html.HtmlElement:
    """Return the tree of *page*."""
    return lxml.html.parse(page, lxml.html.HTMLParser(encoding="utf-8")).getroot()


def linked(root: lxml.html.HtmlElement) -> list[str]:
    """Return every address that *root* names."""
    found = [value for name in ONE for value in root.xpath(f"//@{name}")]
    found += [
        part.split()[0] for name in MANY for value in root.xpath(f"//@{name}") for part in value.split(",")
    ]
    found += [value for value in root.xpath("//meta/@content") if value.startswith(("http://", "https://"))]
    return found


def broken_link(site: Built, page: str, link: str, anchors: dict[Path, set[str]]) -> str:
    """Return why *link* of *page* leads nowhere, or "" (of other sites nothing is asked)."""
    own = site.own(link)
    if own is None:
        return ""
    path, fragment = urldefrag(urljoin(page, own))
    file = serving.tried(site.folder, unquote(path.partition("?")[0]))
    if file is None:
        return "no such file"
    missing = fragment and file in anchors and unquote(fragment) not in anchors[file]
    return "no such place on that page" if missing else ""
