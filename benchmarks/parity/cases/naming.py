"""Slugs, addresses, and names that become addresses."""

from collections.abc import Iterator

from benchmarks.parity.trees import Tree, head, page, post

TITLES = (
    *("Élevage & chèvre : « L’œuvre » !", "l'été -- 100 %", "100€", "日本語 tests", "ga/zo", "--foo--"),
    *("naïve_snake_case", "C++ et C#", ".NET", "A & B", "a <b>c</b> d", "x < y > z", "½ cup", "² ³ ™ © ® №"),
    *(
        "µs",
        "αβγ δ",
        "Привет мир",
        "중문 한국어",
        "العربية",
        "ﬁn d’œuvre",
        "Straße",
        "Þór og ð",
        "n° 5",
        "20 °C",
    ),
    *("50 ‰ de plus", "→ x", "x × y", "q·r", "😀 smile", "_x_", "f.g.h", "v1.2", "m@n", "~p"),
    *(
        "(a) [b] {c}",
        "ka|do",
        "X--Y",
        "z - z",
        "ﾊﾝｶｸ カタカナ",
        "ภาษาไทย",
        "हिन्दी",
        "√2 ≠ π",
        "€ £ ¥ ¢",
        "¡Hola!",
    ),
    *(
        "Đặng Łódź",
        "Qu'est-ce que c'est ?",
        "aujourd’hui",
        "TEST_Of",
        "AT&T",
        "R&amp;D",
        "1 < 2 > 0",
        "x² H₂O",
    ),
    *(
        "WeasyPrint ou comment générer des PDF sans souffrir",
        "Iñtërnâtiônàlizætiøn",
        "e\u0301te\u0301",
        "☃ ♥ ✓",
    ),
    *(
        "non\u00a0cassant\u202f: ok",
        "Titre avec *emphase*, ``code`` et `lien <http://x.org>`_",
        "“Don’t”",
        "10 000 km",
    ),
)
TAGS = ("n° 5", "Œuvre", "c-plus", "Été 2012", "x.y", "k'b", "日本", "R&D", "20 %", "ＦＵＬＬ", "a  z")
SLUGS = ("my-SLUG", "a/b", "a.b", "a_b", "2012/x", "~x")

_URLS = """ARTICLE_URL = "posts/{date:%Y}/{date:%b}/{date:%-d}/{slug}/"
ARTICLE_SAVE_AS = "posts/{date:%Y}/{date:%b}/{date:%-d}/{slug}/index.html"
ARTICLE_LANG_URL = "{lang}/{slug}/"
ARTICLE_LANG_SAVE_AS = "{lang}/{slug}/index.html"
PAGE_URL = "{slug}/"
PAGE_SAVE_AS = "{slug}/index.html"
PAGE_LANG_URL = "{lang}/p/{slug}/"
PAGE_LANG_SAVE_AS = "{lang}/p/{slug}/index.html"
CATEGORY_URL = "c/{slug}/"
CATEGORY_SAVE_AS = "c/{slug}/index.html"
TAG_URL = "t/{slug}"
TAG_SAVE_AS = "t/{slug}.html"
AUTHOR_SAVE_AS = ""
ARCHIVES_SAVE_AS = "archives/index.html"
TAGS_SAVE_AS = "tags/index.html"
CATEGORIES_SAVE_AS = ""
AUTHORS_SAVE_AS = ""
"""
_FIELDS = """ARTICLE_URL = "{category}/{author}/{lang}/{series_name}/{slug}.html"
ARTICLE_SAVE_AS = "{category}/{author}/{lang}/{series_name}/{slug}.html"
"""
_RULES = """SLUG_REGEX_SUBSTITUTIONS = [
    (r"[^\\w\\s-]", ""),
    (r"(?u)\\A\\s*", ""),
    (r"(?u)\\s*\\Z", ""),
    (r"[-\\s]+", "_"),
]
TAG_REGEX_SUBSTITUTIONS = [(r"C\\+\\+", "cpp"), (r"C#", "csharp"), (r"\\s+", "-")]
SLUGIFY_PRESERVE_CASE = True
"""
_OLD_RULES = """SLUG_SUBSTITUTIONS = (("C++", "cpp"), (".NET", "dotnet"))
TAG_SUBSTITUTIONS = (("C#", "csharp"),)
"""


def trees() -> Iterator[Tree]:
    """Yield the trees about addresses."""
    titles = {f"{n:02}.rst": post(title, tags=TAGS[n % len(TAGS)]) for n, title in enumerate(TITLES)}
    slugs = {f"slug-{n}.rst": post(f"Given {n}", slug=slug) for n, slug in enumerate(SLUGS)}
    yield Tree("slugs", "", titles | slugs)
    yield Tree("slugs-unicode", "SLUGIFY_USE_UNICODE = True\n", {"a.rst": post("Élevage œuvre", tags="Été")})
    named = {"My File_é.rst": post("A"), "2012-09-17-x y.rst": head("B", {}) + "x\n", "c.d.rst": post("C")}
    yield Tree("slugs-basename", 'SLUGIFY_SOURCE = "basename"\n', named)
    yield Tree("slugs-rules", _RULES, {"a.rst": post("About C++ and .NET!", tags="c++, C#, D E")})
    yield Tree("slugs-old-rules", _OLD_RULES, {"a.rst": post("About C++ and .NET!", tags="C++, C#, .NET")})
    yield Tree("addresses", _URLS, dict(_few()))
    yield Tree("addresses-fields", _FIELDS, {"sub/é x.rst": post("A B", series_name="v w", author="Zoé X")})
    yield Tree("overrides", "", dict(_overrides()))
    yield Tree(
        "file-names", _PATHS, {f"Cat/2012/03/{name}.rst": head(name, {}) + "x\n" for name in ("sl", "tm-fr")}
    )
    yield Tree("named-dates", "", dict(_dated()))


_PATHS = """PATH_METADATA = r"(?P<category>[^/]+)/(?P<date>\\d{4}/\\d{2})/.*"
FILENAME_METADATA = r"(?P<slug>\\w+)-(?P<lang>\\w\\w)"
"""


def _few() -> Iterator[tuple[str, str]]:
    yield (
        "a.rst",
        post("Premier", "See `b <{filename}b.rst>`_ and `p <{filename}pages/p.rst#x>`_.", tags="u v"),
    )
    yield "b.rst", post("Second", date="2013-01-01T00:30:00+14:00", category="Ça va")
    yield "b-fr.rst", post("Deuxième", slug="second", lang="fr", date="2013-01-02")
    yield "pages/p.rst", page("A page")
    yield "pages/q.rst", page("Une page", lang="fr", slug="a-page")


def _overrides() -> Iterator[tuple[str, str]]:
    yield "a.rst", post("Both", url="custom/p3/", save_as="custom/p3/index.html")
    yield "b.rst", post("Plain")
    yield "pages/404.rst", page("Not found", status="hidden", save_as="404.html", url="404.html")
    yield "pages/home.rst", page("Home", save_as="index.html", url="/")


def _dated() -> Iterator[tuple[str, str]]:
    yield "2012-09-17_x.rst", head("Underscore", {}) + "x\n"
    yield "2012-09-17.rst", head("Nothing else", {}) + "x\n"
    yield "2012-09-18-y.rst", post("Field wins", date="2013-01-01")
    yield "pages/2012-01-01-h.rst", page("A dated page")
