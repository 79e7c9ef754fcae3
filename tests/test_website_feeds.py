"""Feeds: what readers' programs get, and know posts by."""

import dataclasses
import datetime as dt
import inspect
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import feedparser
import pytest
from test_website_build import NOW, Blog, parsed

from blogops import config, website
from blogops.config import Config, FeedPaths
from blogops.errors import UsageError
from blogops.website.collection import Collection
from blogops.website.feeds import atom, feeds, json_feed, links, rss
from blogops.website.feeds.html import for_readers
from blogops.website.feeds.xml import element
from blogops.website.model import Entry, Label, Place, Plain, Source
from blogops.website.output import Recipe

ATOM = "{http://www.w3.org/2005/Atom}"
ROOT = "http://blog.example.org"
EVERY = ("feeds/all.atom.xml", "feeds/all.rss.xml", "feeds/all.json")


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(tmp_path)


def settings(blog: Blog, feeds: str = "", site: str = "") -> None:
    """Write blog.toml with more lines for [site] and for [feeds]."""
    head = 'language = "fr"\ntimezone = "Europe/Paris"\n'
    blog.settings(f"{head}{site}\n[feeds]\n{feeds}")


def ids(blog: Blog) -> list[tuple[str, ...]]:
    """Return the ids of the entries, format by format."""
    root = parsed(blog.page(EVERY[0]))
    return [
        tuple(each.findtext(f"{ATOM}id", "") for each in root.iter(f"{ATOM}entry")),
        tuple(each.text or "" for each in parsed(blog.page(EVERY[1])).iter("guid")),
        tuple(item["id"] for item in json.loads(blog.page(EVERY[2]))["items"]),
    ]


def read(blog: Blog, name: str) -> Any:
    """Return a feed as feedparser understands it; it finds no fault with it."""
    found = feedparser.parse(blog.page(name).encode())
    assert not found.bozo, found.bozo_exception
    return found


# The site itself.


def test_pages_name_the_feeds_of_languages_as_they_are_typed(blog: Blog) -> None:
    blog.post("a.rst")
    blog.post("b.rst", ":lang: pt_BR")
    blog.build()
    named = re.findall(
        r'<link rel="alternate" type="[^"]*" title="[^"]*" href="/([^"]*)">', blog.page("index.html")
    )
    assert "feeds/all-pt_BR.atom.xml" in named and set(named) <= blog.files()


def test_each_format_tells_the_same(blog: Blog) -> None:
    settings(blog, site='description = "Des notes & <autres>"')
    fields = ":tags: C++, déploiement\n:category: Idées\n:authors: Rémy; Léa\n:summary: Le *résumé*.\n"
    fields += ":modified: 2026-07-01 08:30"
    blog.post("été.rst", fields, "Bonjour `vous <https://example.net/?a=1&b=2>`_.", title="a < b & *c*")
    blog.build()
    for name, version in (("feeds/all.atom.xml", "atom10"), ("feeds/all.rss.xml", "rss20")):
        found = read(blog, name)
        assert (found.version, found.feed.title, found.feed.link) == (version, "Carnet", f"{ROOT}/")
        assert found.feed.generator == "blogops"
        (entry,) = found.entries
        assert entry.title_detail.type in ("text/plain", "text/html")
        assert entry.published_parsed[:6] == (2026, 1, 2, 9, 0, 0)
        assert [tag.term for tag in entry.tags] == ["Idées", "C++", "déploiement"]
        assert [author.name for author in entry.authors] == ["Rémy", "Léa"]
        assert "résumé</em>" in entry.summary
        assert 'href="https://example.net/?a=1&amp;b=2"' in entry.content[0].value
    (item,) = json.loads(blog.page("feeds/all.json"))["items"]
    assert item["title"] == "a < b & c"
    assert (item["date_published"], item["date_modified"]) == (
        "2026-01-02T10:00:00+01:00",
        "2026-07-01T08:30:00+02:00",
    )
    assert [person["name"] for person in item["authors"]] == ["Rémy", "Léa"]
    assert item["tags"] == ["Idées", "C++", "déploiement"]
    assert (item["summary"], item["language"]) == ("Le résumé.", "fr")


def test_atom_by_its_elements(blog: Blog) -> None:
    blog.post("vieux.rst", ":date: 2025-05-05 10:00\n:modified: 2026-08-01 10:00")
    blog.post("neuf.rst", ":date: 2026-01-02 10:00")
    blog.build()
    root = parsed(blog.page("feeds/all.atom.xml"))
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    link = {each.get("rel"): each.get("href") for each in root.findall(f"{ATOM}link")}
    assert link == {"alternate": f"{ROOT}/", "self": f"{ROOT}/feeds/all.atom.xml"}
    assert root.findtext(f"{ATOM}updated") == "2026-08-01T10:00:00+02:00"
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "Rémy"
    assert (root.findtext(f"{ATOM}icon") or "").startswith(f"{ROOT}/theme/icon.")
    titles = [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]
    assert titles == ["Neuf", "Vieux"]
    channel = parsed(blog.page("feeds/all.rss.xml")).find("channel")
    assert channel is not None
    assert channel.findtext("lastBuildDate") == "Sat, 01 Aug 2026 10:00:00 +0200"
    guid = channel.find("item/guid")
    assert guid is not None and guid.get("isPermaLink") == "false"


def test_which_feeds_there_are(blog: Blog) -> None:
    settings(blog, "[feeds.atom]\nposts = 'feeds/originals.xml'")
    blog.post("un.rst", ":slug: un\n:tags: Python\n:category: Idées")
    blog.post("one.rst", ":slug: un\n:lang: en\n:tags: Python")
    blog.post("seul.rst", ":lang: en\n:category: Idées\n:date: 2025-01-01")
    blog.build()
    found = {name: read(blog, f"feeds/{name}") for name in ("all.atom.xml", "originals.xml")}
    for name in ("all-fr", "all-en", "idees", "tag/python", "author/remy"):
        found |= {end: read(blog, f"feeds/{end}") for end in (f"{name}.atom.xml", f"{name}.rss.xml")}
    titles = {name: ", ".join(entry.title for entry in feed.entries) for name, feed in found.items()}
    assert titles == {
        "all.atom.xml": "One, Un, Seul",
        "originals.xml": "Un, Seul",
        **dict.fromkeys(("all-fr.atom.xml", "all-fr.rss.xml"), "Un"),
        **dict.fromkeys(("all-en.atom.xml", "all-en.rss.xml"), "One, Seul"),
        **dict.fromkeys(("idees.atom.xml", "idees.rss.xml"), "Un, Seul"),
        **dict.fromkeys(("tag/python.atom.xml", "tag/python.rss.xml"), "Un"),
        **dict.fromkeys(("author/remy.atom.xml", "author/remy.rss.xml"), "Un, Seul"),
    }
    assert [found[name].feed.title for name in ("idees.atom.xml", "all-en.rss.xml")] == [
        "Carnet - Idées",
        "Carnet (en)",
    ]
    assert found["all-en.atom.xml"].feed.language == "en"
    assert found["idees.atom.xml"].feed.link == f"{ROOT}/category/idees.html"
    assert len({feed.feed.id for name, feed in found.items() if "atom" in name}) == 6


def test_none_is_made_where_none_is_wanted(blog: Blog) -> None:
    none = 'all = ""\ncategory = ""\nauthor = ""\nlanguage = ""\ntag = ""\n'
    settings(blog, "".join(f"[feeds.{name}]\n{none}" for name in ("atom", "rss", "json")))
    blog.post("un.rst", ":tags: x")
    blog.build()
    assert not [name for name in blog.files() if name.startswith("feeds")]
    assert 'rel="alternate"' not in blog.page("index.html")


def test_drafts_and_scheduled_posts_leave_no_byte(blog: Blog) -> None:
    blog.post("visible.rst")
    unseen = ":tags: cachette\n:category: Cave\n:author: Fantôme\n:lang: de\n"
    blog.post("brouillon.rst", unseen + ":status: draft", "Secretissime.")
    blog.post("futur.rst", unseen + ":date: 2026-11-23 13:01\n:modified: 2026-11-23 13:02", "Secretissime.")
    blog.post("cache.rst", ":status: hidden\n:tags: cachette", "Secretissime.")
    blog.build()
    names = {name for name in blog.files() if name.startswith("feeds/")}
    assert not [name for name in names if "-de" in name or "ca" in name or "fant" in name]
    for name in names:
        data = (blog.out / name).read_bytes().lower()
        assert not any(word in data for word in (b"secretissime", b"cachette", b"fant", b"2026-11-23"))


def test_a_site_without_posts_yet_has_empty_feeds(blog: Blog) -> None:
    blog.post("brouillon.rst", ":status: draft")
    blog.build()
    assert [read(blog, name).entries for name in EVERY[:2]] == [[], []]
    assert read(blog, "feeds/all.atom.xml").feed.updated == "2000-01-01T00:00:00+00:00"
    assert json.loads(blog.page("feeds/all.json"))["items"] == []


def test_a_preview_shows_what_is_not_out_yet(blog: Blog) -> None:
    blog.post("visible.rst")
    blog.write("sans-date.rst", "Sans date\n=========\n\n:status: draft\n\nTexte.\n")
    blog.post("loin.rst", ":date: 9999-12-31 23:59")
    website.build(config.load(blog.folder / "blog.toml"), blog.out, now=NOW, preview=True)
    for name in EVERY[:2]:
        assert {entry.title for entry in read(blog, name).entries} == {"Visible", "Sans date", "Loin"}


def test_ids_survive_a_new_slug_title_and_domain(blog: Blog) -> None:
    blog.post("un.rst")
    blog.post("deux.rst", ":date: 2025-01-02\n:id: urn:uuid:deadbeef-0000-4000-8000-000000000000")
    blog.build()
    before = ids(blog)
    feed = parsed(blog.page("feeds/all.atom.xml")).findtext(f"{ATOM}id")
    assert len(set(before)) == 1 and "urn:uuid:deadbeef-0000-4000-8000-000000000000" in before[0]
    blog.post("un.rst", ":slug: autre-nom", title="Tout autre titre")
    path = blog.folder / "blog.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(ROOT, "https://ailleurs.example"), "utf-8")
    blog.build()
    assert "https://ailleurs.example/autre-nom.html" in blog.page("feeds/all.atom.xml")
    assert ids(blog) == before
    assert parsed(blog.page("feeds/all.atom.xml")).findtext(f"{ATOM}id") == feed
    assert (feed or "").startswith("urn:uuid:")


def test_ids_as_pelican_writes_them(blog: Blog) -> None:
    settings(blog, 'ids = "pelican"')
    blog.post("un.rst")
    blog.build()
    assert ids(blog)[0] == ("tag:blog.example.org,2026-01-02:/un.html",)
    assert parsed(blog.page("feeds/all.atom.xml")).findtext(f"{ATOM}id") == f"{ROOT}/"


def test_no_more_posts_than_asked_for(blog: Blog) -> None:
    settings(blog, "items = 2")
    for day in range(1, 5):
        blog.post(f"jour{day}.rst", f":date: 2026-01-0{day}")
    blog.build()
    for name in EVERY[:2]:
        assert [entry.title for entry in read(blog, name).entries] == ["Jour4", "Jour3"]


@pytest.mark.parametrize("name", EVERY)
def test_no_larger_than_asked_for(blog: Blog, name: str) -> None:
    settings(blog, "kilobytes = 8")
    for day in range(1, 10):
        blog.post(f"jour{day}.rst", f":date: 2026-01-0{day}\n:summary: Court.", "éàü " * 400)
    blog.build()
    data = (blog.out / name).read_bytes()
    assert 6000 < len(data) <= 8 * 1024
    assert b"Jour9" in data and b"Jour1<" not in data


def test_one_post_stays_however_large(blog: Blog) -> None:
    settings(blog, "kilobytes = 1")
    blog.post("gros.rst", body="mot " * 1000)
    blog.post("vieux.rst", ":date: 2025-01-01")
    blog.build()
    assert [entry.title for entry in read(blog, "feeds/all.rss.xml").entries] == ["Gros"]


def test_summaries_instead_of_the_whole(blog: Blog) -> None:
    settings(blog, "summaries = true")
    blog.post("un.rst", ":summary: Le résumé.", "Le texte entier.")
    blog.build()
    assert all("Le texte entier" not in blog.page(name) for name in EVERY)
    assert "content" not in read(blog, "feeds/all.atom.xml").entries[0]
    assert "résumé" in read(blog, "feeds/all.rss.xml").entries[0].description
    assert "résumé" in json.loads(blog.page("feeds/all.json"))["items"][0]["content_html"]


def test_french_typography_arrives_in_titles(blog: Blog) -> None:
    blog.post("un.rst", title="Tiens : l'été !")
    blog.build()
    for name in EVERY[:2]:
        (entry,) = read(blog, name).entries
        assert entry.title == "Tiens\u00a0: l\u2019été\u202f!"
    assert json.loads(blog.page("feeds/all.json"))["items"][0]["title"] == "Tiens\u00a0: l\u2019été\u202f!"


def test_what_no_xml_may_hold_is_gone(blog: Blog) -> None:
    bad = "a\x00b\x08c\x0cd\x1be\x7f\ufffe"
    settings(blog, site='description = "x\\u0008y\\uFFFF"')
    blog.post(
        "un.rst",
        f":tags: t{bad}\n:summary: s{bad}",
        f"``{bad}`` ]]> &amp; <!-- -->\n\n|bs|\n\n.. |bs| unicode:: 0x08",
    )
    blog.build()
    for name in EVERY[:2]:
        assert len(read(blog, name).entries) == 1
    assert "\\u00" not in blog.page("feeds/all.json")


def test_links_work_away_from_the_site(blog: Blog) -> None:
    blog.write("plan.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"/>')
    body = "Titre\n-----\n\nVoir [1]_ et `là <{filename}deux.rst>`_.\n\n.. [1] Une note.\n\n"
    blog.post(
        "un.rst",
        body=body + ".. image:: {static}plan.svg\n   :alt: Le plan\n\n.. code-block:: py\n\n   x = 1\n",
    )
    blog.post("deux.rst", ":status: hidden")
    blog.build()
    (entry,) = read(blog, "feeds/all.atom.xml").entries
    html = entry.content[0].value
    raw = parsed(blog.page("feeds/all.atom.xml")).findtext(f"{ATOM}entry/{ATOM}content") or ""
    assert f'href="{ROOT}/deux.html"' in html
    assert f'src="{ROOT}/plan.svg"' in html
    assert f'href="{ROOT}/un.html#' in raw
    assert not any(part in raw for part in ('href="/', 'href="#', 'src="/', "tabindex", 'class="anchor'))
    assert 'tabindex="0"' in blog.page("un.html") and 'class="anchor"' in blog.page("un.html")


def test_two_builds_give_the_same_bytes(blog: Blog) -> None:
    for number in range(6):
        blog.post(f"p{number}.rst", ":tags: a, b, c")
    blog.build()
    before = {
        name: blog.page(name)
        for name in sorted(blog.files())
        if name.startswith("feeds/") and name.endswith(("xml", "json"))
    }
    blog.build(NOW + dt.timedelta(hours=1))
    assert {name: blog.page(name) for name in before} == before


# One feed without a site.


def entry(**given: Any) -> Entry:
    """Return a post."""
    name = given.pop("name", "un")
    values: dict[str, Any] = {
        "source": Source(f"/x/{name}.rst", f"{name}.rst", f"content/{name}.rst", False),
        "title": name,
        "slug": name,
        "lang": "fr",
        "status": "published",
        "is_out": True,
        "date": dt.datetime(2026, 1, 2, 10, tzinfo=dt.UTC),
        "category": Label("category", "Idées", "idees", None),
        "place": Place(f"/{name}.html", f"{name}.html"),
        "identity": f"urn:{name}",
        "body": Plain(given.pop("html", "<p>Texte.</p>")),
        "minutes": 1,
    }
    empty: dict[str, Any] = {
        "fields": {},
        "series": None,
        "modified": None,
        "expires": None,
        "words": 0,
        "translation": False,
    }
    empty |= dict.fromkeys(("subtitle", "template"), "")
    empty |= dict.fromkeys(("tags", "authors", "aliases"), ())
    return Entry(**{**empty, **values, **given})


def make(settings: Config, *entries: Entry, **pictures: str) -> dict[str, str]:
    """Return the feeds of *entries* by their address."""
    found = Collection(posts=entries, hidden=(), pages=(), config=settings)
    every = feeds(settings, found, **pictures)
    return {each.place.url: each.body.make().decode() for each in every if isinstance(each.body, Recipe)}


@pytest.fixture
def plain(blog: Blog) -> Config:
    settings(blog)
    return config.load(blog.folder / "blog.toml")


def test_each_post_is_serialised_once_for_a_format(plain: Config) -> None:
    tags = tuple(Label("tag", name, name, None) for name in "abcdef")
    posts = tuple(entry(name=f"p{number}", tags=tags) for number in range(10))
    counted: tuple[Callable[..., object], ...] = (atom.entry, rss.entry, json_feed.entry, for_readers)
    counts = dict.fromkeys(counted, 0)
    by_code = {inspect.unwrap(function).__code__: function for function in counts}

    def count(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in by_code:
            counts[by_code[frame.f_code]] += 1

    sys.setprofile(count)
    try:
        made = make(plain, *posts)
    finally:
        sys.setprofile(None)
    assert len(made) == 3 * (1 + 1 + 1 + len(tags))
    assert list(counts.values()) == [10, 10, 10, 20]


def test_posts_that_no_feed_holds_are_not_serialised(plain: Config) -> None:
    many = [
        entry(name=f"p{n:02}", date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + n * dt.timedelta(1))
        for n in range(30)
    ]
    made = make(plain, *many)["/feeds/all.json"]
    assert [item["title"] for item in json.loads(made)["items"]] == [f"p{n:02}" for n in range(29, 9, -1)]


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (dt.datetime(2026, 7, 1, tzinfo=dt.UTC), "2026-07-01T02:00:00+02:00"),
        (dt.datetime(2026, 1, 1, 1, 2, 3, 999, tzinfo=dt.UTC), "2026-01-01T02:02:03+01:00"),
        # Paris was 9 minutes and 21 seconds ahead, which RFC 3339 cannot say.
        (dt.datetime(1900, 1, 1, tzinfo=dt.UTC), "1900-01-01T00:00:00+00:00"),
        (dt.datetime(9999, 12, 31, 23, 30, tzinfo=dt.UTC), "9999-12-31T23:30:00+00:00"),
    ],
)
def test_dates(plain: Config, moment: dt.datetime, said: str) -> None:
    made = make(plain, entry(date=moment))
    root = parsed(made["/feeds/all.atom.xml"])
    assert [each.text for each in root.iter(f"{ATOM}published")] == [said]
    assert [each.text for each in root.iter(f"{ATOM}updated")] == [said, said]
    assert not feedparser.parse(made["/feeds/all.rss.xml"].encode()).bozo


def test_hostile_texts_stay_texts(plain: Config) -> None:
    bad = "</title><script>\"'&]]>\x00\ud800"
    made = make(
        plain,
        entry(
            title=bad,
            lang='f"r<',
            identity=bad,
            html=f"<p>{bad}</p>",
            summary=bad,
            description=bad,
            category=Label("category", bad, "x", Place("/a?b&c", "x")),
            authors=(Label("author", bad, "y", Place('/"', "y")),),
        ),
    )
    told = "</title><script>\"'&]]>"
    for url in ("/feeds/all.atom.xml", "/feeds/x.atom.xml", "/feeds/all.rss.xml"):
        root = parsed(made[url])
        assert [told] == [each.text for each in root.iter() if each.tag.endswith("title")][1:]
        assert not [each for each in root.iter() if each.tag.endswith("}script") or each.tag == "script"]
    (item,) = json.loads(made["/feeds/all.json"])["items"]
    assert (item["title"], item["content_html"]) == (told, f"<p>{told}</p>")


def test_pictures_of_the_site(plain: Config) -> None:
    made = make(plain, entry(image="/un.jpg"), icon="/theme/i.png", logo="/theme/l.svg")
    root = parsed(made["/feeds/all.atom.xml"])
    assert root.findtext(f"{ATOM}icon") == f"{ROOT}/theme/i.png"
    assert root.findtext(f"{ATOM}logo") == f"{ROOT}/theme/l.svg"
    channel = parsed(made["/feeds/all.rss.xml"])
    assert channel.findtext("channel/image/url") == f"{ROOT}/theme/i.png"
    told = json.loads(made["/feeds/all.json"])
    assert (told["icon"], told["favicon"]) == (f"{ROOT}/theme/l.svg", f"{ROOT}/theme/i.png")
    assert told["items"][0]["image"] == f"{ROOT}/un.jpg"
    assert "<image>" not in make(plain, logo="/theme/l.svg")["/feeds/all.rss.xml"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"tag": "feeds/tags.xml"}, "feeds.atom.tag"),
        ({"author": "feeds/all.atom.xml"}, "feeds.atom.author"),
        ({"tag": "../{slug}.xml"}, "not a place inside the site"),
        ({"tag": "feeds/{name}.xml"}, "feeds.atom.tag"),
        ({"all": "feeds/{slug"}, "feeds.atom.all"),
        ({"all": "feeds/"}, "a feed is a file"),
        ({"all": "feeds/all.rss.xml"}, 'would both be "feeds/all.rss.xml"'),
    ],
)
def test_a_path_that_cannot_be_used(plain: Config, changed: dict[str, str], told: str) -> None:
    paths = plain.feeds.atom._replace(**changed)
    bad = plain._replace(feeds=plain.feeds._replace(atom=paths))
    tags = tuple(Label("tag", name, name, None) for name in "ab")
    with pytest.raises(UsageError, match=told.replace(".", r"\.")) as refused:
        make(bad, entry(tags=tags, authors=(Label("author", "R", "r", None),)))
    assert refused.value.where.endswith("blog.toml") and refused.value.hint


def test_what_heads_of_pages_say(plain: Config) -> None:
    label = Label("tag", "Été", "ete", Place("/tag/ete.html", "tag/ete.html"))
    found = Collection(posts=(entry(tags=(label,)),), hidden=(), pages=(), config=plain)
    whole = [
        ("/feeds/all.atom.xml", "Carnet (Atom)"),
        ("/feeds/all.rss.xml", "Carnet (RSS)"),
        ("/feeds/all.json", "Carnet (JSON)"),
    ]
    assert [(each.url, each.title) for each in links(plain, found)] == whole
    (listing,) = found.tags
    own = links(plain, found, listing)[3:]
    assert [(each.url, each.type, each.title) for each in own] == [
        ("/feeds/tag/ete.atom.xml", "application/atom+xml", "Carnet - Été (Atom)"),
        ("/feeds/tag/ete.rss.xml", "application/rss+xml", "Carnet - Été (RSS)"),
        ("/feeds/tag/ete.json", "application/feed+json", "Carnet - Été (JSON)"),
    ]
    both = dataclasses.replace(found, posts=(*found.posts, entry(name="two", lang="en")))
    assert [each.url for each in links(plain, both) if each.type == "application/atom+xml"] == [
        "/feeds/all.atom.xml",
        "/feeds/all-en.atom.xml",
        "/feeds/all-fr.atom.xml",
    ]
    none = plain.feeds._replace(atom=FeedPaths(), rss=FeedPaths(), json=FeedPaths())
    assert links(plain._replace(feeds=none), both, listing) == ()


PAGE = "https://b.example/a/un.html"


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ('<a href="/x?a=1&amp;b=2">x</a>', '<a href="https://b.example/x?a=1&amp;b=2">x</a>'),
        ('<a href="#n1" id="r1">1</a>', '<a href="https://b.example/a/un.html#n1" id="r1">1</a>'),
        ('<a href="mailto:a@b.example">x</a>', '<a href="mailto:a@b.example">x</a>'),
        (
            "<a href='deux.html' title=\"href='/y'\">x</a>",
            '<a href="https://b.example/a/deux.html" title="href=\'/y\'">x</a>',
        ),
        ("<a href=/x>x</a>", '<a href="https://b.example/x">x</a>'),
        ('<img alt="a > b" src="/i.png">', '<img alt="a > b" src="https://b.example/i.png">'),
        (
            '<source srcset="/i-480.webp 480w, /i.webp 960w">',
            '<source srcset="https://b.example/i-480.webp 480w, https://b.example/i.webp 960w">',
        ),
        (
            '<img srcset="/a,b.png, /c.png 2x">',
            '<img srcset="https://b.example/a,b.png, https://b.example/c.png 2x">',
        ),
        (
            '<video poster="/p.jpg" src="/v.mp4">',
            '<video poster="https://b.example/p.jpg" src="https://b.example/v.mp4">',
        ),
        (
            '<pre tabindex="0" class="x">href="/y" &lt;a href="/z"&gt;</pre>',
            '<pre class="x">href="/y" &lt;a href="/z"&gt;</pre>',
        ),
        ('<h2>T <a class="anchor" href="#t" title="x"><b>#</b></a></h2>', "<h2>T </h2>"),
        (
            '<h2>T<a href="#t" class="x anchor">#</a> et <a class="anchors" href="/y">y</a></h2>',
            '<h2>T et <a class="anchors" href="https://b.example/y">y</a></h2>',
        ),
        ('<a href="http://[x">x</a>', '<a href="http://[x">x</a>'),
        ("<a href>a < b</a>", "<a href>a < b</a>"),
    ],
)
def test_html_for_readers(html: str, told: str) -> None:
    assert for_readers(html, PAGE) == told
    assert for_readers(told, PAGE) == told


@pytest.mark.parametrize(
    "part",
    ['<a "', "<a '\"", "<a class=", '<a class="anchor" ', '<a class="anchor">', "<a" + " " * 50, "<a x", "<"],
)
def test_html_that_costs_no_more_than_its_length(part: str) -> None:
    def seconds(count: int) -> float:
        html = f'<img srcset="{"," * count}">{part * count}'
        before = time.process_time()
        inspect.unwrap(for_readers)(html, PAGE)  # not what it remembers of the last time
        return time.process_time() - before

    # 20 times the length; what is quadratic would take 400 times as long.
    assert seconds(40_000) < 100 * max(0.001, min(seconds(2_000) for _ in range(3)))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a & b <c> ]]> \"d\" 'e'\n\tf", "a & b <c> ]]> \"d\" 'e'\n\tf"),
        ("é\u202f\U0001f600", "é\u202f\U0001f600"),
        ("a\x00\x1f\x0c\ud800\uffffb", "ab"),
        ("", ""),
    ],
)
def test_xml_of_any_text(text: str, kept: str) -> None:
    made = parsed(element("x", text, {"y": text}))
    assert (made.text or "", made.get("y")) == (kept, kept)
