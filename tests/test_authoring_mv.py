"""``fab mv``: another slug, another file name, and nothing lost."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from blogops import config, website
from blogops.authoring import mv, version
from blogops.authoring.changes import Move, perform
from blogops.authoring.fieldlist import set_field
from blogops.authoring.manuscript import texts
from blogops.config import Config
from blogops.errors import OpsError, Refused, UsageError
from blogops.website.model import Entry

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
HEAD = '[site]\ntitle = "Carnet"\nurl = "http://blog.example.org"\nauthor = "Rémy"\nlanguage = "fr"\n'


class Blog:
    """A blog in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "content").mkdir()
        (folder / "blog.toml").write_text(HEAD, encoding="utf-8")

    @property
    def config(self) -> Config:
        return config.load(self.folder / "blog.toml")

    def write(self, name: str, text: str, newline: str = "\n") -> Path:
        path = self.folder / "content" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.replace("\n", newline).encode())
        return path

    def post(self, name: str, fields: str = "", body: str = "Un texte.") -> Path:
        title = Path(name).stem.capitalize()
        return self.write(name, f"{title}\n{'=' * len(title)}\n\n:date: 2026-01-02\n{fields}\n{body}\n")

    def mv(self, old: str, new: str) -> Move:
        move = mv.plan(self.config, old, new, NOW)
        perform(move)
        return move

    def entry(self, name: str) -> Entry:
        return next(entry for entry, _ in texts(self.config, NOW) if entry.source.name == name)


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(tmp_path)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_slug_leaves_its_address_and_its_id(blog: Blog, newline: str) -> None:
    text = "\ufeffÉté\n===\n\n:date: 2026-01-02\n:tags: un,\n    deux\n\nUn  texte.\t\n\n:slug: pas un champ"
    path = blog.write("ete.rst", text, newline)
    before, bytes_before = blog.entry("ete.rst"), path.read_bytes()
    said = blog.mv("ete", "juillet").said
    after = blog.entry("ete.rst")
    assert (after.slug, after.url, after.identity) == ("juillet", "/juillet.html", before.identity)
    assert after.aliases == ("/ete.html",)
    added = f":slug: juillet\n:aliases: /ete.html\n:id: {before.identity}\n".replace("\n", newline).encode()
    last_field = b"    deux" + newline.encode()
    assert path.read_bytes() == bytes_before.replace(last_field, last_field + added)
    assert "slug ete -> juillet, address /ete.html -> /juillet.html" in said[0]
    report = website.build(blog.config, blog.folder / "out", now=NOW)
    assert report.manifest and ("/ete.html", "/juillet.html") in report.manifest.declared


def test_moving_on_and_back_keeps_every_address_but_its_own(blog: Blog) -> None:
    blog.post("un.rst")
    identity = blog.entry("un.rst").identity
    blog.mv("un", "deux")
    blog.mv("deux", "trois")
    assert blog.entry("un.rst").aliases == ("/un.html", "/deux.html")
    blog.mv("content/un.rst", "un")
    assert blog.entry("un.rst").aliases == ("/deux.html", "/trois.html")
    assert blog.entry("un.rst").identity == identity
    website.build(blog.config, blog.folder / "out", now=NOW)


def test_old_addresses_in_a_list_are_kept(blog: Blog) -> None:
    path = blog.post("un.rst", ":aliases:\n\n   - /a.html\n   - /b.html\n:tags: rouge\n")
    blog.mv("un", "deux")
    assert "\n:aliases: /a.html /b.html /un.html\n:tags: rouge\n" in path.read_text()
    report = website.build(blog.config, blog.folder / "out", now=NOW)
    old = ("/a.html", "/b.html", "/un.html")
    assert report.manifest and report.manifest.declared == tuple((each, "/deux.html") for each in old)


def test_all_languages_of_a_slug_move_together(blog: Blog) -> None:
    blog.post("poids.rst", ":slug: poids\n")
    blog.post("weight.rst", ":slug: poids\n:lang: en\n")
    blog.mv("weight.rst", "masse")
    assert [blog.entry(name).slug for name in ("poids.rst", "weight.rst")] == ["masse", "masse"]
    assert blog.entry("weight.rst").aliases == ("/poids-en.html",)


def test_a_draft_has_no_address_to_keep(blog: Blog) -> None:
    path = blog.post("un.rst", ":status: draft\n")
    blog.mv("un", "deux")
    assert ":slug: deux\n" in path.read_text() and ":aliases:" not in path.read_text()


def test_a_file_gets_a_name_and_links_follow_it(blog: Blog) -> None:
    path = blog.post("un.rst", body="`moi <{filename}un.rst>`_ et `encore <{filename}/un.rst#ici>`_")
    other = blog.post(
        "bas/deux.rst", body="Voir `un <{filename}../un.rst>`_ et `x <{filename}../un.rst?a>`_."
    )
    third = blog.post("trois.rst", body="Voir |filename|un.rst et `un <|filename|un.rst>`_, ``un.rst``.")
    before = blog.entry("un.rst")
    said = blog.mv("un", "nouveau.rst").said
    after = blog.entry("nouveau.rst")
    assert not path.exists()
    assert (after.url, after.identity, after.slug) == (before.url, before.identity, before.slug)
    assert "<{filename}nouveau.rst>" in after.source.path.read_text()
    assert "<{filename}/nouveau.rst#ici>" in after.source.path.read_text()
    assert "<{filename}../nouveau.rst>`_ et `x <{filename}../nouveau.rst?a>" in other.read_text()
    assert "<|filename|nouveau.rst>" in third.read_text() and "``un.rst``" in third.read_text()
    assert len(said) == 3
    website.build(blog.config, blog.folder / "out", now=NOW)


def test_what_only_looks_like_a_link_stays(blog: Blog) -> None:
    blog.post("un.rst", body="Voir `moi <{filename}un.rst>`_, ``{filename}un.rst``.")
    link = "`x <{filename}un.rst#a>`_ et `x <{filename}un.rst#a>`_, |y|, voir_"
    code = "``{filename}un.rst`` ::\n\n   `x <{filename}un.rst>`_\n\n.. code:: rst\n\n   {filename}un.rst"
    rest = ".. _voir: {filename}un.rst\n.. |y| image:: /y.png\n   :target: {filename}un.rst"
    other = blog.post("deux.rst", body=f"{link}.\n\n{code}\n\n{rest}\n")
    before = other.read_text()
    blog.mv("un", "nouveau.rst")
    followed = [each.replace("un.rst", "nouveau.rst") for each in (link, rest)]
    assert other.read_text() == before.replace(link, followed[0]).replace(rest, followed[1])
    own = (blog.folder / "content/nouveau.rst").read_text()
    assert "<{filename}nouveau.rst>`_, ``{filename}un.rst``" in own


def test_a_dry_run_plans_and_writes_nothing(blog: Blog) -> None:
    path = blog.post("un.rst")
    before = path.read_bytes()
    assert mv.plan(blog.config, "un", "deux", NOW).said
    assert path.read_bytes() == before


def test_fields_come_below_a_title_that_has_none(blog: Blog) -> None:
    path = blog.write("2026-02-03-un.rst", "####\n Un\n####\n\nUn texte.\n")
    blog.mv("un", "deux")
    assert path.read_text().startswith("####\n Un\n####\n\n:slug: deux\n:aliases: /un.html\n:id: ")
    assert path.read_text().endswith("\n\nUn texte.\n")


@pytest.mark.parametrize(
    "last",
    [
        ":summary: Premier.\n\n   Second `ici <https://example.org>`_.\n",
        ":tags:\n\n   - un\n   - deux\n",
        ":summary:\n\n\n\tTout.\n \n\tFin.\n",
    ],
)
@pytest.mark.parametrize("given", ["", ":slug: sept\n", ":id: urn:sept\n:slug: sept\n", ":status: draft\n"])
def test_new_fields_come_after_the_whole_of_the_last(blog: Blog, given: str, last: str) -> None:
    path = blog.post("sept.rst", given + last)
    before = path.read_text()
    parts = blog.entry("sept.rst").fields
    blog.mv("sept", "huit")
    after, changed = path.read_text(), blog.entry("sept.rst").fields
    assert last in after and changed["slug"] == "huit"
    added = [line for line in after.splitlines() if line.startswith((":slug:", ":aliases:", ":id:"))]
    left = [line for line in after.splitlines() if line not in added]
    assert left == [line for line in before.splitlines() if not line.startswith((":slug:", ":id:"))]
    wanted = ("summary", "tags", "date", "status")
    assert [changed.get(name) for name in wanted] == [parts.get(name) for name in wanted]


def test_a_move_that_would_change_another_field_is_refused(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog.post("sept.rst", ":description: Un.\n:summary: Deux `ici <https://example.org>`_.\n")
    for old, new, words in (
        (b"Un.", b"Une.", "its description would be another one"),
        (b".org", b".net", "its summary would be another one"),
        (b": huit", b": neuf", "its slug would be another one"),
    ):

        def wrong(*given: Any, old: bytes = old, new: bytes = new) -> bytes:
            return set_field(*given).replace(old, new)

        monkeypatch.setattr(version, "set_field", wrong)
        with pytest.raises(Refused, match=words):
            blog.mv("sept", "huit")


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("nobody", "x", Refused, 'is called "nobody"'),
        ("un", "deux", Refused, r'content/deux\.rst: the slug "deux" is taken'),
        ("un", "un", Refused, "already"),
        ("un", "deux.rst", Refused, r"content/deux\.rst: there is such a file"),
        ("un", "Été !", UsageError, 'Write "ete"'),
        ("un", "bas/un.rst", UsageError, "another folder"),
        ("2026-02-03-jour.rst", "jour.rst", Refused, "no date"),
        ("trois", "quatre.rst", Refused, r"content/casse\.rst: speaks of trois\.rst"),
        ("multi", "autre.rst", Refused, r"content/ligne\.rst:6: its link .* cannot be found again"),
        (
            "cite",
            "autre.rst",
            Refused,
            r'parts/x\.inc:2: a link of content/hote\.rst to "{filename}cite\.rst"',
        ),
        ("inclus", "autre.rst", Refused, r"content/hote\.rst:8: includes inclus\.rst"),
        ("profond", "autre.rst", Refused, r"content/parts/x\.inc:4: includes profond\.rst"),
        ("un", ".un.rst", UsageError, "no name of a post"),
        ("un", "apropos.rst", UsageError, "no name of a post"),
        ("lien", "autre.rst", Refused, r"content/lien\.rst: is a link to parts/lien\.txt"),
        ("lien", "lien-2", Refused, r"content/lien\.rst: is a link"),
        ("deux", "autre.rst", Refused, r"content/parts/deux\.inc: is a link to \.\./deux\.rst"),
    ],
)
def test_refusals_change_nothing(blog: Blog, old: str, new: str, error: type[OpsError], words: str) -> None:
    for name in ("un.rst", "deux.rst", "trois.rst", "multi.rst", "cite.rst", "inclus.rst", "profond.rst"):
        blog.post(name)
    blog.post("parts/lien.txt", ":slug: lien\n")
    (blog.folder / "content/lien.rst").symlink_to("parts/lien.txt")
    (blog.folder / "content/parts/deux.inc").symlink_to("../deux.rst")
    with (blog.folder / "blog.toml").open("a") as file:
        file.write('[content]\npages = ["pages", "apropos.rst"]\n')
    blog.write(
        "parts/x.inc", "\nVoir `x <{filename}cite.rst>`_.\n\n.. include:: /profond.rst\n   :literal:\n"
    )
    blog.post(
        "hote.rst", body="Texte.\n\n.. include:: inclus.rst\n   :start-line: 5\n\n.. include:: parts/x.inc"
    )
    blog.write("2026-02-03-jour.rst", "Jour\n====\n\nTexte.\n")
    blog.write("casse.rst", "Sans date, voir `x <{filename}trois.rst>`_.\n")
    blog.post("ligne.rst", body="Voir `x\n<{filename}mul\nti.rst>`_.")
    before = {p: p.read_bytes() for p in blog.folder.rglob("*") if p.is_file() and "var" not in p.parts}
    with pytest.raises(error, match=words):
        blog.mv(old, new)
    assert before == {
        p: p.read_bytes() for p in blog.folder.rglob("*") if p.is_file() and "var" not in p.parts
    }


def test_a_file_changed_meanwhile_is_not_written_over(blog: Blog) -> None:
    path = blog.post("un.rst")
    move = mv.plan(blog.config, "un", "deux", NOW)
    path.write_text(path.read_text() + "Plus.\n")
    with pytest.raises(Refused, match="changed meanwhile"):
        perform(move)
    assert path.read_text().endswith("Plus.\n")
    assert {each.name for each in path.parent.iterdir()} == {"un.rst"}
