"""Summaries: the first words of a text, with what was opened closed again."""

import pytest

from blogops.config.schema import Lists
from blogops.website.summary import neutral, plain, summary_of


@pytest.mark.parametrize(
    ("html", "words", "wanted"),
    [
        ("<p>one two</p>", 2, "<p>one two</p>"),
        ("<p>one two three</p>", 2, "<p>one two …</p>"),
        ("<p>one <em>two three</em> four</p>", 2, "<p>one <em>two …</em></p>"),
        ("<p>one <em>two</em> three</p>", 2, "<p>one <em>two …</em></p>"),
        ("<p>a &amp; b c</p>", 2, "<p>a &amp; b …</p>"),
        ("<p>l'été don't-know end</p>", 2, "<p>l'été don't-know …</p>"),
        ("<p>one<br>two<br>three</p>", 2, "<p>one<br>two …</p>"),
        ("<p>日本語です</p>", 3, "<p>日本語 …</p>"),
        ("<p>one</p><ul><li>two</li><li>three</li></ul>", 2, "<p>one</p><ul><li>two …</li></ul>"),
        ("<p>one two three</p>", 0, "<p>one two three</p>"),
        ("", 5, ""),
    ],
)
def test_a_summary_is_cut_after_its_words(html: str, words: int, wanted: str) -> None:
    assert summary_of(html, Lists()._replace(summary_words=words)) == wanted


def test_a_summary_may_be_its_first_paragraphs() -> None:
    lists = Lists()._replace(summary_paragraphs=2, summary_words=3, summary_end="[…]")
    assert summary_of("<p>one</p><pre>no</pre><p>two</p><p>three</p>", lists) == "<p>one</p><p>two</p>"
    assert summary_of("<p>a b</p><p>c d</p>", lists) == "<p>a b</p><p>c […]</p>"


def test_what_means_nothing_away_from_the_text_is_left_out() -> None:
    html = (
        '<nav class="contents" id="x"><p>Contents</p></nav>'
        '<h2 id="a">Head<a class="anchor" href="#a">¶</a></h2>'
        '<p id="p">Text<a class="footnote-reference superscript" href="#f1">1</a>.</p>'
        '<div class="footnote-list superscript"><div class="footnote"><p>Note.</p><div>+</div></div></div>'
        "<div>More text.</div>"
    )
    assert neutral(html) == "<p>Text.</p><div>More text.</div>"


def test_a_description_is_plain_and_short() -> None:
    assert plain("<p>A <em>b</em>, &lt;c&gt;</p>") == "A b, <c>"
    assert (
        plain("<p><em>Hello</em>! C<sub>2</sub>, l'<a href='x'>été</a> (<b>x</b>)</p>")
        == "Hello! C2, l'été (x)"
    )
    assert plain("<ul><li>one</li><li>two<br/>three</li></ul><p>four</p>") == "one two three four"
    assert plain(f"<p>用 Python 写{'的' * 300}</p>") == f"用 Python 写{'的' * 190}…"
    long = plain(f"<p>{'word ' * 100}</p>")
    assert len(long) <= 201
    assert long.endswith("word…")
