"""Reading one file: its metadata, its links with their lines, its code, and HTML that validates."""

import io
import itertools
import os
import re
import resource
import signal
import subprocess
import sys
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from docutils import core, nodes
from docutils.parsers.rst import Directive, directives, roles
from processes import children

from blogops.website import rst
from blogops.website.rst import Field, Heading, Link, Message, Options, Parsed, Task, addresses, settings

HOUSE = Path(__file__).parent.parent
EXAMPLES = sorted((HOUSE / "example/content").rglob("*.rst"))
TITLE = "Titre\n=====\n\n"


def read(text: str, language: str = "fr", **given: object) -> Parsed:
    """Read *text* as the post ``post.rst`` of a content folder."""
    content = Path(str(given.get("content", "/nonexistent/content")))
    defaults = given.get("code_defaults", ())
    assert isinstance(defaults, tuple)
    options = Options(language, bool(given.get("typography")), bool(given.get("raw_html")), content, defaults)
    return rst.parse(text, content / "post.rst", options)


class Words(HTMLParser):
    """The words that a reader sees of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._said: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self._said.append(data)

    @property
    def words(self) -> list[str]:
        """The words, without the spaces between them."""
        return "".join(self._said).split()


# Metadata


def test_metadata_stands_below_the_title() -> None:
    text = ":date: 2026-01-02 10:00\n:TAGS: a, *b*\n:auteur: Rémy\n:statut: draft\n:lang: fr\n:slug: un_mot\n"
    parsed = read(TITLE + text + "\nTexte.\n\n:date: ici\n")
    assert {name: field.value for name, field in parsed.fields.items()} == {
        "date": "2026-01-02 10:00",
        "tags": "a, b",
        "author": "Rémy",
        "status": "draft",
        "lang": "fr",
        "slug": "un_mot",
    }
    assert [field.line for field in parsed.fields.values()] == [4, 5, 6, 7, 8, 9]
    assert parsed.fields["tags"].html == "<p>a, <em>b</em></p>"
    assert "ici" in parsed.html, "a field inside the text is text"
    assert parsed.title == "Titre"
    assert parsed.messages == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (":slug: foo_", "foo_"),
        (":slug: foo__", "foo__"),
        (":category: C*", "C*"),
        (":category: *x", "*x"),
        (":category: `x", "`x"),
        (":category: |x|", "|x|"),
        (":category: [1]_", "[1]_"),
        (":category: :nothing:`x`", ":nothing:`x`"),
        (":author: R. Hubscher", "R. Hubscher"),
        (":authors: A; B", "A; B"),
        (":authors: Doe, Jane; B", "Doe, Jane; B"),
        (":authors:\n  - Jane Doe\n  - B", "Jane Doe; B"),
        (":authors:\n  - Doe, Jane", "Doe, Jane;"),
        (":summary: un\n   deux", "un deux"),
        (":summary: un\n\n   deux", "un deux"),
        (":save_as: a/b_c.html", "a/b_c.html"),
        (":url: https://x.example/a", "https://x.example/a"),
        (":title: a \\*b", "a *b"),
        (":tags:", ""),
        (":Mot  Clé: x", "x"),
    ],
)
@pytest.mark.parametrize("head", [TITLE, ""])
def test_no_metadata_loses_a_post(field: str, value: str, head: str) -> None:
    parsed = read(f"{head}:date: 2026-01-02\n{field}\n:lang: fr\n\nTexte.\n")
    found = [field for name, field in parsed.fields.items() if name not in ("date", "lang")]
    assert [field.value for field in found] == [value]
    assert found[0].line == head.count("\n") + 2
    assert all(message.level == 2 for message in parsed.messages)
    assert parsed.html == "<p>Texte.</p>\n"


def test_a_summary_has_its_markup_and_its_links() -> None:
    parsed = read(f"{TITLE}:summary: *Un* `lien`_ [1]_.\n\nTexte.\n\n.. _lien: b.rst\n.. [1] Note.\n")
    html = parsed.fields["summary"].html
    assert html.startswith('<p><em>Un</em> <a class="reference external" href="\x020\x03">lien</a>')
    assert " id=" not in html
    assert parsed.links == (Link("b.rst", 8, False),)


def test_a_field_written_twice_is_told() -> None:
    parsed = read(f"{TITLE}:tags: a\n:tags: b\n\nTexte.\n")
    assert parsed.fields["tags"] == Field("b", "<p>b</p>", 5)
    assert parsed.messages == (Message(5, 1, ":tags: is written twice; this one counts", 2),)


def test_french_topics_are_shown_as_pelican_shows_them() -> None:
    parsed = read(f"{TITLE}:date: 2026-01-02\n:résumé: En bref.\n:dédicace: À toi.\n\nTexte.\n")
    assert list(parsed.fields) == ["date"]
    assert Words(parsed.html).words == "Dédicace À toi. Résumé En bref. Texte.".split()
    assert list(read(f"{TITLE}:abstract: x\n\nTexte.\n", "fr").fields) == ["abstract"]


@pytest.mark.parametrize(
    ("text", "title", "subtitle", "words"),
    [
        (f"{TITLE}Texte.\n", "Titre", "", "Texte."),
        (f"{TITLE}Sous\n----\n\nTexte.\n", "Titre", "Sous", "Texte."),
        (f"{TITLE}:date: x\n\nSous\n----\n\nTexte.\n", "Titre", "", "Sous Texte."),
        (f"{TITLE}Un\n--\n\na\n\nDeux\n----\n\nb\n", "Titre", "", "Un a Deux b"),
        ("Un\n==\n\na\n\nDeux\n====\n\nb\n", "", "", "Un a Deux b"),
        ("Texte.\n", "", "", "Texte."),
        (".. commentaire\n\nTitre\n=====\n\nTexte.\n", "Titre", "", "Texte."),
        ("*Un* `titre`:sub:\n==================\n\nx\n", "Un titre", "", "x"),
        ("", "", "", ""),
    ],
)
def test_titles_are_promoted_as_docutils_does(text: str, title: str, subtitle: str, words: str) -> None:
    parsed = read(text)
    assert (parsed.title, parsed.subtitle) == (title, subtitle)
    assert Words(parsed.html).words == words.split()
    assert parsed.words == len(words.split())


def test_a_title_is_text_without_links() -> None:
    parsed = read(
        "`Un <http://a.example>`_ *&* [1]_ deux\n======================================\n\nx\n\n.. [1] y\n"
    )
    assert parsed.title == "Un & deux"
    assert parsed.shown_title == "Un & deux"
    assert parsed.links == ()


def test_a_link_to_the_title_leads_to_the_text() -> None:
    parsed = read(f"{TITLE}Voir Titre_.\n")
    assert 'href="#titre"' in parsed.html
    assert "titre" in parsed.anchors


@pytest.mark.parametrize("change", ["crlf", "cr", "bom", "nfd", "form feed", "strange ends"])
def test_any_editor_will_do(change: str) -> None:
    text = f"{TITLE}:résumé: Été.\n:tags: é\n\nVoir `a <b.rst>`_.\n\n.. précaution:: Attention.\n\nFin é.\n"
    changed = {
        "crlf": text.replace("\n", "\r\n"),
        "cr": text.replace("\n", "\r"),
        "bom": "\ufeff" + text,
        "nfd": unicodedata.normalize("NFD", text),
        "form feed": text.replace("\n\nFin", "\n\x0c\nFin"),
        "strange ends": text.replace("Fin é", "Fin\u2028é"),
    }[change]
    assert read(changed) == read(text)
    assert read(changed).links[0].line == 7


# Links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Un\nlong\n`a <b.rst>`_.", [("b.rst", 3)]),
        ("a_ et\na_\n\n.. _a: b.rst", [("b.rst", 4), ("b.rst", 4)]),
        ("a_\n\n.. _a: b_\n.. _b: http://c.example", [("http://c.example", 4)]),
        ("`a <b.rst>`__\n\n`a <b.rst>`__", [("b.rst", 1), ("b.rst", 3)]),
        ("a__\n\n__ b.rst", [("b.rst", 3)]),
        ("`x <{filename}/cat é/b c.rst>`_", [("{filename}/cat é/b c.rst", 1)]),
        ("x_\n\n.. _x: {filename}/cat é/b.rst", [("{filename}/cat é/b.rst", 3)]),
        ("`x y`_\n\n.. _x y: |filename|a  b.rst#z", [("|filename|a  b.rst#z", 3)]),
        (".. image:: {static}/mes images/a b.png\n   :alt: x", [("{static}/mes images/a b.png", 1)]),
        ("`x <http://a.example/\nlong>`_", [("http://a.example/long", 1)]),
        ("`x <a/\nb.rst>`_", [("a/b.rst", 1)]),
        ("`x <a\\ b.rst>`_", [("a b.rst", 1)]),
        ("Voir http://a.example/. Et a@b.example", [("http://a.example/", 1), ("mailto:a@b.example", 1)]),
        (".. image:: a.png\n   :alt: x\n   :target: b.rst", [("b.rst", 3), ("a.png", 1)]),
        (".. image:: a.png\n   :alt: x\n   :target: b_\n\n.. _b: c.rst", [("c.rst", 5), ("a.png", 1)]),
        ("|a|\n\n.. |a| image:: a.png\n   :alt: x", [("a.png", 3)]),
        ("`x <#ici>`_ et ici_\n\n.. _ici:\n\nfin", []),
        ("ssh://hote/ git://x javascript:alert(1)", []),
        ("ftp://a.example tel:+33 news:x", [("ftp://a.example", 1), ("tel:+33", 1)]),
        (":pep:`8`", [("https://peps.python.org/pep-0008", 1)]),
        (".. list-table::\n\n   * - `a <b.rst>`_\n     - `c <d.rst>`_", [("b.rst", 3), ("d.rst", 4)]),
    ],
)
def test_links_are_found_where_they_are_written(text: str, links: list[tuple[str, int]]) -> None:
    parsed = read(f"Avant.\n\n{text}\n")
    assert [(link.address, link.line - 2) for link in parsed.links] == links
    assert sorted(set(map(int, re.findall("\x02(\\d+)\x03", parsed.html)))) == list(range(len(links)))
    assert [link.image for link in parsed.links] == [link.address.endswith(".png") for link in parsed.links]


def test_plain_text_stays_text() -> None:
    assert read("Voir ssh://hote/ ou javascript:alert(1).").html == (
        "<p>Voir ssh://hote/ ou javascript:alert(1).</p>\n"
    )


# Code


@pytest.mark.parametrize("name", ["code-block", "sourcecode", "code"])
@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ("", '<span class="linenos">'),
        (":linenos: table", '<td class="linenos">'),
        (":linenos:", '<td class="linenos">'),
        (":linenos: inline", '<span class="linenos">1</span>'),
        (":linenos: none", "-linenos"),
        (":number-lines:", '<span class="linenos">1</span>'),
        (":number-lines: 7", '<span class="linenos">8</span>'),
        (":lineno-start: 7", '<span class="linenos">7</span>'),
        (":linenos: inline\n   :linenostart: 7", '<span class="linenos">7</span>'),
        (":linenos: inline\n   :linenostep: 2", '<span class="linenos"> </span>'),
        (":linenos: inline\n   :linenospecial: 2", '<span class="linenos special">2</span>'),
        (":hl_lines: 1", '<span class="hll">'),
        (":emphasize-lines: 1,2-2", '<span class="hll">'),
        (":linespans: s", '<span id="s-1">'),
        (":lineanchors: s", '<span id="s-1"></span>'),
        (
            ":lineanchors: s\n   :linenos: inline\n   :anchorlinenos:",
            '<a href="#s-1"><span class="linenos">1',
        ),
        (":nowrap:", "-<pre"),
        (":nobackground:", "<pre"),
        (":classprefix: x-", '<span class="x-kn">'),
        (":lineseparator: <br>", "<pre"),
        (":emphasize-lines: 1-", '<span class="hll">'),
        (":tagsfile: /etc/passwd\n   :tagurlformat: x", "<pre"),
        (":caption: Un *mot*", "<p>Un <em>mot</em></p>\n</figcaption>"),
        (":name: Mon code", 'id="mon-code"'),
        (":class: grand", 'class="grand highlight"'),
    ],
)
def test_code_has_the_options_of_pelican_sphinx_and_docutils(name: str, options: str, wanted: str) -> None:
    parsed = read(f".. {name}:: python\n   {options}\n\n   import os\n   x = 1\n")
    assert parsed.messages == ()
    absent = wanted.startswith("-") or not options
    assert (wanted.removeprefix("-") in parsed.html) is not absent
    assert 'tabindex="0"' in parsed.html or options == ":nowrap:"
    assert not re.search(r"<a [^>]*></a>", parsed.html), "no link without words"
    assert parsed.words == (7 if "caption" in options else 5)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (":linenostart: x", ':linenostart: "x" is not a number'),
        (":linenostep: -1", ':linenostep: "-1" is not a number'),
        (":hl_lines: 9", "there is no line 9; the block has 1"),
        (":hl_lines: a", '"a" is not a line'),
        (":emphasize-lines: 1-x", '"1-x" is not a line'),
        (":classprefix: <b>", "may hold letters"),
        (":anchorlinenos:", "needs :lineanchors:"),
        (":line-nos:", 'did you mean "linenos"?'),
        (":captoin: x", 'did you mean "caption"?'),
    ],
)
def test_a_wrong_option_of_code_is_a_warning(option: str, told: str) -> None:
    parsed = read(f"Texte.\n\n.. code-block:: python\n   {option}\n\n   import os\n")
    assert [(message.line >= 3, message.level) for message in parsed.messages] == [(True, 2)]
    assert told in parsed.messages[0].text
    assert "import" in parsed.html


@pytest.mark.parametrize(
    ("language", "told"),
    [("pyton", 'did you mean "python"?'), ("django::", ""), ("zzzz", ""), ("", ""), ("text", "")],
)
def test_an_unknown_language_is_plain_text(language: str, told: str) -> None:
    parsed = read(f".. code-block:: {language}\n\n   import <os>\n")
    assert "import &lt;os&gt;" in parsed.html
    assert [told in message.text for message in parsed.messages if told] == ([True] if told else [])


def test_the_site_has_its_own_options_of_code() -> None:
    text = "".join(
        f".. code-block:: python\n{each}\n   import os\n\n" for each in ("", "   :linenos: none\n")
    )
    assert read(text, code_defaults=(("linenos", "table"),)).html.count('<td class="linenos">') == 1


def test_two_blocks_with_the_same_name_are_told() -> None:
    block = ".. code-block:: python\n   :caption: Un\n   :name: nom\n\n   a\n\n"
    parsed = read(block * 2)
    assert ['Duplicate explicit target name: "nom"' in message.text for message in parsed.messages] == [True]
    assert "nom" in parsed.anchors
    assert parsed.html.count("<figcaption>") == 2


def test_two_blocks_with_the_same_anchors() -> None:
    block = ".. code-block:: python\n   :lineanchors: l\n\n   a\n\n"
    parsed = read(block * 3)
    assert parsed.anchors == {"l-1", "l-2-1", "l-3-1"}


# HTML


def test_the_text_of_the_examples_is_all_there() -> None:
    settings = {
        "report_level": 5,
        "footnote_references": "superscript",
        "math_output": "MathML",
        "initial_header_level": 2,
        "_disable_config": True,
    }
    assert len(EXAMPLES) > 4
    for path in EXAMPLES:
        text = path.read_text(encoding="utf-8")
        # docutils' own directive knows no captions of code, and would show a complaint in its place.
        if ":caption:" in text:
            continue
        stock = core.publish_parts(text, writer="html5", settings_overrides=settings)["fragment"]
        assert Words(read(text, "en").html).words == Words(stock).words, path.name
        assert read(text, "en").messages == ()


def test_a_text_that_writes_no_spaces_has_words() -> None:
    assert read(f"{TITLE}{'中文' * 600}\n").words == 601
    assert read(f"{TITLE}Un café à 8 h.\n").words == 5


def test_a_note_of_a_title_or_a_summary_leads_back_to_the_text() -> None:
    head = "Titre [1]_\n==========\n\n:date: 2026-01-01\n:summary: Bref [2]_.\n\n"
    parsed = read(f"{head}Texte [3]_.\n\n.. [1] Un.\n.. [2] Deux.\n.. [3] Trois.\n")
    leads = set(re.findall('href="#([^"]*)"', parsed.html))
    assert len(leads) == 4
    assert leads <= parsed.anchors


def test_an_image_of_a_heading_is_told_by_its_words_in_the_table_of_contents() -> None:
    images = ".. |a| image:: a.png\n   :alt: A & B\n.. |b| image:: b.png\n   :target: x.html\n"
    parsed = read(f"{TITLE}Texte.\n\n|a| et |b| logo\n---------------\n\nTexte.\n\n{images}")
    assert [heading.html for heading in parsed.headings] == ["A &amp; B et b logo"]
    assert parsed.html.count("<img") == 2


def test_headings_have_places_that_last() -> None:
    text = f"{TITLE}:date: x\n\nÉlevage & œuvre\n---------------\n\n{{}}Texte.\n\n.. _choisi:\n\n"
    text += "Sous `x`_\n~~~~~~~~~\n\nFin.\n\n.. _x: y.rst\n"
    parsed = read(text.format(""))
    assert parsed.headings == (
        Heading(2, "elevage-oeuvre", "Élevage &amp; œuvre"),
        Heading(3, "sous-x", "Sous x"),
    )
    assert read(text.format("Un autre.\n\n")).headings == parsed.headings
    assert parsed.anchors == {"elevage-oeuvre", "sous-x", "choisi"}
    link = '<a class="anchor" href="#elevage-oeuvre" aria-label="Lien vers : Élevage &amp; œuvre"></a></h2>'
    assert link in parsed.html


def test_a_table_of_contents_is_named_and_leads_somewhere() -> None:
    parsed = read(f"{TITLE}.. sommaire::\n\nUn\n--\n\na\n\nDeux\n----\n\nb\n")
    assert '<nav aria-label="Sommaire" class="contents" id="sommaire" role="doc-toc">' in parsed.html
    assert set(re.findall(r'href="#([^"]+)"', parsed.html)) <= parsed.anchors
    assert parsed.words == len("Un a Deux b".split())


def test_a_table_says_what_its_headers_head() -> None:
    options = "   :header-rows: 1\n   :stub-columns: 1\n   :widths: 33 67\n   :width: 48%\n"
    parsed = read(f".. list-table:: Légende\n{options}\n   * -\n     - B\n   * - x\n     - y\n")
    assert '<div class="table" role="group" tabindex="0" aria-label="Légende">' in parsed.html
    assert '<th scope="col" class="head"><p>B</p></th>' in parsed.html
    assert '<th scope="row" class="stub"><p>x</p></th>' in parsed.html
    assert '<td class="head stub"></td>' in parsed.html
    assert '<col class="width-35">' in parsed.html
    assert '<table class="width-50">' in parsed.html


@pytest.mark.parametrize(
    ("options", "wanted", "told"),
    [
        (":width: 300", 'width="300"', ""),
        (":width: 300px\n   :height: 20.4px", 'height="20"', ""),
        (":width: 48%", 'class="width-50"', ""),
        (":width: 3em", "<img", '"width: 3em" is left out'),
        (":align: right", 'class="align-right"', ""),
        (":scale: 50", 'data-scale="50"', ""),
        (":scale: 50\n   :width: 300", ' width="150"', ""),
        (":scale: 50\n   :height: 20.4px", ' height="10"', ""),
        (":scale: 50\n   :width: 50%", 'class="width-25"', ""),
        (":loading: lazy", 'loading="lazy"', ""),
        (":class: grand", 'class="grand"', ""),
    ],
)
def test_sizes_need_no_style(options: str, wanted: str, told: str) -> None:
    parsed = read(f".. image:: a.png\n   :alt: x\n   {options}\n")
    assert wanted in parsed.html
    assert "style=" not in parsed.html
    assert [told in message.text for message in parsed.messages] == ([True] if told else [])


def test_all_images_but_the_first_can_wait() -> None:
    parsed = read(
        ".. image:: a.png\n   :alt: a\n\n.. figure:: b.png\n   :alt: b\n\n.. image:: c.png\n   :loading: link"
    )
    assert [" loading=" in tag for tag in re.findall("<img[^>]*>", parsed.html)] == [False, True, False]
    assert [(message.line, message.text) for message in parsed.messages] == [
        (7, "an image without :alt:; say what it shows")
    ]


def test_abbreviations_films_and_languages() -> None:
    assert '<abbr title="HyperText">HTML</abbr>' in read(":abbr:`HTML (HyperText)`").html
    assert "<abbr>HTML</abbr>" in read(":abbr:`HTML`").html
    film = read(".. image:: a.mp4\n   :alt: Un film")
    assert 'controls="controls"' in film.html
    assert film.links == (Link("a.mp4", 1, False),)
    assert '<p lang="en">' in read(".. class:: language-en\n\nEnglish.\n").html


@pytest.mark.parametrize("formula", ["^2", "\\rien", "\\frac{a}"])
@pytest.mark.parametrize("block", [False, True])
def test_a_formula_that_cannot_be_read_is_an_error(formula: str, block: bool) -> None:
    parsed = read(f"Avant.\n\n{f'.. math:: {formula}' if block else f'Ici :math:`{formula}`.'}\n\nAprès.\n")
    assert [(message.line, message.level) for message in parsed.messages] == [(3, 3)]
    assert parsed.messages[0].text.startswith("this formula cannot be read")
    assert formula in Words(parsed.html).words[1] or formula in Words(parsed.html).words[2]
    assert "Après." in parsed.html


def test_formulas_are_mathml() -> None:
    html = read(".. math:: \\boldsymbol{\\pm} \\begin{cases}a&b\\end{cases}\n\n:math:`a^2`\n").html
    assert html.count("<math") == 2
    assert "style=" not in html


def test_typography_is_for_readers_and_not_for_addresses() -> None:
    text = "C'est quoi ?\n============\n\n:summary: Oui !\n:slug: l'ete\n\n"
    text += "C'est ``l'été !`` ici_ : ssh://a/!\n\n.. _ici: a?b !\n"
    parsed = read(text, typography=True)
    assert parsed.title == "C'est quoi ?"
    assert parsed.shown_title == "C’est quoi\u202f?"
    assert parsed.fields["summary"] == Field("Oui !", "<p>Oui\u202f!</p>", 4)
    assert parsed.fields["slug"].value == "l'ete"
    assert "C’est <code>l'été !</code>" in parsed.html
    assert "ici</a>\u00a0: ssh://a/!" in parsed.html
    assert parsed.words == len("C'est l'été ! ici : ssh://a/!".split())
    assert "’" not in read(text).html


@pytest.mark.parametrize(("language", "title"), [("fr-CA", "Avis"), ("fr_FR", "Avis"), ("xx", "Warning")])
def test_labels_are_in_the_language_of_the_post(language: str, title: str) -> None:
    assert f">{title}</p>" in read(".. warning:: x", language).html


def test_what_an_author_notes_stays_with_the_author() -> None:
    parsed = read("Texte.\n\n.. secret\n")
    assert "secret" not in parsed.html
    assert parsed.words == 1


# Messages


@pytest.mark.parametrize(
    ("text", "line", "column", "level", "told"),
    [
        (".. nte:: x", 3, 4, 3, 'Unknown directive type "nte"; did you mean "note"?'),
        (".. avertisement:: x", 3, 4, 3, 'did you mean "avertissement"?'),
        ("Un\n:emphas:`x`", 4, 2, 3, 'did you mean "emphase"?'),
        ("Un\ndeux\nVoir ici_.", 5, 6, 3, 'Unknown target name: "ici"'),
        ("a |rien|", 3, 4, 3, 'Undefined substitution referenced: "rien"'),
        ("* un\nTexte", 4, 0, 2, "Bullet list ends without a blank line"),
        (".. csv-table::\n   :file: x", 3, 4, 3, "may not read a file"),
        (".. image:: x\n   :alt: x\n   :loading: embed", 3, 4, 3, "cannot be embedded"),
        (".. code-block: python\n\n   a", 3, 1, 2, "is a comment here, and not shown"),
        (".. note::x", 3, 1, 2, 'a directive is ".. note:: "'),
        (".. footer:: bas", 3, 0, 2, "no header or footer"),
        (".. include:: rien.inc", 3, 14, 3, '"rien.inc" is not included'),
        ("Un__ et\ndeux__\n\n__ https://a.example\n", 4, 1, 3, '"deux__" is the first'),
        ("Un `mot\nde`__.", 3, 4, 3, "1 references but 0 targets"),
        ("Un__\n\n__ /a\n\n.. __: /b", 7, 1, 3, '1 references but 2 targets; ".. __: /b" is the first'),
    ],
)
def test_a_message_says_where(text: str, line: int, column: int, level: int, told: str) -> None:
    messages = read(f"Texte.\n\n{text}\n").messages
    assert [(message.line, message.column, message.level) for message in messages] == [(line, column, level)]
    assert told in messages[0].text


# Includes and extensions


def test_an_include_is_read_from_the_content(tmp_path: Path) -> None:
    (tmp_path / "posts/parts").mkdir(parents=True)
    (tmp_path / "posts/parts/a.inc").write_text("Un *mot*.\n\n.. inclure:: b.inc\n   :start-line: 1\n")
    (tmp_path / "posts/parts/b.inc").write_text("non\nVoir rien_ et `c <c.rst>`_.\n")
    (tmp_path / "code.py").write_text("import os\n")
    text = "Avant.\n\n.. include:: parts/a.inc\n\n"
    text += ".. include:: /code.py\n   :code: python\n   :number-lines: 3\n\n"
    text += ".. include:: /code.py\n   :literal:\n\n.. include:: <isonum.txt>\n\nAprès |copy|.\n"
    options = Options("fr", False, False, tmp_path)
    parsed = rst.parse(text, tmp_path / "posts/post.rst", options)
    assert Words(parsed.html).words == (
        "Avant. Un mot. Voir rien_ et c. 3import os import os Après ©.".split()
    )
    assert parsed.includes == ("posts/parts/a.inc", "posts/parts/b.inc", "code.py")
    assert parsed.links == (Link("c.rst", 3, False),)
    assert parsed.messages == (Message(3, 0, 'posts/parts/b.inc:2: Unknown target name: "rien"', 3),)


def included(folder: Path, text: str, **files: str) -> list[tuple[int, str]]:
    """Return the lines and the words of what is said of *text*, read beside *files*."""
    for name, content in files.items():
        (folder / f"{name}.inc").write_text(content)
    parsed = rst.parse(text, folder / "post.rst", Options("fr", False, False, folder))
    assert parsed.includes == tuple(f"{name}.inc" for name in files)
    assert {(link.address, link.line) for link in parsed.links} <= {
        ("dead.rst", message.line) for message in parsed.messages
    }
    return [(message.line, message.text) for message in parsed.messages]


UNKNOWN = 'Unknown target name: "rien"'


def test_a_second_include_is_told_at_its_own_line(tmp_path: Path) -> None:
    files = {"long": "Un.\n\n" * 30, "b": "Voir rien_ et `c <dead.rst>`_.\n\n.. include:: deep.inc\n"}
    text = TITLE + "Avant.\n\n.. include:: long.inc\n\n.. include:: b.inc\n\nAprès.\n"
    told = included(tmp_path, text, **files, deep="\nVoir rien_.\n")
    assert told == [(8, f"b.inc:1: {UNKNOWN}"), (8, f"deep.inc:2: {UNKNOWN}")]
    inside = "* un\n\n  .. include:: long.inc\n\n  .. include:: b.inc\n"
    assert {line for line, _ in included(tmp_path, inside, **files, deep="Voir rien_.")} == {5}


@pytest.mark.parametrize(
    "options",
    [
        *(":start-line: 6", ":start-line: -5", ":start-line: -8\n   :end-line: -2"),
        *(
            ":start-after: MARK",
            ":start-after:",
            ":start-line: 1\n   :start-after: MARK\n   :end-before: Fin",
        ),
    ],
)
def test_what_does_not_come_in_of_a_file_is_counted(tmp_path: Path, options: str) -> None:
    lines = ["Un", "", "deux MARK trois.", "", "Quatre.", "", "Voir rien_.", "", "Neuf.", "", "Fin."]
    told = included(tmp_path, f".. include:: frag.inc\n   {options}\n", frag="\n".join(lines) + "\n")
    assert told == [(1, f"frag.inc:7: {UNKNOWN}")]


def test_a_literal_include_is_told_at_a_line_of_its_file(tmp_path: Path) -> None:
    text = ".. _ici:\n\nUn.\n\n.. include:: a.inc\n   :literal:\n   :start-line: 2\n   :name: ici\n"
    told = included(tmp_path, text, a="un\ndeux\ntrois\n")
    assert told == [(5, 'a.inc:3: Duplicate explicit target name: "ici"')]


def test_each_include_of_one_file_is_told_at_its_own_line(tmp_path: Path) -> None:
    text = ".. include:: a.inc\n\n.. include:: a.inc\n   :start-line: 2\n"
    told = included(tmp_path, text, a="Voir rien_.\n\nVoir `c <dead.rst>`_ et rien_.\n")
    assert told == [(1, f"a.inc:1: {UNKNOWN}"), (1, f"a.inc:3: {UNKNOWN}"), (3, f"a.inc:3: {UNKNOWN}")]


def test_what_docutils_tells_at_the_end_has_a_line_behind_an_include_too(tmp_path: Path) -> None:
    start, long = ".. include:: long.inc\n\n", "Un.\n\n" * 30
    for text, line, told in (
        ("Un__ deux__.\n\n__ /a\n", 3, "2 references but 1 targets"),
        ("Un__.\n\n__ /a\n\n__ /b\n", 7, "1 references but 2 targets"),
        (".. _a: /a\n\n.. _a: /b\n", 5, 'Duplicate explicit target name: "a"'),
    ):
        [(found, message)] = included(tmp_path, start + text, long=long)
        assert (found, told in message) == (line, True), message
    [(line, message)] = included(tmp_path, start + ".. include:: b.inc\n", long=long, b="Un.\n\nDeux__.\n")
    assert (line, message[:38]) == (3, "b.inc:3: Anonymous hyperlink mismatch:")


class Hello(Directive):
    """An author's own directive."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return a greeting and what stands below it."""
        box = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, box)
        return [nodes.paragraph("", "Bonjour"), box]


def test_an_author_may_bring_directives_and_roles() -> None:
    directives.register_directive("bonjour", Hello)
    shout: Any = lambda *given: ([nodes.strong(given[1], given[2])], [])  # noqa: E731
    roles.register_local_role("cri", shout)
    parsed = read(".. bonjour::\n\n   .. raw:: html\n\n      <script>\n\nUn :cri:`mot`.\n")
    assert "<p>Bonjour</p>" in parsed.html
    assert "<strong>mot</strong>" in parsed.html
    assert "<script" not in parsed.html, "what is nested in it has the same doors"
    assert [message.level for message in parsed.messages] == [3]


def test_a_role_of_one_post_is_unknown_to_the_next() -> None:
    assert read(".. role:: rouge\n\n:rouge:`x`").messages == ()
    assert "Unknown interpreted text role" in read(":rouge:`x`").messages[0].text
    assert read(".. default-role:: code\n\n`x`").messages == ()
    assert "<cite>x</cite>" in read("`x`").html


# The child process


def task(text: str) -> Task:
    """Return *text* as a task."""
    content = Path("/nonexistent/content")
    return Task(text, content / "post.rst", Options("fr", False, False, content))


def test_a_child_gives_what_the_parent_would() -> None:
    tasks = [task(path.read_text(encoding="utf-8")) for path in EXAMPLES]
    read_there = list(rst.parse_all(tasks))
    assert read_there == [rst.parse(each.text, each.path, each.options) for each in tasks]
    assert read_there == list(rst.parse_all(tasks))
    assert list(rst.parse_all([])) == []


def test_nothing_is_left_behind() -> None:
    before = (
        sorted(Path("/proc/self/fd").iterdir()),
        children(),
        signal.getsignal(signal.SIGPROF),
        signal.getsignal(signal.SIGINT),
    )
    limits = resource.getrlimit(resource.RLIMIT_AS), sys.getrecursionlimit()
    results = rst.parse_all([task("a"), task("b")] * 50)
    next(results)
    results.close()  # type: ignore[attr-defined]
    list(rst.parse_all([task("a")]))
    after = (
        sorted(Path("/proc/self/fd").iterdir()),
        children(),
        signal.getsignal(signal.SIGPROF),
        signal.getsignal(signal.SIGINT),
    )
    assert after == before
    assert (resource.getrlimit(resource.RLIMIT_AS), sys.getrecursionlimit()) == limits


ALONE = """
import os, sys
from pathlib import Path
from blogops.website import rst
content = Path("/nonexistent")
task = rst.Task({text!r}, content / "a.rst", rst.Options("fr", False, False, content))
{before}
results = list(rst.parse_all([task] * {count}))
os.write({out}, str(len(results)).encode())
"""


def test_it_works_without_any_open_file() -> None:
    reading, writing = os.pipe()
    script = ALONE.format(text="Texte.", before="os.close(0); os.close(1); os.close(2)", count=3, out=writing)
    subprocess.run([sys.executable, "-c", script], cwd=HOUSE, pass_fds=[writing], check=True)
    os.close(writing)
    with io.FileIO(reading) as stream:
        assert stream.read() == b"3"


def test_ctrl_c_ends_the_child_too() -> None:
    script = ALONE.format(text="*a\n" * 20_000, before="print(os.getpid(), flush=True)", count=9, out=1)
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    process.stdout.readline()
    while not children_of(process.pid):
        assert process.poll() is None
    child = children_of(process.pid)[0]
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in said
    assert not Path(f"/proc/{child}").exists()


def children_of(pid: int) -> list[str]:
    """Return the processes that *pid* started."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()


def test_what_no_xml_may_hold_is_found_in_bytes_as_by_its_pattern() -> None:
    for number in (*range(0x3000), *range(0xD700, 0xE100), *range(0xFFF0, 0x10010), 0x10FFFF):
        text = f"é{chr(number)}é"
        assert settings.is_clean(text) == (settings._NOT_XML.search(text) is None), hex(number)
        assert settings.clean(text) == settings._NOT_XML.sub("", text)


def test_the_lines_with_a_word_are_those_that_hold_it() -> None:
    for lines in itertools.product(("", "a", "b a", "abab", "c"), repeat=4):
        for words in ((), ("",), ("a",), ("ab", "c"), ("b", "b a", "d"), ("ba", "")):
            held = [number for number, line in enumerate(lines) if any(word in line for word in words)]
            assert addresses._lines_with(words, lines) == held
