"""How much work a build does: no more than what has changed asks for. Counted, never timed."""

import contextlib
import errno
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from editing import numbers_of, png
from test_website_build import NOW, Blog

from blogops import config, website
from blogops.errors import Failed
from blogops.website import BuildReport, apart, watching, words
from blogops.website import settle as settling
from blogops.website import survey as surveying
from blogops.website.collection import Collection, collect
from blogops.website.feeds.items import Item, Items
from blogops.website.memory import TEXTS, Finished
from blogops.website.model import Entry
from blogops.website.report import Work
from blogops.website.store import DATABASE, Store
from blogops.website.tree import Tree
from blogops.website.watching import Identities, Reads

_COUNT = 40
# Nothing that more than one post shows by chance; and the twins of texts would only double the names.
_SETTINGS = """
[lists]
related = 0
[images]
widths = [16]
[build]
compress = false
[releases]
keep = {keep}
"""
_BODY = "Word " * 60 + "and the end of post {number}."
_NOTHING = Work(parsed=0, made=0, pictures=0, written=0)


def write(blog: Blog, number: int, *, title: str = "", tag: str = "", body: str = _BODY) -> Path:
    """Write one of the posts: a day and an address of its own, one of four tags."""
    fields = f":slug: p{number}\n:date: 2026-01-{number // 2 + 1:02} {number % 2 + 9:02}:00\n"
    fields += f":tags: {tag or f'group{number % 4}'}"
    return blog.post(f"p{number}.rst", fields, body.format(number=number), title or f"Post {number}")


def settle() -> None:
    """Wait until a change of what was written would show as another state of the file."""
    time.sleep(0.05)


def fill(blog: Blog) -> None:
    """Write everything."""
    blog.settings(_SETTINGS.format(keep=5))
    for number in range(_COUNT):
        write(blog, number)


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    made = Blog(tmp_path)
    fill(made)
    settle()
    assert made.build().work.parsed == _COUNT
    return made


@pytest.fixture
def forks() -> Iterator[Callable[[], int]]:
    """Yield what tells how many children were started since it was asked the last time."""
    before = apart.forked

    def since() -> int:
        nonlocal before
        before, last = apart.forked, before
        return before - last

    yield since


def changes(blog: Blog, before: dict[str, tuple[int, int]]) -> set[str]:
    """Return the built files that are others than *before*, those that came and those that went."""
    now = numbers_of(blog.out)
    return {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}


def after(blog: Blog, *, parsed: int, made: int | None = None) -> set[str]:
    """Build, hold the report against what is there now, and return the files that changed."""
    before, children = numbers_of(blog.out), apart.forked
    work = blog.build().work
    found = changes(blog, before)
    assert (work.parsed, work.pictures, work.written) == (parsed, 0, len(found))
    assert work.made == (len(found) if made is None else made)
    assert made is not None or apart.forked == children
    return found


def feeds(*names: str) -> set[str]:
    """Return the files of the feeds *names*."""
    return {f"feeds/{name}.{ending}" for name in names for ending in ("atom.xml", "rss.xml", "json")}


def test_a_full_build_reads_and_makes_everything_in_children(
    tmp_path: Path, forks: Callable[[], int]
) -> None:
    blog = Blog(tmp_path)
    fill(blog)
    forks()
    report = blog.build()
    files = len(blog.files())
    assert report.work == Work(parsed=_COUNT, made=files, pictures=0, written=files)
    # Once to read, once to make the posts of feeds and once the files, on each processor.
    assert forks() == 3 * min(apart.processors(), _COUNT)


def test_a_new_tag_settles_the_links_of_those_that_link_to_labels(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog.settings(_SETTINGS.format(keep=5).replace("[build]", '[build]\nlink = "tell"'))
    write(blog, 7, body="See `red <{{tag}}red>`__.")
    assert "no published post has the tag" in " ".join(blog.build().warnings)
    settled: list[str] = []
    finished = settling._finished

    def counted(text: settling._Text, *more: Any) -> Finished:
        settled.append(text.read.name)
        return finished(text, *more)

    monkeypatch.setattr(settling, "_finished", counted)
    write(blog, 3, tag="red")
    assert blog.build().warnings == ()
    assert sorted(settled) == ["p3.rst", "p7.rst"]
    assert 'href="/tag/red.html"' in (blog.out / "p7.html").read_text()


def test_where_nothing_has_changed_nothing_is_done_and_nothing_touched(
    blog: Blog, forks: Callable[[], int]
) -> None:
    settle()
    forks()
    kept = blog.out.with_name("out.cache")
    before, remembered = numbers_of(blog.out), numbers_of(kept)
    report = blog.build()
    assert (report.work, report.manifest, report.posts) == (_NOTHING, None, _COUNT)
    assert (numbers_of(blog.out), numbers_of(kept), forks()) == (before, remembered, 0)


def test_a_build_that_has_to_look_everywhere_still_does_nothing(blog: Blog, forks: Callable[[], int]) -> None:
    forks()
    before = numbers_of(blog.out)
    report = website.build(config.load(blog.folder / "blog.toml"), blog.out, now=NOW, may_skip=False)
    assert (report.work, forks()) == (_NOTHING, 0)
    assert report.manifest and len(report.manifest.addresses) == _COUNT
    assert numbers_of(blog.out) == before


def test_a_touch_is_no_change(blog: Blog) -> None:
    for name in ("p5.rst", "p30.rst"):
        os.utime(blog.folder / "content" / name)
    assert after(blog, parsed=0) == set()


def test_a_text_that_changed_is_on_its_page_and_in_the_feeds_that_hold_it(blog: Blog) -> None:
    write(blog, 5, body=_BODY.replace("end", "close"))
    assert after(blog, parsed=1) == {"p5.html", *feeds("tag/group1")}
    write(blog, 39, body=_BODY.replace("end", "close"))
    newest = ("all", "all-en", "misc", "author/remy", "tag/group3")
    assert after(blog, parsed=1) == {"p39.html", *feeds(*newest)}


def test_a_text_that_changed_asks_no_page_what_it_is_made_from(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    real = Identities.of

    def heard(identities: Identities, value: object) -> object:
        asked.append(value)
        return real(identities, value)

    monkeypatch.setattr(Identities, "of", heard)
    write(blog, 5, body="Other words, fewer of them.")
    assert after(blog, parsed=1) == {"p5.html", "index4.html", *feeds("tag/group1")}
    assert len(asked) == 1  # What all pages share.
    write(blog, 5, title="Another title", body="Other words, fewer of them.")
    blog.build()
    assert len(asked) > _COUNT


def test_pages_are_planned_without_a_look_at_what_only_they_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog = Blog(tmp_path)
    fill(blog)
    blog.post("pages/about.rst", ":slug: about")
    blog.post("deux.rst", ":slug: p3\n:lang: fr\n:series: Un\n:status: hidden")
    watch, reads = contextlib.ExitStack(), list[Reads]()
    told = surveying._told

    def begin(entries: tuple[Entry, ...], *more: Any) -> Collection:
        watch.enter_context(watching.watched(entries))
        reads.append(watch.enter_context(watching.Noting()))
        return collect(entries, *more)

    def end(*given: Any) -> str:
        watch.close()
        return told(*given)

    monkeypatch.setattr(surveying, "collect", begin)
    monkeypatch.setattr(surveying, "_told", end)
    blog.build()
    assert len(reads[0]) == _COUNT + 2
    assert not [name for name, bits in reads[0].items() if bits & watching.SHOWN_ONLY]


def test_a_feed_says_again_what_it_said_of_the_posts_that_stayed(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    real = Items.of

    def heard(items: Items, post: Entry) -> Item:
        said.append(post.source.name)
        return real(items, post)

    monkeypatch.setattr(Items, "of", heard)
    write(blog, 39, body=_BODY.replace("end", "close"))
    blog.build()  # What children made in the build before is kept, too.
    assert said == ["p39.rst"] * 3
    (blog.folder / "content/p39.rst").unlink()
    blog.build()
    assert not {"p38.rst", "p37.rst", "p36.rst", "p39.rst"} & set(said[3:])


def test_a_title_is_in_the_lists_the_neighbours_and_the_feeds(blog: Blog) -> None:
    write(blog, 5, title="Another title")
    lists = {"index4.html", "archives.html", "2026/index.html", "2026/01/index.html"}
    labels = {"tag/group1.html", "category/misc.html", "author/remy.html"}
    assert after(blog, parsed=1) == {"p4.html", "p5.html", "p6.html", *lists, *labels, *feeds("tag/group1")}


def test_a_tag_is_on_its_list_the_list_of_all_and_the_map(blog: Blog) -> None:
    write(blog, 5, tag="fresh")
    tags = {"tag/group1.html", "tag/fresh.html", "tags.html", *feeds("tag/group1", "tag/fresh")}
    assert after(blog, parsed=1) == {"p5.html", "sitemap.xml", *tags}


def test_a_new_date_moves_a_post_past_its_neighbours(blog: Blog) -> None:
    """Between 8 and 9 instead of between 4 and 6."""
    path = blog.folder / "content/p5.rst"
    path.write_bytes(path.read_bytes().replace(b"2026-01-03 10:00", b"2026-01-05 09:30"))
    around = {f"p{number}.html" for number in (4, 5, 6, 8, 9)}
    lists = {"index4.html", "archives.html", "2026/index.html", "2026/01/index.html"}
    labels = {"tag/group1.html", "category/misc.html", "author/remy.html"}
    # The lists of all categories and authors hold the posts in their order, and show their number.
    found = after(blog, parsed=1, made=18)
    assert found == {*around, "sitemap.xml", *lists, *labels, *feeds("tag/group1")}


def test_a_deleted_post_takes_its_page_along(blog: Blog) -> None:
    (blog.folder / "content/p39.rst").unlink()
    found = after(blog, parsed=0, made=apart_from_gone(blog))
    assert {"p39.html", "p38.html", "index.html", "sitemap.xml", *feeds("all")} <= found
    assert not {f"p{number}.html" for number in range(38)} & found


def apart_from_gone(blog: Blog) -> int:
    """Return how many files a deleted post 39 has made anew."""
    lists = {"index.html", "index2.html", "index3.html", "index4.html", "archives.html"}
    lists |= {"2026/index.html", "2026/01/index.html", "categories.html", "tags.html", "authors.html"}
    labels = {"tag/group3.html", "category/misc.html", "author/remy.html"}
    return len({"p38.html", "sitemap.xml", *lists, *labels}) + len(
        feeds("all", "all-en", "misc", "author/remy", "tag/group3")
    )


def test_a_template_is_in_the_pages_that_use_it(blog: Blog) -> None:
    pages = {name for name in blog.files() if name.endswith(".html")}
    templates = blog.folder / "templates"
    templates.mkdir()
    footer = '{{% extends "!base.html" %}}\n{{% block footer %}}{}{{% endblock %}}\n'
    (templates / "base.html").write_text(footer.format("Mine."))
    assert after(blog, parsed=0, made=len(pages)) == pages
    lists = {name for name in pages if name.startswith(("tag/", "category/", "author/"))}
    (templates / "listing.html").write_text(
        '{% extends "base.html" %}\n{% block main %}{% include "note.html" %}{% endblock %}\n'
    )
    (templates / "note.html").write_text("One.")
    assert after(blog, parsed=0) == lists
    (templates / "note.html").write_text("Two.")
    assert after(blog, parsed=0) == lists
    (templates / "unused.html").write_text("Of no page.")
    assert after(blog, parsed=0) == set()
    (templates / "base.html").write_text(footer.format("Also mine."))
    assert after(blog, parsed=0, made=len(pages)) == pages


def test_a_setting_that_nobody_shows_makes_nothing(blog: Blog) -> None:
    blog.settings(_SETTINGS.format(keep=6))
    assert after(blog, parsed=0) == set()


def test_a_setting_that_all_show_reads_nothing_again(blog: Blog) -> None:
    pages = {name for name in blog.files() if name.endswith(".html")}
    blog.settings('description = "What it is about."\n' + _SETTINGS.format(keep=5))
    assert pages <= after(blog, parsed=0, made=len(blog.files()) - len(assets(blog)))


def assets(blog: Blog) -> set[str]:
    """Return the files that show nothing of the site's description: the theme's and the map."""
    files = blog.files()
    return {name for name in files if name.startswith("theme/") or name == "sitemap.xml"}


def test_photos_are_prepared_once(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    blog.settings(_SETTINGS.format(keep=5))
    for number in range(200):
        blog.write(f"images/{number}.png", png(f"rgb({number}, 0, 0)", 8))
    for number in range(4):
        write(blog, number, body=f".. image:: /images/{number}.png\n   :alt: A photo.\n")
    settle()
    assert blog.build().work.pictures == 200
    settle()
    assert blog.build().work == _NOTHING
    write(blog, 1, body=".. image:: /images/7.png\n   :alt: Another photo.\n")
    work = blog.build().work
    assert (work.parsed, work.pictures) == (1, 0)
    blog.write("images/7.png", png("rgb(0, 7, 0)", 8))
    before = numbers_of(blog.out)
    work = blog.build().work
    assert (work.parsed, work.pictures) == (0, 1)
    assert "images/7.png" in changes(blog, before)


def test_an_error_in_one_post_names_it_and_the_others_stay_read(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    fill(blog)
    write(blog, 7, body="* A list\nwithout an end {number}")
    blog.write("p8.rst", "Post 8\n======\n\n:date: never\n\nText.\n")
    with pytest.raises(Failed) as refused:
        blog.build()
    assert "content/p8.rst:4" in str(refused.value)
    assert "p9.rst" not in str(refused.value)
    write(blog, 8)
    assert blog.build().work.parsed == 1


def test_a_broken_template_costs_no_reading(blog: Blog) -> None:
    own = blog.folder / "templates/base.html"
    own.parent.mkdir()
    own.write_text('{% extends "!base.html" %}\n{% block footer %}{{ nowhere.at.all }}{% endblock %}\n')
    write(blog, 5, body=_BODY.replace("end", "close"))
    before = numbers_of(blog.out)
    with pytest.raises(Failed):
        blog.build()
    assert numbers_of(blog.out) == before
    own.unlink()
    assert after(blog, parsed=0) == {"p5.html", *feeds("tag/group1")}


def preview(blog: Blog) -> BuildReport:
    """Build what its author sees, beside the site and with what both remember."""
    return website.build(
        config.load(blog.folder / "blog.toml"),
        blog.folder / "preview",
        now=NOW,
        cache=blog.folder / "out.cache",
        preview=True,
    )


def test_a_full_disk_that_a_child_meets_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blog = Blog(tmp_path)
    fill(blog)
    lay = Tree.lay

    def full(tree: Tree, data: bytes | Path) -> str:
        if re.search(rb'rel="canonical" href="[^"]*/p7.html"', data if isinstance(data, bytes) else b""):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tree.out / "p7.html"))
        return lay(tree, data)

    monkeypatch.setattr(Tree, "lay", full)
    with pytest.raises(Failed, match=r"cannot be written: No space left on device") as told:
        blog.build()
    assert told.value.where == str(blog.out / "p7.html")
    assert not blog.out.exists() and not list(tmp_path.glob("**/.*.new"))


def test_a_preview_beside_the_site_takes_nothing_from_it(blog: Blog) -> None:
    blog.write("images/a.png", png("red", 8))
    blog.post("draft.rst", ":status: draft\n:date: 2026-02-01", ".. image:: /images/a.png\n   :alt: A.")
    assert blog.build().work.parsed == 1
    assert preview(blog).work.parsed == 0
    for number in (5, 6):
        write(blog, number, body=_BODY.replace("end", "close"))
        assert preview(blog).work.parsed == 1
        assert blog.build().work.parsed == 0
    # Only the site knows the old text, and then the new one: it is read once more, and only it.
    before = blog.folder / "content/p5.rst"
    write(blog, 5)
    assert before.is_file()
    assert blog.build().work.parsed == 1
    assert preview(blog).work.parsed == 0


def test_a_text_stays_as_long_as_one_tree_is_made_of_it(blog: Blog) -> None:
    def texts() -> int:
        with Store(blog.folder / "out.cache" / DATABASE) as store:
            return len(store.names(TEXTS))

    assert preview(blog).work.parsed == 0
    write(blog, 5, body=_BODY.replace("end", "close"))
    assert (preview(blog).work.parsed, texts()) == (1, _COUNT + 1)
    write(blog, 5)
    (blog.folder / "templates").mkdir()
    footer = '{% extends "!base.html" %}{% block footer %}Mine.{% endblock %}'
    (blog.folder / "templates/base.html").write_text(footer)
    work = blog.build().work
    assert (work.parsed, work.made) == (0, len(list(blog.out.rglob("*.html"))))
    assert (preview(blog).work.parsed, texts()) == (0, _COUNT)


def test_what_children_worded_is_known_to_the_next_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forks: Callable[[], int]
) -> None:
    worded: dict[tuple[object, ...], object] = {}
    monkeypatch.setattr(words, "WORDED", worded)
    blog = Blog(tmp_path)
    fill(blog)
    blog.settings("[lists]\nrelated = 5\n")
    # Its page alone tells in French of the days of others.
    blog.post("fr.rst", ":lang: fr\n:date: 2026-01-05 12:00\n:tags: group1", "Un texte.", "En français")
    blog.build()
    assert forks() > 0
    assert "19 janvier 2026" in next(blog.out.glob("en-francais*.html")).read_text()

    def unknown(language: str) -> None:
        raise AssertionError(f"asked once more, in {language}")

    monkeypatch.setattr(words, "_locale", unknown)
    (blog.folder / "templates").mkdir()
    footer = '{% extends "!base.html" %}{% block footer %}Mine.{% endblock %}'
    (blog.folder / "templates/base.html").write_text(footer)
    assert blog.build().work.made == len(list(blog.out.rglob("*.html")))
