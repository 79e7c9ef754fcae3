"""The gate: what no release may lack, found in the files alone; and nothing found where nothing is wrong."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from test_website_build import HOUSE, NOW, Blog

from blogops import config as settings
from blogops import website
from blogops.config import Config
from blogops.errors import Failed
from blogops.provision import Require
from blogops.provision import blog as recipe
from blogops.service.moved import target_of as served_by_the_service
from blogops.website import documents, hypertext, wellformed
from blogops.website.gate import MOST, pages_of, problems
from blogops.website.served import target_of, tries

Moves = Mapping[str, str | None]

CONFIG = settings.load(HOUSE / "example/blog.toml")
HERE = CONFIG.site.url
MOVES: Moves = {
    "/old.html": "/tags.html",
    "/lost.html": "/nowhere.html",
    "/spam.html": None,
    "/away.html": "https://example.org/x",
    "/2012/": "/tags.html",
    "/café.html": "/tags.html",
    "/round.html": "/round.html",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the example, built, with a few more files; nobody may change it."""
    out = tmp_path_factory.mktemp("gate") / "site"
    website.build(CONFIG, out, now=NOW)
    for name in ("été.html", "folder/index.html", "folder/a b.txt", "plain.html", "feeds/x.html"):
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text("<title>x</title>", encoding="utf-8")
    return out


@pytest.fixture
def site(built: Path, tmp_path: Path) -> Path:
    """Return a copy to be mutilated."""
    return shutil.copytree(built, tmp_path / "site")


def listed(site: Path) -> set[str]:
    return {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}


def judged(site: Path, *changed: str, config: Config = CONFIG, moves: Moves = MOVES) -> tuple[str, ...]:
    """Return what is wrong with *site*, of which these files *changed*, or else every one."""
    return problems(config, site, changed or listed(site), every=not changed, declared=moves)


def test_the_example_may_be_published(built: Path) -> None:
    assert judged(built) == ()
    assert judged(built, *listed(built)) == ()
    assert judged(built, "index.html") == ()
    assert problems(CONFIG, built, (), every=False) == ()


# Each of these is found


def gone(name: str) -> Callable[[Path], None]:
    def act(site: Path) -> None:
        for path in site.glob(name):
            path.unlink()

    return act


def holding(name: str, text: str) -> Callable[[Path], None]:
    def act(site: Path) -> None:
        (site / name).write_text(text, encoding="utf-8")

    return act


def cut(name: str, part: float = 0.5) -> Callable[[Path], None]:
    def act(site: Path) -> None:
        data = (site / name).read_bytes()
        (site / name).write_bytes(data[: int(len(data) * part)])

    return act


def putting(name: str, old: str, new: str) -> Callable[[Path], None]:
    def act(site: Path) -> None:
        text = (site / name).read_text(encoding="utf-8")
        assert old in text
        (site / name).write_text(text.replace(old, new), encoding="utf-8")

    return act


FEED, RSS, JSON = "feeds/all.atom.xml", "feeds/all.rss.xml", "feeds/all.json"
BOMB = '<!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><feed xmlns="http://www.w3.org/2005/Atom">&b;</feed>'
INDEXED = (
    '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    f"<sitemap><loc>{HERE}/NAME</loc></sitemap></sitemapindex>"
)


@pytest.mark.parametrize(
    ("mutilate", "expected"),
    [
        (gone("index.html"), "index.html: there is no such file"),
        (holding("index.html", " \n"), "index.html: it is empty"),
        (holding("index.html", "<p>Hello</p>"), "index.html: it has no title"),
        (holding("index.html", "<title> </title><p>Hello</p>"), "index.html: it has no title"),
        (gone("404.html"), "404.html: there is no such file"),
        (cut("404.html", 0), "404.html: it is empty"),
        (gone(FEED), f"{FEED}: there is no such file"),
        (gone(JSON), f"{JSON}: there is no such file"),
        (holding(FEED, "Not found"), f"{FEED}: it is no XML: syntax error: line 1, column 0"),
        (holding(FEED, "<html></html>"), f'{FEED}: it is no feed: it begins with "html" and not with "http'),
        (holding(FEED, "<feed></feed>"), f'{FEED}: it is no feed: it begins with "feed"'),
        (holding(FEED, BOMB), f"{FEED}: it has a document type"),
        (cut(FEED), f"{FEED}: it is no XML: "),
        (cut("feeds/tag/python.rss.xml"), "feeds/tag/python.rss.xml: it is no XML: "),
        (holding(RSS, '<feed xmlns="http://www.w3.org/2005/Atom"/>'), f"{RSS}: it is no feed: it begins "),
        (cut(JSON), f"{JSON}: it is no JSON: "),
        (holding(JSON, "[" * 100_000), f"{JSON}: it is no JSON: "),
        (holding(JSON, '{"items": 1}'), f"{JSON}: it is no JSON Feed: it has no items"),
        (gone("sitemap.xml"), "sitemap.xml: there is no such file"),
        (cut("sitemap.xml"), "sitemap.xml: it is no XML: "),
        (holding("sitemap.xml", "<urlset/>"), 'sitemap.xml: it is no map of a site: it begins with "urlset"'),
        (putting("sitemap.xml", "/tags.html", "/tegs.html"), f'sitemap.xml: there is no "{HERE}/tegs.html"'),
        (putting("sitemap.xml", f"{HERE}/tags", "http://x.org/tags"), "sitemap.xml: there is no "),
        (holding("sitemap.xml", INDEXED.replace("NAME", "sitemap1.xml")), "sitemap.xml: there is no "),
        (holding("sitemap.xml", INDEXED.replace("NAME", "index.html")), "index.html: it has a document type"),
        (gone("images/crete.jpg"), '"/images/crete.jpg" is missing'),
        (gone("media/crete-960*"), '.webp" is missing'),
        (gone("theme/style*.css"), '.css" is missing (as in '),
        (gone("tags.html"), 'the link to "/tags.html" leads nowhere (as in '),
        (cut("tags.html"), "tags.html: it breaks off before </html>"),
        (cut("tags.html", 0.999), "tags.html: it breaks off before </html>"),
        (cut("tags.html", 0), "tags.html: it is empty"),
    ],
)  # fmt: skip
def test_what_may_not_be_published(site: Path, mutilate: Callable[[Path], None], expected: str) -> None:
    mutilate(site)
    found = judged(site)
    assert any(expected in problem for problem in found), found


def test_what_every_site_has_is_asked_for_whatever_has_changed(site: Path) -> None:
    gone("index.html")(site)
    cut("404.html", 0)(site)
    gone(FEED)(site)
    cut("sitemap.xml")(site)
    cut("tags.html", 0)(site)
    found = [problem.partition(":")[0] for problem in judged(site, "tag/python.html")]
    assert found[:3] == ["index.html", FEED, "404.html"]
    assert "sitemap.xml" in found and "tags.html" not in found


def test_an_empty_site(tmp_path: Path) -> None:
    assert judged(tmp_path) == judged(tmp_path / "nowhere") == ("the site is empty",)


def test_a_blog_begins_with_nothing_but_drafts(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    blog.post("a.rst", ":status: draft")
    blog.build()
    assert judged(blog.out, config=settings.load(blog.folder / "blog.toml")) == ()


def test_labels_of_what_is_in_no_list_are_no_links(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    config = settings.load(blog.folder / "blog.toml")
    blog.post("a.rst", ":slug: a\n:tags: one")
    own = ":tags: one, voyage\n:author: Bob\n:category: Trips\n:series: Abroad"
    blog.post("a-en.rst", f":slug: a\n:lang: en\n{own}")
    blog.post("b.rst", f":status: hidden\n{own}")
    blog.write("pages/p.rst", "P\n=\n\n:author: Bob\n\nText.\n")
    blog.build()
    assert judged(blog.out, config=config) == ()
    for name in ("a-en.html", "b.html"):
        page = blog.page(name)
        assert '<a href="/tag/one.html">one</a>' in page and "<li>voyage</li>" in page
        assert all(f">{name}</a>" not in page for name in ("voyage", "Bob", "Trips", "Abroad"))
    # Another text has them now, and then no more.
    blog.post("c.rst", own)
    blog.build()
    assert judged(blog.out, config=config) == ()
    for name in ("a-en.html", "b.html"):
        assert '<a href="/tag/voyage.html">voyage</a>' in blog.page(name)
    blog.post("c.rst", "")
    blog.build()
    assert judged(blog.out, config=config) == ()
    assert "<li>voyage</li>" in blog.page("b.html")
    blog.post("d.rst", "", "To `voyage <{tag}voyage>`__.")
    with pytest.raises(Failed, match='no published post has the tag "voyage"'):
        blog.build()


def test_only_the_feeds_that_are_asked_for(site: Path) -> None:
    shutil.rmtree(site / "feeds")
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(
            "\n".join(line for line in text.split("\n") if "/feeds/" not in line), encoding="utf-8"
        )
    none = settings.FeedPaths()
    feeds = CONFIG.feeds._replace(atom=none, rss=none, json=none)
    assert judged(site, config=CONFIG._replace(feeds=feeds)) == ()
    assert len(judged(site)) == 3


def test_the_index_may_lie_elsewhere_and_the_front_page_is_asked_for_still(site: Path) -> None:
    moved = CONFIG._replace(urls=CONFIG.urls._replace(index="blog/"))
    assert judged(site, config=moved) == ("blog/index.html: there is no such file",)
    gone("index.html")(site)
    assert judged(site, "plain.html", config=moved)[0] == "index.html: there is no such file"


def test_a_map_of_several_parts(site: Path) -> None:
    (site / "sitemap.xml").rename(site / "sitemap1.xml")
    holding("sitemap.xml", INDEXED.replace("NAME", "sitemap1.xml"))(site)
    assert judged(site) == ()
    putting("sitemap1.xml", "/tags.html", "/tegs.html")(site)
    assert judged(site) == (f'sitemap1.xml: there is no "{HERE}/tegs.html"',)
    holding("sitemap.xml", INDEXED.replace("NAME", "sitemap.xml"))(site)
    assert judged(site) == ()


def test_a_pattern_may_take_in_more_than_feeds(site: Path) -> None:
    loose = CONFIG.feeds._replace(atom=CONFIG.feeds.atom._replace(tag="{slug}.xml"))
    config = CONFIG._replace(feeds=loose)
    assert judged(site, config=config) == ()
    holding("python.xml", "<rss/>")(site)
    assert judged(site, config=config)[0].startswith("python.xml: it is no feed")


# Links


def of_page(built: Path, body: str, config: Config = CONFIG) -> list[str]:
    """Return what is wrong with a page of this *body*, without the name of the page."""
    (built / "probe.html").write_text(f"<html><title>x</title>{body}</html>", encoding="utf-8")
    found = problems(config, built, ["probe.html"], every=False, declared=MOVES)
    (built / "probe.html").unlink()
    return [problem.removeprefix("probe.html: ") for problem in found]


@pytest.mark.parametrize(
    "address",
    [
        *("/", "", "#", "#x", "?", "?a=b", "/#x", "/tags.html", "tags.html", "./tags.html"),
        *("/tags", "/folder/", "/folder", "folder/index.html", "/x/../tags.html", "/tags.html?a=/b#c"),
        *("/plain", "/été.html", "/été", "/%C3%A9t%c3%a9.html", "été.html", "//blog.example.org/tags.html"),
        *("/folder/a%20b.txt", "/folder/a b.txt", "/folder//", "//example.org/no", "https://example.org/no"),
        *(f"{HERE}/tags.html", HERE, f"{HERE}#x", "HTTP://BLOG.example.org/tags.html", " /tags.html "),
        *("https://blog.example.org/tags.html", "http://blog.example.org:8000/no", "/tags.html&quest;x"),
        *("mailto:a@example.org", "data:text/plain,no", "tel:+33", "javascript:no()"),
        *("http://[no", "http://x:y/", "/_blog/health", "/_blog/search?q=a", "/_preview/000001/x.html"),
        *("/old.html", "/old", "/old.html#x", "/away.html", "/2012", "/2012/index.html", "/caf%C3%A9.html"),
        *(f"/{FEED}", "/images/crete.jpg", "/images/../images/crete.jpg", "/sitemap.xml"),
    ],
)  # fmt: skip
def test_links_that_lead_somewhere(built: Path, address: str) -> None:
    assert of_page(built, f'<a href="{address}">x</a><img src="{address or "/tags.html"}">') == []


@pytest.mark.parametrize(
    ("address", "fate"),
    [
        ("/nowhere.html", "leads nowhere"),
        ("nowhere.html?a=b#c", "leads nowhere"),
        (f"{HERE}/nowhere.html", "leads nowhere"),
        ("//blog.example.org/nowhere", "leads nowhere"),
        ("/plain/", "leads nowhere"),
        ("/plain.html/", "leads nowhere"),
        ("/images/", "leads nowhere"),
        ("/Tags.html", "leads nowhere"),
        ("/feeds/x", "leads nowhere"),
        ("/.hidden", "leads nowhere"),
        ("/{filename}a.rst", "leads nowhere"),
        ("/spam.html", "leads to a page that is gone (410)"),
        ("/spam", "leads to a page that is gone (410)"),
        ("/lost.html", "leads nowhere"),
        ("/round.html", "leads nowhere"),
    ],
)
def test_links_that_do_not(built: Path, address: str, fate: str) -> None:
    assert of_page(built, f'<a href="{address}">x</a>') == [f'the link to "{address}" {fate}']


@pytest.mark.parametrize(
    "body",
    [
        "<!-- <a href='/no'> -->",
        "<!--><a href='/tags.html'>",
        "<template><a href='/no'><template></template><img src='/no'></template>",
        "<pre>&lt;a href='/no'&gt;</pre>",
        "<textarea><a href='/no'></textarea><iframe><a href='/no'></iframe>",
        "<script>'<a href=\"/no\">'</script><style>a { background: url(/no) } /* <a href='/no'> */</style>",
        "<svg><title/><use href='#a'/></svg>",
        "<base href='/no/'><form action='/no'></form><blockquote cite='/no'></blockquote>",
        "<p title='<a href=/no>' data='/no'></p><p data-src='/no'></p>",
        "<picture><source srcset='/tags.html 1x,/plain 2x, data:image/png;base64,a=,b 3x'></picture>",
    ],
)
def test_what_is_no_link(built: Path, body: str) -> None:
    assert of_page(built, body) == []


@pytest.mark.parametrize(
    "body",
    [
        *("<img src='/no'>", "<IMG SRC=/no>", "<img alt='a > b' src = '/no'>", "<img alt=it's src='/no'/>"),
        *("<img srcset='/tags.html, /no 2x'>", "<source srcset='/tags.html 1x,/no 2x'>"),
        *("<link rel=stylesheet href=/no>", "<link imagesrcset='/no 1x'>", "<script src=/no></script>"),
        *("<video src='/no'></video>", "<video poster=/no>", "<audio><source src='/no'>"),
        *("<object data='/no'>", "<svg><image href='/no'/>", "<svg><use xlink:href='/no#a'/>"),
        *("<noscript><img src='/no'></noscript>", "<!-- --!><img src='/no'>", "<img\nsrc\n=\n'/no'"),
        *("<svg><title/></svg><img src='/no'>", "<template></template><img src='/no'>"),
    ],
)  # fmt: skip
def test_what_a_page_needs(built: Path, body: str) -> None:
    found = [problem.replace("#a", "") for problem in of_page(built, body)]
    assert found == ['"/no" is missing']


def test_a_blog_whose_author_lets_links_lead_nowhere(built: Path) -> None:
    body, told = '<a href="/no">x</a><img src="/nil">', '"/nil" is missing'
    lenient = CONFIG._replace(build=CONFIG.build._replace(link="tell"))
    assert of_page(built, body, lenient) == [told]
    assert of_page(built, body) == ['the link to "/no" leads nowhere', told]


def test_what_a_style_needs(site: Path) -> None:
    style = "@import '/no.css'; a { b: url(no.png) url( '/tags.html' ) url(data:x) url('#a') /* url(/c) */ }"
    holding("theme/x.css", style)(site)
    found = judged(site, "theme/x.css")
    assert found == ('theme/x.css: "/no.css" is missing', 'theme/x.css: "no.png" is missing')
    assert judged(site, "index.html") == ()


def test_the_same_is_told_once_and_of_many_things_twenty(built: Path, site: Path) -> None:
    body = "<html><a href='/no'></html>"
    for name in ("y.html", "z.html"):
        holding(name, body)(site)
    told = 'the link to "/no" leads nowhere'
    assert judged(site) == (f"y.html: {told} (as in 1 more file)",)
    holding("x.html", body)(site)
    assert judged(site) == (f"x.html: {told} (as in 2 more files)",)
    found = of_page(built, "".join(f"<a href='/no{number}'>" for number in range(MOST + 31)))
    assert len(found) == MOST + 1
    assert found[-1] == "and 31 more"
    assert len(of_page(built, "".join(f"<a href='/no{number}'>" for number in range(MOST)))) == MOST


# What was removed


@pytest.mark.parametrize(
    ("removed", "link"),
    [
        ("lost-post.html", "/lost-post.html"),
        ("lost-post.html", "/lost-post"),
        ("lost-post.html", "../lost-post.html?a#b"),
        ("lost-post.html", f"{HERE}/lost-post.html"),
        ("thé.html", "/thé.html"),
        ("thé.html", "/th%c3%a9"),
        ("a & b.html", "/a &amp; b.html"),
        ("a & b.html", "/a%20%26%20b.html"),
        ("lost-tag/index.html", "/lost-tag/"),
        ("lost-tag/index.html", "/lost-tag"),
        ("files/lost.tar.gz", "/files/lost.tar.gz"),
        ("feeds/tag/lost.atom.xml", "/feeds/tag/lost.atom.xml"),
    ],
)
def test_links_to_what_was_removed(site: Path, removed: str, link: str) -> None:
    (site / "folder/kept.html").write_text(f'<a href="{link}"><a href="/no"></a>', encoding="utf-8")

    def found(moves: Moves, *, removed: list[str]) -> tuple[str, ...]:
        return problems(CONFIG, site, ["tags.html"], every=False, declared=moves, removed=removed)

    shown = link.replace("&amp;", "&")
    told = (f'folder/kept.html: the link to "{shown}" leads nowhere',)
    assert found({}, removed=[removed, f"{removed}.br"]) == told
    assert found({}, removed=[removed, *(f"other{number}.html" for number in range(100))]) == told
    assert found({}, removed=[]) == found({}, removed=["other.html", "style.css.gz"]) == ()
    assert found({f"/{removed}": "/tags.html"}, removed=[removed]) == ()
    (gone_for_good,) = found({f"/{removed}": None}, removed=[removed])
    assert gone_for_good.endswith("gone (410)")
    both = problems(CONFIG, site, ["folder/kept.html"], every=False, removed=[removed])
    assert sorted(both) == sorted((*told, 'folder/kept.html: the link to "/no" leads nowhere'))


def test_pictures_and_styles_that_were_removed(site: Path) -> None:
    holding("folder/kept.html", "<img src='/images/lost.png'>")(site)
    holding("folder/kept.css", "a { b: url(../images/lost.png) }")(site)
    found = problems(CONFIG, site, [], every=False, removed=["images/lost.png"])
    assert found == (
        'folder/kept.css: "../images/lost.png" is missing',
        'folder/kept.html: "/images/lost.png" is missing',
    )


def test_a_post_that_is_deleted_and_linked_from_one_that_stays(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    blog.post("a.rst", body="Un `lien </b.html>`_.")
    blog.post("b.rst")
    blog.build()
    before = {name: (blog.out / name).read_bytes() for name in blog.files()}
    (blog.folder / "content/b.rst").unlink()
    blog.build()
    after = {name: (blog.out / name).read_bytes() for name in blog.files()}
    changed = [name for name in after if after[name] != before.get(name)]
    config = settings.load(blog.folder / "blog.toml")
    removed = before.keys() - after.keys()
    found = problems(config, blog.out, changed, every=False, declared={"/b.html": None}, removed=removed)
    told = 'the link to "/b.html" leads to a page that is gone (410)'
    assert found == (f"index.html: {told} (as in 1 more file)",)


# Its parts


def test_pages_are_counted() -> None:
    assert pages_of(["index.html", "a/b.htm", "index.html.gz", "x.css", "feeds/all.json"]) == 2
    assert pages_of([]) == 0


def test_old_addresses_lead_where_the_service_says() -> None:
    old = ("/", "/old", "/old/", "/old.html", "/2012", "/2012/index.html", "/spam", "/no", "/café")
    for path in (*old, "/round.html"):
        assert target_of(path, MOVES) == served_by_the_service(MOVES, path), path


def test_files_are_looked_for_as_nginx_does() -> None:
    require = Require()
    recipe.describe(require, CONFIG, key="")
    site = require.collector.find("file", "/etc/nginx/sites-available/blog")
    assert site
    server = site.want["contents"]
    assert "try_files $uri $uri/index.html $uri.html @moved;" in server
    assert tries("/a") == ("a", "a/index.html", "a.html")
    for name in ("theme", "media", "feeds"):
        assert f"location ^~ /{name}/ {{\n        " in server
        assert tries(f"/{name}/a") == (f"{name}/a",)
    assert tries("/a/.b") == ()


def test_html_of_any_kind_is_read_in_no_time() -> None:
    for sign in ("<a ", '<a href="', "<!--", "<a b='\"", ",", ", a", "</title", "<template "):
        text = sign * 100_000
        hypertext.read(text)
        hypertext.read(f"<img srcset='{text}")
        hypertext.read(f"<template>{text}")


def test_xml_that_is_read() -> None:
    found = wellformed.read("<a xmlns='urn:x'><b> é<c/>&amp; </b><b/></a>".encode(), "urn:x b")
    assert (found.root, found.texts) == ("urn:x a", ("é&", ""))
    for data in (b"", b"<a>", b"<a></b>", b"<?xml version='1.0' encoding='no'?><a/>", b"<!DOCTYPE a><a/>"):
        with pytest.raises(ValueError, match="it "):
            wellformed.read(data)


def test_the_paths_of_feeds() -> None:
    found = documents.feeds(CONFIG)
    assert (found[FEED], found["feeds/{slug}.rss.xml"]) == ("atom", "rss")
    assert documents.matching("a.b/{slug!s:.5}.xml").fullmatch("a.b/x/y.xml")
    assert not documents.matching("a.b/{slug}.xml").fullmatch("axb/x.xml")
    documents.check_feed(json.dumps({"items": [1]}).encode(), "json")


def test_the_gate_is_imported_by_those_who_ask_for_it() -> None:
    code = (
        "import sys, blogops.website, blogops.jobs; assert 'blogops.website.gate' not in sys.modules\n"
        "import blogops.website.gate; assert not {'docutils', 'jinja2', 'html.parser'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
