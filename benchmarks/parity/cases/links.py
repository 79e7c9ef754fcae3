"""Links inside the site, each kind with queries and fragments, from posts and pages in any folder."""

from collections.abc import Iterator

from benchmarks.parity.cases.layout import PICTURE
from benchmarks.parity.trees import Tree, page, post

FROM_ROOT = (
    *(
        "{filename}b.rst",
        "{filename}./b.rst",
        "{filename}/b.rst",
        "{filename}sub/c.rst",
        "{filename}b.rst#frag",
    ),
    *("{filename}b.rst?a=1&b=2#frag", "|filename|b.rst", "|filename|/sub/c.rst#f", "{static}files/f.pdf"),
    *("{static}/files/f.pdf?dl=1", "{filename}files/n.txt", "{attach}sub/att.pdf", "{attach}/files/far.pdf"),
    *("{tag}été", "{tag}foo-bar", "{tag}Foo Bar", "{category}Conférences", "{category}misc#x"),
    *("{author}alice-martin", "{index}", "{index}?page=2", "{index}#x", "{filename}hidden.rst"),
    *(
        "{filename}pages/p.rst",
        "{filename}pages/p.rst#top",
        "{filename}fr.rst",
        "{filename}cat%20%C3%A9/d%20e.rst",
    ),
    *("|tag|été", "|category|misc", "|static|files/f.pdf", "|index|", "|author|alice-martin"),
    *("http://example.org/a?b=c&d#e", "https://example.org", "/bee.html", "bee.html#x", "#here", "//x.org/y"),
    *("mailto:a@example.org", "tel:+33123456789", "ftp://x.org/y", "{filename}cat é/d e.rst"),
)
FROM_SUB = (
    *(
        "{filename}../b.rst",
        "{filename}c.rst",
        "{filename}/b.rst",
        "{filename}../pages/p.rst",
        "{attach}near.pdf",
    ),
    *("{static}../files/f.pdf", "{filename}../cat%20%C3%A9/d%20e.rst", "|filename|../b.rst"),
)
IMAGES = ("{static}images/a.png", "{static}/images/a.png", "{attach}images/b.png", "/images/a.png")
_OTHERS = ('href="{filename}b.rst"', "href='{filename}b.rst'", 'data-x="{filename}b.rst" href="/x"')


def trees() -> Iterator[Tree]:
    """Yield the trees about links."""
    yield Tree("links", "", dict(_targets()) | dict(_posts()))
    deep = 'ARTICLE_SAVE_AS = "{slug}/index.html"\nARTICLE_URL = "{slug}/"\n'
    yield Tree("links-deep", deep, dict(_targets()) | dict(_posts()))
    yield Tree("links-relative", "RELATIVE_URLS = True\n", dict(_targets()) | dict(_posts()))
    yield Tree("attached", deep, dict(_attached()))


def _posts() -> Iterator[tuple[str, str | bytes]]:
    for number, link in enumerate(FROM_ROOT):
        yield (
            f"l{number:02}.rst",
            post(f"Link {number}", f"A `link <{link}>`_.", date=f"2011-01-01 00:{number:02}"),
        )
        yield (
            f"t{number:02}.rst",
            post(f"Target {number}", f"A link_.\n\n.. _link: {link}", date="2010-01-01"),
        )
    for number, link in enumerate(FROM_SUB):
        yield f"sub/s{number:02}.rst", post(f"Deeper {number}", f"A `link <{link}>`_.", date="2009-01-01")
    for number, link in enumerate(IMAGES):
        text = f".. image:: {link}\n   :alt: A dot\n   :target: {{filename}}/b.rst"
        yield f"i{number}.rst", post(f"Image {number}", text, date="2008-01-01")
        figure = f".. figure:: {link}\n   :alt: A dot\n\n   A *caption*\n\n   A legend"
        yield f"f{number}.rst", post(f"Figure {number}", figure, date="2008-01-02")
    yield "text.rst", post("Not links", "``{filename}b.rst`` and {filename}b.rst\n\n::\n\n   {filename}b.rst")
    yield "summed.rst", post("Summed up", summary="See `b <{filename}b.rst>`_ and `t <{tag}x>`_")


def _targets() -> Iterator[tuple[str, str | bytes]]:
    yield "b.rst", post("Bee", "x\n\n.. _frag:\n\ny", tags="été, Foo Bar, x")
    yield "sub/c.rst", post("Cee", category="Conférences")
    yield "cat é/d e.rst", post("Dee")
    yield "fr.rst", post("Français", lang="fr")
    yield "hidden.rst", post("Hidden", status="hidden")
    yield "pages/p.rst", page("Pee", "See `b <{filename}../b.rst>`_ or `b <{filename}/b.rst>`_.")
    for name in ("files/f.pdf", "files/far.pdf", "files/n.txt", "sub/att.pdf", "sub/near.pdf"):
        yield name, f"a file called {name}"
    yield "images/a.png", PICTURE
    yield "images/b.png", PICTURE


def _attached() -> Iterator[tuple[str, str | bytes]]:
    text = (
        "`a <{attach}a.pdf>`_ `b <{attach}sub/b.pdf>`_ `c <{attach}/other/c.pdf>`_ `d <{attach}../up.pdf>`_"
    )
    yield "posts/a.rst", post("A", text, date="2012-09-18")
    yield "posts/b.rst", post("B", "`a <{attach}a.pdf>`_ `s <{static}s.pdf>`_ `s <{attach}s.pdf>`_")
    for name in ("posts/a.pdf", "posts/sub/b.pdf", "other/c.pdf", "up.pdf", "posts/s.pdf"):
        yield name, f"a file called {name}"
