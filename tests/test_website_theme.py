"""The theme: its colours, its templates and an author's, its assets."""

import re
from pathlib import Path

import pytest
from jinja2.defaults import DEFAULT_NAMESPACE
from pygments.token import STANDARD_TYPES
from test_website_build import NOW, Blog

from blogops import config as settings
from blogops.config import Config
from blogops.errors import Failed
from blogops.website.collection import collect
from blogops.website.colours import colours, contrast, faint
from blogops.website.discover import discover
from blogops.website.extensions import Extensions
from blogops.website.memory import Memory
from blogops.website.metadata import Facts
from blogops.website.notes import Notes
from blogops.website.output import Sheet
from blogops.website.read import entries_of, read
from blogops.website.site import plan
from blogops.website.theme import Theme

HOUSE = Path(__file__).parent.parent
TEMPLATES = HOUSE / "templates/site"
_MOST = 12_000
_AA = 4.5


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(tmp_path)


def loaded(folder: Path, theme: str = "") -> Config:
    """Return the settings of a blog in *folder*."""
    (folder / "content").mkdir(exist_ok=True)
    head = '[site]\ntitle = "Carnet"\nurl = "http://blog.example.org"\nauthor = "Rémy"\n'
    (folder / "blog.toml").write_text(f"{head}[theme]\n{theme}\n", encoding="utf-8")
    return settings.load(folder / "blog.toml")


def style_of(config: Config) -> str:
    """Return the style sheet as browsers get it."""
    body = Theme(config, Extensions({}, ())).assets()[0].body
    assert isinstance(body, bytes)
    return body.decode()


def variables(style: str, *, dark: bool) -> dict[str, str]:
    """Return the colours of *style* by name, as they are in the light or in the dark."""
    roots = re.findall(r":root\{([^}]*)\}", style)
    assert len(roots) == 2
    found = re.findall(r"--([\w-]+):(#[0-9a-f]{6})", roots[0])
    return dict(found) | (dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", roots[1])) if dark else {})


def token_colours(style: str) -> dict[str, str]:
    """Return which colour each class of Pygments has, where it has one."""
    rules = re.findall(r":is\(pre,code\) :is\(([^)]*)\)\{color:var\(--([\w-]+)\)", style)
    return {name.removeprefix("."): colour for names, colour in rules for name in names.split(",")}


@pytest.mark.parametrize("dark", [False, True])
def test_every_token_of_code_can_be_read(tmp_path: Path, dark: bool) -> None:
    style = style_of(loaded(tmp_path))
    found, of = variables(style, dark=dark), token_colours(style)
    assert set(of) <= set(STANDARD_TYPES.values())
    for token, short in STANDARD_TYPES.items():
        colour = found[of.get(short, "ink")]
        for paper in ("tint", "mark", "paper"):
            assert contrast(colour, found[paper]) >= _AA, (token, short, paper)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("text", ["ink", "soft", "link", "note", "alert"])
def test_every_text_can_be_read(tmp_path: Path, text: str, dark: bool) -> None:
    found = variables(style_of(loaded(tmp_path)), dark=dark)
    assert min(contrast(found[text], found[paper]) for paper in ("paper", "tint")) >= _AA


def test_the_style_sheet_is_small_and_names_every_class(tmp_path: Path) -> None:
    style = style_of(loaded(tmp_path))
    assert len(style.encode()) < _MOST
    assert "@import" not in style and "url(" not in style and "@font-face" not in style
    assert all(f".width-{width}{{width:{width}%}}" in style for width in range(5, 101, 5))
    for name in (
        "hll",
        "linenos",
        "highlighttable",
        "anchor",
        "admonition",
        "footnote",
        "citation",
        "sidebar",
    ):
        assert f".{name}" in style, name


def test_nothing_is_run_and_nothing_styled_in_the_line() -> None:
    for path in TEMPLATES.iterdir():
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"<script[^>]*>", text)) <= {'<script type="application/ld+json">'}
        assert " style=" not in text and not re.search(r"\son\w+=", text), path.name


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#fff", "#fff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.005)


def test_colours_of_blog_toml(tmp_path: Path) -> None:
    config = loaded(tmp_path, 'accent = "#1D4E89"')
    assert list(faint(config)) == []
    style = style_of(config)
    assert variables(style, dark=False)["link"] == "#1d4e89"
    dark = variables(style, dark=True)
    assert dark["link"] == colours(config)["accent_dark"]
    assert contrast(dark["link"], dark["tint"]) >= 7


def test_a_faint_colour_is_told(tmp_path: Path) -> None:
    config = loaded(tmp_path, 'accent = "#ffcc00"\naccent_dark = "#333"')
    light, dark = faint(config)
    assert light.startswith("theme.accent: #ffcc00 is hard to read on #f4f1e9: a contrast of 1.3")
    assert light.endswith("choose a darker one") and dark.endswith("choose a lighter one")


def test_assets_are_named_after_their_bytes(tmp_path: Path) -> None:
    first = Theme(loaded(tmp_path), Extensions({}, ())).assets()
    second = Theme(loaded(tmp_path, 'accent = "#123456"'), Extensions({}, ())).assets()
    assert [re.sub(r"\.[0-9a-f]{8}\.", ".", each.place.path) for each in first] == [
        "theme/style.css",
        "theme/icon.svg",
    ]
    assert not {each.place.path for each in first} & {each.place.path for each in second}


def test_a_logo_and_an_icon_of_the_authors_own(tmp_path: Path) -> None:
    config = loaded(tmp_path, 'logo = "images/moi.SVG"\nicon = "moi.png"')
    (tmp_path / "content/images").mkdir()
    (tmp_path / "content/images/moi.SVG").write_bytes(b"<svg/>")
    (tmp_path / "content/moi.png").write_bytes(b"png")
    theme = Theme(config, Extensions({}, ()))
    assert {each.body for each in theme.assets()[1:]} == {b"<svg/>", b"png"}
    assert re.fullmatch(r"/theme/logo\.[0-9a-f]{8}\.svg", theme.logo)
    assert re.fullmatch(r"/theme/icon\.[0-9a-f]{8}\.png", theme.icon)


@pytest.mark.parametrize("name", ["absent.svg", "../blog.toml"])
def test_a_logo_that_is_not_there(tmp_path: Path, name: str) -> None:
    config = loaded(tmp_path, f'logo = "{name}"')
    with pytest.raises(Failed, match=rf'theme\.logo: there is no file "{re.escape(name)}" in content'):
        Theme(config, Extensions({}, ()))


def write(folder: Path, name: str, text: str) -> None:
    """Write a template of the author's own."""
    (folder / "templates").mkdir(exist_ok=True)
    (folder / "templates" / name).write_text(text, encoding="utf-8")


def test_an_authors_template_changes_a_part_of_the_themes(blog: Blog) -> None:
    blog.post("a.rst")
    write(blog.folder, "base.html", '{% extends "!base.html" %}{% block footer %}<p>À moi.</p>{% endblock %}')
    write(blog.folder, "404.html", '{% extends "!404.html" %}{% block main %}Perdu.{% endblock %}')
    write(blog.folder, "style.css", '{% include "!style.css" %}\n.mine { color: {{ colours.accent }}; }\n')
    blog.build()
    for page in ("404.html", "a.html", "index.html"):
        assert "<p>À moi.</p>" in blog.page(page) and "<header" in blog.page(page)
    assert "Perdu." in blog.page("404.html")
    style = next(name for name in blog.files() if re.fullmatch(r"theme/style\.\w+\.css", name))
    assert blog.page(style).endswith(".mine{color:#9a3412}") and ".teaser{" in blog.page(style)


def test_a_post_names_its_template(blog: Blog) -> None:
    blog.post("a.rst", ":template: photo")
    with pytest.raises(Failed, match=r'content/a\.rst: :template: there is no "photo\.html"'):
        blog.build()
    write(blog.folder, "photo.html", "{{ entry.title }}, {{ words.home }}, {{ entry.date|day(language) }}")
    blog.build()
    assert blog.page("a.html") == "A, Accueil, 2\u00a0janvier 2026".replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x\n{{ nobody }}", r"templates/404\.html:2: .*'nobody' is undefined"),
        ("x\n\n{% if %}", r"templates/404\.html:3: "),
        ("{{ ''.__class__.__mro__ }}", r"templates/404\.html:1: .*unsafe"),
        ("a\n{{ 1 // 0 }}", r"templates/404\.html:2: .*division|templates/404\.html:2: "),
        ('{% include "absent.html" %}', r'templates/404\.html:1: .*there is no template "absent\.html"'),
        ("{{ site.author.absent() }}", r"templates/404\.html:1: "),
    ],
)
def test_a_broken_template_is_told_with_its_line(blog: Blog, text: str, said: str) -> None:
    blog.post("a.rst")
    write(blog.folder, "404.html", text)
    with pytest.raises(Failed, match=said):
        blog.build()


def test_a_fault_inside_a_block_that_the_theme_shows_is_the_authors(blog: Blog) -> None:
    blog.post("a.rst")
    write(
        blog.folder, "base.html", '{% extends "!base.html" %}\n{% block footer %}\n{{ oops }}{% endblock %}'
    )
    with pytest.raises(Failed, match=r"templates/base\.html:3: "):
        blog.build()


def test_the_document_lists_every_name_that_templates_get() -> None:
    config, extensions, notes = settings.load(HOUSE / "example/blog.toml"), Extensions({}, ()), Notes()
    theme = Theme(config, extensions)
    reads = read(discover(config, notes), Facts(config, NOW), notes, Memory())
    found = collect(tuple(entries_of(reads)), config, notes)
    bodies = [output.body for output in plan(config, found, theme, extensions)]
    given = {name for body in bodies if isinstance(body, Sheet) for name in body.context()}
    given |= theme._environment.globals.keys() - DEFAULT_NAMESPACE.keys()
    text = (HOUSE / "docs/theme.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == given


def test_the_document_lists_every_filter_of_ours_and_every_template() -> None:
    text = (HOUSE / "docs/theme.md").read_text(encoding="utf-8")
    for name in ("day", "iso", "reading_time", "language_name", "time", "link", "foreign"):
        assert f"`{name}`" in text, name
    for path in TEMPLATES.iterdir():
        assert path.name.startswith("_") or f"`{path.name}`" in text, path.name
