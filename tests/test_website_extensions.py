"""Extensions: the author's own code, loaded for one build and gone after it."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from docutils.parsers.rst import directives, roles
from test_website_build import HOUSE, Blog

from blogops import config
from blogops.errors import Failed
from blogops.website.extensions import Extensions, loaded

BOX = """
from docutils import nodes
from docutils.parsers.rst import Directive

class Box(Directive):
    has_content = True
    def run(self):
        {run}

def setup(blog):
    blog.directive("box", Box)
"""
ROLE = """
from docutils import nodes

def loud(name, rawtext, text, lineno, inliner, options=None, content=None):
    {run}

def setup(blog):
    blog.role("loud", loud)
"""
PAGES = """
from blogops.website.extensions import Page

def mine(found, config):
    {run}

def setup(blog):
    blog.pages(mine)
"""
FILTER = """
def broken(value):
    return value.nowhere

def setup(blog):
    blog.filter("broken", broken)
"""


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(tmp_path)


def extend(blog: Blog, text: str | bytes, name: str = "mine.py") -> Path:
    """Write an extension."""
    path = blog.folder / "extensions" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def load(blog: Blog) -> Extensions:
    """Load the extensions and let go of them."""
    with loaded(config.load(blog.folder / "blog.toml")) as found:
        return found


def refusal(blog: Blog) -> Failed:
    """Return why the extensions are refused; nothing of them is left."""
    with pytest.raises(Failed) as refused:
        load(blog)
    assert "Traceback" not in str(refused.value)
    assert not [name for name in sys.modules if name.startswith("blogops_extension")]
    return refused.value


def blocks(language: str) -> list[str]:
    """Return the examples of docs/extensions.md in one language."""
    text = (HOUSE / "docs/extensions.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_examples_of_the_page(blog: Blog) -> None:
    for code in blocks("python"):
        extend(blog, code, re.findall(r"# extensions/(\S+)", code)[0])
    (blog.folder / "templates").mkdir()
    for template in blocks("jinja"):
        name = re.findall(r"\{# (templates/\S+) #\}", template)[0]
        (blog.folder / name).write_text(template, encoding="utf-8")
    blog.post("un.rst", body="\n\n".join(blocks("rst")))
    blog.post("brouillon.rst", ":status: draft")
    assert blog.build().warnings == ()
    page = blog.page("un.html")
    assert re.search(r"<details><summary>The answer</summary>\s*<p>It is <em>42</em>.</p>\s*</details>", page)
    assert "Press <kbd>Ctrl</kbd> and <kbd>C</kbd>." in page
    numbers = blog.page("numbers.html")
    assert "<h1>In numbers</h1>" in numbers and "1 posts, 0 h 01 of reading." in numbers
    assert "Carnet" in numbers
    assert json.loads(blog.page("posts.json")) == ["http://blog.example.org/un.html"]
    assert "/numbers.html" in blog.page("sitemap.xml")
    assert "<details>" in (blog.out / "feeds/all.json").read_text(encoding="utf-8")


def test_each_kind_has_its_example() -> None:
    for kind in ("directive", "role", "filter", "pages"):
        assert sum(f"blog.{kind}(" in code for code in blocks("python")) == 1


def test_nothing_is_left_after_a_build(blog: Blog) -> None:
    extend(blog, BOX.format(run='return [nodes.paragraph("", "boîte")]'))
    extend(blog, ROLE.format(run="return [nodes.strong(text, text)], []"), "roles.py")
    blog.post("un.rst", body=".. box::\n\nEt :loud:`fort`.")
    before: Any = directives, roles
    tables = dict(before[0]._directives), dict(before[1]._roles)
    blog.build()
    assert "boîte" in blog.page("un.html") and "<strong>fort</strong>" in blog.page("un.html")
    assert (before[0]._directives, before[1]._roles) == tables
    (blog.folder / "extensions/mine.py").unlink()
    with pytest.raises(Failed, match=r'un\.rst:7.*"box"'):
        blog.build()


def test_the_second_build_has_the_new_code(blog: Blog) -> None:
    blog.post("un.rst", body=".. box::")
    for said in ("premier", "seconde"):
        # As many bytes, in the same second: nothing but a new reading tells them apart.
        extend(blog, BOX.format(run=f'return [nodes.paragraph("", "{said}")]'))
        blog.build()
        assert said in blog.page("un.html")
    assert {path.name for path in (blog.folder / "extensions").iterdir()} == {"mine.py"}


def test_no_folder_is_no_extension(blog: Blog) -> None:
    assert load(blog) == Extensions()


def test_names_decide_the_order_and_what_is_passed_over(blog: Blog) -> None:
    for name in ("b.py", "a.py", "_c.py", ".d.py", "e.txt"):
        extend(blog, f"def setup(blog):\n    blog.filter({name[0]!r} + 'x', lambda value: value)\n", name)
    (blog.folder / "extensions/sub").mkdir()
    extend(blog, "syntax error", "sub/f.py")
    assert list(load(blog).filters) == ["ax", "bx"]


def test_a_module_is_whole_while_it_is_loaded(blog: Blog) -> None:
    code = """
    from __future__ import annotations
    import dataclasses

    @dataclasses.dataclass
    class Thing:
        name: "str"

    def shout(value):
        return Thing(value.upper()).name

    def setup(blog):
        assert __file__.endswith("mine.py")
        blog.filter("shout", shout)
    """
    extend(blog, re.sub("^    ", "", code, flags=re.MULTILINE))
    assert load(blog).filters["shout"]("é") == "É"


@pytest.mark.parametrize(
    ("code", "line", "told"),
    [
        ("x = 1\ndef setup(blog:\n", 2, "SyntaxError: '(' was never closed"),
        (b"x = '\xff'\n", 1, "SyntaxError"),
        ("import json\n\nimport nirgends\n", 3, "ModuleNotFoundError: No module named 'nirgends'"),
        ("def setup(blog):\n    helper()\n", 2, "NameError: name 'helper'"),
        ("def helper():\n    1 / 0\n\ndef setup(blog):\n    helper()\n", 2, "ZeroDivisionError"),
        ("import sys\nsys.exit(0)\n", 2, "SystemExit: 0"),
        ("x = 1\n", 1, 'there is no "def setup(blog)" in it'),
        ("x = 1\ndef setup():\n    pass\n", 2, '"setup" must take one argument'),
        ("setup = 3\n", 1, '"setup" must take one argument'),
        ("def setup(blog):\n    blog.directiv('a', 1)\n", 2, "no attribute 'directiv'"),
        (
            "def setup(blog):\n    blog.directive('a', 1)\n",
            2,
            "must be a class made from docutils' Directive",
        ),
        ("def setup(blog):\n    blog.directive('a')\n", 2, "missing 1 required positional argument"),
        (
            "def setup(blog):\n    blog.role('a', lambda text: text)\n",
            2,
            "(name, rawtext, text, lineno, inliner)",
        ),
        ("def setup(blog):\n    blog.role('a b', print)\n", 2, "not a name that a post can write"),
        ("def setup(blog):\n    blog.filter('a-b', len)\n", 2, "not a name that a template can write"),
        ("def setup(blog):\n    blog.filter('ab', 'len')\n", 2, "must be a function"),
        (
            "def setup(blog):\n    blog.filter('escape', len)\n",
            2,
            'the filter "escape" is there already, by blogops',
        ),
        ("def setup(blog):\n    blog.pages(lambda found: [])\n", 2, "takes (found, config)"),
    ],
)
def test_what_is_wrong_names_its_line(blog: Blog, code: str | bytes, line: int, told: str) -> None:
    extend(blog, code)
    failed = refusal(blog)
    assert told in failed.problem
    assert failed.where == f"extensions/mine.py:{line}"
    assert failed.hint


@pytest.mark.parametrize(
    "name",
    [
        *(
            "raw",
            "include",
            "image",
            "figure",
            "code-block",
            "sourcecode",
            "code",
            "date",
            "meta",
            "csv-table",
        ),
        *("note", "NOTE", "role", "default-role", "class", "math", "brut", "inclure", "avertissement"),
    ],
)
def test_a_directive_that_is_there_already(blog: Blog, name: str) -> None:
    extend(blog, BOX.format(run="return []").replace('"box"', f'"{name}"'))
    failed = refusal(blog)
    assert failed.where == "extensions/mine.py:11"
    assert (
        failed.problem
        == f'the directive "{name.lower()}" is there already, by blogops; give yours another name'
    )


@pytest.mark.parametrize("name", ["raw", "abbr", "math", "code", "sup", "emphasis", "exposant"])
def test_a_role_that_is_there_already(blog: Blog, name: str) -> None:
    extend(blog, ROLE.format(run="return [], []").replace('"loud"', f'"{name}"'))
    assert "is there already, by blogops" in refusal(blog).problem


def test_two_extensions_that_want_one_name(blog: Blog) -> None:
    for name in ("a.py", "b.py"):
        extend(blog, BOX.format(run="return []"), name)
    failed = refusal(blog)
    assert failed.where == "extensions/b.py:11"
    assert "by extensions/a.py" in failed.problem


def test_a_link_out_of_the_folder_is_not_followed(
    blog: Blog, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "mine.py"
    outside.write_text("raise SystemExit('it ran')", encoding="utf-8")
    extend(blog, "", "_.py")
    (blog.folder / "extensions/mine.py").symlink_to(outside)
    assert "leads out of this folder" in refusal(blog).problem
    (blog.folder / "extensions/mine.py").unlink()
    (blog.folder / "extensions/mine.py").symlink_to("mine.py")
    assert refusal(blog).where == "extensions/mine.py:1"
    (blog.folder / "extensions/mine.py").unlink()
    (blog.folder / "extensions/_.py").unlink()
    (blog.folder / "extensions").rmdir()
    (blog.folder / "extensions").symlink_to(outside.parent)
    assert "leads out of this folder" in refusal(blog).problem


@pytest.mark.parametrize(
    ("code", "body", "told"),
    [
        (
            BOX.format(run="return {}['x']"),
            ".. box::",
            "the directive \"box\" of extensions/mine.py failed at extensions/mine.py:8: KeyError: 'x'",
        ),
        (BOX.format(run="return 'text'"), ".. box::", "must return a list of docutils nodes, not 'text'"),
        (BOX.format(run="raise self.error('trop petit')"), ".. box::", "trop petit"),
        (
            ROLE.format(run="return 1 / 0"),
            ":loud:`x`",
            'the role "loud" of extensions/mine.py failed at extensions/mine.py:5: ZeroDivisionError',
        ),
        (
            ROLE.format(run="return [text], []"),
            ":loud:`x`",
            "must return a list of docutils nodes and a list of messages",
        ),
    ],
)
def test_a_mistake_while_a_post_is_read(blog: Blog, code: str, body: str, told: str) -> None:
    extend(blog, code)
    blog.post("un.rst", body=body)
    with pytest.raises(Failed) as failed:
        blog.build()
    assert "content/un.rst:7" in str(failed.value)
    assert told in str(failed.value)
    assert not blog.out.exists() or not blog.files()


def test_a_mistake_in_a_filter(blog: Blog) -> None:
    extend(blog, FILTER)
    templates = blog.folder / "templates"
    templates.mkdir()
    (templates / "mine.html").write_text("<p>\n{{ title|broken }}\n", encoding="utf-8")
    blog.post("un.rst", ":template: mine")
    with pytest.raises(Failed) as failed:
        blog.build()
    assert failed.value.where == "templates/mine.html:2"
    told = (
        "the filter \"broken\" failed at extensions/mine.py:3: AttributeError: 'str' object has no attribute"
    )
    assert told in failed.value.problem


@pytest.mark.parametrize(
    ("made", "line", "told"),
    [
        ("yield 1 / 0", 5, "this pages hook failed: ZeroDivisionError"),
        ("yield 'numbers.html'", 4, "yields Page(...), not 'numbers.html'"),
        ("return None", 4, "this pages hook failed: TypeError"),
        ("yield Page('x.html')", 4, "either a template or a body"),
        ("yield Page('x.html', template='a', body='b')", 4, "either a template or a body"),
        ("yield Page('../x.html', body='b')", 4, "not a place inside the site"),
    ],
)
def test_a_mistake_in_a_pages_hook(blog: Blog, made: str, line: int, told: str) -> None:
    extend(blog, PAGES.format(run=made))
    blog.post("un.rst")
    with pytest.raises(Failed) as failed:
        blog.build()
    assert told in failed.value.problem
    assert failed.value.where == f"extensions/mine.py:{line}"


def test_a_page_where_a_post_is(blog: Blog) -> None:
    extend(blog, PAGES.format(run="return [Page('un.html', body='x')]"))
    blog.post("un.rst")
    with pytest.raises(Failed, match=r"content/un\.rst:1: wants the address /un\.html.*extensions/mine\.py"):
        blog.build()


def test_bytes_of_a_page_are_kept(blog: Blog) -> None:
    extend(blog, PAGES.format(run="return [Page('/a/b.bin', body=bytes([0, 255])), Page('e.txt', body='')]"))
    blog.post("un.rst")
    blog.build()
    assert (blog.out / "a/b.bin").read_bytes() == b"\x00\xff"
    assert (blog.out / "e.txt").read_bytes() == b""
