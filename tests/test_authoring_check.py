"""``fab check``: each thing that can be wrong, at its file and line; and nothing where nothing is."""

import datetime as dt
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from running import ended

from blogops import config
from blogops.authoring import external
from blogops.authoring.check import check
from blogops.authoring.external import Manners
from blogops.authoring.finding import Finding
from blogops.authoring.links import Outside
from blogops.website.build import build
from blogops.website.gate import problems

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
HEAD = '[site]\ntitle = "Carnet"\nurl = "http://blog.example.org"\nauthor = "Rémy"\nlanguage = "fr"\n'
ROOT = '[metadata.paths."images/racine/x.svg"]\npath = "x.svg"\n'
PIXEL = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>'
EXAMPLE = Path(__file__).parents[1] / "example"


class Blog:
    """A blog in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("blog.toml", HEAD)
        self.post("a.rst")

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def post(self, name: str, fields: str = "", body: str = "Un texte.") -> None:
        title = Path(name).stem.capitalize()
        self.write(f"content/{name}", f"{title}\n=====\n\n:date: 2026-01-02\n{fields}\n{body}\n")

    def check(self) -> list[str]:
        return [str(each) for each in check(config.load(self.folder / "blog.toml"), now=NOW)]


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(tmp_path)


def test_the_example_has_nothing_to_mend(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "blog", ignore=shutil.ignore_patterns("var"))
    assert check(config.load(tmp_path / "blog/blog.toml"), now=NOW) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Voir\nlà `x </nulle-part.html>`_.", ['7: error: link: "/nulle-part.html" leads nowhere']),
        ("`x <nulle.html>`_", ['6: error: link: "nulle.html" leads nowhere']),
        ("`x <http://blog.example.org/nulle/>`_", ["6: error: link:"]),
        ("`x <{filename}a.rst#rien>`_", ['link: "{filename}a.rst#rien" leads to a page where nothing is']),
        (
            "`x <#rien>`_",
            ['6: error: link: "#rien" leads to a page where nothing is called "rien" (on /b.html'],
        ),
        ("`x <{filename}nulle.rst>`_", ["6: error: build:"]),
        ("`x </images/rien.png>`_", ["6: error: link:"]),
        (".. image:: /images/rien.png\n   :alt: x", ['6: error: image: "/images/rien.png" leads nowhere']),
        (".. image:: {static}images/x.svg", ["6: warning: build:"]),
        ("`x <{filename}a.rst>`_ `y </a.html>`_ `z </>`_ `m <mailto:a@b.c>`_ `f </feeds/all.atom.xml>`_", []),
        ("`x <{filename}a.rst#top>`_ `y </tag/>`__", ['link: "/tag/" leads nowhere']),
        ("Ici\n----\n\nVoir `là <#ici>`_ et `haut <#>`_.", []),
        ("`externe <https://example.org/rien>`_", []),
        (":unknown:`x`", ["6:2: error: build:"]),
    ],
)
def test_what_is_wrong_with_a_text(blog: Blog, body: str, found: list[str]) -> None:
    blog.write("content/images/x.svg", PIXEL)
    blog.post("c.rst", body=".. image:: {static}images/x.svg\n   :alt: un point")
    blog.post("b.rst", body=body)
    lines = blog.check()
    assert len(lines) == len(found), lines
    assert all(
        line.startswith("content/b.rst:") and words in line for line, words in zip(lines, found, strict=True)
    )


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (":tags: Python\n", ":tags: python\n", 'b.rst:5: warning: spelling: the tag "python" is "Python"'),
        (":category: Élevage\n", ":category: elevage\n", "spelling: the category"),
        (":tags: a\n", ":tgas: a\n", 'b.rst:5: warning: build: :tgas: is unknown; did you mean ":tags:"?'),
        (
            "",
            ":slug: poids\n:lang: en\n",
            'b.rst:5: warning: translation: no text in "fr" has the slug "poids"',
        ),
        ("", ":lang: en\n", ""),
        (":slug: poids\n", ":slug: poids\n:lang: en\n", ""),
        (":slug: un\n", ":slug: un\n:status: draft\n", 'slug: the slug "un" is that of'),
        (":slug: un\n", ":slug: un\n", "wants the address"),
    ],
)
def test_what_is_wrong_between_texts(blog: Blog, one: str, other: str, found: str) -> None:
    blog.post("a.rst", one)
    blog.post("b.rst", other)
    lines = blog.check()
    assert len(lines) == (1 if found else 0), lines
    assert not found or found in lines[0]


def test_headings_that_skip_a_level(blog: Blog) -> None:
    heads = "Un\n--\n\nDeux\n~~~~\n\nTrois\n+++++\n\nx\n\nQuatre\n------\n\nx\n\n"
    blog.post("b.rst", body=heads)
    assert blog.check() == []
    blog.post("b.rst", body=heads + "Cinq\n++++\n\nx")
    (line,) = blog.check()
    assert line.startswith("content/b.rst:22: error: build: ") and "skip from level 2 to 4" in line


def test_a_missing_image_field(blog: Blog) -> None:
    blog.post("b.rst", ":image: images/nulle.png\n")
    (line,) = blog.check()
    assert line.startswith('content/b.rst:5: error: image: ":image: images/nulle.png" leads nowhere')


def test_unused_files(blog: Blog) -> None:
    for name in ("seul", "lie", "brouillon", "cite", "icone", "racine/x"):
        blog.write(f"content/images/{name}.svg", PIXEL)
    blog.write("blog.toml", HEAD + '[theme]\nicon = "images/icone.svg"\n' + ROOT)
    blog.post("a.rst", body="`x <{static}images/lie.svg>`_")
    blog.post("b.rst", ":status: draft\n", "`x <{static}images/brouillon.svg>`_")
    blog.write(
        "templates/404.html", '{% extends "!404.html" %}{% block main %}/images/cite.svg{% endblock %}'
    )
    assert blog.check() == ["content/images/seul.svg: warning: unused: no text links to this file"]


def test_a_link_of_the_menu_is_told_once_where_it_is_written(blog: Blog) -> None:
    blog.write("blog.toml", HEAD + '[theme]\nmenu = {Rien = "/rien.html"}\n')
    (line,) = blog.check()
    assert line.startswith('blog.toml:7: error: link: "/rien.html" leads nowhere') and "more)" in line


@pytest.mark.parametrize(
    ("alias", "address"),
    [
        ("/vieux.html", "/vieux.html"),
        ("/vieux.html", "/vieux"),
        ("/vieux/", "/vieux"),
        ("/été.html", "/%C3%A9t%C3%A9.html"),
        ("/a%20b.html", "/a%20b.html"),
    ],
)
def test_an_old_address_is_a_warning(blog: Blog, alias: str, address: str) -> None:
    blog.post("a.rst", f":aliases: {alias}\n")
    blog.post("b.rst", body=f"`x <{address}>`_")
    (line,) = blog.check()
    assert "warning: link" in line and "leads on to /a.html; write that one" in line


def test_what_a_style_sheet_lacks_is_an_error(blog: Blog) -> None:
    blog.write(
        "templates/style.css", '{% include "!style.css" %}\nb { background: url("/images/rien.png") }\n'
    )
    blog.write(
        "content/images/x.css", "/* url(non.png) */\n@import 'x.svg';\nb { background: url(oh.png#x) }\n"
    )
    blog.write("content/images/x.svg", PIXEL)
    blog.post("b.rst", body="`style </images/x.css>`_")
    own, theme = blog.check()
    assert theme.startswith('templates/style.css:2: error: link: "/images/rien.png" leads nowhere')
    assert own.startswith('content/images/x.css:3: error: link: "oh.png#x" leads nowhere')


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "/vieux.html /rien.html",
            "error: link: {}is an old address and leads on to /rien.html, which leads nowhere",
        ),
        (
            "/vieux.html /b.html\n",
            "warning: link: {}is an old address and leads on to /b.html; write that one",
        ),
        (
            "/vieux.html /mi\n/mi /b.html",
            "warning: link: {}is an old address and leads on to /b.html; write that",
        ),
        ("/vieux.html /mi\n/mi 410", "error: link: {}is gone: the redirects file says 410"),
        ("/vieux.html /_blog/status", "warning: link: {}is an old address and leads on to /_blog/status"),
        ("/vieux.html https://example.net/", "warning: link: {}is an old address and leads on to https://"),
    ],
)
def test_where_an_old_address_leads_in_the_end(blog: Blog, line: str, told: str) -> None:
    blog.write("redirects", line)
    blog.post("b.rst", body="`x </vieux.html>`_")
    (found,) = blog.check()
    assert told.format('"/vieux.html" ') in found


@pytest.mark.parametrize(
    "address", ["/b.html", "/b", "/vieux.html", "/vieux", "/mi", "/loin/", "/tag/rare.html"]
)
def test_a_link_to_what_expired_is_a_warning_by_whatever_address(blog: Blog, address: str) -> None:
    blog.write("redirects", "/mi /vieux.html\n/loin /mi\n")
    blog.post("b.rst", ":expires: 2026-02-01\n:aliases: /vieux.html\n:tags: rare\n")
    blog.post("c.rst", body=f"`x <{address}>`_")
    (line,) = blog.check()
    assert f'warning: link: "{address}" is gone: it has expired' in line
    blog.write(
        "redirects",
        "/mi /c.html\n/b.html /c.html\n/vieux.html /c.html\n/loin /c.html\n/tag/rare.html /c.html\n",
    )
    (line,) = blog.check()
    assert "leads on to /c.html; write that one" in line


def test_a_link_to_what_is_gone_is_an_error(blog: Blog) -> None:
    blog.write("redirects", "/été.html 410\n")
    blog.post("b.rst", body="`x </%C3%A9t%C3%A9>`_")
    (line,) = blog.check()
    assert 'error: link: "/%C3%A9t%C3%A9" is gone: the redirects file says 410' in line


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (":status: draft\n", 'error: link: "/b.html" leads to content/b.rst, which readers cannot reach'),
        (":date: 2030-01-01\n", 'error: link: "/b.html" leads to content/b.rst, which readers cannot reach'),
        (":expires: 2026-02-01\n", 'warning: link: "/b.html" is gone: it has expired'),
    ],
)
def test_readers_cannot_follow_a_link_to_what_is_kept_back(blog: Blog, fields: str, found: str) -> None:
    date = "" if ":date:" in fields else ":date: 2026-01-02\n"
    blog.write("content/b.rst", f"B\n=\n\n{date}{fields}\nUn texte.\n")
    blog.post("c.rst", body="`x </b.html>`_")
    (line,) = blog.check()
    assert line.startswith(f"content/c.rst:6: {found}")
    blog.post("c.rst", ":status: draft\n", body="`x </b.html>`_")
    assert blog.check() == []
    blog.post("c.rst")
    blog.write("blog.toml", HEAD + '[theme]\nmenu = {B = "/b.html"}\n')
    assert [": error: link:" in line for line in blog.check()] == ([True] if "error" in found else [])


@pytest.mark.parametrize("fields", [":status: draft\n", ":date: 2030-01-01\n", ":expires: 2026-02-01\n"])
@pytest.mark.parametrize("name", ["x.svg", "secret (1).svg", "été.svg"])
def test_what_is_kept_back_may_show_its_pictures_by_their_addresses(
    blog: Blog, fields: str, name: str
) -> None:
    for folder in ("images", "field"):
        blog.write(f"content/{folder}/{name}", PIXEL)
    blog.write("blog.toml", HEAD + '[content]\nstatic = ["images", "field"]\n')
    date = "" if ":date:" in fields else ":date: 2026-01-02\n"
    shown = f":image: /field/{quote(name)}\n\n.. image:: /images/{quote(name)}\n   :alt: x\n"
    blog.write("content/b.rst", f"B\n=\n\n{date}{fields}{shown}")
    assert blog.check() == []


def test_a_template_may_show_what_a_draft_shows_if_it_names_the_file(blog: Blog) -> None:
    blog.write("content/images/x.svg", PIXEL)
    blog.post("b.rst", ":status: draft\n", ".. image:: /images/x.svg\n   :alt: x")
    main = '{% extends "!404.html" %}{% block main %}<img src="/images/x.svg" alt="">{% endblock %}'
    blog.write("templates/404.html", main)
    assert blog.check() == []
    blog.write("templates/404.html", main.replace("x.svg", '{{ "x" }}.svg'))
    (line,) = blog.check()
    assert ': error: link: "/images/x.svg" leads to content/images/x.svg, which readers cannot reach' in line


@pytest.mark.parametrize(
    ("urls", "slug", "address"),
    [
        ("posts/{slug}/", "deux", "/posts/deux"),
        ("{slug}", "deux", "/deux"),
        ("{slug}.html", "été", "/%C3%A9t%C3%A9"),
    ],
)
def test_what_is_kept_back_may_lead_to_what_is_out_by_then(
    blog: Blog, urls: str, slug: str, address: str
) -> None:
    blog.write("blog.toml", HEAD + f'[urls]\npost = "{urls}"\n')
    blog.write("content/b.rst", f"B\n=\n\n:date: 2030-01-01\n:slug: {slug}\n\nDeux\n----\n\nUn texte.\n")
    link = f"`x <{{filename}}b.rst#deux>`_ `y <{address}>`_"
    blog.write("content/c.rst", f"C\n=\n\n:date: 2031-01-01\n\n{link}\n")
    assert blog.check() == []


def test_a_draft_may_be_unfinished(blog: Blog) -> None:
    blog.post("b.rst", ":status: draft\n", "`x </rien.html>`_ et `moi </b.html#rien>`_")
    assert [" warning: link" in line for line in blog.check()] == [True, True]


def test_what_a_draft_links_is_told_of_the_menu_too(blog: Blog) -> None:
    blog.write("blog.toml", HEAD + '[theme]\nmenu = {Rien = "/rien.html"}\n')
    for fields in (":status: draft\n", ":date: 2030-01-01\n"):
        date = "" if ":date:" in fields else ":date: 2026-01-02\n"
        blog.write("content/b.rst", f"B\n=\n\n{date}{fields}\n`x </rien.html>`_\n")
        assert any(line.startswith("blog.toml:7: error: link:") for line in blog.check())


def test_a_link_that_leads_to_itself_is_a_finding(blog: Blog) -> None:
    (blog.folder / "content/loop.svg").symlink_to("loop.svg")
    assert blog.check() == ["content/loop.svg:1: error: build: not a file that can be read"]


RAW = ".. raw:: html\n\n   "
NEED, LEAD = '<img src="/rien.svg" alt="">', '<a href="/rien.html">x</a>'
WHOLE = '{% extends "!404.html" %}{% block main %}'


@pytest.mark.parametrize("link", ["stop", "tell", "ignore"])
@pytest.mark.parametrize(
    ("body", "template", "needed"),
    [
        ("`x </rien.html>`_", "", False),
        (RAW + LEAD, "", False),
        (".. image:: /rien.svg\n   :alt: x", "", True),
        (RAW + NEED, "", True),
        ("Un texte.", LEAD, False),
        ("Un texte.", NEED, True),
        ("`x </rien.svg>`_", NEED, True),
    ],
)
def test_a_dead_link_is_an_error_where_the_gate_refuses_it(
    blog: Blog, link: str, body: str, template: str, needed: bool
) -> None:
    blog.write("blog.toml", HEAD + f'[build]\nraw_html = true\nlink = "{link}"\n')
    blog.post("b.rst", body=body)
    if template:
        blog.write("templates/404.html", f"{WHOLE}{template}{{% endblock %}}")
    loaded, site = config.load(blog.folder / "blog.toml"), blog.folder / "site"
    build(loaded, site, now=NOW)
    names = [path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()]
    refused = bool(problems(loaded, site, names, every=False))
    assert refused == (needed or link == "stop")
    levels = {each.level for each in check(loaded, now=NOW)}
    assert ("error" in levels) == refused
    assert levels or (link, needed) == ("ignore", False)


def test_a_template_that_is_wrong_is_a_finding(blog: Blog) -> None:
    blog.write(
        "templates/post.html", '{% extends "!post.html" %}\n{% block main %}{{ nobody }}{% endblock %}'
    )
    assert any(line.startswith("templates/post.html:2: error: build:") for line in blog.check())


def test_an_extension_that_is_wrong_is_a_finding(blog: Blog) -> None:
    blog.write("extensions/x.py", "import os\nimport nope\n")
    assert blog.check() == [
        "extensions/x.py:2: error: build: this extension failed: ModuleNotFoundError: No module named 'nope'"
    ]


def blogops(folder: Path, *words: str, code: int = 0) -> str:
    return ended(folder, *words, code=code).stdout


def test_the_command_and_its_codes(blog: Blog) -> None:
    assert blogops(blog.folder, "check") == "nothing to mend\n"
    blog.post("b.rst", ":tgas: x\n")
    assert blogops(blog.folder, "check").endswith("0 errors, 1 warnings\n")
    blogops(blog.folder, "check", "--strict", code=4)
    blog.post("c.rst", body="`x </rien>`_")
    (wrong, unknown) = sorted(
        json.loads(blogops(blog.folder, "check", "--json", code=4)), key=lambda f: f["level"]
    )
    assert (wrong["file"], wrong["line"], wrong["kind"]) == ("content/c.rst", 6, "link")
    assert (unknown["level"], unknown["kind"]) == ("warning", "build")
    blog.write("blog.toml", "[site]\n")
    blogops(blog.folder, "check", code=2)


def test_a_terminal_that_knows_fewer_letters_is_told_all(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    blog.post("œuf.rst", ":tgas: x\n")
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    assert blogops(blog.folder, "check").startswith("content/\\u0153uf.rst:")
    assert json.loads(blogops(blog.folder, "check", "--json"))[0]["file"] == "content/œuf.rst"


def test_a_preview_is_built_apart_and_goes_on_when_asked(blog: Blog) -> None:
    blog.post("b.rst", ":status: draft\n", "Brouillon.")
    blogops(blog.folder, "build", "--preview")
    assert "Brouillon." in (blog.folder / "var/work/preview/b.html").read_text()
    assert not (blog.folder / "var/work/site").exists()
    blog.post("c.rst", ":date: hier\n")
    blogops(blog.folder, "build", "--preview", code=4)
    blogops(blog.folder, "build", "--keep-going", code=2)
    blogops(blog.folder, "build", "--preview", "--keep-going")
    assert not (blog.folder / "var/work/preview/c.html").exists()


@contextmanager
def site(answers: dict[str, int], seen: list[str]) -> Iterator[str]:
    """Another site, on loopback."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(f"{self.command} {self.path}")
            status = answers.get(self.path, 404)
            self.send_response(405 if self.command == "HEAD" and self.path == "/nohead" else status)
            self.send_header("Location", "/ok")
            self.end_headers()

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_other_sites_are_asked_once_and_remembered(tmp_path: Path) -> None:
    seen: list[str] = []
    paths = {"/ok": 200, "/moved": 301, "/nohead": 200, "/shy": 403, "/gone": 410, "/ill": 500}
    with site(paths, seen) as root:
        links = [
            Outside(f"{root}{path}", "content/a.rst", line) for line, path in enumerate([*paths, "/not"], 1)
        ]
        links += [
            Outside(f"{root}/gone#x", "content/b.rst", 3),
            Outside("http://127.0.0.1:1/", "content/b.rst", 4),
        ]
        found = external.findings_of(links, tmp_path / "links.json", NOW, Manners(between=0))
        assert [(each.file, each.line) for each in sorted(found)] == [
            *(("content/a.rst", 5), ("content/a.rst", 6), ("content/a.rst", 7)),
            *(("content/b.rst", 3), ("content/b.rst", 4)),
        ]
        assert all(each.level == "warning" and each.kind == "external" for each in found)
        assert seen.count("HEAD /gone") == 1 and seen.count("GET /nohead") == 1
        seen.clear()
        again = external.findings_of(links, tmp_path / "links.json", NOW, Manners(between=0))
        assert sorted(again) == sorted(found)
        assert not any("/ok" in each or "/shy" in each for each in seen)


def test_the_limits_of_asking(tmp_path: Path) -> None:
    links = [Outside(f"http://127.0.0.1:1/{number}", "a.rst", number) for number in range(1, 4)]

    def told(manners: Manners) -> list[str]:
        return [each.message for each in external.findings_of(links, tmp_path / "l.json", NOW, manners)]

    assert sum("too many links" in each for each in told(Manners(most=1, between=0))) == 2
    assert sum("time was up" in each for each in told(Manners(altogether=-1))) == 3


def test_no_one_is_asked_unless_told_to(blog: Blog) -> None:
    seen: list[str] = []
    with site({}, seen) as root:
        blog.post("b.rst", body=f"`x <{root}/rien>`_")
        assert blog.check() == [] and seen == []
        loaded = config.load(blog.folder / "blog.toml")
        (found,) = check(loaded, now=NOW, external=True)
        assert found == Finding("content/b.rst", 6, 0, "warning", "external", f"{root}/rien answers 404")
