"""The PDFs of a site: which there are, what they show, and when they are made anew."""

import datetime as dt
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from test_website_feeds import entry
from test_website_pdf import images_in, inside

from blogops import config, website
from blogops.errors import Failed
from blogops.website import papers
from blogops.website.apart import Limits
from blogops.website.model import Label
from blogops.website.words import words

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
TOML = (
    '[site]\ntitle = "Carnet"\nurl = "https://example.org"\nauthor = "Rémy"\nlanguage = "fr"\n'
    'timezone = "Europe/Paris"\n[build]\npdf = true\n'
)
BODY = """Voir `ailleurs <https://elsewhere.org/x>`__ et `l'autre <{filename}autre.rst>`__.

.. image:: images/photo.png
   :alt: Une photo
"""


def post(title: str, body: str = "Un texte.", fields: str = "") -> bytes:
    return f"{title}\n{'#' * len(title)}\n\n:date: 2026-01-31 23:30\n{fields}\n\n{body}\n".encode()


def picture(colour: str) -> bytes:
    data = BytesIO()
    Image.new("RGB", (60, 40), colour).save(data, "png")
    return data.getvalue()


class Blog:
    """A blog of two posts, one with a picture."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out, self.cache = folder, folder / "out", folder / "out.cache"
        (folder / "blog.toml").write_text(TOML, encoding="utf-8")
        self.write("content/été.rst", post("L'été", BODY))
        self.write("content/autre.rst", post("Autre"))
        self.write("content/images/photo.png", picture("red"))

    def write(self, name: str, data: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def more(self, settings: str) -> None:
        """Add lines to blog.toml."""
        (self.folder / "blog.toml").write_text(TOML + settings, encoding="utf-8")

    def build(self, *, preview: bool = False) -> set[str]:
        """Build the blog and return its PDFs."""
        website.build(config.load(self.folder / "blog.toml"), self.out, now=NOW, preview=preview)
        return {path.relative_to(self.out).as_posix() for path in self.out.rglob("*.pdf")}

    def made(self) -> dict[str, int]:
        """Return the PDFs in the cache, each with the time that it was written at."""
        found = (self.cache / "papers").rglob("*")
        return {path.name: path.stat().st_mtime_ns for path in found if path.is_file()}


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(tmp_path)


def test_a_post_has_a_pdf_with_its_title_byline_picture_and_links(blog: Blog) -> None:
    assert blog.build() == {"lete.pdf", "autre.pdf"}
    made = (blog.out / "lete.pdf").read_bytes()
    text = inside(made)
    assert made.startswith(b"%PDF-")
    assert "L’été".encode("utf-16-be").hex().encode() in text.lower()
    assert images_in(made) == 1
    assert b"https://elsewhere.org/x" in text
    assert b"https://example.org/autre.html" in text
    assert images_in((blog.out / "autre.pdf").read_bytes()) == 0


def test_the_page_names_its_pdf_in_its_head_and_beside_its_date(blog: Blog) -> None:
    blog.build()
    page = (blog.out / "lete.html").read_text(encoding="utf-8")
    head, body = page.split("</head>")
    word = words("fr")["pdf"]
    assert f'<link rel="alternate" type="application/pdf" title="{word}" href="/lete.pdf">' in head
    assert f'<a href="/lete.pdf" type="application/pdf">{word}</a>' in body
    for other in ("index.html", "archives.html", "404.html"):
        assert "application/pdf" not in (blog.out / other).read_text(encoding="utf-8")


def test_what_stays_in_has_none_and_what_is_hidden_has_one(blog: Blog) -> None:
    blog.write("content/brouillon.rst", post("Brouillon", fields=":status: draft"))
    blog.write("content/demain.rst", b"Demain\n######\n\n:date: 2027-01-01\n\nx\n")
    blog.write("content/discret.rst", post("Discret", fields=":status: hidden"))
    blog.write("content/pages/a-propos.rst", b"Page\n####\n\nx\n")
    assert blog.build() == {"lete.pdf", "autre.pdf", "discret.pdf"}


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ('[urls]\npost = "{slug}/"', {"lete/lete.pdf", "autre/autre.pdf"}),
        ('[urls]\npost = "{date:%Y}/{slug}"', {"2026/lete.pdf", "2026/autre.pdf"}),
        (
            '[urls]\npost = "p/{slug}/"\npost_save_as = "p/{slug}/v1.2"',
            {"p/lete/v1.2.pdf", "p/autre/v1.2.pdf"},
        ),
    ],
)
def test_it_lies_beside_the_page(blog: Blog, settings: str, names: set[str]) -> None:
    blog.more(settings)
    assert blog.build() == names


def test_unchanged_posts_cost_a_look(blog: Blog) -> None:
    blog.build()
    before = blog.made(), (blog.out / "lete.pdf").read_bytes()
    assert len(before[0]) == 2
    blog.build()
    assert (blog.made(), (blog.out / "lete.pdf").read_bytes()) == before
    code = (
        "import datetime as dt, sys; from pathlib import Path; from blogops import config, website\n"
        "folder = Path(sys.argv[1]); now = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)\n"
        "website.build(config.load(folder / 'blog.toml'), folder / 'out', now=now)\n"
        "assert 'weasyprint' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(blog.folder)], check=True)
    assert blog.made() == before[0]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("content/images/photo.png", picture("blue")),
        ("content/été.rst", post("L'été", BODY + "\nEt la suite.\n")),
        ("content/été.rst", post("L'été", BODY, ":author: Jeanne")),
    ],
)
def test_only_what_would_be_another_is_made_anew(blog: Blog, name: str, data: bytes) -> None:
    blog.build()
    before, shown = blog.made(), (blog.out / "lete.pdf").read_bytes()
    blog.write(name, data)
    blog.build()
    after = blog.made()
    assert len(after) == 2
    assert len(set(before.items()) & set(after.items())) == 1
    assert (blog.out / "lete.pdf").read_bytes() != shown


def test_a_damaged_one_is_made_anew(blog: Blog) -> None:
    blog.build()
    shown = (blog.out / "lete.pdf").read_bytes()
    for path in (blog.cache / "papers").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-1] + b"?")
    blog.build()
    assert (blog.out / "lete.pdf").read_bytes() == shown


def test_an_authors_own_style_sheet_is_taken(blog: Blog) -> None:
    blog.write(
        "templates/print-pdf.css", b'{% include "!print-pdf.css" %}\n@page { size: A5; margin: 10mm }\n'
    )
    blog.build()
    assert re.search(rb"/MediaBox ?\[0 0 419\.\d+ 595\.\d+\]", inside((blog.out / "autre.pdf").read_bytes()))


@pytest.mark.parametrize(
    ("names", "day", "language", "line"),
    [
        (("Rémy", "Jeanne Élan"), "2026-01-31 23:30+00:00", "fr", "Rémy, Jeanne Élan, 1er février 2026"),
        (("Rémy",), "2026-01-31 22:30+00:00", "en", "Rémy, 31 January 2026"),
        ((), "", "fr", ""),
    ],
)
def test_the_byline_is_the_authors_and_the_day_where_the_blog_is(
    names: tuple[str, ...], day: str, language: str, line: str
) -> None:
    authors = tuple(Label("author", name, name.lower(), None) for name in names)
    date = dt.datetime.fromisoformat(day) if day else None
    assert papers.byline(entry(authors=authors, date=date, lang=language), ZoneInfo("Europe/Paris")) == line


def test_two_that_want_one_file_are_told(blog: Blog) -> None:
    blog.write("content/static/autre.pdf", b"%PDF-1.4")
    blog.more('[metadata.paths."static/autre.pdf"]\nsave_as = "autre.pdf"\n')
    with pytest.raises(Failed, match=r"wants the address /autre\.pdf"):
        blog.build()


def test_a_scheduled_post_claims_its_own_already(blog: Blog) -> None:
    blog.write("content/demain.rst", b"Demain\n######\n\n:date: 2027-01-01\n\nx\n")
    blog.write("content/static/demain.pdf", b"%PDF-1.4")
    blog.more('[metadata.paths."static/demain.pdf"]\nsave_as = "demain.pdf"\n')
    with pytest.raises(Failed, match=r"demain\.rst:1: wants the address /demain\.pdf"):
        blog.build()


def test_a_post_that_costs_too_much_is_named(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "_LIMITS", Limits(seconds=1, memory=2 << 30))
    blog.write("content/long.rst", post("Long", "Une phrase, et puis une autre encore.\n\n" * 4000))
    with pytest.raises(Failed, match=r"content/long\.rst: its PDF cannot be made: it took more than 1 s"):
        blog.build()
    assert not blog.out.exists()


def test_a_preview_makes_none_and_names_none(blog: Blog) -> None:
    assert blog.build(preview=True) == set()
    assert "application/pdf" not in (blog.out / "lete.html").read_text(encoding="utf-8")


def test_off_by_default_and_then_weasyprint_is_not_even_loaded(blog: Blog) -> None:
    (blog.folder / "blog.toml").write_text(TOML.replace("pdf = true", ""), encoding="utf-8")
    code = (
        "import datetime as dt, sys; sys.modules['weasyprint'] = None\n"
        "from pathlib import Path; from blogops import config, website\n"
        "folder = Path(sys.argv[1]); now = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)\n"
        "website.build(config.load(folder / 'blog.toml'), folder / 'out', now=now)"
    )
    subprocess.run([sys.executable, "-c", code, str(blog.folder)], check=True)
    assert not list(blog.out.rglob("*.pdf"))
    assert "pdf" not in (blog.out / "lete.html").read_text(encoding="utf-8").lower()
