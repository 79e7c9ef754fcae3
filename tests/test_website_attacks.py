"""What a hostile author could try: every row of what docutils lets through, and what each costs at most.

No file of the machine, no script, no style, no request may come of a text, in any language's names of the
directives; and a text that is made to be slow costs five seconds and nobody else's page.
"""

import os
import re
import resource
import signal
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from processes import children

from blogops.website import rst
from blogops.website.rst import Message, Options, Parsed, Task

SECRET = "root-of-all-evil"  # noqa: S105


@pytest.fixture
def content(tmp_path: Path) -> Iterator[Path]:
    """A content folder beside a secret, from which links lead out."""
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "secret.svg").write_text(
        f"<svg xmlns='http://www.w3.org/2000/svg'><script>{SECRET}</script></svg>"
    )
    folder = tmp_path / "content"
    (folder / "parts").mkdir(parents=True)
    (folder / "link.txt").symlink_to("../secret.txt")
    (folder / "out").symlink_to("..")
    (folder / ".hidden").write_text(SECRET)
    (folder / "parts/loop.inc").write_text(".. include:: loop.inc\n\nEncore.\n")
    (folder / "big.inc").write_bytes(b"x\n" * 600_000)
    os.mkfifo(folder / "pipe")
    yield folder


def read(content: Path, text: str, language: str = "fr", *, raw_html: bool = False) -> Parsed:
    """Read *text* as a post of *content*."""
    return rst.parse(text, content / "post.rst", Options(language, False, raw_html, content))


def all_of(parsed: Parsed) -> str:
    """Return everything that could reach a page."""
    fields = "".join(field.value + field.html for field in parsed.fields.values())
    headings = "".join(heading.html for heading in parsed.headings)
    return parsed.html + parsed.shown_title + parsed.title + parsed.subtitle + fields + headings


def assert_harmless(parsed: Parsed) -> None:
    """No secret, and nothing that a browser would run."""
    everything = all_of(parsed)
    html = parsed.html + "".join(field.html for field in parsed.fields.values())
    assert SECRET not in everything
    assert SECRET not in "".join(message.text for message in parsed.messages)
    assert "root:" not in everything
    assert "base64" not in everything
    seen = Tags(html)
    assert not {"script", "style", "iframe", "object", "embed", "meta", "link", "base"} & set(seen.names)
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name in ("style", "srcdoc")]
    # Every address is a placeholder that links.py judges, or a place of this page.
    addresses = [value for name, value in seen.attributes if name in ADDRESSES]
    assert not [each for each in addresses if not re.fullmatch(r"#[^\s]+|\x02\d+\x03", each)]


ADDRESSES = {"href", "src", "data", "poster", "action", "formaction", "cite", "srcset", "background"}


class Tags(HTMLParser):
    """The tags of a piece of HTML, as a browser reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


FILES = {
    "include": ".. include:: {}",
    "inclure": ".. inclure:: {}",
    "include literal": ".. include:: {}\n   :literal:",
    "include code": ".. include:: {}\n   :code: text",
    "include in a quote": "  .. include:: {}",
    "include in a list": "* .. include:: {}",
    "include in a table": "====\na\n====\n.. include:: {}\n====",
    "include encoding": ".. include:: {}\n   :encoding: latin-1",
    "raw file": ".. raw:: html\n   :file: {}",
    "brut file": ".. brut:: html\n   :file: {}",
    "raw url": ".. raw:: html\n   :url: file://{}",
    "brut url": ".. brut:: html\n   :url: file://{}",
    "csv file": ".. csv-table::\n   :file: {}",
    "csv url": ".. csv-table::\n   :url: file://{}",
    "embed": ".. image:: {}\n   :loading: embed\n   :alt: x",
    "embed by address": ".. image:: file://{}\n   :loading: embed\n   :alt: x",
    "embed figure": ".. figure:: {}\n   :loading: embed\n   :alt: x\n\n   Légende.",
    "embed in a text": "Ici |x|.\n\n.. |x| image:: {}\n   :loading: embed\n   :alt: x",
}
PLACES = [
    "/etc/passwd",
    "../secret.txt",
    "link.txt",
    "out/secret.txt",
    "/link.txt",
    ".hidden",
    "SECRET",
    "pipe",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", FILES)
def test_no_file_of_the_machine_is_read(content: Path, name: str, place: str) -> None:
    where = place.replace("SECRET", str(content.parent / "secret.svg"))
    for raw_html in (False, True):
        parsed = read(content, f"Avant.\n\n{FILES[name].format(where)}\n", raw_html=raw_html)
        assert_harmless(parsed)
        assert parsed.includes == ()
        assert any(message.level >= 3 and message.line >= 3 for message in parsed.messages)
        assert "Avant." in parsed.html


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", ".. bild:: /etc/passwd\n   :loading: embed"),
        ("es", ".. imagen:: /etc/passwd\n   :loading: embed"),
        ("es", ".. incluir:: /etc/passwd"),
        ("it", ".. includi:: /etc/passwd"),
        ("ru", ".. включать:: /etc/passwd"),
        ("ja", ".. 取込:: /etc/passwd"),
        ("zh-cn", ".. 图片:: /etc/passwd\n   :loading: embed"),
        ("de", ".. raw:: html\n\n   <script>"),
        ("nl", ".. ruw:: html\n\n   <script>"),
    ],
)
def test_no_language_has_a_door_of_its_own(content: Path, language: str, text: str) -> None:
    parsed = read(content, text, language)
    assert_harmless(parsed)
    assert parsed.messages
    # Its names are forgotten again: another text's meaning does not hang on this one.
    assert "Unknown directive" in read(content, ".. bild:: a.png\n   :alt: x", "fr").messages[0].text


SCRIPTS = {
    "raw": ".. raw:: html\n\n   <script>alert(1)</script>",
    "brut": ".. brut:: html\n\n   <script>alert(1)</script>",
    "raw upper case": ".. RAW:: HTML\n\n   <script>alert(1)</script>",
    "raw in a substitution": "|x|\n\n.. |x| raw:: html\n   :class: a\n\n   <script>alert(1)</script>",
    "raw role": ".. role:: html(raw)\n   :format: html\n\n:html:`<script>alert(1)</script>`",
    "brut role": ".. role:: html(brut)\n   :format: html\n\n:html:`<script>alert(1)</script>`",
    "default role": ".. role:: h(raw)\n   :format: html\n\n.. default-role:: h\n\n`<script>`",
    "date": "Le |d|.\n\n.. |d| date::",
    "date with a format": "Le |d|.\n\n.. |d| date:: %Y",
    "unknown directive": ".. script:: x\n\n   <script>",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_an_error(content: Path, name: str) -> None:
    parsed = read(content, SCRIPTS[name])
    assert_harmless(parsed)
    assert any(message.level >= 3 for message in parsed.messages)
    # The next text knows nothing of this one's roles.
    assert "Unknown interpreted text role" in read(content, ":html:`a`").messages[0].text


HARMLESS = {
    "video alt": ".. image:: x.mp4\n   :alt: <script>alert(1)</script>",
    "flash alt": ".. image:: x.swf\n   :alt: <script>alert(1)</script>",
    "svg": '.. image:: x.svg\n   :alt: "><script>alert(1)</script>',
    "alt": '.. image:: x.png\n   :alt: " onerror="alert(1)',
    "title": '"><script>alert(1)</script>\n==========================\n\nx',
    "heading": "a\n=\n\nb\n=\n\n<script>\n========\n\n.. contents::",
    "field": ":summary: <script>alert(1)</script> :code:`<b>`\n\nx",
    "class": ".. class:: x onclick=alert(1)\n\nParagraphe.",
    "code separator": ".. code:: python\n   :lineseparator: <script>\n\n   a",
    "code prefix": '.. code:: python\n   :classprefix: "><script>\n\n   a',
    "code anchors": '.. code:: python\n   :lineanchors: "><script>\n   :linenos: inline\n\n   a',
    "code spans": '.. code:: python\n   :linespans: "><script>\n\n   a',
    "code tags": ".. code:: python\n   :tagsfile: /etc/passwd\n   :tagurlformat: javascript:alert(1)\n\n   a",
    "code language": '.. code:: "><script>\n\n   a',
    "code title": ".. code:: python\n   :full:\n   :title: <script>\n   :cssstyles: x\n   :style: y\n\n   a",
    "code caption": ".. code:: python\n   :caption: <script>\n\n   a",
    "code in a line": ".. role:: js(code)\n   :language: html\n\n:js:`<script>`",
    "table caption": '.. table:: "><script>\n\n   == ==\n   a  b\n   == ==',
    "abbr": ':abbr:`a (" onmouseover="alert(1))`',
    "math": ":math:`\\text{<script>alert(1)</script>}`",
    "math colour": ":math:`\\color{red;background:url(//x)} a`",
    "math class": '.. math:: a\n   :class: "><script>\n   :name: "><b>',
    "field indent": ".. class:: field-indent-3em\n\n:a: b\n",
    "widths": ".. image:: a.png\n   :width: 3em\n   :height: 20%\n   :alt: a",
    "figure width": ".. figure:: a.png\n   :figwidth: 3em\n   :alt: a\n   :width: 50%",
    "figure measured": ".. figure:: data:image/png;x\n   :figwidth: image\n   :alt: x",
    "table width": ".. table::\n   :width: 12em\n   :widths: 20 80\n\n   == ==\n   a  b\n   == ==",
    "control characters": "a |x| b\n\n.. |x| unicode:: 0x08 0x02 0x30 0x03 0x1b",
    "placeholder": "a \x020\x03 b `c <http://x\x0219\x03>`_",
    "html comment": ".. <!-- --> <script>alert(1)</script>\n\nx",
    "header": ".. header:: <script>\n\nx",
    "target name": ".. _getElementById:\n\nx\n\n.. _cookie:\n\ny",
    "lang": 'x :lang:`y`\n\n.. role:: lang\n   :class: language-"><script>',
    "ids": '.. note::\n   :name: "><script>\n\n   x',
}


@pytest.mark.parametrize("name", HARMLESS)
def test_markup_stays_markup(content: Path, name: str) -> None:
    parsed = read(content, HARMLESS[name])
    assert_harmless(parsed)
    assert not re.search("[\x00-\x01\x04-\x08\x0b-\x1f\x7f]", all_of(parsed))


LINKS = {
    "embedded": ("`clic <javascript:alert(1)>`_", "javascript:alert(1)"),
    "anonymous": ("`clic <javascript:alert(1)>`__", "javascript:alert(1)"),
    "without text": ("`<javascript:alert(1)>`_", "javascript:alert(1)"),
    "named": ("clic_\n\n.. _clic: JavaScript:alert(1)", "JavaScript:alert(1)"),
    "indirect": ("a_\n\n.. _a: b_\n.. _b: vbscript:x", "vbscript:x"),
    "escaped": ("`clic <java\\ script:alert(1)>`__", "java script:alert(1)"),
    "image": (".. image:: data:text/html,<script>alert(1)</script>\n   :alt: x", "data:text/html,"),
    "image target": (".. image:: x.png\n   :alt: x\n   :target: javascript:alert(1)", "javascript:"),
    "figure target": (".. figure:: x.png\n   :alt: x\n   :target: javascript:alert(1)", "javascript:"),
    "substitution": (
        "|x|_\n\n.. |x| replace:: clic\n.. _clic: javascript:a\n.. _x: javascript:b",
        "javascript:b",
    ),
    "file": ("`clic <file:///etc/passwd>`_", "file:///etc/passwd"),
    "field": (":summary: `clic <javascript:alert(1)>`_\n\nx", "javascript:alert(1)"),
    "notes": ("`clic <javascript:alert(1)>`_\n\n.. target-notes::", "javascript:alert(1)"),
    "title": ("`clic <javascript:alert(1)>`_\n=============================\n\nx\n", ""),
    "video": (".. image:: javascript:x.mp4\n   :alt: x", "javascript:x.mp4"),
}


@pytest.mark.parametrize("name", LINKS)
def test_an_address_is_seen_by_the_judge_of_addresses(content: Path, name: str) -> None:
    text, wanted = LINKS[name]
    parsed = read(content, text)
    assert_harmless(parsed)
    assert "javascript" not in re.sub(r">[^<]*<|title=\"[^\"]*\"", "", parsed.html).lower()
    assert any(wanted in link.address for link in parsed.links) or not wanted


@pytest.mark.parametrize(
    "text",
    [
        ".. meta::\n   :http-equiv=refresh: 0;url=http://evil.example",
        ".. méta::\n   :http-equiv=refresh: 0;url=http://evil.example",
        ".. meta::\n   :name=referrer: unsafe-url",
        ".. meta::\n   :property=og\\:title: x",
        ".. meta::\n   :description lang=fr http-equiv=refresh: x",
    ],
)
def test_no_word_for_a_browser(content: Path, text: str) -> None:
    parsed = read(content, f"x\n\n{text}\n")
    assert_harmless(parsed)
    assert "evil" not in all_of(parsed)
    assert [message.level for message in parsed.messages] == [2]
    assert parsed.fields == {}


def test_raw_html_is_a_choice_of_the_site(content: Path) -> None:
    text = (
        ".. raw:: html\n\n   <b>gras</b>\n\n.. role:: html(raw)\n   :format: html\n\nUn :html:`<i>mot</i>`.\n"
    )
    parsed = read(content, text, raw_html=True)
    assert parsed.messages == ()
    assert "<b>gras</b>" in parsed.html
    assert "<i>mot</i>" in parsed.html
    refused = read(content, ".. raw:: latex\n\n   x", raw_html=True).messages
    assert "only the format html" in refused[0].text


@pytest.mark.parametrize("where", ["cwd", "home", "variable"])
def test_a_docutils_conf_opens_no_door(
    content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    conf = {"cwd": "docutils.conf", "home": ".docutils", "variable": "any.conf"}[where]
    (tmp_path / conf).write_text(
        "[general]\nraw_enabled: 1\nfile_insertion_enabled: 1\n_disable_config: 0\n[html5 writer]\n"
        "image_loading: embed\nmath_output: LaTeX\n[restructuredtext parser]\nraw_enabled: 1\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCUTILSCONFIG", str(tmp_path / conf))
    for text in (SCRIPTS["raw"], FILES["include"].format("/etc/passwd"), ".. image:: secret.txt\n   :alt: x"):
        task = Task(text + "\n\n:math:`a`", content / "post.rst", Options("fr", False, False, content))
        (parsed,) = rst.parse_all([task])
        assert isinstance(parsed, Parsed)
        assert_harmless(parsed)
        assert "<math" in parsed.html
    assert any("switched off" in message.text for message in read(content, SCRIPTS["raw"]).messages)


def test_a_language_is_no_module_of_the_machine(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (content / "xy.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.syspath_prepend(str(content))
    assert read(content, ".. note:: x", "xy").messages == ()
    assert read(content, ".. note:: x", "this").messages == ()


def test_an_include_may_not_run_in_circles(content: Path) -> None:
    parsed = read(content, "Avant.\n\n.. include:: parts/loop.inc\n")
    assert any("circular" in message.text for message in parsed.messages)
    assert [message.line for message in parsed.messages] == [3]
    many = read(content, ".. include:: parts/loop.inc\n   :start-line: 2\n\n" * 150)
    assert "are the limit" in many.messages[0].text
    assert "are the limit" in read(content, ".. include:: big.inc").messages[0].text
    assert "no such file" in read(content, ".. include:: parts").messages[0].text


def heavy() -> dict[str, tuple[str, str]]:
    """Return texts made to be slow, with what is said of each; "" where it is simply read."""
    laughs = ".. |a0| replace:: " + "ha" * 100 + "\n"
    for level in range(1, 9):
        laughs += f".. |a{level}| replace:: {f'|a{level - 1}| ' * 20}\n"
    python = "".join(f"def f{number}(x):\n    return x * {number}  # ha\n" for number in range(22_000))
    block = "".join(f"   {line}\n" for line in python.splitlines())
    wide = "+" + "---+" * 100 + "\n" + ("|" + " a |" * 100 + "\n+" + "---+" * 100 + "\n") * 300
    rows = "".join(f"   * - {number}\n     - b\n" for number in range(5000))
    return {
        "stars": ("*a\n" * 20_000, "took more than 5 s"),
        "quotes": ("\n".join(" " * depth + "x\n" for depth in range(400)), "nested too deeply"),
        "notes": ("\n".join("   " * depth + ".. note::\n" for depth in range(300)), "nested too deeply"),
        "bullets": ("\n".join("  " * depth + "* x\n" for depth in range(300)), "nested too deeply"),
        "laughs": (f"|a8|\n\n{laughs}", "exceeds the line-length-limit"),
        "circle": ("|a|\n\n.. |a| replace:: |b|\n.. |b| replace:: |a|\n", "Circular substitution"),
        "code": (f".. code-block:: python\n\n{block}", "shown without colours"),
        "wide table": (wide, "*"),
        "long table": (f".. list-table::\n\n{rows}", "*"),
        "definitions": ("".join(f"t{number}\n  d\n\n" for number in range(10_000)), "*"),
        "sections": ("".join(f"S{number}\n--------\n\n" for number in range(5000)), "*"),
        "targets": (".. _a: x\n" * 5000, "*"),
        "references": ("".join(f"n{number}_ " for number in range(1500)), "Unknown target name"),
        "backquotes": ("`" * 9000, "*"),
        "pipes": ("|" * 9000, "*"),
        "long address": ("http://x/" + "a" * 500_000, ""),
        "long line": ("x" * 900_000, ""),
        "too long a line": ("x" * 1_100_000, "exceeds the line-length-limit"),
        "too large": ("x\n" * 2_600_000, "is larger than 5 MB"),
        "fractions": (":math:`" + "\\frac{" * 300 + "a" + "}{b}" * 300 + "`", "*"),
        "anchors": (
            ".. code:: text\n   :hl_lines: 1-999999999999\n   :linenostart: 999999999999\n\n   a",
            "line",
        ),
    }


@pytest.mark.parametrize("name", heavy())
def test_a_heavy_text_harms_only_itself(content: Path, name: str) -> None:
    text, wanted = heavy()[name]
    options = Options("fr", False, False, content)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    first, result, last = rst.parse_all(
        [Task(each, content / "post.rst", options) for each in ("Avant.", text, "Après.")]
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert isinstance(first, Parsed)
    assert isinstance(last, Parsed)
    assert (first.html, last.html) == ("<p>Avant.</p>\n", "<p>Après.</p>\n")
    messages = [result] if isinstance(result, Message) else list(result.messages)
    if wanted == "*":
        assert isinstance(result, Parsed) or "took more than 5 s" in result.text
    else:
        assert any(wanted in message.text for message in messages) if wanted else not messages
    if isinstance(result, Parsed):
        assert_harmless(result)
    # Processor time, not the clock's: five seconds for each and a little for starting.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2 * rst.worker.SECONDS


def test_a_text_that_takes_too_much_memory_is_told(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rst.worker, "_MEMORY", 24 << 20)
    options = Options("fr", False, False, content)
    texts = ("Avant.", "* un\n\n" * 60_000, "Après.")
    results = list(rst.parse_all([Task(text, content / "post.rst", options) for text in texts]))
    told = results[1] if isinstance(results[1], Message) else results[1].messages[0]
    assert told.level == 4
    assert isinstance(results[2], Parsed)


def test_too_much_html_is_told(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rst.worker, "_LARGEST_HTML", 100)
    (result,) = rst.parse_all([Task("mot " * 100, content / "a.rst", Options("fr", False, False, content))])
    assert isinstance(result, Message)
    assert "makes a page" in result.text


def test_a_reader_that_dies_takes_one_text_with_it(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = rst.parse

    def deadly(text: str, path: Path, options: Options) -> Parsed:
        if text == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        return real(text, path, options)

    monkeypatch.setattr(rst.reading, "parse", deadly)
    options = Options("fr", False, False, content)
    texts = ["a", "crash", "crash", "b"]
    before = children()
    results = list(rst.parse_all([Task(text, content / "post.rst", options) for text in texts]))
    assert [type(result).__name__ for result in results] == ["Parsed", "Message", "Message", "Parsed"]
    assert "killed by signal 9" in str(results[1])
    assert children() == before


def test_a_class_of_one_formula_is_not_that_of_the_next(content: Path) -> None:
    plain = ".. math:: a\n"
    before = read(content, plain).html
    read(content, ".. math:: a\n   :class: leaked\n\n.. math:: b\n")
    assert read(content, plain).html == before
    assert read(content, ".. math:: a\n   :class: own\n\n.. math:: b\n").html.count("own") == 1
