"""Which files make a site, and what stands in them."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from test_website_build import NOW, Blog

from blogops import config as settings
from blogops import website
from blogops.config import Lists
from blogops.errors import Failed
from blogops.website.addresses import place
from blogops.website.collection import Collection, collect
from blogops.website.discover import discover
from blogops.website.extensions import loaded
from blogops.website.frame import Frame
from blogops.website.lists import paged
from blogops.website.memory import Memory
from blogops.website.metadata import Facts
from blogops.website.notes import Notes
from blogops.website.output import Output, Recipe, Sheet
from blogops.website.read import entries_of, read
from blogops.website.site import check_addresses, plan
from blogops.website.sitemap import sitemap
from blogops.website.theme import Theme
from blogops.website.words import words

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(tmp_path)


def preview(blog: Blog) -> None:
    """Build with drafts and scheduled posts."""
    website.build(settings.load(blog.folder / "blog.toml"), blog.out, now=NOW, preview=True)


def data_of(page: str) -> list[dict[str, Any]]:
    """Return the JSON-LD of *page*."""
    text = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    found = json.loads(text[0]) if text else {"@graph": []}
    graph: list[dict[str, Any]] = found["@graph"]
    return graph


# Lists with pages


@pytest.mark.parametrize(
    ("count", "size", "orphans", "sizes"),
    [
        (0, 10, 0, [0]),
        (1, 10, 0, [1]),
        (10, 10, 0, [10]),
        (11, 10, 0, [10, 1]),
        (11, 10, 1, [11]),
        (12, 10, 1, [10, 2]),
        (21, 10, 1, [10, 11]),
        (25, 10, 4, [10, 10, 5]),
        (3, 10, 5, [3]),
        (5, 1, 3, [1, 4]),
    ],
)
def test_pages_are_cut_as_pelican_cuts_them(count: int, size: int, orphans: int, sizes: list[int]) -> None:
    posts: Any = tuple(range(count))
    pages = paged(posts, "index", Lists(per_page=size, orphans=orphans))
    assert [len(page) for page in pages] == sizes
    assert sum(pages, ()) == posts
    assert paged(posts, "tag", Lists(per_page=size, orphans=orphans)) == [posts]


def test_every_kind_of_list_may_have_pages(blog: Blog) -> None:
    blog.settings('[lists]\nper_page = 2\npaginated = ["tag", "category"]')
    for day in range(1, 6):
        blog.post(f"p{day}.rst", f":date: 2026-01-0{day}\n:tags: t")
    blog.build()
    assert {"tag/t.html", "tag/t2.html", "tag/t3.html", "category/misc3.html"} <= blog.files()
    assert not {"tag/t4.html", "index2.html", "author/remy2.html"} & blog.files()
    second = blog.page("tag/t2.html")
    assert '<link rel="prev" href="/tag/t.html">' in second
    assert '<link rel="next" href="/tag/t3.html">' in second
    assert '<link rel="canonical" href="http://blog.example.org/tag/t2.html">' in second
    assert "<span>Page 2 of 3</span>" in second
    assert "/p3.html" in second and "/p5.html" not in second


def test_patterns_say_where_lists_are_and_whether(blog: Blog) -> None:
    blog.settings(
        '[lists]\nper_page = 1\n[urls]\nnumbered = "{base_name}/page/{number}/"\nindex = "blog/index.html"\n'
        'archives = ""\ntags = ""\nyear = ""\nmonth = "{date:%Y-%m}.html"\nauthor = ""'
    )
    blog.post("a.rst", ":tags: t")
    blog.post("b.rst", ":date: 2026-02-03")
    blog.build()
    assert {"blog/index.html", "blog/page/2/index.html", "2026-01.html", "2026-02.html"} <= blog.files()
    assert (
        not {"index.html", "archives.html", "tags.html", "2026/index.html", "author/remy.html"} & blog.files()
    )
    page = blog.page("a.html")
    assert "/archives.html" not in page and "/tags.html" not in page and "/author/" not in page


def test_archives_by_year_and_month(blog: Blog) -> None:
    blog.post("a.rst", ":date: 2025-12-31")
    blog.post("b.rst", ":date: 2026-01-01")
    blog.post("c.rst", ":date: 2026-08-01")
    blog.build()
    archives = blog.page("archives.html")
    assert '<h2><a href="/2026/">2026</a> <span class="count">2</span></h2>' in archives
    assert archives.index("/2026/") < archives.index("/2025/")
    year = blog.page("2026/index.html")
    assert "<h1>Archives\u00a0: 2026</h1>" in year
    assert '<a href="/2026/08/">Août 2026</a>' in year and "/a.html" not in year
    assert "1er août 2026" in blog.page("2026/08/index.html")


def test_archives_go_by_the_zone_of_the_site_as_the_dates_shown_do(blog: Blog) -> None:
    blog.settings('[urls]\nday = "{date:%Y}/{date:%m}/{date:%d}/"')
    blog.post("a.rst", ":date: 2025-12-31 23:30 -0500", title="De New York")
    blog.post("b.rst", ":date: 2026-01-01 00:10", title="De Paris")
    blog.post("c.rst", ":date: 2026-01-01 05:00 +0900", title="De Tokyo")
    blog.build()
    assert re.findall(r'<h2><a href="/(\d+)/">.*?>(\d)<', blog.page("archives.html")) == [
        ("2026", "2"),
        ("2025", "1"),
    ]
    days = {path for path in blog.files() if re.fullmatch(r"\d{4}/\d\d/\d\d/index.html", path)}
    assert days == {"2026/01/01/index.html", "2025/12/31/index.html"}
    assert re.findall(r">(De .*?)<", blog.page("2026/01/01/index.html")) == ["De New York", "De Paris"]
    assert re.findall(r">(De .*?)<", blog.page("2025/12/31/index.html")) == ["De Tokyo"]


# Posts


def test_a_post_says_what_it_is_to_machines(blog: Blog) -> None:
    blog.post(
        "a.rst", ":tags: x, y\n:modified: 2026-02-01\n:summary: En </script> bref & bien.", title="Le <i>"
    )
    blog.build()
    page = blog.page("le-i.html")
    assert page.count("<script") == page.count("</script>") == 1
    posting, way = data_of(page)
    assert posting["@type"] == "BlogPosting"
    assert posting["headline"] == "Le <i>"
    assert posting["description"] == "En </script> bref & bien."
    assert posting["datePublished"] == "2026-01-02T10:00:00+01:00"
    assert posting["dateModified"] == "2026-02-01T00:00:00+01:00"
    assert posting["keywords"] == ["x", "y"]
    assert posting["author"] == [
        {"@type": "Person", "name": "Rémy", "url": "http://blog.example.org/author/remy.html"}
    ]
    assert [step["name"] for step in way["itemListElement"]] == ["Accueil", "misc", "Le <i>"]
    assert '<meta property="og:title" content="Le &lt;i&gt;">' in page
    assert '<meta property="article:tag" content="y">' in page


def test_machines_are_told_the_dates_of_old_texts_in_a_form_that_they_read(blog: Blog) -> None:
    """Paris was at +00:09:21 then, and no date of HTML has seconds in its offset."""
    blog.post("a.rst", ":date: 1815-06-18 11:35\n:modified: 1910-01-01")
    blog.build()
    page = blog.page("a.html")
    assert '<time datetime="1815-06-18T11:25:39+00:00">18 juin 1815</time>' in page
    assert '<meta property="article:modified_time" content="1909-12-31T23:50:39+00:00">' in page
    assert data_of(page)[0]["datePublished"] == "1815-06-18T11:25:39+00:00"


def test_the_front_page_names_the_author_elsewhere(blog: Blog) -> None:
    blog.settings('description = "Des notes."\nprofiles = ["https://social.example/@remy"]')
    blog.post("a.rst")
    blog.build()
    page = blog.page("index.html")
    assert '<link rel="me" href="https://social.example/@remy">' in page
    assert '<a rel="me" href="https://social.example/@remy">social.example/@remy</a>' in page
    (site,) = data_of(page)
    assert site["@type"] == "WebSite" and site["author"]["sameAs"] == ["https://social.example/@remy"]


@pytest.mark.parametrize(
    ("off", "named"), [((), "Flux Atom"), (("atom",), "Flux RSS"), (("atom", "rss"), "Flux JSON")]
)
def test_the_footer_names_the_feed_that_there_is(blog: Blog, off: tuple[str, ...], named: str) -> None:
    lines = [f'[feeds.{name}]\nall = ""\nlanguage = ""' for name in off]
    blog.settings("\n".join(['language = "fr"', *lines]))
    blog.post("a.rst")
    blog.build()
    assert f">{named}</a>" in blog.page("index.html")


def test_translations_name_each_other_in_the_head_and_the_map(blog: Blog) -> None:
    blog.settings('language = "fr"')
    blog.post("a.rst", ":slug: un", title="Un")
    blog.post("a-en.rst", ":slug: un\n:lang: en", title="One")
    blog.build()
    wanted = {"fr": "/un.html", "en": "/un-en.html", "x-default": "/un.html"}
    for name in ("un.html", "un-en.html"):
        found = re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]+)">', blog.page(name))
        assert dict(found) == {code: f"http://blog.example.org{url}" for code, url in wanted.items()}
    english = blog.page("un-en.html")
    assert '<html lang="en">' in english and ">Skip to content<" in english
    assert '<p class="name" lang="fr">' in english
    urls = ET.fromstring(blog.page("sitemap.xml")).findall(f"{MAP}url")  # noqa: S314 - our own
    links = {url.findtext(f"{MAP}loc"): {each.get("hreflang") for each in url.findall(LINK)} for url in urls}
    assert links["http://blog.example.org/un-en.html"] == set(wanted)
    assert links["http://blog.example.org/"] == set()


def test_what_is_written_from_right_to_left_is_shown_so(blog: Blog) -> None:
    blog.settings('language = "fr"')
    blog.post("a.rst", ":slug: un", title="Un")
    blog.post("b.rst", ":lang: ar", title="Mrhba")
    blog.build()
    page, index = blog.page("mrhba-ar.html"), blog.page("index.html")
    assert '<html lang="ar" dir="rtl">' in page and '<p class="name" lang="fr" dir="ltr">' in page
    assert '<html lang="fr">' in index and '<h2 lang="ar" dir="rtl"><a href="/mrhba-ar.html">' in index
    assert "direction:ltr" in blog.page(next(name for name in blog.files() if name.endswith(".css")))


def test_a_series_shows_its_parts(blog: Blog) -> None:
    for number in (1, 2, 3):
        fields = f":series: Sauver\n:series_index: {number}\n:date: 2026-01-0{4 - number}"
        blog.post(f"p{number}.rst", fields)
    blog.build()
    page = blog.page("p2.html")
    assert '<p>Partie 2 sur 3\u00a0: <a href="/series/sauver.html">Sauver</a></p>' in page
    box = page[page.index('class="series"') :]
    assert box.index("/p1.html") < box.index('/p2.html" aria-current="page"') < box.index("/p3.html")


@pytest.mark.parametrize(("titles", "there"), [(2, False), (3, True)])
def test_a_long_text_has_a_table_of_contents(blog: Blog, titles: int, there: bool) -> None:
    sections = [f"Partie {number}\n{'-' * 9}\n\nTexte.\n" for number in range(titles)]
    blog.post("a.rst", "", "Texte.\n\n" + "\n".join(sections))
    blog.build()
    page = blog.page("a.html")
    assert ('<details class="contents">' in page) is there
    assert ('<li><a href="#partie-1">Partie 1</a></li>' in page) is there


def test_the_table_of_contents_is_a_tree(blog: Blog) -> None:
    body = "Un\n==\n\nx\n\nDeux\n----\n\nx\n\nTrois\n-----\n\nx\n\nQuatre\n======\n\nx\n"
    blog.write("a.rst", f"####\nHaut\n####\n\n:date: 2026-01-02\n\nx\n\n{body}")
    blog.build()
    shown = re.sub(r"\s+", "", blog.page("haut.html").split("<summary>")[1].split("</nav>")[0])
    below = '<li><ahref="#deux">Deux</a></li><li><ahref="#trois">Trois</a></li>'
    assert f'<li><ahref="#un">Un</a><ol>{below}</ol></li>' in shown
    assert '</ol></li><li><ahref="#quatre">Quatre</a></li></ol>' in shown


def test_one_that_has_its_own_table_gets_no_second(blog: Blog) -> None:
    sections = "\n".join(f"Partie {number}\n{'-' * 9}\n\nTexte.\n" for number in range(3))
    blog.post("a.rst", "", f".. contents::\n\n{sections}")
    blog.build()
    assert '<details class="contents">' not in blog.page("a.html")


def test_a_preview_says_what_is_not_out(blog: Blog) -> None:
    blog.post("a.rst", ":status: draft")
    blog.post("b.rst", ":date: 2027-08-01")
    blog.post("c.rst")
    preview(blog)
    assert '<p class="banner">Brouillon\u00a0: cette page n’est pas publiée.</p>' in blog.page("a.html")
    assert '<p class="banner">Cette page sera publiée le 1er août 2027.</p>' in blog.page("b.html")
    for name in ("a.html", "b.html"):
        assert '<meta name="robots" content="noindex">' in blog.page(name)
    assert "banner" not in blog.page("c.html") and "noindex" not in blog.page("c.html")


@pytest.mark.parametrize(
    ("wanted", "pattern", "address"),
    [
        ("false", "{slug}.html", ""),
        ("true", "{slug}.html", "/ete.pdf"),
        ("true", "{date:%Y}/{slug}/", "/2026/ete/ete.pdf"),
    ],
)
def test_a_post_names_its_pdf(blog: Blog, wanted: str, pattern: str, address: str) -> None:
    blog.settings(f'[build]\npdf = {wanted}\n[urls]\npost = "{pattern}"')
    blog.post("été.rst")
    config = settings.load(blog.folder / "blog.toml")
    with loaded(config) as extensions:
        theme, notes = Theme(config, extensions), Notes()
        reads = read(discover(config, notes), Facts(config, NOW), notes, Memory())
        outputs = plan(config, collect(tuple(entries_of(reads)), config, notes), theme, extensions)
        body = next(each.body for each in outputs if each.origin.endswith(".rst"))
        assert isinstance(body, Sheet)
        page = theme.render(body.template, body.context()).decode()
    title = words("en")["pdf"]
    link = f'<link rel="alternate" type="application/pdf" title="{title}" href="{address}">'
    assert (link in page, "application/pdf" in page) == (bool(address), bool(address))


def test_a_hidden_post_asks_not_to_be_found(blog: Blog) -> None:
    blog.post("a.rst")
    blog.post("b.rst", ":status: hidden")
    blog.build()
    assert "noindex" in blog.page("b.html") and 'rel="canonical"' not in blog.page("b.html")


def test_a_hidden_post_names_its_translation(blog: Blog) -> None:
    blog.settings('language = "fr"')
    blog.post("a.rst", ":slug: un\n:status: hidden")
    blog.post("a-en.rst", ":slug: un\n:lang: en")
    blog.build()
    assert 'hreflang="en"' in blog.page("un.html") and 'hreflang="fr"' not in blog.page("un-en.html")


def test_pages_for_what_is_not_there_or_not_any_more(blog: Blog) -> None:
    blog.post("a.rst")
    blog.build()
    assert "<h1>Page introuvable</h1>" in blog.page("404.html")
    assert "<h1>Page retirée</h1>" in blog.page("410.html")
    assert "noindex" in blog.page("410.html") and "410.html" not in blog.page("sitemap.xml")


# The map of the site


def test_the_map_names_what_is_public_with_its_last_change(blog: Blog) -> None:
    blog.post("a.rst", ":tags: é t\n:modified: 2026-03-01 12:00")
    blog.post("b.rst", ":status: hidden")
    blog.write("pages/moi.rst", "Moi\n===\n\nTexte.\n")
    blog.build()
    urls = ET.fromstring(blog.page("sitemap.xml")).findall(f"{MAP}url")  # noqa: S314 - our own
    found = {str(url.findtext(f"{MAP}loc")): url.findtext(f"{MAP}lastmod") for url in urls}
    changed = "2026-03-01T11:00:00+00:00"
    for path in ("/", "/archives.html", "/a.html", "/tag/e-t.html", "/2026/", "/2026/01/"):
        assert found[f"http://blog.example.org{path}"] == changed, path
    assert found["http://blog.example.org/pages/moi.html"] is None
    assert "http://blog.example.org/b.html" not in found


def test_a_long_map_is_split_and_has_an_index(blog: Blog) -> None:
    config = settings.load(blog.folder / "blog.toml")
    frame = Frame(config, Collection((), (), (), config))
    outputs = list(sitemap(frame, [f"/{number}.html" for number in range(20)], most=10))
    names = [output.place.path for output in outputs]
    assert names == ["sitemap1.xml", "sitemap2.xml", "sitemap3.xml", "sitemap.xml"]
    bodies = [output.body.make() if isinstance(output.body, Recipe) else output.body for output in outputs]
    roots = [ET.fromstring(body) for body in bodies if isinstance(body, bytes)]  # noqa: S314
    assert [len(root) for root in roots] == [10, 10, 5, 3]
    assert roots[-1].tag == f"{MAP}sitemapindex"
    assert roots[-1][0][0].text == "http://blog.example.org/sitemap1.xml"


# Addresses


def output(path: str, origin: str) -> Output:
    """Return an output at *path*."""
    return Output(place(path), origin, b"")


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ([("a.html", "content/a.rst"), ("b.html", "content/b.rst")], []),
        (
            [("a.html", "content/a.rst"), ("A.html", "content/b.rst")],
            ["content/b.rst:1: wants the address /A.html, and so does content/a.rst; give it another :slug:"],
        ),
        (
            [("tags.html", "content/tags.rst"), ("tags.html", "the list of all tags")],
            [
                "content/tags.rst:1: wants the address /tags.html, and so does the list of all tags; "
                "give it another :slug:"
            ],
        ),
        (
            [("x.html", "the archives"), ("x.html", "the list of posts")],
            ["the archives:1: wants the address /x.html, and so does the list of posts; rename it"],
        ),
        (
            [("deux/", "content/a.rst"), ("deux.html", "content/b.rst")],
            [],
        ),
    ],
)
def test_two_that_want_one_address(claims: list[tuple[str, str]], said: list[str]) -> None:
    notes = Notes()
    check_addresses([output(path, origin) for path, origin in claims], (), notes)
    assert [str(note) for note in notes.problems] == said


def test_a_file_is_not_the_folder_of_another() -> None:
    notes = Notes()
    outputs = [Output(place("Notes", "Notes"), "content/n.rst", b""), output("notes/a.html", "content/a.rst")]
    check_addresses(outputs, (), notes)
    assert len(notes.problems) == 1
    assert "content/n.rst" in str(notes.problems[0]) and "content/a.rst" in str(notes.problems[0])


def test_a_scheduled_post_claims_its_address_already(blog: Blog) -> None:
    blog.post("a.rst", ":slug: x")
    blog.post("b.rst", ":slug: x\n:date: 2027-01-01")
    with pytest.raises(Failed, match=r"wants the address /x\.html"):
        blog.build()


def test_pages_of_extensions_stand_in_the_site(blog: Blog) -> None:
    blog.post("a.rst")
    (blog.folder / "extensions").mkdir()
    (blog.folder / "templates").mkdir()
    (blog.folder / "templates/liste.html").write_text(
        '{% extends "!base.html" %}{% block main %}<h1>{{ title }}</h1>{{ count }}{% endblock %}'
    )
    (blog.folder / "extensions/x.py").write_text(EXTENSION, encoding="utf-8")
    blog.build()
    assert "<h1>Liste</h1>1" in blog.page("liste.html") and "<header" in blog.page("liste.html")
    assert blog.page("mots.txt") == "A"
    assert "/liste.html</loc>" in blog.page("sitemap.xml") and "mots.txt" not in blog.page("sitemap.xml")


EXTENSION = """
from blogops.website.extensions import Page


def pages(found, config):
    yield Page("liste.html", template="liste.html", context={"title": "Liste", "count": len(found.posts)})
    yield Page("mots.txt", body="".join(post.title for post in found.posts))


def setup(blog):
    blog.pages(pages)
"""
