"""A post as a PDF: what it holds, what it may read, and the same bytes each time."""

import re
import subprocess
import sys
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from blogops import resources
from blogops.website import pdf

URL = "https://example.org/blog/post.html"


STYLE = (resources.templates("site") / "print-pdf.css").read_text(encoding="utf-8")


def picture() -> bytes:
    data = BytesIO()
    Image.new("RGB", (60, 40), "red").save(data, "png")
    return data.getvalue()


SITE = {"images/a b.png": picture(), "images": b"not an image"}


def rendered(html: str, site: Mapping[str, bytes] = SITE, style: str = STYLE, language: str = "fr") -> bytes:
    return pdf.render(
        html,
        site.__getitem__,
        url=URL,
        title="Élevage <& chèvre>",
        byline="Jeanne, 1er mai 2020",
        language=language,
        style=style,
    )


def inside(made: bytes) -> bytes:
    """Return *made* with its compressed streams opened."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    opened = []
    for stream in streams:
        try:
            opened.append(zlib.decompress(stream))
        except zlib.error:
            opened.append(stream)
    return made + b"".join(opened)


def images_in(made: bytes) -> int:
    return inside(made).count(b"/Subtype /Image") + inside(made).count(b"/Subtype/Image")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "outside.png"
    path.write_bytes(picture())
    return path


def test_a_post_is_a_tagged_a4_pdf_with_title_and_language() -> None:
    made = rendered("<h2>Un</h2><p>Texte.</p>")
    text = inside(made)
    assert made.startswith(b"%PDF-")
    assert re.search(rb"/MediaBox ?\[0 0 595\.\d+ 841\.\d+\]", text)
    assert b"/Lang (fr)" in text or b"/Lang(fr)" in text
    assert b"/StructTreeRoot" in text
    title = "Élevage <& chèvre>".encode("utf-16-be").hex().encode()
    assert title in text.lower()
    assert len(re.findall(rb"/Type ?/Page\b", text)) == 1


def test_a_long_post_has_pages() -> None:
    text = inside(rendered("<p>Une phrase assez longue, encore une fois.</p>" * 120))
    assert len(re.findall(rb"/Type ?/Page\b", text)) > 2


def test_the_style_sheet_is_the_one_given() -> None:
    text = inside(rendered("<p>Texte.</p>", style="@page { size: 300pt 400pt }"))
    assert re.search(rb"/MediaBox ?\[0 0 300\.? 400\.?0?\]", text)


@pytest.mark.parametrize(("language", "is_left"), [("fr", True), ("ar", False)])
def test_a_line_begins_where_its_language_does(language: str, is_left: bool) -> None:
    text = inside(rendered('<p><a href="https://x.example/">x</a></p>', language=language))
    (left,) = re.findall(rb"/Rect ?\[(\d+)", text)
    assert (float(left) < 300) is is_left


def test_links_lead_to_the_web() -> None:
    text = inside(rendered('<p><a href="/x.html">x</a> <a href="y.html">y</a></p>'))
    assert b"https://example.org/x.html" in text
    assert b"https://example.org/blog/y.html" in text
    assert b"file:" not in text


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("/images/a%20b.png", 1),
        ("../images/a%20b.png", 1),
        ("https://example.org/images/a%20b.png", 1),
        ("/images/missing.png", 0),
        ("//{outside}", 0),
        ("/..%2f..%2f{outside}", 0),
        ("/images/%2e%2e/%2e%2e/{outside}", 0),
        ("file://{outside}", 0),
        ("http://example.org/images/a%20b.png", 0),
        ("https://elsewhere.org/images/a%20b.png", 0),
        ("https://example.org@elsewhere.org/images/a%20b.png", 0),
        ("ftp://example.org/images/a%20b.png", 0),
        ("/images", 0),
    ],
)
def test_only_the_site_is_read(outside: Path, address: str, count: int) -> None:
    asked = address.format(outside=outside)
    assert images_in(rendered(f'<p><img src="{asked}" alt="x"></p>')) == count


@pytest.mark.parametrize(
    "html",
    [
        '<link rel="attachment" href="file://{secret}">',
        '<link rel="stylesheet" href="file://{secret}">',
        '<style>@import "file://{secret}";</style>',
        '<object data="file://{secret}"></object>',
        '<p style="background: url(file://{secret})">x</p>',
        '<a rel="attachment" href="file://{secret}">x</a>',
        '<svg><image href="file://{secret}" width="9" height="9"/></svg>',
    ],
)
def test_no_file_beside_the_site_gets_in(tmp_path: Path, html: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("body { quotes: 'geheim' } geheim")
    text = inside(rendered(html.format(secret=secret)))
    assert b"geheim" not in text
    assert b"/EmbeddedFile" not in text


def test_two_renders_give_the_same_bytes() -> None:
    code = (
        "import hashlib, test_website_pdf as t;"
        "html = '<h2>Un</h2><p>Été <img src=\"/images/a%20b.png\" alt=x> <code>x</code></p>' * 30;"
        "print(hashlib.sha256(t.rendered(html)).hexdigest())"
    )
    said = set()
    for seed, more in (("1", {}), ("2", {"SOURCE_DATE_EPOCH": "86400", "TZ": "Asia/Tokyo"})):
        env = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[1]), **more}
        command = [sys.executable, "-c", code]
        done = subprocess.run(
            command, cwd=Path(__file__).parent, env=env, capture_output=True, text=True, check=True
        )
        said.add(done.stdout)
    assert len(said) == 1


WITHOUT = "import sys; sys.modules['weasyprint'] = None"
# The loader's own words where the library is not on the machine.
WITHOUT_PANGO = (
    "import cffi; real = cffi.FFI.dlopen\n"
    "def none(self, name, *flags): return real(self, 'libno-such-pango.so', *flags)\n"
    "cffi.FFI.dlopen = none"
)


@pytest.mark.parametrize(
    ("before", "says"),
    [(WITHOUT, "pip install 'blogops[pdf]'"), (WITHOUT_PANGO, "apt-get install libpango-1.0-0")],
)
def test_what_is_not_installed_is_named(before: str, says: str) -> None:
    code = (
        f"{before}\nfrom blogops.errors import UsageError\n"
        "from blogops.website import pdf\n"
        "try: pdf.load()\n"
        "except UsageError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert says in done.stdout
