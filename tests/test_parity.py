"""The comparison with Pelican: what it reads in two kinds of HTML, and what it calls a difference."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from benchmarks.parity import explained
from benchmarks.parity.body import body
from benchmarks.parity.both import Both, rejected
from benchmarks.parity.cases import trees
from benchmarks.parity.compare import Difference, differences
from benchmarks.parity.reading import Built, Item, Page

SITE = "https://blog.example.org"
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
ROOT = Path(__file__).parents[1]


def article(html: str = "<p>x</p>", **facts: Any) -> Page:
    known = {"kind": "article", "source": "a.rst", "title": "A", "date": "2012-09-17T00:00:00+02:00"}
    known |= {"modified": "", "lang": "en", "status": "published", "category": "misc", "summary": "x"}
    return Page(
        {**known, "tags": [], "authors": [], "translations": [], **facts}, body(html, f"{SITE}/a.html")
    )


def listing(*posts: str) -> Page:
    return Page({"kind": "index", "title": "", "posts": list(posts)}, None)


def built(pages: dict[str, Page], log: str = "", **feeds: tuple[Item, ...]) -> Built:
    return Built(pages, feeds, {}, log)


def sorted_out(old: Built, new: Built) -> tuple[list[str], dict[str, int]]:
    faults, known = explained.sorted_out(differences(old, new, SITE), Both(old, new, SITE, NOW))
    return [f"{fault.path} {fault.what}" for fault in faults], known


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<p>a&nbsp;b</p>\n<p>c</p>", "<p>a b</p><p>c</p>"),
        ("<tt class='docutils literal'>x</tt> y", "<code>x</code> y"),
        ("<h2>T</h2><p>x</p>", '<h2>T<a class="anchor" href="#t" aria-label="Link"></a></h2><p>x</p>'),
        ('<td class="linenos"><pre>1</pre></td><td><pre>x</pre></td>', "<pre>x</pre>"),
        ('<p><span class="formula"><i>a</i></span> b</p>', "<p><math><mi>a</mi></math> b</p>"),
    ],
)
def test_the_same_text_in_old_and_new_html(old: str, new: str) -> None:
    assert body(old, SITE).text == body(new, SITE).text


def test_links_pictures_and_anchors_are_resolved() -> None:
    html = '<h2 id="t">T</h2><a href="b.html#x">b</a><a href="/c">c</a><img src="d.png" id="footnote-1">'
    found = body(html, f"{SITE}/posts/a.html")
    assert found.links == (f"{SITE}/posts/b.html#x", f"{SITE}/c")
    assert (found.images, found.ids) == ((f"{SITE}/posts/d.png",), frozenset({"t"}))


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"title": "B"}, "title"),
        ({"date": "2012-09-18T00:00:00+02:00"}, "date"),
        ({"tags": ["x"]}, "tags"),
        ({"category": "Misc"}, "category"),
        ({"authors": ["Z"]}, "authors"),
        ({"html": "<p>y</p>"}, "text"),
        ({"html": "<p>x</p><p></p><a href='/b'></a>"}, "links"),
        ({"translations": ["b.html"]}, "translations"),
    ],
)
def test_what_differs_in_a_post_is_a_fault(changed: dict[str, Any], what: str) -> None:
    old, new = built({"a.html": article()}), built({"a.html": article(**changed)})
    assert sorted_out(old, new) == ([f"a.html {what}"], {})


def test_what_only_one_has_is_a_fault() -> None:
    old, new = built({"a.html": article()}), built({"b.html": article()})
    assert sorted_out(old, new) == (["a.html existence", "b.html existence"], {})
    assert sorted_out(old, old) == ([], {})


def test_the_same_moment_in_another_zone_is_the_same() -> None:
    new = built({"a.html": article(date="2012-09-16T22:00:00+00:00")})
    assert sorted_out(built({"a.html": article()}), new) == ([], {})


def test_a_part_of_a_second_is_explained() -> None:
    old = built({"a.html": article(date="2012-09-17T00:00:00.500000+02:00")})
    assert sorted_out(old, built({"a.html": article()})) == ([], {"dates are to the second": 1})


def test_drafts_and_lists_without_them_are_explained() -> None:
    pages = {"a.html": article(), "drafts/d.html": article(status="draft"), "index.html": listing("a.html")}
    future = {"f.html": article(date="2099-01-01T00:00:00+00:00"), "index.html": listing("f.html", "a.html")}
    new = built({"a.html": article(), "index.html": listing("/a.html")})
    faults, known = sorted_out(built(pages | future), new)
    assert faults == []
    assert known == {"drafts and future posts leave nothing": 2, "lists, but for such posts": 1}


def test_a_post_that_pelican_lost_is_explained_only_by_its_log() -> None:
    new = built({"a.html": article()})
    assert sorted_out(built({}, "ERROR    Could not process ./a.rst"), new)[0] == []
    assert sorted_out(built({}, "ERROR    Could not process ./b.rst"), new)[0] == ["a.html existence"]
    assert rejected("Skipping content/a.rst: could not find information about 'date'", "a.rst")


def test_feeds_are_compared_entry_by_entry() -> None:
    item = Item("tag:x", "A", f"{SITE}/a.html", "2012-09-17T00:00:00+02:00", "2012-09-17T00:00:00+02:00")
    other = Item("tag:y", "A", f"{SITE}/a.html", "2012-09-17T00:00:00.500+02:00", "2012-09-18T00:00:00+02:00")
    old, new = Built({}, {"f.xml": (item,)}, {}, ""), Built({}, {"f.xml": (other,)}, {}, "")
    assert sorted_out(old, new)[0] == [f"f.xml id of {SITE}/a.html", f"f.xml updated of {SITE}/a.html"]


def test_every_rule_is_explained_in_the_page() -> None:
    page = (ROOT / "docs/pelican.md").read_text(encoding="utf-8")
    assert [name for name in explained.RULES if f"| {name} |" not in page] == []


def test_the_trees_are_the_same_each_time() -> None:
    one, other = list(trees()), list(trees())
    assert one == other
    assert len({tree.name for tree in one}) == len(one)
    assert sum(len(tree.files) for tree in one) > 1000


def test_a_difference_reads_well() -> None:
    found = Difference("a.html", "title", "A", "B")
    assert str(found) == '/a.html  title: Pelican "A", blogops "B"'
