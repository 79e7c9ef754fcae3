"""``fab new``: what the file holds, where it lies, and what is refused."""

import datetime as dt
from pathlib import Path

import pytest

from blogops import config, website
from blogops.authoring.manuscript import texts
from blogops.authoring.new import Wanted, new
from blogops.config import Config
from blogops.errors import Failed, OpsError, Refused, UsageError

NOW = dt.datetime(2026, 11, 23, 22, 30, tzinfo=dt.UTC)
HEAD = '[site]\ntitle = "Carnet"\nurl = "http://blog.example.org"\nauthor = "Rémy"\nlanguage = "fr"\n'


@pytest.fixture
def blog(tmp_path: Path) -> Config:
    (tmp_path / "blog.toml").write_text(HEAD + 'timezone = "Europe/Paris"\n', encoding="utf-8")
    (tmp_path / "content").mkdir()
    (tmp_path / "content/a.rst").write_text("Un chat\n#######\n\n:date: 2026-01-01\n\nTexte.\n")
    return config.load(tmp_path / "blog.toml")


def test_a_post_is_a_draft_in_the_zone_of_the_site(blog: Config) -> None:
    path = new(blog, Wanted(title="Été à la mer"), NOW)
    assert path == blog.manuscript / "ete-a-la-mer.rst"
    assert path.read_text(encoding="utf-8") == (
        "############\nÉté à la mer\n############\n\n:date: 2026-11-23 23:30\n:tags:\n:status: draft\n\n"
    )
    assert website.build(blog, blog.folder / "out", now=NOW).drafts == 1


def test_the_first_post_of_a_blog_is_written_too(blog: Config) -> None:
    (blog.manuscript / "a.rst").unlink()
    assert new(blog, Wanted(title="À propos", page=True), NOW).is_file()
    assert new(blog, Wanted(title="Le premier"), NOW).is_file()


def test_what_is_asked_for_stands_in_the_fields(blog: Config) -> None:
    wanted = Wanted(title="A cat", category="Bêtes", language="en", slug="un-chat", publish=True)
    path = new(blog, wanted, NOW)
    assert path.name == "un-chat-en.rst"
    made = next(entry for entry, _ in texts(blog, NOW + dt.timedelta(1)) if entry.lang == "en")
    assert (made.slug, made.category.name, made.status) == ("un-chat", "Bêtes", "published")


def test_what_is_published_at_once_is_no_draft_by_default_either(blog: Config) -> None:
    blog.path.write_text(HEAD + '[metadata]\ndefaults = {status = "draft"}\n', encoding="utf-8")
    drafts = config.load(blog.path)
    new(drafts, Wanted(title="Prêt", publish=True), NOW)
    made = next(entry for entry, _ in texts(drafts, NOW) if entry.slug == "pret")
    assert made.status == "published"


def test_a_page_lies_among_the_pages_and_has_no_date(blog: Config) -> None:
    path = new(blog, Wanted(title="À propos", page=True), NOW)
    assert path == blog.manuscript / "pages/a-propos.rst"
    assert ":date:" not in path.read_text(encoding="utf-8")


def test_a_category_with_a_folder_has_its_posts_there(blog: Config) -> None:
    (blog.manuscript / "betes").mkdir()
    assert new(blog, Wanted(title="Un âne", category="Bêtes"), NOW).parent.name == "betes"


def test_a_hidden_folder_is_none_of_a_category(blog: Config) -> None:
    (blog.manuscript / ".net").mkdir()
    assert new(blog, Wanted(title="Un", category=".net"), NOW).parent == blog.manuscript


@pytest.mark.parametrize(
    "title",
    [
        *(
            "`x` et *y*",
            "snake_case_ et |z|",
            "1. Un",
            "- Tiret",
            "a\\b",
            ":date: hier",
            ".. note:: oui",
            "#5",
        ),
        *(
            "C++ & C#",
            "日本語のタイトル abc",
            "« Quoi ? »",
            "[1]_ note",
            "mot__ fin",
            "**",
            "... et après",
            "A. B",
        ),
    ],
)
def test_a_title_is_read_as_it_was_typed(blog: Config, title: str) -> None:
    new(blog, Wanted(title=title, slug="titre"), NOW)
    parsed = next(parsed for entry, parsed in texts(blog, NOW) if entry.slug == "titre")
    assert parsed.title == title
    assert [message.text for message in parsed.messages] == []


def test_a_rule_is_as_wide_as_a_title_with_a_tab(blog: Config) -> None:
    lines = new(blog, Wanted(title="Un\tchat noir"), NOW).read_text().splitlines()
    assert lines[0] == "#" * len("Un      chat noir")
    parsed = next(parsed for entry, parsed in texts(blog, NOW) if entry.slug == "un-chat-noir")
    assert (parsed.title, parsed.messages) == ("Un chat noir", ())


def test_the_authors_templates_come_first(blog: Config) -> None:
    folder = blog.folder / "templates/new"
    folder.mkdir(parents=True)
    (folder / "post.rst").write_text("{{ title }}\n{{ rule }}\n\n:date: {{ date }}\n:mood: calme\n")
    (folder / "betes.rst").write_text("{{ title }}\n{{ rule }}\n\n:date: {{ date }}\n:mood: sauvage\n")
    assert ":mood: calme" in new(blog, Wanted(title="Un"), NOW).read_text()
    assert ":mood: sauvage" in new(blog, Wanted(title="Deux", category="Bêtes"), NOW).read_text()
    (folder / "post.rst").write_text("{{ title }}\n\n{{ nobody }}\n")
    with pytest.raises(Failed, match=r"templates/new/post\.rst.*nobody"):
        new(blog, Wanted(title="Trois"), NOW)
    (folder / "post.rst").write_text("{{ title }}\n\n{{ 1 / 0 }}\n")
    with pytest.raises(Failed, match=r"templates/new/post\.rst:3: .*ZeroDivisionError: division by zero"):
        new(blog, Wanted(title="Trois"), NOW)
    assert not (blog.manuscript / "trois.rst").exists()


@pytest.mark.parametrize(
    ("wanted", "error", "words"),
    [
        (Wanted(title="Un chat"), Refused, r'content/a\.rst: the slug "un-chat" is taken'),
        (Wanted(title="  "), UsageError, "one line"),
        (Wanted(title="Un\nchat"), UsageError, "one line"),
        (Wanted(title="!!!"), UsageError, "gives no slug"),
        (Wanted(title="Un", slug="../un"), UsageError, "gives no slug"),
        (Wanted(title="Un", category=".."), UsageError, "no name of a category"),
        (Wanted(title="Un", category="."), UsageError, "no name of a category"),
        (Wanted(title="Un", language="french"), UsageError, "language code"),
        (Wanted(title="Deux"), Refused, r"content/deux\.rst: there is such a file"),
    ],
)
def test_refusals_write_nothing(blog: Config, wanted: Wanted, error: type[OpsError], words: str) -> None:
    (blog.manuscript / "deux.rst").write_text("Autre chose\n===========\n\n:date: 2026-01-01\n\nx\n")
    before = {p: p.read_bytes() for p in blog.folder.rglob("*") if p.is_file() and "var" not in p.parts}
    with pytest.raises(error, match=words):
        new(blog, wanted, NOW)
    assert before == {
        p: p.read_bytes() for p in blog.folder.rglob("*") if p.is_file() and "var" not in p.parts
    }
