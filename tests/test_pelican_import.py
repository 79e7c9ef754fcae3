"""`blogops import pelican`: real-looking settings become a blog.toml, hostile ones stay text."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from running import command

from blogops import config
from blogops.errors import Refused, UsageError
from blogops.pelican import Report, import_settings, toml

ROOT = Path(__file__).parents[1]
QUICKSTART = """AUTHOR = 'Alice Martin'
SITENAME = "Alice's notes"
SITEURL = ""

PATH = "content"

TIMEZONE = 'Europe/Paris'

DEFAULT_LANG = 'fr'

# Feed generation is usually not desired when developing
FEED_ALL_ATOM = None
CATEGORY_FEED_ATOM = None
TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = None
AUTHOR_FEED_RSS = None

# Blogroll
LINKS = (
    ("Pelican", "https://getpelican.com/"),
    ("Python.org", "https://www.python.org/"),
    ("Jinja2", "https://palletsprojects.com/p/jinja/"),
    ("You can modify those links in your config file", "#"),
)

# Social widget
SOCIAL = (
    ("You can add links in your config file", "#"),
    ("Another social link", "#"),
)

DEFAULT_PAGINATION = 10
"""
QUICKSTART_PUBLISH = """# This file is only used if you use `make publish` or
# explicitly specify it as your config file.

import os
import sys

sys.path.append(os.curdir)
from pelicanconf import *

SITEURL = "https://alice.example.org"
RELATIVE_URLS = False

FEED_ALL_ATOM = "feeds/all.atom.xml"
CATEGORY_FEED_ATOM = "feeds/%s.atom.xml"

DELETE_OUTPUT_DIRECTORY = True
"""
OLD = """#!/usr/bin/env python
# -*- coding: utf-8 -*- #
from __future__ import unicode_literals

AUTHORS = (u'La brasserie',)
SITENAME = u'La brasserie'
SITEURL = 'www.example.org'
ARTICLE_DIR = 'posts'
PAGE_DIR = 'pages'
ARTICLE_PERMALINK_STRUCTURE = '/%Y/%m/'
SLUG_SUBSTITUTIONS = (('C++', 'cpp'), ('.NET', 'dotnet', True))
TAG_SUBSTITUTIONS = (('C#', 'csharp'),)
TAG_FEED_ATOM = 'feeds/tag-%s.atom.xml'
FEED = 'feeds/all.xml'
PAGINATED_DIRECT_TEMPLATES = ('index', 'archives')
DEFAULT_PAGINATION = 5
DEFAULT_DATE = (2012, 3, 4, 5, 6)
STATIC_PATHS = 'images'
PLUGINS = ['sitemap', 'pelican.plugins.neighbors', 'i18n_subsites', 'odd_one']
"""
CLEAN = """SITENAME = 'Clean'
AUTHOR = 'A'
BASE = 'https://example.org'
SITEURL = BASE + '/blog'
PATH = 'content'
ARTICLE_URL = 'articles/{date:%Y}/{slug}/'
ARTICLE_SAVE_AS = ARTICLE_URL + 'index.html'
ARTICLE_LANG_URL = '{lang}/' + ARTICLE_URL
ARTICLE_LANG_SAVE_AS = f'{ARTICLE_LANG_URL}index.html'
CATEGORY_URL = 'c/{slug}'
CATEGORY_SAVE_AS = 'c/{slug}/index.html'
TAG_SAVE_AS = False
AUTHOR_SAVE_AS = ''
DIRECT_TEMPLATES = ('index', 'archives', 'search', '404')
ARCHIVES_SAVE_AS = 'archives/index.html'
YEAR_ARCHIVE_SAVE_AS = '{date:%Y}/index.html'
PAGINATION_PATTERNS = (
    (1, '{base_name}/', '{base_name}/index.html'),
    (2, '{base_name}/page/{number}/', '{base_name}/page/{number}/index.html'),
)
DEFAULT_PAGINATION = 6
FEED_MAX_ITEMS = 200
MENUITEMS = [('Blog', '/'), ('Code', 'https://example.org/code')]
LINKS = {'Friend': 'https://friend.example'}
SOCIAL = [('mastodon', 'https://social.example/@a'), ('mail', 'mailto:a@example.org')]
STATIC_PATHS = ['images', 'extra/CNAME', '../outside']
EXTRA_PATH_METADATA = {'extra/CNAME': {'path': 'CNAME'}}
DEFAULT_METADATA = {'status': 'draft', 'colour': 'red'}
PYGMENTS_RST_OPTIONS = {'linenos': 'table'}
TYPOGRIFY = True
SUMMARY_MAX_LENGTH = None
THEME = './theme'
GOOGLE_ANALYTICS = 'UA-1'
MY_OWN = 3
"""


def blog(folder: Path, settings: str, publish: str = "", **files: str) -> Path:
    (folder / "content").mkdir()
    (folder / "pelicanconf.py").write_text(settings, encoding="utf-8")
    if publish:
        (folder / "publishconf.py").write_text(publish, encoding="utf-8")
    for name, text in files.items():
        (folder / "content" / name).write_text(text, encoding="utf-8")
    return folder


def tables(report: Report) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for line in report.lines:
        found.setdefault(line.table, {})[line.key] = line.value
    return found


def test_what_quickstart_writes(tmp_path: Path) -> None:
    report = import_settings(blog(tmp_path, QUICKSTART, QUICKSTART_PUBLISH))
    made = config.load(tmp_path / "blog.toml")
    assert (made.site.title, made.site.url) == ("Alice's notes", "https://alice.example.org")
    assert (made.site.language, made.site.timezone, made.site.typography) == ("fr", "Europe/Paris", False)
    assert (made.lists.per_page, made.lists.paginated) == (10, ("index", "tag", "category", "author"))
    assert (made.feeds.atom.all, made.feeds.atom.category) == ("feeds/all.atom.xml", "feeds/{slug}.atom.xml")
    assert (made.feeds.atom.author, made.feeds.atom.language, made.feeds.rss.author) == ("", "", "")
    assert (made.feeds.ids, made.feeds.items, made.urls.year) == ("pelican", 100, "")
    assert (made.theme.menu, made.site.profiles) == ({}, ())
    assert (report.left, report.puzzles, report.plugins) == ((), (), ())


def test_each_line_says_where_it_came_from(tmp_path: Path) -> None:
    import_settings(blog(tmp_path, QUICKSTART, QUICKSTART_PUBLISH))
    text = (tmp_path / "blog.toml").read_text()
    assert '# SITEURL (publishconf.py:10)\nurl = "https://alice.example.org"' in text
    assert "# DEFAULT_LANG (pelicanconf.py:9)\nlanguage" in text
    assert "# AUTHOR_FEED_RSS (pelicanconf.py:16)\nauthor" in text


def test_without_a_publishconf_the_address_is_asked_for(tmp_path: Path) -> None:
    report = import_settings(blog(tmp_path, QUICKSTART))
    assert tables(report)["site"]["url"] == "https://blog.example.org"
    assert [(left.setting, left.where) for left in report.left] == [("SITEURL", "pelicanconf.py:3")]
    assert config.load(tmp_path / "blog.toml").feeds.atom.all == ""


def test_names_and_forms_of_old_pelicans(tmp_path: Path) -> None:
    report = import_settings(blog(tmp_path, OLD))
    made = config.load(tmp_path / "blog.toml")
    assert (made.site.author, made.site.url) == ("La brasserie", "https://www.example.org")
    assert (made.content.posts, made.content.path) == (("posts",), "content")
    assert made.urls.post == "{date:%Y}/{date:%m}/{slug}.html"
    assert made.urls.page_lang == "{date:%Y}/{date:%m}/pages/{slug}-{lang}.html"
    assert made.metadata.slug_rules == (
        (r"C\+\+", "cpp"),
        (r"\.NET", "dotnet"),
        (r"(?u)\A\s*", ""),
        (r"(?u)\s*\Z", ""),
    )
    assert made.metadata.tag_rules[2] == (r"C\#", "csharp")
    assert made.metadata.author_rules[0] == (r"[^\w\s-]", "")
    assert (made.feeds.atom.tag, made.feeds.atom.posts) == ("feeds/tag-{slug}.atom.xml", "feeds/all.xml")
    assert (made.metadata.date, made.content.static) == ("2012-03-04 05:06", ("images",))
    assert {left.setting for left in report.left} == {"PAGINATED_TEMPLATES"}
    assert [plugin.instead.split(":")[0] for plugin in report.plugins][:3] == ["built in"] * 3
    assert "extensions" in report.plugins[3].instead


def test_addresses_menus_and_what_is_left(tmp_path: Path) -> None:
    report = import_settings(blog(tmp_path, CLEAN))
    made = config.load(tmp_path / "blog.toml")
    assert (made.urls.post, made.urls.post_save_as) == ("articles/{date:%Y}/{slug}/", "")
    assert (made.urls.post_lang, made.urls.post_lang_save_as) == ("{lang}/articles/{date:%Y}/{slug}/", "")
    assert (made.urls.category, made.urls.category_save_as) == ("c/{slug}", "c/{slug}/index.html")
    assert (made.urls.tag, made.urls.author, made.urls.tags, made.urls.categories) == ("", "", "", "")
    assert (made.urls.archives, made.urls.year, made.urls.month) == ("archives/", "{date:%Y}/", "")
    assert made.urls.numbered == "{base_name}/page/{number}/"
    assert (made.feeds.items, made.lists.summary_words, made.site.typography) == (200, 0, True)
    assert made.theme.menu == {
        "Blog": "/",
        "Code": "https://example.org/code",
        "Friend": "https://friend.example",
    }
    assert made.site.profiles == ("https://social.example/@a",)
    assert made.content.static == ("images", "extra/CNAME")
    assert made.metadata.paths == {"extra/CNAME": {"path": "CNAME"}}
    assert made.metadata.defaults == {"status": "draft", "colour": "red"}
    assert made.build.code == {"linenos": "table"}
    why = {left.setting: left.why for left in report.left}
    assert "/blog" in why["SITEURL"] and "../outside" in why["STATIC_PATHS"]
    assert "hook" in why['DIRECT_TEMPLATES "search"'] and "itself" in why['DIRECT_TEMPLATES "404"']
    assert {"THEME", "GOOGLE_ANALYTICS", "MY_OWN"} <= why.keys()
    places = {left.setting: left.where for left in report.left}
    assert places["MY_OWN"] == f"pelicanconf.py:{CLEAN.splitlines().index('MY_OWN = 3') + 1}"


def test_a_tree_is_looked_at(tmp_path: Path) -> None:
    settings = "SITENAME='T'\nSITEURL='https://t.org'\nAUTHOR='A'\nARTICLE_EXCLUDES=['drawer', 'empty']\n"
    folder = blog(tmp_path, settings, **{"a.rst": "A\n#####\n\n.. raw:: html\n\n   <b>x</b>\n", "b.md": "x"})
    (folder / "content/images").mkdir()
    (folder / "content/images/d.md").write_text("x")
    (folder / "content/images/e.html").write_text("x")
    (folder / "content/drawer").mkdir()
    (folder / "content/drawer/c.rst").write_text("C\n=\n")
    report = import_settings(folder)
    assert tables(report)["build"] == {"link": "tell", "raw_html": True}
    assert tables(report)["content"]["exclude"] == ["drawer", "empty"]
    assert report.unbuilt == ("b.md", "images/d.md")
    assert report.left == ()


@pytest.mark.parametrize(
    ("line", "text", "names"),
    [
        ("SITEURL = os.environ['X']", "os.environ", ("SITEURL",)),
        ("SITEURL = open('/etc/passwd').read()", "open('/etc/passwd').read()", ("SITEURL",)),
        (
            "SITEURL = __import__('os').popen('id').read()",
            "__import__('os').popen('id').read()",
            ("SITEURL",),
        ),
        ("SITEURL = (lambda: 'x')()", "(lambda: 'x')()", ("SITEURL",)),
        ("SITEURL = [x for x in 'ab']", "[x for x in 'ab']", ("SITEURL",)),
        ("SITEURL = UNKNOWN + 'x'", "the value of UNKNOWN", ("SITEURL",)),
        ("SITEURL = 'x' * 9**9**9", "9 ** 9", ("SITEURL",)),
        ("SITEURL = '{:>999999999}'.format(1)", "'{:>999999999}'.format(1)", ("SITEURL",)),
        ("SITEURL = '%999999999d' % 1", "a text with other signs than %s", ("SITEURL",)),
        ("SITEURL = f'{1:>999999999}'", "{1:>999999999}", ("SITEURL",)),
        ("SITEURL = {}['x']", "{}['x']", ("SITEURL",)),
        ("SITEURL = {[]: 1}", "a key that cannot be one", ("SITEURL",)),
        ("SITEURL = b'x'", "b'x'", ("SITEURL",)),
        ("A, SITEURL = 'abc', 'x', 'y'", "names and values of different number", ("A", "SITEURL")),
        ("if True:\n    SITEURL = 'x'", "if True:", ("SITEURL",)),
        ("for n in 'ab':\n    PLUGINS.append(n)", "for n in 'ab':", ("PLUGINS",)),
        ("PLUGINS.extend(['x'])", "PLUGINS.extend(['x'])", ("PLUGINS",)),
        ("from elsewhere import *", "from elsewhere import *", ()),
        ("from elsewhere import a, B as SITEURL", "from elsewhere import a, B as SITEURL", ("SITEURL",)),
        ("try:\n    from local import SITEURL\nexcept ImportError:\n    pass", "try:", ("SITEURL",)),
        ("try:\n    SITEURL = 'x'\nexcept OSError:\n    pass", "try:", ("SITEURL",)),
    ],
)
def test_what_only_python_could_tell_is_named(
    tmp_path: Path, line: str, text: str, names: tuple[str, ...]
) -> None:
    report = import_settings(blog(tmp_path, f"SITENAME = 'T'\n{line}\nAUTHOR = 'A'\n"))
    assert [(one.where, one.text, one.names) for one in report.puzzles] == [("pelicanconf.py:2", text, names)]
    assert tables(report)["site"]["author"] == "A"


def test_settings_come_by_name_from_a_file_beside(tmp_path: Path) -> None:
    common = "ARTICLE_URL = 'posts/{slug}/'\nSAVE_AS = ARTICLE_URL + 'index.html'\nAUTHOR = 'C'\n"
    (tmp_path / "common.py").write_text(common)
    settings = "from os import environ\nfrom common import ARTICLE_URL, SAVE_AS as ARTICLE_SAVE_AS\n"
    report = import_settings(blog(tmp_path, f"{settings}SITENAME = 'T'\nSITEURL = 'https://a.example'\n"))
    assert tables(report)["urls"]["post"] == "posts/{slug}/"
    assert tables(report)["site"]["author"] == "T"
    assert report.puzzles == ()
    assert "# ARTICLE_URL (common.py:1)" in (tmp_path / "blog.toml").read_text()


def test_what_is_not_understood_of_an_imported_file_is_named(tmp_path: Path) -> None:
    common = "URL = os.environ['X']\nTHEME = os.environ['Y']\nregister()\nPLUGINS = []\n"
    (tmp_path / "common.py").write_text(common)
    settings = "SITEURL = 'https://a.example'\nfrom common import PLUGINS, URL as SITEURL, TIMEZONE\n"
    report = import_settings(blog(tmp_path, f"{settings}SITENAME = 'T'\n"))
    assert [(one.where, one.text, one.names) for one in report.puzzles] == [
        ("common.py:1", "os.environ", ("SITEURL",)),
        ("common.py:3", "register()", ()),
        (
            "pelicanconf.py:2",
            "from common import PLUGINS, URL as SITEURL, TIMEZONE",
            ("TIMEZONE",),
        ),
    ]
    assert tables(report)["site"]["url"] == "https://blog.example.org"


def test_nothing_is_executed(tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    settings = f"""import os
os.system("touch {mark}")
open({str(mark)!r}, "w")
SITENAME = os.popen("touch {mark}").read()
class Trap(metaclass=type("M", (type,), {{"__new__": lambda *a: open({str(mark)!r}, "w")}})):
    pass
AUTHOR = f"{{open({str(mark)!r}, 'w')}}"
"""
    report = import_settings(blog(tmp_path, settings, "import os\nfrom pelicanconf import *\n"))
    assert not mark.exists()
    assert [puzzle.where for puzzle in report.puzzles] == [f"pelicanconf.py:{n}" for n in (2, 3, 4, 7)]


def test_values_do_not_grow_without_end(tmp_path: Path) -> None:
    doubling = "A = 'xxxxxxxx'\n" + "A = A + A\n" * 60 + "B = [1]\n" + "B = [B, B]\n" * 60
    nested = f"C = {'(' * 50}1{')' * 50}\nD = {'+'.join(['1'] * 700)}\n"
    report = import_settings(blog(tmp_path, doubling + nested + "SITENAME = 'T'\n"))
    assert any("100,000" in puzzle.text for puzzle in report.puzzles)
    assert tables(report)["site"]["title"] == "T"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"print 'Python 2'\n", "not Python 3"),
        (b"SITENAME = 'a\n", "not Python 3"),
        (b"SITENAME = '\x00'\n", "not Python 3"),
        (b"\xff\xfe\x00", "not Python 3"),
        (b"# " + b"x" * 1_000_001, "larger than 1 MB"),
        (b"A = " + b"(" * 5000 + b")" * 5000, "not Python 3"),
    ],
)
def test_what_is_no_python_is_told(tmp_path: Path, text: bytes, said: str) -> None:
    (tmp_path / "pelicanconf.py").write_bytes(text)
    with pytest.raises(UsageError, match=said):
        import_settings(tmp_path)


def test_wrong_paths(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no pelicanconf\.py in"):
        import_settings(tmp_path)
    with pytest.raises(UsageError, match="there is no"):
        import_settings(tmp_path / "nowhere.py")
    with pytest.raises(UsageError, match="there is no folder"):
        import_settings(blog(tmp_path, QUICKSTART), to=tmp_path / "nowhere")


def test_a_blog_toml_is_written_over_only_by_force(tmp_path: Path) -> None:
    folder = blog(tmp_path, QUICKSTART)
    (folder / "blog.toml").write_text("mine")
    with pytest.raises(Refused, match="--force"):
        import_settings(folder)
    assert (folder / "blog.toml").read_text() == "mine"
    import_settings(folder, force=True)
    assert config.load(folder / "blog.toml").site.title == "Alice's notes"


def test_nothing_of_the_author_is_changed(tmp_path: Path) -> None:
    folder = blog(tmp_path, CLEAN, **{"a.rst": "A\n=\n"})
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    import_settings(folder)
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert after.keys() - before.keys() == {folder / "blog.toml"}
    assert all(after[path] == data for path, data in before.items())


def test_to_another_folder_names_the_manuscript_from_there(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    import_settings(blog(inner, QUICKSTART), to=tmp_path)
    assert config.load(tmp_path / "blog.toml").content.path == "inner/content"
    aside = tmp_path / "aside"
    aside.mkdir()
    report = import_settings(inner, to=aside)
    assert [left.setting for left in report.left] == ["SITEURL", "PATH"]


def test_a_value_that_blog_toml_does_not_take_is_left_alone(tmp_path: Path) -> None:
    settings = "SITENAME = 'T'\nAUTHOR = 'A'\nSITEURL = 'https://t.org'\n"
    wrong = "TIMEZONE = 'Nowhere/Town'\nSLUGIFY_SOURCE = 'date'\nARTICLE_URL = '{bad'\nPATH_METADATA = '('\n"
    report = import_settings(blog(tmp_path, settings + wrong))
    assert {left.why.split(":")[0]: left.setting for left in report.left} == {
        "site.timezone": "TIMEZONE (pelicanconf.py:4)",
        "metadata.slug_from": "SLUGIFY_SOURCE (pelicanconf.py:5)",
        "urls.post": "ARTICLE_URL (pelicanconf.py:6)",
        "metadata.file_path": "PATH_METADATA (pelicanconf.py:7)",
    }
    assert config.load(tmp_path / "blog.toml").site.timezone == "UTC"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["blog.toml", "content", "pelicanconf.py"]


ODD = (
    *("None", "3", "-1", "0", "True", "''", "'x'", "'../x'", "'/abs'", "'{bad'", "[]", "{}", "[1]", "['']"),
    *("[['a']]", "[('a', 'b', 'c', 'd')]", "{'a': 1}", "{1: 2}", "3.5", "'\\x00'", "'\\ud800'", "(1, 2, 3)"),
    *("[None]", "'%s%s'", "'('", "{'p': {'path': ['x']}}", "'.'", "(2012, 13, 45)"),
)


@pytest.mark.parametrize("value", ODD)
def test_odd_values_are_left_or_carried_and_never_a_traceback(tmp_path: Path, value: str) -> None:
    sources = "".join(path.read_text() for path in (ROOT / "blogops/pelican").glob("*.py"))
    names = sorted(set(re.findall(r"\"([A-Z]{2,}(?:_[A-Z]+)+)\"", sources)))
    names += [
        "TAG_FEED_ATOM",
        "TAG_URL",
        "TAG_SAVE_AS",
        "SLUG_SUBSTITUTIONS",
        "TAG_REGEX_SUBSTITUTIONS",
        "PATH",
    ]
    assert len(names) > 60
    folder = blog(tmp_path, "".join(f"{name} = {value}\n" for name in names))
    report = import_settings(folder)
    assert config.load(folder / "blog.toml").site.url.startswith("https://")
    assert all(left.why for left in report.left)


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        'a "quote"',
        "back\\slash",
        "both ' and \\",
        "tab\t, line\n",
        "\x7f\x00 é 日本",
        "",
        3,
        True,
        ["a"],
        {"a b": {"c": "d"}},
    ],
)
def test_values_come_back_from_toml_as_they_were(value: object) -> None:
    assert tomllib.loads(f"x = {toml.value(value)}")["x"] == value


def test_the_command(tmp_path: Path) -> None:
    folder = blog(tmp_path, CLEAN, **{"b.md": "x"})
    done = command(folder, "import", "pelican", ".")
    assert done.returncode == 0, done.stderr
    assert "pelicanconf.py:32: THEME: themes do not come over" in done.stdout
    assert "Not built, for they are not reStructuredText:\n  b.md" in done.stdout
    assert command(folder, "import", "pelican", ".").returncode == 3
    report = json.loads(command(folder, "import", "pelican", ".", "--force", "--json").stdout)
    assert report["unbuilt"] == ["b.md"]
    assert {"table": "site", "key": "author", "value": "A", "reason": "AUTHOR (pelicanconf.py:2)"} in report[
        "lines"
    ]
    for words in (("import", "nikola", "."), ("import", "pelican"), ("import", "pelican", "nowhere")):
        assert command(folder, *words).returncode == 2
