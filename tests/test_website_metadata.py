"""What is known of a post: Pelican's rules (docs/pelican.md), read from real files."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from blogops import config
from blogops.website.collection import Collection, collect
from blogops.website.discover import discover
from blogops.website.languages import language_of
from blogops.website.links import Links
from blogops.website.memory import Memory
from blogops.website.metadata import Facts, names
from blogops.website.model import Entry, Place
from blogops.website.notes import Notes
from blogops.website.read import links_of, read
from blogops.website.settle import Settled, settle

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
SITE = '[site]\ntitle = "T"\nurl = "http://blog.example.org"\nauthor = "Rémy H"\ntimezone = "Europe/Paris"\n'


@dataclass(frozen=True)
class Read:
    """A manuscript that was read: its entries by file, its lists, and what was said of it."""

    settled: Settled
    found: Collection
    notes: Notes
    links: Links

    def __getitem__(self, name: str) -> Entry:
        return {entry.source.name: entry for entry in self.settled.entries}[name]

    @property
    def one(self) -> Entry:
        """The only entry."""
        (entry,) = self.settled.entries
        return entry

    @property
    def warnings(self) -> list[str]:
        return [str(note) for note in self.notes.warnings]

    @property
    def problems(self) -> list[str]:
        return [str(note) for note in self.notes.problems]


Reader = Callable[..., Read]


@pytest.fixture
def manuscript(tmp_path: Path) -> Reader:
    def read_it(files: Mapping[str, str | bytes], settings: str = "", language: str = "en") -> Read:
        (tmp_path / "blog.toml").write_text(f'{SITE}language = "{language}"\n{settings}', encoding="utf-8")
        for name, text in files.items():
            path = tmp_path / "content" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        told, notes = config.load(tmp_path / "blog.toml"), Notes()
        facts = Facts(told, NOW)
        found = discover(told, notes)
        memory = Memory()
        reads = read(found, facts, notes, memory)
        links = links_of(reads, found, facts, notes)
        settled = settle(reads, found, links, _untouched, notes, memory)
        return Read(settled, collect(settled.entries, told, notes), notes, links)

    return read_it


def _untouched(_static: object, _place: Place, tag: str, _first: bool) -> str:
    return tag


def post(fields: str = "", title: str = "Title", body: str = "Text.", date: str = "2012-09-17 11:23") -> str:
    """Return a post; *date* may be empty."""
    head = f":date: {date}\n" if date else ""
    return f"{title}\n{'#' * max(3, len(title) * 2)}\n\n{head}{fields}\n\n{body}\n"


# settings, file, fields, and what of the entry is as told
FACTS: dict[str, tuple[str, str, str, dict[str, object]]] = {
    "plain": ("", "a.rst", "", {"slug": "title", "url": "/title.html", "status": "published", "lang": "en"}),
    "category from the folder": ("", "Conf é/x/a.rst", "", {"category": "x"}),
    "category at the root": ("", "a.rst", "", {"category": "misc"}),
    "category field": ("", "x/a.rst", ":category: Données", {"category": "Données"}),
    "empty category field": ("", "x/a.rst", ":category:", {"category": "x"}),
    "no folder category": ("[metadata]\nfolder_category = false", "x/a.rst", "", {"category": "misc"}),
    "default category": ('[metadata]\ncategory = "Notes"', "a.rst", "", {"category": "Notes"}),
    "commas": ("", "a.rst", ":tags: b, a,, b", {"tags": ["b", "a"]}),
    "semicolons": ("", "a.rst", ":tags: a, b; c", {"tags": ["a, b", "c"]}),
    "a last semicolon": ("", "a.rst", ":tags: a, b;", {"tags": ["a, b"]}),
    "emphasis in tags": ("", "a.rst", ":tags: *x*, y", {"tags": ["x", "y"]}),
    "authors": ("", "a.rst", ":authors: A B; C D", {"authors": ["A B", "C D"]}),
    "author": ("", "a.rst", ":author: A B, C D", {"authors": ["A B, C D"]}),
    "site's author": ("", "a.rst", "", {"authors": ["Rémy H"]}),
    "title field": ("", "a.rst", ":title: Other", {"title": "Other", "slug": "other"}),
    "slug": ("", "a.rst", ":slug: My_Slug/x", {"slug": "My_Slug/x", "url": "/My_Slug/x.html"}),
    "slug with accents": ("", "a.rst", ":slug: été à", {"url": "/%C3%A9t%C3%A9%20%C3%A0.html"}),
    "slug from the name": (
        '[metadata]\nslug_from = "basename"',
        "2012-09-17-x y.rst",
        "",
        {"slug": "2012-09-17-x-y"},
    ),
    "other language": ("", "a.rst", ":lang: fr", {"lang": "fr", "url": "/title-fr.html"}),
    "language as typed": ("", "a.rst", ":lang: fr_CA", {"lang": "fr-CA", "url": "/title-fr_CA.html"}),
    "draft": ("", "a.rst", ":status: Draft", {"status": "draft", "is_out": False}),
    "hidden": ("", "a.rst", ":status: hidden", {"status": "hidden", "is_out": True}),
    "default status": ('[metadata]\ndefaults = {status = "draft"}', "a.rst", "", {"status": "draft"}),
    "own over default": (
        '[metadata]\ndefaults = {status = "draft"}',
        "a.rst",
        ":status: published",
        {"status": "published"},
    ),
    "patterns": (
        '[urls]\npost = "{date:%Y}/{date:%b}/{date:%-d}/{category}/{author}/{slug}/"',
        "x/a.rst",
        "",
        {"url": "/2012/Sep/17/x/remy-h/title/", "path": "2012/Sep/17/x/remy-h/title/index.html"},
    ),
    "own field in a pattern": (
        '[urls]\npost = "{topic}/{slug}.html"\n[metadata]\nknown = ["topic"]',
        "a.rst",
        ":topic: web",
        {"url": "/web/title.html"},
    ),
    "the source in a pattern": ('[urls]\npost = "{path_no_ext}.html"', "x/a.rst", "", {"url": "/x/a.html"}),
    "an address without ending": (
        '[urls]\npost = "{slug}"\npost_save_as = "{slug}/index.html"',
        "a.rst",
        "",
        {"url": "/title", "path": "title/index.html"},
    ),
    "save_as": ("", "a.rst", ":save_as: x/y.html", {"url": "/x/y.html", "path": "x/y.html"}),
    "url and save_as": (
        "",
        "a.rst",
        ":url: x/y/\n:save_as: x/y/index.html",
        {"url": "/x/y/", "path": "x/y/index.html"},
    ),
    "timezone": (
        "",
        "a.rst",
        ":timezone: America/New_York",
        {"date": dt.datetime(2012, 9, 17, 15, 23, tzinfo=dt.UTC)},
    ),
    "zone of the site": ("", "a.rst", "", {"date": dt.datetime(2012, 9, 17, 9, 23, tzinfo=dt.UTC)}),
    "modified with _": (
        "",
        "a.rst",
        ":modified: 2013-01-02_10:00",
        {"modified": dt.datetime(2013, 1, 2, 9, tzinfo=dt.UTC)},
    ),
    "summary": ("", "a.rst", ":summary: One *two* `x <http://e.org>`_", {"description": "One two x"}),
    "aliases": ("", "a.rst", ":aliases: /old.html, older.html", {"aliases": ("/old.html", "older.html")}),
    "aliases by semicolons": ("", "a.rst", ":aliases: /a.html;/b.html", {"aliases": ("/a.html", "/b.html")}),
    "aliases as a list": (
        "",
        "a.rst",
        ":aliases:\n   - /a.html\n   - /b.html",
        {"aliases": ("/a.html", "/b.html")},
    ),
    "id": ("", "a.rst", ":id: tag:x,2012:1", {"identity": "tag:x,2012:1"}),
    "Pelican's id": (
        '[feeds]\nids = "pelican"',
        "a.rst",
        "",
        {"identity": "tag:blog.example.org,2012-09-17:/title.html"},
    ),
    "tag rules": (
        "[metadata]\ntag_rules = [['C\\+\\+', 'cpp'], ['[^\\w\\s-]', '']]",
        "a.rst",
        ":tags: C++",
        {"tag slugs": ["cpp"]},
    ),
    "fields of a path": (
        '[metadata.paths]\n"x" = {status = "hidden"}\n"x/a.rst" = {slug = "given"}',
        "x/a.rst",
        "",
        {"status": "hidden", "slug": "given"},
    ),
    "the name of the file": (
        "[metadata]\nfile_name = '(?P<date>\\d{4}-\\d{2}-\\d{2})_(?P<slug>.*)'",
        "2012-09-17_the-slug.rst",
        "",
        {"slug": "the-slug"},
    ),
    "the path of the file": (
        "[metadata]\nfile_path = '(?P<category>[^/]*)/(?P<lang>..)/.*'",
        "Web/fr/a.rst",
        "",
        {"category": "Web", "lang": "fr", "url": "/title-fr.html"},
    ),
    "series": ("", "a.rst", ":series: How to\n:series_index: 2", {"series": "How to"}),
    "BOM and CRLF": ("", "a.rst", "\r\n", {"slug": "title"}),
}


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_of_a_post(manuscript: Reader, name: str) -> None:
    settings, file, fields, wanted = FACTS[name]
    read_it = manuscript({file: post(fields)}, settings)
    assert read_it.problems == []
    entry = read_it.one
    told: dict[str, object] = {
        **{key: getattr(entry, key) for key in wanted if hasattr(entry, key)},
        "category": entry.category.name,
        "tags": [tag.name for tag in entry.tags],
        "tag slugs": [tag.slug for tag in entry.tags],
        "authors": [author.name for author in entry.authors],
        "series": entry.series.name if entry.series else "",
        "path": entry.place.path,
    }
    assert {key: told[key] for key in wanted} == wanted


def test_a_date_in_the_name_of_a_file(manuscript: Reader) -> None:
    read_it = manuscript(
        {"2012-09-17-x.rst": post(date=""), "2012-09-18.rst": post(title="Two", date="2013-01-01")}
    )
    assert read_it["2012-09-17-x.rst"].date == dt.datetime(2012, 9, 16, 22, tzinfo=dt.UTC)
    assert read_it["2012-09-18.rst"].date == dt.datetime(2012, 12, 31, 23, tzinfo=dt.UTC)


def test_an_address_uses_the_posts_own_offset_as_with_pelican(manuscript: Reader) -> None:
    text = post(date="2013-01-01T00:30+14:00")
    read_it = manuscript({"a.rst": text}, '[urls]\npost = "{date:%Y}/{slug}.html"')
    assert read_it.one.url == "/2013/title.html"


# fields, and what is said of them
TOLD: dict[str, tuple[str, str]] = {
    "tag": (":tag: x", 'content/a.rst:5: :tag: is unknown; did you mean ":tags:"?'),
    "categories": (":categories: x", ':categories: is unknown; did you mean ":category:"?'),
    "étiquettes": (":xyzzy: x", ":xyzzy: is unknown; if it is yours, name it in metadata.known"),
    "twice": (":modified: 2012-10-28 02:30", "twice or never; taken as 2012-10-28 02:30+02:00"),
    "a zone's name": (":modified: 2012-10-01 02:30 CEST", '"CEST" is not read, write an offset; taken as'),
    "partial": (":modified: 2013-01", ':modified: "2013-01" is not a whole date; taken as 2013-01-01'),
}


@pytest.mark.parametrize("name", TOLD)
def test_metadata_that_is_not_quite_right_is_told(manuscript: Reader, name: str) -> None:
    fields, sentence = TOLD[name]
    read_it = manuscript({"a.rst": post(fields)})
    assert read_it.problems == []
    assert any(sentence in warning for warning in read_it.warnings), read_it.warnings
    strict = manuscript({"a.rst": post(fields)}, '[build]\nmetadata = "stop"')
    assert any(sentence in problem for problem in strict.problems)
    quiet = manuscript({"a.rst": post(fields)}, '[build]\nmetadata = "ignore"')
    assert quiet.problems == quiet.warnings == []


def test_a_skipped_file_is_not_looked_at(manuscript: Reader) -> None:
    read_it = manuscript({"a.rst": post(), "b.rst": post(":status: Skip\n:tag: x", date="never")})
    assert [entry.source.name for entry in read_it.settled.entries] == ["a.rst"]
    assert read_it.warnings == read_it.problems == []


def test_translations_stand_beside_their_original(manuscript: Reader) -> None:
    read_it = manuscript(
        {
            "a.rst": post(":slug: one"),
            "b.rst": post(":slug: one\n:lang: fr"),
            "c.rst": post(":slug: two\n:lang: fr"),
            "d.rst": post(":slug: three\n:translation: true"),
            "e.rst": post(":slug: three\n:lang: fr"),
        }
    )
    assert [entry.url for entry in read_it.found.originals] == ["/one.html", "/three-fr.html", "/two-fr.html"]
    assert [entry.url for entry in read_it.found.translations(read_it["a.rst"])] == ["/one-fr.html"]
    assert list(read_it.found.languages) == ["en", "fr"]
    assert len(read_it.found.posts) == 5


def test_lists_are_in_pelicans_order(manuscript: Reader) -> None:
    files = {f"{name}.rst": post(f":tags: {tag}", title=name) for name, tag in (("B", "Été"), ("A", "ete"))}
    files["c.rst"] = post(title="Newest", date="2013-01-01")
    found = manuscript(files).found
    assert [entry.slug for entry in found.originals] == ["newest", "a", "b"]
    assert [(tag.label.name, len(tag.posts)) for tag in found.tags] == [("ete", 2)]
    other = manuscript(files, '[lists]\norder = "title"').found
    assert [entry.slug for entry in other.originals] == ["a", "b", "newest"]
    assert [entry.url if entry else "" for entry in other.around(other.originals[0])] == [
        "/newest.html",
        "/b.html",
    ]


def test_two_posts_may_not_have_one_id(manuscript: Reader) -> None:
    read_it = manuscript({"a.rst": post(":id: x"), "b.rst": post(":id: x", title="B")})
    assert "content/b.rst:1: has the :id: x, and so has content/a.rst" in read_it.problems[0]


def test_a_change_before_the_date_of_a_post_is_none(manuscript: Reader) -> None:
    early = manuscript({"a.rst": post(":modified: 2012-09-16")}).one
    assert (early.modified, early.changed) == (None, early.date)


def test_periods_and_series_and_related_posts(manuscript: Reader) -> None:
    files = {
        f"{number}.rst": post(
            f":tags: all, {'rare' if number in (1, 4) else 'x'}\n:series: S\n:series_index: {5 - number}",
            title=f"N{number}",
            date=f"201{number}-0{number}-01",
        )
        for number in (1, 2, 4)
    }
    read_it = manuscript(files, '[urls]\nday = "{date:%Y}/{date:%m}/{date:%d}/"')
    found = read_it.found
    assert [period.place.url for period in found.periods if period.span == "year"] == [
        "/2014/",
        "/2012/",
        "/2011/",
    ]
    assert next(period.place.url for period in found.periods if period.span == "day") == "/2014/04/01/"
    assert [part.slug for part in found.parts(read_it["1.rst"])] == ["n4", "n2", "n1"]
    assert [entry.slug for entry in found.related(read_it["1.rst"])] == ["n4"]


def test_a_part_may_come_between_two_others(manuscript: Reader) -> None:
    indices = ("2", "1,5", "1", "-1", "10", "last", "1.2")
    files = {f"{number}.rst": post(f":series: S\n:series_index: {number}", number) for number in indices}
    found = manuscript(files).found.series[0]
    assert [part.title for part in found.posts] == ["-1", "1", "1.2", "1,5", "2", "10", "last"]


def test_links_of_every_kind(manuscript: Reader) -> None:
    body = """
`f <{filename}b.rst?q=1#frag>`__ `old <|filename|/sub/c.rst>`__ `t <{tag}Foo Bar>`__ `c <{category}misc>`__
`a <{author}Rémy H>`__ `i <{index}>`__ `s <{static}/files/a b.pdf>`__ `e <{filename}cat é/d e.rst>`__
`p <{static}/files/x%20y.pdf>`__ `r <other.html>`__ `m <mailto:a@b.org>`__ `h <#here>`__

.. image:: {attach}photo.png
   :alt: x
"""
    read_it = manuscript(
        {
            "sub/a.rst": post(body=body, fields=":tags: Foo Bar\n:category: misc\n:save_as: deep/er/a.html"),
            "sub/b.rst": post(title="B"),
            "sub/c.rst": post(title="C"),
            "sub/cat é/d e.rst": post(title="D"),
            "sub/photo.png": b"png",
            "files/a b.pdf": b"pdf",
            "files/x y.pdf": b"pdf",
        }
    )
    assert read_it.problems == []
    html = read_it["sub/a.rst"].html
    for address in (
        *(
            "/b.html?q=1#frag",
            "/c.html",
            "/tag/foo-bar.html",
            "/category/misc.html",
            "/author/remy-h.html",
            "/",
        ),
        *(
            "/files/a%20b.pdf",
            "/d.html",
            "/files/x%20y.pdf",
            "/deep/er/other.html",
            "mailto:a@b.org",
            "#here",
        ),
    ):
        assert f'href="{address}"' in html, address
    assert 'src="/deep/er/photo.png"' in html
    places = {static.name: place.path for static, place in read_it.settled.statics}
    assert places == {
        "sub/photo.png": "deep/er/photo.png",
        "files/a b.pdf": "files/a b.pdf",
        "files/x y.pdf": "files/x y.pdf",
    }


def test_a_static_file_may_have_a_place_of_its_own(manuscript: Reader) -> None:
    settings = (
        '[metadata.paths]\n"images/me.ico" = {path = "favicon.ico"}\n"images/robots" = {save_as = "r.txt"}'
    )
    read_it = manuscript({"a.rst": post(), "images/me.ico": b"i", "images/robots": b"r"}, settings)
    assert {static.name: place.url for static, place in read_it.settled.statics} == {
        "images/me.ico": "/favicon.ico",
        "images/robots": "/r.txt",
    }


def test_what_only_a_draft_shows_is_kept_back(manuscript: Reader) -> None:
    image = ".. image:: {{static}}/images/{}.png\n   :alt: x\n"
    plain = ".. image:: /images/plain.png\n   :alt: x\n"
    read_it = manuscript(
        {
            "a.rst": post(body=image.format("both")),
            "b.rst": post(
                ":status: draft", title="B", body=f"{image.format('both')}\n{image.format('draft')}\n{plain}"
            ),
            "c.rst": post(title="C", date="2099-01-01", body=image.format("later")),
            **{f"images/{name}.png": b"png" for name in ("both", "draft", "later", "none", "plain")},
        }
    )
    assert [static.name for static, _ in read_it.settled.statics] == ["images/both.png", "images/none.png"]


def test_the_policy_on_dead_links_is_the_blogs(manuscript: Reader) -> None:
    files = {"a.rst": post(body="`x <{filename}none.rst>`__ and `y <{fliename}b.rst>`__ too.")}
    strict = manuscript(files)
    assert [problem.split(": ", 1)[0] for problem in strict.problems] == [
        "content/a.rst:7",
        "content/a.rst:7",
    ]
    assert "did you mean {filename}?" in "".join(strict.problems)
    mild = manuscript(files, '[build]\nlink = "tell"')
    assert (mild.problems, len(mild.warnings)) == ([], 2)
    assert 'href="#"' in mild.one.html


def test_texts_may_be_left_out_by_their_folder(manuscript: Reader) -> None:
    files = {"a.rst": post(), "old/b.rst": post(title="B"), "c.rst": post(title="C")}
    assert manuscript(files, '[content]\nexclude = ["old", "c.rst"]').one.slug == "title"


def test_a_text_in_another_format_is_told(manuscript: Reader) -> None:
    read_it = manuscript({"a.rst": post(), "b.md": "# Title", "images/c.rst": post(title="In images")})
    assert ["content/b.md:1: is not built" in warning for warning in read_it.warnings] == [True]
    assert read_it["images/c.rst"].url == "/in-images.html"


def test_markdown_is_not_published_as_it_lies_there(manuscript: Reader) -> None:
    files = {
        "images/b.md": "Status: draft",
        "images/c.html": "<p>",
        "a.rst": post(body="`b <{filename}images/b.md>`_"),
    }
    read_it = manuscript(files)
    assert [each.name for each, _ in read_it.settled.statics] == ["images/c.html"]
    assert [warning.split(":")[0] for warning in read_it.warnings] == ["content/images/b.md"]
    assert "images/b.md, which is not built" in "".join(read_it.problems)
    told = manuscript(files | {"a.rst": post(body="`b <{static}images/b.md>`_")})
    assert not told.problems
    named = manuscript(files, '[content]\nexclude = ["images"]')
    assert [each.name for each, _ in named.settled.statics] == ["images/b.md", "images/c.html"]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("afpy, pycon, python", ("afpy", "pycon", "python")),
        ("a, b; c", ("a, b", "c")),
        ("a, b;", ("a, b",)),
        (" a ,, a , b ", ("a", "b")),
        ("", ()),
    ],
)
def test_lists_are_split_as_pelican_does(value: str, wanted: tuple[str, ...]) -> None:
    assert names(value) == wanted


@pytest.mark.parametrize(
    ("head", "language"),
    [
        ("Title\n=====\n\n:lang: en\n", "en"),
        (":lang: pt_BR", "pt-BR"),
        (":lang: EN", "en"),
        (":Lang: en", "en"),
        (":lang: es-419", "es-419"),
        (":lang: zh-hans", "zh-Hans"),
        (":lang:\n", "fr"),
        ("Text with :lang: en inside", "fr"),
    ],
)
def test_the_language_is_known_before_reading(head: str, language: str) -> None:
    assert language_of(head, "fr") == language
