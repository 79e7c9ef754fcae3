"""Each tool finds a fault planted for it: a check that cannot fail says nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from checks import feeds, nginx, test_markup, tools
from checks.example import Built

FAULTY = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Faulty</title>
<link rel="stylesheet" href="style.css"></head>
<body><h1 id="twice">Faulty</h1><p id="twice"><a href="/other">no outline</a>
<img src="http://elsewhere.example.org/a.png"></p>
<p class="wide">too wide</p><p class="pale">too pale</p><script>document.title = "x"</script></body></html>
"""
STYLE = ".wide { width: 500px } .pale { color: #ccc } a:focus { outline: none } p { colour: red }"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of one page, with a fault for each tool."""
    made = tmp_path_factory.mktemp("faulty")
    (made / "index.html").write_text(FAULTY, encoding="utf-8")
    (made / "404.html").write_text("<!DOCTYPE html><title>Nothing here</title>", encoding="utf-8")
    (made / "style.css").write_text(STYLE, encoding="utf-8")
    return made


@pytest.mark.parametrize("tool", [tools.html_validate, tools.vnu])
def test_a_validator_finds_the_fault(folder: Path, tool: Callable[[list[Path]], list[str]]) -> None:
    found = tool([folder / "index.html"])
    assert any("twice" in sentence for sentence in found), found


def test_the_nu_checker_reads_style_sheets(folder: Path) -> None:
    assert any("colour" in sentence for sentence in tools.vnu([folder / "style.css"]))


def test_the_browser_finds_the_faults(folder: Path) -> None:
    facts = tools.measured(folder, nginx.example(), "/")
    for scheme in ("light", "dark"):
        assert {"color-contrast", "image-alt"} <= {fault.split()[0] for fault in facts["axe"][scheme]}
    assert len(facts["sideways"]) == 2
    assert [stop["outlined"] for stop in facts["stops"]] == [False]
    assert len(facts["scripts"]) == 1
    # The policy of the server stops the two before they are asked for.
    said = " ".join(facts["console"])
    assert "elsewhere" in said and "script" in said


def test_the_browser_notes_a_request_that_leaves_the_site(folder: Path) -> None:
    facts = tools.measured(folder, nginx.parsed("server { }"), "/")
    assert facts["foreign"] == ["http://elsewhere.example.org/a.png"]


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("/#twice", ""),
        ("#twice", ""),
        ("index#twice", ""),
        ("http://x.example.org/404.html", ""),
        ("http://elsewhere.example.org/", ""),
        ("/other", "no such file"),
        ("http://x.example.org/#gone", "no such place on that page"),
    ],
)
def test_a_broken_link_is_told_from_a_good_one(folder: Path, link: str, fault: str) -> None:
    site = Built(folder.resolve(), "http://x.example.org")
    anchors = {page: set(test_markup.parsed(page).xpath("//@id")) for page in site.files(".html")}
    assert test_markup.broken_link(site, "/", link, anchors) == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", ""),
        ("<updated>yesterday</updated>", "updated"),
        ("<surprise/>", "surprise"),
        ("<entry><id>tag:x</id><title>T</title><updated>2026-01-01T00:00:00Z</updated></entry>", "4.1.2"),
        ('<link href="http://x.example.org" rel="self" type="nonsense"/>', "type"),
    ],
    ids=["good", "date", "element", "entry", "type"],
)
def test_the_schema_knows_a_feed(tmp_path: Path, text: str, fault: str) -> None:
    updated = "" if "<updated>yes" in text else "<updated>2026-01-01T00:00:00+01:00</updated>"
    head = '<id>tag:x</id><title>T</title><author><name>A</name></author><link rel="self" href="/feed"/>'
    file = tmp_path / "feed.xml"
    file.write_text(f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{updated}{text}</feed>')
    found = feeds.atom_faults(file)
    assert bool(found) == bool(fault), found
    assert fault in " ".join(found)


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("<url><loc>http://x.example.org/</loc><lastmod>2026-01-01</lastmod></url>", ""),
        ("<url><loc>/relative-is-not-allowed</loc></url>", "pattern"),
        ("<url><loc>http://x.example.org/</loc><lastmod>1 May</lastmod></url>", "lastmod"),
        ("<url><lastmod>2026-01-01</lastmod></url>", "loc"),
    ],
)
def test_the_schema_knows_a_sitemap(tmp_path: Path, rows: str, fault: str) -> None:
    file = tmp_path / "sitemap.xml"
    file.write_text(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>')
    found = feeds.sitemap_faults(file)
    assert bool(found) == bool(fault), found
    assert fault in " ".join(found)


CONF = """
map $uri $cache { default "no-cache"; ~^/theme/ "public, immutable"; }  # a comment; with a mark
server {
    add_header Policy "default-src 'none'; img-src 'self'" always;
    add_header Cache-Control $cache;
    location / { try_files $uri =404; }
    location ^~ /own/ { add_header Own yes; }
    location ~ /\\. { return 404; }
}
"""
POLICY = {"Policy": "default-src 'none'; img-src 'self'"}


@pytest.mark.parametrize(
    ("path", "ok", "expected"),
    [
        ("/", True, POLICY | {"Cache-Control": "no-cache"}),
        ("/theme/a.css", True, POLICY | {"Cache-Control": "public, immutable"}),
        ("/theme/none", False, POLICY),
        ("/own/x", True, {"Own": "yes"}),
        ("/own/x", False, {}),
    ],
)
def test_headers_are_those_nginx_would_add(path: str, ok: bool, expected: dict[str, str]) -> None:
    block = nginx.parsed(CONF)
    (server,) = nginx.named(block, "server")
    assert nginx.headers(block, server.block, path, ok) == expected
    assert nginx.location(server.block, "/a/.hidden").words == ("location", "~", "/\\.")
