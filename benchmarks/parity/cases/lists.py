"""Lists: their order, their pages, archives by period, translations, feeds, summaries."""

from collections.abc import Iterator

from benchmarks.parity.trees import Tree, post

_PERIODS = """YEAR_ARCHIVE_SAVE_AS = "{date:%Y}/index.html"
YEAR_ARCHIVE_URL = "{date:%Y}/"
MONTH_ARCHIVE_SAVE_AS = "posts/{date:%Y}/{date:%b}/index.html"
DAY_ARCHIVE_SAVE_AS = "posts/{date:%Y}/{date:%m}/{date:%d}/index.html"
"""
_FEEDS = """FEED_ALL_ATOM = "feeds/all.atom.xml"
FEED_ALL_RSS = "feeds/all.rss.xml"
FEED_ATOM = "feeds/articles.atom.xml"
FEED_RSS = "feeds/articles.rss.xml"
TAG_FEED_ATOM = "feeds/tag-%s.atom.xml"
TAG_FEED_RSS = "feeds/tag-{slug}.rss.xml"
CATEGORY_FEED_ATOM = "feeds/category/{slug}.atom"
CATEGORY_FEED_RSS = "feeds/category/{slug}.rss"
AUTHOR_FEED_ATOM = "feeds/author/{slug}.atom.xml"
AUTHOR_FEED_RSS = None
TRANSLATION_FEED_ATOM = "feeds/all-{lang}.atom.xml"
TRANSLATION_FEED_RSS = "feeds/all-{lang}.rss.xml"
FEED_MAX_ITEMS = 5
"""
_NO_FEEDS = "\n".join(
    f"{name} = None"
    for name in (
        *("FEED_ALL_ATOM", "CATEGORY_FEED_ATOM", "TRANSLATION_FEED_ATOM", "AUTHOR_FEED_ATOM"),
        "AUTHOR_FEED_RSS",
    )
)
_LONG = " ".join(f"word{number}" for number in range(80))
_PATTERNS = """PAGINATION_PATTERNS = (
    (1, "{url}", "{save_as}"),
    (2, "{base_name}/page/{number}/", "{base_name}/page/{number}/index.html"),
)
TAG_URL = "tag/{slug}/"
TAG_SAVE_AS = "tag/{slug}/index.html"
"""


def trees() -> Iterator[Tree]:
    """Yield the trees about lists."""
    posts = dict(_posts(11))
    for orphans in range(4):
        settings = f"DEFAULT_PAGINATION = 3\nDEFAULT_ORPHANS = {orphans}\n"
        yield Tree(f"pages-of-3-orphans-{orphans}", settings, posts)
    yield Tree("pages-patterns", "DEFAULT_PAGINATION = 4\n" + _PATTERNS, posts)
    yield Tree("pages-exact", "DEFAULT_PAGINATION = 11\n", posts)
    some = 'DEFAULT_PAGINATION = 4\nPAGINATED_TEMPLATES = {"index": None, "tag": None}\n'
    yield Tree("pages-some", some, posts)
    yield Tree("pages-moved", 'DEFAULT_PAGINATION = 4\nINDEX_SAVE_AS = "blog/index.html"\n', posts)
    yield Tree("periods", _PERIODS, posts)
    yield Tree("feeds", _FEEDS, posts | dict(_translated()))
    yield Tree("feeds-none", _NO_FEEDS, posts)
    yield Tree("lists-few", 'DIRECT_TEMPLATES = ["index", "archives"]\nTAG_SAVE_AS = ""\n', posts)
    for order in ("title", "reversed-title", "basename", "reversed-basename", "date", "slug"):
        yield Tree(f"order-{order}", f'ARTICLE_ORDER_BY = "{order}"\n', posts)
    yield Tree("order-ties", "", {f"{n}.rst": post(title, tags="t") for n, title in enumerate("czbay")})
    yield Tree("merging", "", dict(_merging()))
    yield Tree("translations", "", dict(_translated()))
    yield Tree("translations-fr", 'DEFAULT_LANG = "fr"\n', dict(_translated()))
    yield Tree("summaries", "", dict(_summaries()))
    cut = 'SUMMARY_MAX_PARAGRAPHS = 1\nSUMMARY_MAX_LENGTH = 5\nSUMMARY_END_SUFFIX = "..."\n'
    yield Tree("summaries-cut", cut, dict(_summaries()))
    yield Tree("summaries-whole", "SUMMARY_MAX_LENGTH = None\n", dict(_summaries()))


def _posts(count: int) -> Iterator[tuple[str, str]]:
    for number in range(count):
        fields = {"tags": "a, b" if number % 2 else "a", "category": "Cat" if number < 8 else "Other"}
        fields["date"] = f"2012-0{1 + number % 9}-{10 + number} 10:00"
        yield f"p{(number * 7) % count:02}.rst", post(f"Post {number}", **fields)


def _merging() -> Iterator[tuple[str, str]]:
    yield "1.rst", post("Zed", date="2012-09-17", tags="Été, a b", category="Conf", author="Zoé")
    yield "2.rst", post("Able", date="2012-09-18", tags="ete, A-B", category="conf", author="Zoe")
    yield "0.rst", post("Mid", date="2012-09-16", tags="ÉTÉ", category="CONF", author="ZOÉ")


def _translated() -> Iterator[tuple[str, str]]:
    yield "z.rst", post("Zed", slug="z", lang="en", tags="t1", category="c1", date="2012-01-01")
    yield (
        "z-fr.rst",
        post("Zède", slug="z", lang="fr", tags="t2", category="c2", author="Tr", date="2012-01-02"),
    )
    yield "z-de.rst", post("Zett", slug="z", lang="de", translation="true", date="2012-01-03")
    yield "seul.rst", post("Seul", lang="fr", tags="t3", date="2012-01-04")
    yield "hidden.rst", post("Hidden", status="hidden", tags="t4", category="c4", date="2012-01-05")
    yield "flagged.rst", post("Flagged", slug="f", lang="en", translation="true", date="2012-01-06")
    yield "flagged-fr.rst", post("Marqué", slug="f", lang="fr", date="2012-01-07")


def _summaries() -> Iterator[tuple[str, str]]:
    yield "given.rst", post("Given", _LONG, summary="Given, *that* is.")
    yield "long.rst", post("Long", _LONG)
    yield "short.rst", post("Short", "one two three four five six\n\nseven eight")
    yield "list.rst", post("List", f"Head\n----\n\nIntro **bold** `l <http://x.org>`_:\n\n* {_LONG}\n* last")
    yield (
        "contents.rst",
        post("Contents", ".. contents::\n\nHead\n----\n\nfirst\n\nsecond\n\nTail\n----\n\nz"),
    )
    yield "code.rst", post("Code", ".. code-block:: python\n\n   x = 1  # two\n\ntext after")
    yield "cjk.rst", post("Ideograms", "日本語" * 30)
    yield (
        "french.rst",
        post("Apostrophes", "L’été, l'hiver : « bonjour » ! C’est-à-dire 100 % d’aujourd’hui."),
    )
    yield "entities.rst", post("Entities", "a < b & c > d — e … f\u00a0g " + _LONG)
