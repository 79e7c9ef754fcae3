"""Metadata: how fields are spelled, split and cleaned, dates and their zones, statuses."""

from collections.abc import Iterator

from benchmarks.parity.trees import Tree, head, post

DATES = (
    *("2012-09-17 11:23", "2012-09-17_11:23", "2012-09-17T11:23", "2012-09-17T11:23:00Z", "2012/09/17"),
    *("2012-09-17T11:23:00.000Z", "2012-09-17T11:23:00+05:00", "2012-09-17 11:23 -0500", "20120917"),
    *("20120917T112300", "17 sep 2012", "Mon, 17 Sep 2012 11:23:00 +0200", "2012-09-17 11h23"),
    *("17/09/2012", "10-11-12", "2012-09-17 11:23 UTC", "2012-09-17 11:23 EST", "2012-09-17 11:23 CEST"),
    *("2012-09-17 11:23:45.5", "Sept 17, 2012", "September 17th 2012 11:23pm", "2012-03-25 02:30"),
    *("2012-10-28 02:30", "12-09-17", "2012.09.17", "17.09.2012", "2012-9-7", "11:23 2012-09-17"),
    *("2012-09-17  11:23", "Monday 17 September 2012", "2012-09-17 11:23 +02", "2012-09-17 11"),
    *("2012_09_17", "2012-09-17 11:23 GMT+3", "2012-09-17, 11:23", "17-09-2012", "09/17/2012"),
    *("13/09/2012", "17 mar 2012", "2012-09-17 11:23 AM", "2012-09-17 0:00", "1970-01-01", "1969-07-20"),
)
PARTIAL = ("2012-09", "2012", "sep 2012")
STATUSES = ("published", "Published", "hidden", "draft", "Draft", "skip")
TAGS = (
    *("a, b, c", "a; b, c", "d, e;", "a,b,,a, ,A", " x ,  y z", "*em*, ``lit``", "été, Été, noël"),
    *("solo", "g\n   h, c\n   i", "C, c", "non\u00a0cassant, fine\u202f!", "x & w, y", "v1.2, a/b"),
)
AUTHORS = ("A B, C D", "A B; C D", "E, F; G, H", "Zoé", "O’Neil, D'Arcy", "-x-")
AUTHOR = ("I J, K", "L; M", "Zoé", "O’Neil d'Arcy", "*N*")
LANGS = ("en", "fr", "de", "fr-FR", "pt-BR", "fr_CA")
ZONES = ("America/New_York", "UTC", "Asia/Kolkata", "Pacific/Auckland")

SPELLINGS = {
    "capitals": "Capitals\n########\n\n:Date: 2012-09-17\n:TAGS: a, B\n:Category: Conf\n"
    ":Slug: my-SLUG\n\nx\n",
    "title-field": "Document\n########\n\n:date: 2012-09-17\n:title: Of the field\n\nx\n",
    "title-field-only": ":date: 2012-09-17\n:title: Only a field\n\nx\n",
    "overline": "========\nOverline\n========\n\n:date: 2012-09-17\n\nx\n",
    "long-line": "Long line\n##################\n\n:date: 2012-09-17\n\nx\n",
    "subtitle": "With a subtitle\n###############\n\nThe subtitle\n============\n\n"
    ":date: 2012-09-17\n\nbody\n",
    "lone-section": "Lone\n####\n\n:date: 2012-09-17\n\nSection\n=======\n\nbody\n",
    "twice": "Twice\n#####\n\n:date: 2012-09-17\n:tags: a\n:date: 2013-09-17\n:tags: b\n\nx\n",
    "comment-first": "Comment first\n#############\n\n.. a comment\n\n:date: 2012-09-17\n\nx\n",
    "comment-before": ".. a comment\n\nComment before\n##############\n\n:date: 2012-09-17\n\nx\n",
    "line-ends": "Line ends\r\n#########\r\n\r\n:date: 2012-09-17\r\n:tags: a, b\r\n\r\nx\r\n",
    "bibliographic": "Bibliography\n############\n\n:date: 2012-09-17\n:contact: a@example.org\n:version: 3\n"
    ":copyright: mine\n:organization: o\n:address: a\n  b\n\nx\n",
    "abstract": "Abstract\n########\n\n:date: 2012-09-17\n:abstract: What it is.\n"
    ":dedication: To all.\n\nx\n",
    "own-fields": "Own fields\n##########\n\n:date: 2012-09-17\n:my field: v\n:other_one: *v*\n\nx\n",
    "meta": "Meta\n####\n\n:date: 2012-09-17\n\n.. meta::\n   :description: d\n   :keywords: k\n\nx\n",
    "authors-list": "List\n####\n\n:date: 2012-09-17\n:authors:\n  - A X\n  - B Y\n\nx\n",
    "authors-paragraphs": "Paragraphs\n##########\n\n:date: 2012-09-17\n:authors:\n  A X\n\n  B Y\n\nx\n",
    "author-and-authors": "Both\n####\n\n:date: 2012-09-17\n:authors: A, B\n:author: Z\n\nx\n",
    "summary-long": "Two lines\n#########\n\n:date: 2012-09-17\n:summary: First\n  second.\n\n"
    "  Third.\n\nx\n",
    "summary-markup": "Markup\n######\n\n:date: 2012-09-17\n"
    ":summary: S & *em* `l <http://x.org>`_ ``c``\n\nx\n",
    "empty-tags": "Empty fields\n############\n\n:date: 2012-09-17\n:tags:\n:category:\n:slug:\n\nx\n",
}


def trees() -> Iterator[Tree]:
    """Yield the trees about metadata."""
    yield Tree("fields", "", dict(_posts()) | {f"{name}.rst": text for name, text in SPELLINGS.items()})
    french = {f"auteur-{n}.rst": _french(n, line) for n, line in enumerate(_FRENCH)}
    yield Tree("fields-fr", 'DEFAULT_LANG = "fr"\n', {**french, **dict(_posts())})
    yield Tree("zone-new-york", 'TIMEZONE = "America/New_York"\n', dict(_dates()))
    yield Tree("dates-partial", "", dict(_each("Partial", "date", PARTIAL)))
    yield Tree(
        "future", "", {"a.rst": post("Past"), "b.rst": post("To come", date="2099-01-01", tags="later")}
    )
    future = {"a.rst": post("Past"), "b.rst": post("To come", date="2099-01-01", category="Later")}
    yield Tree("future-off", "WITH_FUTURE_DATES = False\n", future)
    yield Tree("defaults", _DEFAULTS, {"a.rst": head("A", {}) + "x\n", "s/c.rst": post("C", status="hidden")})


_FRENCH = (":auteur: Zoé", ":auteurs: Zoé, Al", ":statut: hidden", ":author: Zoé", ":status: draft")
_DEFAULTS = """DEFAULT_METADATA = {"status": "published", "tags": "x, y"}
DEFAULT_CATEGORY = "Blog"
USE_FOLDER_AS_CATEGORY = False
DEFAULT_DATE = (2012, 3, 4, 5, 6)
"""


def _french(number: int, line: str) -> str:
    return f"Auteur {number}\n########\n\n:date: 2012-09-17\n{line}\n\n.. note:: Remarque\n"


def _posts() -> Iterator[tuple[str, str]]:
    yield from _dates()
    yield from _each("Status", "status", STATUSES)
    yield from _each("Tags", "tags", TAGS)
    yield from _each("Authors", "authors", AUTHORS)
    yield from _each("Author", "author", AUTHOR)
    yield from _each("Language", "lang", LANGS)
    yield from _each("Zone", "timezone", ZONES)
    yield (
        "draft-undated.rst",
        head("Draft without a date", {"status": "draft", "tags": "only of a draft"}) + "x\n",
    )
    yield "modified.rst", post("Modified", modified="2013-01-02 10:00")


def _dates() -> Iterator[tuple[str, str]]:
    return _each("Date", "date", DATES)


def _each(title: str, field: str, values: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for number, value in enumerate(values):
        yield f"{title.lower()}-{number:02}.rst", post(f"{title} {number}", **{field: value})
