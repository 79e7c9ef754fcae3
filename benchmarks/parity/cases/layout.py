"""Folders: categories, pages, static files, what is passed over."""

from collections.abc import Iterator

from benchmarks.parity.trees import Tree, page, post

PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)

_STATIC = """STATIC_PATHS = ["images", "extra", "files/one.txt"]
EXTRA_PATH_METADATA = {
    "extra/robots.txt": {"path": "robots.txt"},
    "extra/CNAME": {"path": "CNAME"},
    "hidden": {"status": "hidden"},
}
"""
_PATHS = """ARTICLE_PATHS = ["blog"]
PAGE_PATHS = ["p", "q"]
IGNORE_FILES = ["*.tmp.rst", "skipme"]
"""


def trees() -> Iterator[Tree]:
    """Yield the trees about folders."""
    yield Tree("folders", "", dict(_folders()))
    yield Tree("pages", "", dict(_pages()))
    yield Tree("static", _STATIC, dict(_statics()))
    blog = {"blog/a.rst": post("A"), "blog/c.tmp.rst": post("C")}
    blog |= {
        "blog/skipme/d.rst": post("D"),
        "other/e.rst": post("E"),
        "p/f.rst": page("F"),
        "q/g.rst": page("G"),
    }
    yield Tree("paths", _PATHS, blog)


def _folders() -> Iterator[tuple[str, str | bytes]]:
    for number, folder in enumerate(("a", "a/b", "A b", "É t", "_u", "x.y", "images")):
        yield f"{folder}/post.rst", post(f"In folder {number}")
        yield f"{folder}/own.rst", post(f"Own category {number}", category="Own")
    yield ".hidden/q.rst", post("Hidden folder")
    yield "a/.hidden.rst", post("Hidden file")
    yield "a/notes.txt", "x"
    yield "a/post.rst~", "x"
    yield "a/UP.RST", post("Upper case")


def _pages() -> Iterator[tuple[str, str]]:
    yield "a.rst", post("One")
    yield "pages/b.rst", page("Two", date="2012-01-01", category="pc", tags="pt", author="PA")
    yield "pages/sub/c.rst", page("Three")
    yield "pages/sub/d.rst", page("Hidden", status="hidden")
    yield "pages/e.rst", page("Draft", status="draft")
    yield "pages/g.rst", page("Deux", lang="fr", slug="two")
    yield "sub/pages/f.rst", post("Not a page")


def _statics() -> Iterator[tuple[str, str | bytes]]:
    yield "a.rst", post("One", ".. image:: {static}images/x/y.png\n   :alt: A dot")
    yield "hidden/b.rst", post("Hidden by its folder")
    yield "images/p.rst", post("A post among pictures")
    yield "images/x/y.png", PICTURE
    yield "images/n.txt", "x"
    yield "extra/robots.txt", "User-agent: *\n"
    yield "extra/CNAME", "blog.example.org\n"
    yield "files/one.txt", "1"
    yield "files/two.txt", "2"
