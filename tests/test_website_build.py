"""Whole sites: what comes out of a manuscript."""

import datetime as dt
import gzip
import os
import re
import shutil
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import Path
from typing import Literal
from unicodedata import normalize
from urllib.parse import quote

import pytest
from editing import png

from blogops import config, website
from blogops.errors import Failed
from blogops.website import BuildReport

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
HOUSE = Path(__file__).parent.parent
SEED = HOUSE / "example/content/retours-pyconfr-2012.rst"
Form = Literal["NFC", "NFD"]
ATOM = "{http://www.w3.org/2005/Atom}"


class Blog:
    """A blog in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out"
        (folder / "content").mkdir()
        self.settings('language = "fr"\ntimezone = "Europe/Paris"')

    def settings(self, site: str) -> None:
        """Write blog.toml with more lines for [site]."""
        head = '[site]\ntitle = "Carnet"\nurl = "http://blog.example.org"\nauthor = "Rémy"\n'
        (self.folder / "blog.toml").write_text(head + site + "\n", encoding="utf-8")

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file below the content folder."""
        path = self.folder / "content" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def post(self, name: str, fields: str = "", body: str = "Un texte.", title: str = "") -> Path:
        """Write a post with a title and a date."""
        title = title or Path(name).stem.capitalize()
        date = "" if ":date:" in fields else ":date: 2026-01-02 10:00\n"
        return self.write(name, f"{title}\n{'=' * len(title)}\n\n{date}{fields}\n\n{body}\n")

    def build(self, now: dt.datetime = NOW) -> BuildReport:
        """Build the blog."""
        return website.build(config.load(self.folder / "blog.toml"), self.out, now=now)

    def page(self, name: str) -> str:
        """Return a built file."""
        return (self.out / name).read_text(encoding="utf-8")

    def files(self) -> set[str]:
        """Return the built files."""
        return {path.relative_to(self.out).as_posix() for path in self.out.rglob("*") if path.is_file()}


def parsed(xml: str) -> ET.Element:
    """Return the root of *xml*, which we wrote ourselves."""
    return ET.fromstring(xml)  # noqa: S314


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(tmp_path)


def test_a_post_is_built_with_its_lists_feed_and_map(blog: Blog) -> None:
    blog.post("été.rst", ":tags: Python, déploiement\n:category: Conférences\n:modified: 2026-02-01")
    report = blog.build()
    assert (report.posts, report.newest, report.warnings) == (1, "/ete.html", ())
    assert report.files == len(blog.files())
    assert blog.files() >= {
        *("index.html", "ete.html", "404.html", "archives.html", "tags.html", "categories.html"),
        *("authors.html", "tag/python.html", "tag/deploiement.html", "category/conferences.html"),
        *("author/remy.html", "feeds/all.atom.xml", "sitemap.xml", "robots.txt"),
    }
    page = blog.page("ete.html")
    assert '<html lang="fr">' in page
    assert '<link rel="canonical" href="http://blog.example.org/ete.html">' in page
    assert '<time datetime="2026-01-02T10:00:00+01:00">2 janvier 2026</time>' in page
    assert "1er février 2026" in page
    assert "Sitemap: http://blog.example.org/sitemap.xml" in blog.page("robots.txt")


def test_the_example_is_built_without_a_warning(tmp_path: Path) -> None:
    report = website.build(config.load(HOUSE / "example/blog.toml"), tmp_path, now=NOW)
    assert report.warnings == ()
    assert report.posts >= 4
    pages = sorted(tmp_path.rglob("*.html"))
    assert not any(b"PyconFR 2012" in path.read_bytes() for path in pages)
    scripts = (re.sub(rb'<script type="application/ld\+json">', b"", path.read_bytes()) for path in pages)
    assert not any(b"<script" in page for page in scripts)


def test_the_seed_is_a_draft_and_leaves_no_byte(blog: Blog) -> None:
    shutil.copy(SEED, blog.folder / "content")
    blog.post("autre.rst")
    report = blog.build()
    assert (report.posts, report.drafts, report.warnings) == (1, 1, ())
    for path in blog.out.rglob("*"):
        assert path.is_dir() or b"PyconFR" not in path.read_bytes()
        assert "pyconfr" not in path.name and path.name != "afpy.html"


def test_the_seed_can_be_published(blog: Blog) -> None:
    text = SEED.read_text(encoding="utf-8").replace(":status: draft", ":status: published")
    blog.write(SEED.name, text)
    report = blog.build()
    assert (report.posts, report.newest, report.warnings) == (1, "/retours-sur-pyconfr-2012.html", ())
    page = blog.page("retours-sur-pyconfr-2012.html")
    assert "17 septembre 2012" in page
    assert page.count("<h1") == 1
    assert re.search(r"<h2[^>]*>Introduction\b", page)
    assert '<span class="kn">from</span>' in page
    assert 'href="http://circus.readthedocs.org/en/latest/"' in page
    assert 'href="/category/conferences.html"' in page
    assert {"tag/afpy.html", "tag/pycon.html", "tag/python.html"} <= blog.files()


def test_drafts_and_scheduled_posts_leave_no_byte(blog: Blog) -> None:
    blog.post("visible.rst")
    unseen = ":tags: cachette\n:category: Cave\n:author: Fantôme\n"
    blog.post("draft.rst", unseen + ":status: draft", "Secretissime.")
    blog.post("future.rst", unseen + ":date: 2026-11-23 13:01", "Secretissime.")
    blog.write("pages/plan.rst", "Plan\n====\n\n:status: draft\n\nSecretissime.\n")
    blog.write("secret.png", b"Secretissime.")
    blog.post("linked.rst", ":status: draft", ".. image:: {static}secret.png\n   :alt: x")
    report = blog.build()
    assert (report.posts, report.drafts, report.scheduled) == (1, 3, 1)
    for path in blog.out.rglob("*"):
        if path.is_file():
            data = path.read_bytes().lower()
            assert not any(word in data for word in (b"secretissime", b"cachette", b"/cave", b"fant"))
    assert blog.build(NOW + dt.timedelta(minutes=1)).scheduled == 0
    assert "Secretissime" in blog.page("future.html")


def test_a_hidden_post_is_at_its_address_only(blog: Blog) -> None:
    blog.post("visible.rst")
    blog.post("cache.rst", ":status: hidden\n:tags: rare")
    blog.write("sauté.rst", ":status: skip\n\nRien.\n")
    assert blog.build().posts == 2
    mentions = {path.name for path in blog.out.rglob("*.*") if b"cache.html" in path.read_bytes()}
    assert mentions == {"cache.html"}
    assert "tag/rare.html" not in blog.files()


def test_a_second_build_writes_nothing(blog: Blog) -> None:
    blog.post("a.rst")
    blog.write("images/x.png", b"x")
    blog.build()
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in blog.out.rglob("*")}
    blog.build(NOW + dt.timedelta(days=1))
    assert before == {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in blog.out.rglob("*")}


def test_the_bytes_do_not_depend_on_the_order_of_files_or_on_the_machine(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.rst", "b.rst", "c.rst"):
        blog.post(name, f":tags: {name[0]}, z")
    blog.build()
    first = {name: (blog.out / name).read_bytes() for name in blog.files()}
    shutil.rmtree(blog.out)
    monkeypatch.setenv("TZ", "America/New_York")
    real = os.walk

    def shuffled(top: Path, topdown: bool = True) -> object:
        for root, folders, names in real(top, topdown):
            yield root, folders, names[::-1]

    monkeypatch.setattr(os, "walk", shuffled)
    blog.build()
    assert first == {name: (blog.out / name).read_bytes() for name in blog.files()}


def test_stale_files_go_and_strange_ones_are_replaced(blog: Blog) -> None:
    blog.post("a.rst", ":tags: vieux")
    blog.build()
    outside = blog.folder / "outside"
    outside.write_text("keep")
    (blog.out / "a.html").unlink()
    (blog.out / "a.html").symlink_to(outside)
    (blog.out / "index.html").unlink()
    (blog.out / "index.html").mkdir()
    (blog.out / "index.html" / "x").write_text("x")
    (blog.out / "link").symlink_to(blog.folder)
    blog.post("a.rst", ":tags: neuf")
    report = blog.build()
    assert report.files == len(blog.files())
    assert not (blog.out / "tag/vieux.html").exists()
    assert outside.read_text() == "keep"
    assert "Un texte." in blog.page("a.html") and not (blog.out / "a.html").is_symlink()


def test_the_feed_is_atom_with_absolute_addresses(blog: Blog) -> None:
    blog.write("images/x.png", b"x")
    body = 'Voir `b <{filename}b.rst>`_ et [#n]_ : ``a href="/x"``.\n\n.. image:: {static}images/x.png\n'
    blog.post("a.rst", ":tags: l'art & <la manière>\n:date: 2026-03-01", body + "   :alt: x\n\n.. [#n] Note.")
    blog.post("b.rst", ":lang: en\n:modified: 2026-04-01")
    blog.build()
    feed = parsed(blog.page("feeds/all.atom.xml"))
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["A", "B"]
    assert entries[0].findtext(f"{ATOM}id", "").startswith("urn:uuid:")
    assert feed.findtext(f"{ATOM}updated", "").startswith("2026-04-01")
    content = entries[0].findtext(f"{ATOM}content", "")
    assert 'href="http://blog.example.org/b-en.html"' in content
    assert 'src="http://blog.example.org/images/x.png"' in content
    assert 'href="http://blog.example.org/a.html#n"' in content
    assert "href=&quot;/x&quot;" in content
    parsed(blog.page("sitemap.xml"))


def test_the_feed_stays_well_formed_whatever_a_post_holds(blog: Blog) -> None:
    blog.post("a.rst", "", "Un \x08 et |x| ]]> &amp;.\n\n.. |x| unicode:: 0x0B 0xFFFF")
    blog.build()
    parsed(blog.page("feeds/all.atom.xml"))


def test_links_inside_the_site(blog: Blog) -> None:
    blog.write("images/é b.png", b"x")
    blog.write("autres/plan.pdf", b"pdf")
    blog.post("cat é/b.rst", ":category: Cat")
    blog.write("pages/moi.rst", "Moi\n===\n\nTexte.\n")
    body = (
        "`1 <{filename}/cat é/b.rst#x>`_ `2 <|filename|pages/moi.rst>`_ `3 <{tag}Très Bien>`_ "
        "`4 <{category}cat>`_ `5 <{author}Rémy>`_ `6 <{index}>`_ `7 <{static}/autres/plan.pdf>`_ "
        "`8 <#ici>`__ `9 <page.html>`_ x_\n\n.. _x: {filename}cat%20é/b.rst\n\n"
        ".. image:: {static}images/é%20b.png\n   :alt:\n   :target: {filename}pages/moi.rst\n"
    )
    blog.post("a.rst", ":tags: très bien", body)
    blog.build()
    page = blog.page("a.html")
    for address in (
        *("/b.html#x", "/pages/moi.html", "/tag/tres-bien.html", "/category/cat.html", "/b.html"),
        *("/author/remy.html", "/", "/autres/plan.pdf", "#ici", "/page.html"),
    ):
        assert f'href="{address}"' in page, address
    assert 'src="/images/%C3%A9%20b.png"' in page
    assert "autres/plan.pdf" in blog.files()


def test_a_picture_of_another_site_is_not_ours_of_that_path(blog: Blog) -> None:
    blog.write("images/a.png", png("red", 300))
    ours = (
        "{static}images/a.png",
        "/images/a.png",
        "images/a.png",
        "http://blog.example.org/images/a.png?x#y",
    )
    hosts = ("http://elsewhere.example", "//elsewhere.example", "http://blog.example.org.elsewhere.example")
    theirs = tuple(f"{host}/images/a.png" for host in (*hosts, "http://blog.example.org:81"))
    body = "\n\n".join(f".. image:: {address}\n   :alt: x" for address in (*ours, *theirs))
    blog.post("a.rst", f":image: {theirs[0]}", body)
    report = blog.build()
    tags = re.findall(r"<img [^>]*>", blog.page("a.html"))
    assert [' width="300"' in tag for tag in tags] == [*[True] * len(ours), *[False] * len(theirs)]
    told = [warning for warning in report.warnings if "is not the site's own" in warning]
    assert len(told) == 1 + len(theirs)
    assert all(sum(f"image {address} is" in warning for warning in told) for address in theirs)


def test_the_picture_of_a_post_is_given_as_a_whole_address(blog: Blog) -> None:
    blog.write("images/a.png", png("red", 300))
    blog.settings('language = "fr"\n[build]\nlink = "tell"')
    given = {"a": "{static}images/a.png", "b": "//elsewhere.example/b.png", "c": "", "d": "{static}gone.png"}
    for name, image in given.items():
        shown = ("http://elsewhere.example/c.png", "//elsewhere.example/d.png", "/images/a.png")
        body = "\n\n".join(f".. image:: {address}\n   :alt: x" for address in shown)
        blog.post(f"{name}.rst", f":image: {image}" if image else "", body)
    blog.build()
    ours = "http://blog.example.org/images/a.png"
    for name, image in {"a": ours, "b": "http://elsewhere.example/b.png", "c": ours, "d": ours}.items():
        page = blog.page(f"{name}.html")
        assert f'<meta property="og:image" content="{image}">' in page
        assert f'"image":"{image}"' in page


@pytest.mark.parametrize(
    "name", ["plain.png", "secret (1).png", "été.png", "a+b,c'd&e.png", "c#.png", "50%25.png"]
)
def test_whatever_its_name_what_only_a_draft_shows_is_kept_back(blog: Blog, name: str) -> None:
    blog.write(f"images/{name}", png("red", 300))
    quoted = quote(name)
    typed = [] if {"#", "%"} & set(name) else [f"/images/{name}"]
    whole = f"http://blog.example.org:80/images/{quoted}"
    for way in (f"/images/{quoted}", f"images/{quoted}", f"/images//{quoted}", whole, *typed):
        body = f".. image:: {way}\n   :alt: x"
        blog.post("a.rst", ":status: draft", body)
        blog.build()
        assert f"images/{name}" not in blog.files(), way
        blog.post("a.rst", "", body)
        blog.build()
        assert f"images/{name}" in blog.files(), way
        assert ' width="300" height="300"' in blog.page("a.html"), way


def test_a_draft_takes_no_picture_from_what_else_shows_it(blog: Blog) -> None:
    theme = '[theme]\nlogo = "images/logo.svg"\nmenu = {Photo = "/images/menu.png"}'
    blog.settings(f'language = "fr"\n[build]\nraw_html = true\n{theme}')
    shown = {"raw.png", "menu.png", "style.png", "template.png", "logo.svg"}
    for name in (*shown, "draft.png", "too.png"):
        blog.write(f"images/{name}", b"<svg/>" if name.endswith("svg") else png("red"))
    blog.write("images/a.css", "p { background: url(style.png) }")
    (blog.folder / "templates").mkdir()
    head = '{% extends "!base.html" %}{% block footer %}<img src="/images/template.png">{% endblock %}'
    (blog.folder / "templates/base.html").write_text(head)
    blog.post("a.rst", "", '.. raw:: html\n\n   <img src="images/raw.png" alt="x">')
    images = "\n\n".join(f".. image:: /images/{name}\n   :alt: x" for name in (*shown, "draft.png"))
    raw = '.. raw:: html\n\n   <img src="/images/too.png" alt="x">'
    blog.post("b.rst", ":status: draft", f"{images}\n\n{raw}")
    blog.build()
    assert {name for name in blog.files() if name.startswith("images/")} == {
        "images/a.css",
        *(f"images/{name}" for name in shown),
    }


@pytest.mark.parametrize(("held", "typed"), [("NFC", "NFD"), ("NFD", "NFC"), ("NFD", "NFD")])
def test_a_file_is_found_however_its_accents_are_written(blog: Blog, held: Form, typed: Form) -> None:
    blog.write(f"images/{normalize(held, 'été.png')}", png("red"))
    blog.post("a.rst", "", f".. image:: {{static}}/images/{normalize(typed, 'été.png')}\n   :alt: x")
    blog.build()
    assert f"images/{normalize(held, 'été.png')}" in blog.files()
    assert f'src="/images/{quote(normalize(held, "été.png"))}"' in blog.page("a.html")


def test_a_link_to_another_site_publishes_nothing(blog: Blog) -> None:
    blog.write("more/plan.pdf", b"pdf")
    blog.post("draft.rst", ":status: draft", "`The plan <{static}more/plan.pdf>`__")
    blog.post("a.rst", "", "`Theirs <http://elsewhere.example/more/plan.pdf>`__")
    blog.build()
    assert "more/plan.pdf" not in blog.files()
    blog.post("a.rst", "", "`Ours <http://blog.example.org/more/plan.pdf>`__")
    blog.build()
    assert "more/plan.pdf" in blog.files()


@pytest.mark.parametrize(
    "field", [":Lang: en", ":lang:\n   en", f"{':x: y' + chr(10) * 1}" * 41 + ":lang: en"]
)
def test_the_language_is_read_wherever_its_field_is(blog: Blog, field: str) -> None:
    blog.post("a.rst", field, 'He said "yes": no doubt.')
    blog.build()
    page = blog.page("a-en.html")
    assert '<html lang="en">' in page and "“yes”: no doubt" in page


def test_titles_are_typeset_as_texts_are(blog: Blog) -> None:
    blog.settings('language = "en"')
    title = 'Use ``x = "a -- b"`` and \\"b\\", it\'s "so"'
    blog.write(
        "a.rst", f'{title}\n{"=" * 60}\n\nIt\'s "so" -- ``"`` too\n{"-" * 40}\n\n:date: 2026-01-02\n\nText.\n'
    )
    blog.post("b.rst", ':title: It\'s "so"')
    blog.build()
    shown = 'Use x = "a -- b" and "b", it’s “so”'
    assert unescape(re.findall("<h1>(.*)</h1>", blog.page("use-x-a-b-and-b-its-so.html"))[0]) == shown
    subtitle = re.findall('<p class="subtitle">(.*)</p>', blog.page("use-x-a-b-and-b-its-so.html"))[0]
    assert unescape(subtitle) == 'It’s “so” – " too'
    feed = parsed(blog.page("feeds/all.atom.xml"))
    assert {each.text for each in feed.findall(f"{ATOM}entry/{ATOM}title")} == {shown, "It’s “so”"}
    assert "<h1>It’s “so”</h1>" in blog.page("its-so.html")


def test_a_translation_or_a_hidden_post_is_no_part_of_a_series_that_lists_hold_without_it(blog: Blog) -> None:
    for name in ("a", "b"):
        blog.post(f"{name}.rst", f":slug: {name}\n:series: Suite")
    blog.post("a-en.rst", ":slug: a\n:lang: en\n:series: Suite")
    blog.post("c.rst", ":status: hidden\n:series: Suite")
    blog.build()
    assert "Partie 1 sur 2" in blog.page("a.html")
    assert all('class="series"' not in blog.page(name) for name in ("a-en.html", "c.html"))


def test_a_hidden_page_is_not_named_by_its_translation(blog: Blog) -> None:
    blog.write("pages/p.rst", "A propos\n========\n\n:slug: about\n\nTexte.\n")
    blog.write("pages/q.rst", "About\n=====\n\n:slug: about\n:lang: en\n:status: hidden\n\nText.\n")
    blog.post("a.rst")
    blog.build()
    mentions = {path.name for path in blog.out.rglob("*.*") if b"about-en.html" in path.read_bytes()}
    assert mentions == {"about-en.html"}
    assert 'hreflang="fr"' in blog.page("pages/about-en.html")


def test_metadata_in_french_and_from_names(blog: Blog) -> None:
    blog.post("Atelier/2012-09-17-a.rst", ":auteur: R. Hubscher\n:statut: published\n:résumé: Bref.")
    blog.write("2012-09-18-b.rst", "B\n=\n\nTexte.\n")
    blog.write("c.rst", ":title: L'autre & <i>\n:date: 2012-09\n:tag: x\n\nTexte.\n")
    report = blog.build()
    assert {"author/r-hubscher.html", "category/atelier.html", "category/misc.html"} <= blog.files()
    assert "18 septembre 2012" in blog.page("b.html")
    assert "L’autre &amp; &lt;i&gt;" in blog.page("lautre.html")
    assert "Bref." in blog.page("index.html")
    assert report.warnings == (
        'content/c.rst:2: :date: "2012-09" is not a whole date; taken as 2012-09-01',
        'content/c.rst:3: :tag: is unknown; did you mean ":tags:"?',
    )


def test_lists_have_pages_and_posts_have_neighbours(blog: Blog) -> None:
    blog.settings("[lists]\nper_page = 2")
    for day in range(1, 6):
        blog.post(f"p{day}.rst", f":date: 2026-01-0{day}")
    blog.build()
    assert {"index.html", "index2.html", "index3.html"} <= blog.files()
    assert "index4.html" not in blog.files()
    assert 'rel="next" href="/index3.html"' in blog.page("index2.html")
    assert 'rel="prev" href="/"' in blog.page("index2.html")
    assert 'rel="prev" href="/p2.html"' in blog.page("p3.html")
    assert 'rel="next" href="/p4.html"' in blog.page("p3.html")


def test_a_translation_is_named_by_its_original_and_not_listed_twice(blog: Blog) -> None:
    blog.post("a.rst", ":slug: un")
    blog.post("a-en.rst", ":slug: un\n:lang: en", title="One")
    blog.build()
    assert '<link rel="alternate" hreflang="en" href="http://blog.example.org/un-en.html">' in blog.page(
        "un.html"
    )
    assert "un-en.html" not in blog.page("index.html")
    assert "un-en.html" in blog.page("feeds/all.atom.xml")


def test_an_author_replaces_a_template_and_a_broken_one_stops_the_build(blog: Blog) -> None:
    blog.post("a.rst")
    own = blog.folder / "templates"
    own.mkdir()
    (own / "404.html").write_text("{% extends '!404.html' %}{% block main %}Perdu.{% endblock %}")
    blog.build()
    assert "Perdu." in blog.page("404.html") and "<nav" in blog.page("404.html")
    for wrong in ("{{ nobody }}", "{% if %}", "{{ ''.__class__.__mro__ }}"):
        (own / "404.html").write_text(wrong)
        with pytest.raises(Failed, match=r"404\.html"):
            blog.build()


def test_an_example_of_a_language_field_is_not_one(blog: Blog) -> None:
    blog.post("a.rst", "", "Exemple ::\n\n    x\n\n:lang: en\n")
    assert blog.build().newest == "/a.html"


def test_labels_that_differ_in_case_are_one(blog: Blog) -> None:
    blog.post("a.rst", ":tags: Python")
    blog.post("b.rst", ":tags: python")
    blog.build()
    assert {name for name in blog.files() if re.match(r"tag/.*\.html$", name)} == {"tag/python.html"}


def test_code_has_classes_and_an_unknown_language_is_text(blog: Blog) -> None:
    body = ".. code-block:: nolanguage\n\n   {% x %} <b>\n\n"
    body += ".. code:: python\n   :number-lines:\n\n   import os\n"
    blog.post("a.rst", "", body)
    assert blog.build().warnings == ()
    page = blog.page("a.html")
    assert "{% x %} &lt;b&gt;" in page and '<span class="kn">import</span>' in page
    style = next(name for name in blog.files() if re.fullmatch(r"theme/style\.\w+\.css", name))
    assert f'href="/{style}"' in page and ".kn" in blog.page(style)


def test_an_authors_file_takes_the_place_of_the_themes(blog: Blog) -> None:
    blog.post("a.rst")
    blog.write("extra/robots.txt", "own")
    blog.write("pages/home.rst", "Home\n====\n\n:save_as: index.html\n\nWelcome home.\n")
    place = '[metadata.paths]\n"extra/robots.txt" = {path = "robots.txt"}'
    blog.settings(f'[content]\nstatic = ["extra"]\n{place}')
    blog.build()
    assert blog.page("robots.txt") == "own"
    assert "Welcome home." in blog.page("index.html")


def test_a_problem_names_its_column_and_the_policy_is_the_blogs(blog: Blog) -> None:
    blog.post("a.rst", "", "Voir ici_ et ``là.")
    blog.settings('[build]\nerror = "tell"\nwarning = "ignore"')
    assert blog.build().warnings == ('content/a.rst:7:6: Unknown target name: "ici"',)
    blog.settings('[build]\nwarning = "stop"')
    with pytest.raises(Failed, match=r"a\.rst:7"):
        blog.build()


def test_text_is_kept_compressed_too_and_what_the_author_made_stays(blog: Blog) -> None:
    blog.post("a.rst", "", "Un texte. " * 100)
    blog.write("static/b.txt", "Du texte. " * 100)
    blog.write("static/b.txt.gz", b"by hand")
    blog.build()
    assert {"a.html.gz", "a.html.br", "static/b.txt.br"} <= blog.files()
    assert (blog.out / "static/b.txt.gz").read_bytes() == b"by hand"
    assert gzip.decompress((blog.out / "a.html.gz").read_bytes()) == (blog.out / "a.html").read_bytes()
    blog.settings("[build]\ncompress = false")
    blog.build()
    assert not any(name.endswith((".br", "a.html.gz")) for name in blog.files())
