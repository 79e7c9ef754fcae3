"""What a manuscript may not hold: every refusal names the file and the line, and builds nothing."""

import datetime as dt
import os
import shutil
from pathlib import Path

import pytest
from test_website_build import NOW, Blog

from blogops import config, website
from blogops.errors import Failed, UsageError


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    made = Blog(tmp_path)
    made.post("bon.rst")
    return made


def refused(blog: Blog) -> str:
    """Build, expect one `Failed`, and return what it says."""
    with pytest.raises(Failed) as caught:
        blog.build()
    assert not blog.out.exists(), "something was built all the same"
    return str(caught.value)


HEAD = "Titre\n=====\n\n:date: 2026-01-02\n"

BAD_POSTS = {
    "no title": (b":date: 2026-01-02\n\nTexte.\n", "1: no title"),
    "no date": (b"Titre\n=====\n\nTexte.\n", "1: no date"),
    "empty date": (b"Titre\n=====\n\n:date:\n\nTexte.\n", "4: no date"),
    "bad date": (b"Titre\n=====\n\n:tags: a\n:date: 2026-02-30\n\nTexte.\n", '5: :date: "2026-02-30" is not'),
    "bad modified": (f"{HEAD}:modified: hier\n".encode(), '5: :modified: "hier" is not a date'),
    "unknown status": (f"{HEAD}:status: publish\n".encode(), 'did you mean "published"?'),
    "strange status": (f"{HEAD}:statut: xyz\n".encode(), "5: :status:"),
    "not UTF-8": ("Titre\n=====\n\n:date: 2026-01-02\n\nÉté.\n".encode("latin-1"), "6: not UTF-8"),
    "broken RST": (f"{HEAD}\nTexte.\n\n.. nulle-part:: x\n".encode(), "8:4: Unknown directive type"),
    "unknown reference": (f"{HEAD}\nTexte.\n\nVoir ici_.\n".encode(), '8:6: Unknown target name: "ici"'),
    "unknown language": (f"{HEAD}:lang: english\n".encode(), '5: :lang: "english"'),
    "bad formula": (f"{HEAD}\nTexte :math:`^2`.\n".encode(), "6: this formula cannot be read"),
    "no address": (f"{HEAD}\nVoir `a <http://[>`_\n".encode(), '6: "http://[" is not an address'),
    "no slug": (b"=====\n\\+\\+\n=====\n\n:date: 2026-01-02\n\nText.\n", "write :slug:"),
    "title too long": (
        b"=" * 300 + b"\n" + b"long " * 55 + b"\n" + b"=" * 300 + b"\n\n:date: 2026-01-02\n",
        "too long",
    ),
    "slug too long": (f"{HEAD}:slug: {'é' * 125}\n".encode(), '5: the address "ééé'),
    "tag too long": (f"{HEAD}:tags: a, {'b' * 250}\n".encode(), '5: the address "tag/bbb'),
    "slug outside": (f"{HEAD}:slug: ../../x\n".encode(), "5: :slug:"),
    "empty tag slug": (f"{HEAD}:tags: a, ++\n".encode(), '5: tag "++"'),
    "deep": (HEAD.encode() + b"\n" + b"\n".join(b" " * i + b"x\n" for i in range(400)), "nested too deeply"),
    "long line": (HEAD.encode() + b"\n" + b"x" * 1_200_000, "1: Line"),
}


@pytest.mark.parametrize("name", BAD_POSTS)
def test_a_bad_post_is_told_with_its_line(blog: Blog, name: str) -> None:
    text, wanted = BAD_POSTS[name]
    blog.write("mauvais.rst", text)
    said = refused(blog)
    assert "content/mauvais.rst:" in said
    assert wanted in said
    assert "content/bon.rst" not in said


ATTACKS = {
    "raw": ".. raw:: html\n\n   <script>alert(1)</script>",
    "brut": ".. brut:: html\n\n   <script>alert(1)</script>",
    "raw file": ".. raw:: html\n   :file: /etc/passwd",
    "raw role": ".. role:: html(raw)\n   :format: html\n\n:html:`<script>`",
    "include": ".. include:: /etc/passwd",
    "inclure": ".. inclure:: /etc/passwd",
    "csv": ".. csv-table::\n   :file: /etc/passwd",
    "embed": ".. image:: /etc/passwd\n   :loading: embed\n   :alt: x",
    "embed figure": ".. figure:: /etc/passwd\n   :loading: embed\n   :alt: x\n\n   Légende.",
    "embed substitution": "Ici |x|.\n\n.. |x| image:: /etc/passwd\n   :loading: embed\n   :alt: x",
    "javascript": "`clic <javascript:alert(1)>`_",
    "javascript target": "clic_\n\n.. _clic: JavaScript:alert(1)",
    "javascript escaped": "`clic <java\\ script:alert(1)>`__",
    "javascript image": ".. image:: x.png\n   :alt: x\n   :target: javascript:alert(1)",
    "javascript indirect": "a_\n\n.. _a: b_\n.. _b: vbscript:x",
    "data image": ".. image:: data:text/html,<script>\n   :alt: x",
    "file link": "`clic <file:///etc/passwd>`_",
    "date": "Le |d|.\n\n.. |d| date::",
    "figwidth": ".. figure:: data:image/png;x\n   :figwidth: image\n   :alt: x",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused(blog: Blog, name: str) -> None:
    blog.post("attaque.rst", "", ATTACKS[name])
    said = refused(blog)
    assert "content/attaque.rst:" in said
    assert "root:" not in said


def test_an_attack_is_refused_in_any_language(blog: Blog) -> None:
    blog.post("attaque.rst", ":lang: de", ".. bild:: /etc/passwd\n   :loading: embed\n   :alt: x")
    assert "cannot be embedded" in refused(blog)


def test_a_docutils_conf_opens_no_door(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    (blog.folder / "docutils.conf").write_text("[general]\nraw_enabled: 1\nfile_insertion_enabled: 1\n")
    monkeypatch.setenv("DOCUTILSCONFIG", str(blog.folder / "docutils.conf"))
    monkeypatch.chdir(blog.folder)
    blog.post("attaque.rst", "", ATTACKS["raw"])
    assert "raw" in refused(blog)


def test_plain_text_that_looks_like_a_strange_address_stays_text(blog: Blog) -> None:
    blog.post("a.rst", "", "Voir ssh://hote/ ou javascript:alert(1) ou <b>.")
    blog.build()
    page = blog.page("a.html")
    assert "ssh://hote/" in page
    assert 'href="ssh' not in page
    assert 'href="javascript' not in page


def test_dead_links_are_told_at_their_line(blog: Blog) -> None:
    blog.post("brouillon.rst", ":status: draft")
    blog.post("demain.rst", ":date: 2027-01-01")
    body = (
        "Un long\nparagraphe `a <{filename}rien.rst>`_\n\n`b <{filename}brouillon.rst>`_\n\n"
        "`c <{filename}demain.rst>`_\n\n`d <{tag}rien>`_\n\n.. image:: {static}/../../etc/passwd\n   :alt: x"
    )
    blog.post("a.rst", "", body)
    said = refused(blog)
    assert 'content/a.rst:8: "{filename}rien.rst" leads nowhere' in said
    assert (
        "content/a.rst:10: links to content/brouillon.rst, which readers cannot reach: it is a draft" in said
    )
    assert "content/a.rst:12: links to content/demain.rst" in said
    assert 'content/a.rst:14: no published post has the tag "rien"' in said
    assert "content/a.rst:16: " in said
    assert said.startswith("5 problems")


def test_a_scheduled_post_may_link_to_the_lists_that_it_will_be_in(blog: Blog) -> None:
    links = "`t <{tag}tout neuf>`__ `c <{category}Ailleurs>`__ `a <{author}Zoé>`__"
    labels = ":tags: tout neuf\n:category: Ailleurs\n:author: Zoé"
    blog.post("a.rst", f":date: 2027-01-01\n{labels}", links)
    assert blog.build().scheduled == 1
    assert blog.build(NOW + dt.timedelta(days=100)).scheduled == 0
    assert 'href="/tag/tout-neuf.html"' in blog.page("a.html") and "tag/tout-neuf.html" in blog.files()
    blog.post("a.rst", ":date: 2027-01-01", links)
    with pytest.raises(Failed, match='no published post has the tag "tout neuf"'):
        blog.build()


def test_what_a_field_says_wrong_is_told_at_its_line(blog: Blog) -> None:
    blog.post("a.rst", ":tags: x\n:image: {static}rien.png\n:aliases: /vieux.html")
    blog.post("b.rst", ":tags: x\n:aliases:\n   /vieux.html, /deux?x")
    blog.post("c.rst", ":image: https://ailleurs.example/c.png")
    said = refused(blog)
    assert 'content/a.rst:6: "{static}rien.png" leads nowhere' in said
    assert "content/b.rst:6: /vieux.html leads elsewhere already, by content/a.rst" in said
    assert 'content/b.rst:6: :aliases: "/deux?x" is not an old path' in said
    for name in "ab":
        blog.post(f"{name}.rst")
    assert [warning for warning in blog.build().warnings if "c.rst:5: the image" in str(warning)]


def test_a_scheduled_post_may_link_to_one_that_is_out_by_then(blog: Blog) -> None:
    blog.post("a.rst", ":date: 2027-01-01")
    blog.post("b.rst", ":date: 2027-01-02", "`a <{filename}a.rst>`_")
    assert blog.build().scheduled == 2


def test_every_broken_post_is_told_at_once(blog: Blog) -> None:
    blog.write("x.rst", "Texte.\n")
    blog.write("y.rst", b"\xff\n")
    blog.post("z.rst", "", "`x <{filename}x.rst>`_")
    said = refused(blog)
    assert "content/x.rst:1: no title" in said
    assert "content/x.rst:1: no date" in said
    assert "content/y.rst:1: not UTF-8" in said
    assert "z.rst" not in said, "a link to a broken post is not a second problem"


@pytest.mark.parametrize("fields", ["", ":date: 2030-01-01"])
def test_two_posts_with_one_address(blog: Blog, fields: str) -> None:
    blog.post("un.rst", ":slug: meme")
    blog.post("deux.rst", f":slug: Meme\n{fields}")
    said = refused(blog)
    assert "content/un.rst" in said
    assert "content/deux.rst" in said
    assert "meme.html" in said.lower()


def test_a_post_may_not_take_a_page_of_the_theme(blog: Blog) -> None:
    blog.post("archives.rst")
    assert "content/archives.rst:1: wants the address /archives.html" in refused(blog)


def test_tags_that_share_an_address(blog: Blog) -> None:
    blog.post("a.rst", ":tags: C++")
    blog.post("b.rst", ":tags: C#")
    said = refused(blog)
    assert "content/a.rst" in said
    assert "content/b.rst" in said
    assert '"C#"' in said
    assert '"C++"' in said


def test_a_broken_draft_only_warns(blog: Blog) -> None:
    blog.post("a.rst", ":status: draft", ".. rien::")
    report = blog.build()
    assert report.drafts == 1
    assert any(warning.startswith("content/a.rst:7:4: Unknown directive") for warning in report.warnings)


def test_a_warning_is_told_and_the_post_is_published(blog: Blog) -> None:
    blog.post("a.rst", "", "* un\nTexte collé.\n\n.. image:: x.png")
    report = blog.build()
    assert report.posts == 2
    assert len(report.warnings) == 2
    assert "content/a.rst:8: Bullet list ends without a blank line" in report.warnings[0]
    assert "without :alt:" in report.warnings[1]
    assert "system-message" not in blog.page("a.html")


def test_an_empty_manuscript_is_never_built(blog: Blog) -> None:
    (blog.folder / "content/bon.rst").unlink()
    blog.write("pages/a.rst", "A\n=\n")
    blog.write(".cache.rst", HEAD)
    blog.write("bon.rst~", HEAD)
    assert 'no post in "content"' in refused(blog)


def test_a_folder_that_may_not_be_read_loses_no_post(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    blog.write("trips/b.rst", HEAD)
    look = os.scandir

    def shut(path: str) -> object:
        if path.endswith("/trips"):
            raise PermissionError
        return look(path)

    monkeypatch.setattr(os, "scandir", shut)
    assert "content/trips:1: a folder that may not be read" in refused(blog)


def test_a_missing_content_folder_is_a_mistake_of_blog_toml(blog: Blog) -> None:
    shutil.rmtree(blog.folder / "content")
    with pytest.raises(UsageError, match=r"content\.path"):
        website.build(config.load(blog.folder / "blog.toml"), blog.out, now=NOW)


def test_a_link_out_of_the_content_folder_is_not_followed(blog: Blog) -> None:
    (blog.folder / "content/images").mkdir()
    (blog.folder / "content/images/x.txt").symlink_to("/etc/passwd")
    assert "content/images/x.txt:1: a link that leads out" in refused(blog)


def test_a_link_that_leads_to_itself_is_told_like_one_that_leads_nowhere(blog: Blog) -> None:
    for name, target in (("a.svg", "a.svg"), ("b.inc", "c.inc"), ("c.inc", "b.inc"), ("d.svg", "no.svg")):
        (blog.folder / "content" / name).symlink_to(target)
    blog.write("e.rst", HEAD + "\n`a <{static}a.svg>`__\n\n.. include:: b.inc\n")
    said = refused(blog)
    assert all(
        f"content/{name}:1: not a file that can be read" in said for name in ("a.svg", "b.inc", "d.svg")
    )
    assert '"b.inc" is not included' in said and '"{static}a.svg" leads nowhere' in said
    blog.settings('[theme]\nlogo = "a.svg"')
    assert 'theme.logo: there is no file "a.svg"' in refused(blog)


def test_a_failed_build_leaves_the_earlier_one(blog: Blog) -> None:
    blog.build()
    before = {path: path.stat().st_mtime_ns for path in blog.out.rglob("*")}
    blog.write("mauvais.rst", "Texte.\n")
    with pytest.raises(Failed):
        blog.build()
    assert before == {path: path.stat().st_mtime_ns for path in blog.out.rglob("*")}
