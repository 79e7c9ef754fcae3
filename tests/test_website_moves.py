"""Addresses that are no page any more: where they lead, release after release."""

import errno
import json
import random
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from blogops import config, jobs, website
from blogops.errors import Failed
from blogops.jobs import Place, Published, Wishes, building
from blogops.releases import MANIFEST, MOVES, Layout, Outcome, Run, roll_back
from blogops.service import moved
from blogops.website.moves import Address, Manifest, moves
from blogops.website.notes import Notes
from blogops.website.redirects import old_path, parse_redirects, target_address
from blogops.website.served import target_of

Moves = dict[str, str | None]


def manifest(*addresses: str, **declared: str) -> Manifest:
    """Return the manifest of addresses written "url identity source digest"; declared without slashes."""
    made = tuple(Address(*words.split()) for words in addresses)
    return Manifest(made, tuple((f"/{old}", target) for old, target in declared.items()))


A, B = "/a.html one a.rst 1", "/b.html two b.rst 2"


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ([A, B], [A, B], {}),
        ([A], [A, B], {}),
        ([A, B], [A], {"/b.html": None}),
        # The same text at another place: by its id, by its file, by its words.
        ([A], ["/x.html one x.rst 9"], {"/a.html": "/x.html"}),
        ([A], ["/x.html new a.rst 9"], {"/a.html": "/x.html"}),
        ([A], ["/x.html new x.rst 1"], {"/a.html": "/x.html"}),
        ([A], ["/x.html new x.rst 9"], {"/a.html": None}),
        # The id counts more than the file, the file more than the words.
        ([A], ["/x.html new a.rst 1", "/y.html one y.rst 9"], {"/a.html": "/y.html"}),
        ([A], ["/x.html new a.rst 9", "/y.html other y.rst 1"], {"/a.html": "/x.html"}),
        # Twins tell nothing.
        ([A], ["/x.html new x.rst 1", "/y.html newer y.rst 1"], {"/a.html": None}),
        ([A, "/c.html two c.rst 1"], ["/x.html new x.rst 1"], {"/a.html": None, "/c.html": None}),
        # Another text that is now in this file, or has its words, was there before under its own name.
        ([A, B], ["/b.html two a.rst 2"], {"/a.html": None}),
        ([A, B], ["/z.html two a.rst 1"], {"/a.html": None, "/b.html": "/z.html"}),
        # Two that change places are both there; one that takes a deleted one's address leads to it.
        ([A, B], ["/b.html one a.rst 1", "/a.html two b.rst 2"], {}),
        ([A, B], ["/b.html one a.rst 1"], {"/a.html": "/b.html"}),
        # Addresses are compared decoded and lead on encoded.
        (["/caf%C3%A9.html one a.rst 1"], ["/café.html one a.rst 1"], {}),
        (["/café one a.rst 1"], ["/thé%20noir one a.rst 1"], {"/café": "/th%C3%A9%20noir"}),
    ],
)  # fmt: skip
def test_against_the_release_before(before: list[str], now: list[str], expected: Moves) -> None:
    assert moves(manifest(*now), manifest(*before), {}) == expected


@pytest.mark.parametrize(
    ("before", "now", "carried", "expected"),
    [
        ([A], [A], {"/old": "/a.html", "/gone": None}, {"/old": "/a.html", "/gone": None}),
        ([A], ["/x.html one x.rst 1"], {"/old": "/a.html"}, {"/old": "/x.html", "/a.html": "/x.html"}),
        # Where it led to is kept, should that come back; till then it is gone, too (served.target_of).
        ([A, B], [B], {"/old": "/a.html"}, {"/old": "/a.html", "/a.html": None}),
        ([B], [A, B], {"/old": "/a.html", "/a.html": None}, {"/old": "/a.html"}),
        ([A], [A, "/old three o.rst 3"], {"/old": "/a.html"}, {}),
        ([A], [A, "/gone three o.rst 3"], {"/gone": None}, {}),
        # Back and forth, and back again.
        ([A], ["/old one a.rst 1"], {"/old": "/a.html"}, {"/a.html": "/old"}),
    ],
)
def test_what_is_carried(before: list[str], now: list[str], carried: Moves, expected: Moves) -> None:
    assert moves(manifest(*now), manifest(*before), carried) == expected


@pytest.mark.parametrize("back", ["list.html", "list/index.html", "list"])
def test_what_came_back_as_a_file_is_not_gone(back: str) -> None:
    now, carried = manifest(A, old="/list.html"), {"/list.html": None, "/list": None}
    if back == "list.html":
        assert moves(now, now, carried, {back}) == {"/old": "/list.html"}
    assert "/list" not in moves(now, now, carried, {back})


def test_without_a_release_before_only_what_is_declared_moves() -> None:
    now = manifest(A, old="/a.html", gone="", out="https://example.org/x", picture="/images/a.png")
    expected = {
        "/old": "/a.html",
        "/gone": None,
        "/out": "https://example.org/x",
        "/picture": "/images/a.png",
    }
    assert moves(now, None, {}) == expected


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        # What an author says counts more than what is worked out.
        (manifest(A, B), manifest(B, **{"a.html": "/b.html"}), {"/a.html": "/b.html"}),
        (manifest(A, B), manifest(B, **{"a.html": "https://example.org/"}), {"/a.html": "https://example.org/"}),
        # Declared upon declared, and upon a text that moves.
        (None, manifest(A, x="/y", y="/a.html#end"), {"/x": "/a.html#end", "/y": "/a.html#end"}),
        (manifest(A, x="/a.html"), manifest("/n one a.rst 1", x="/a.html"), {"/a.html": "/n", "/x": "/n"}),
        # Taken back by its author, it is forgotten; an alias goes with its post.
        (manifest(A, x="/a.html", y="", z="https://example.org/"), manifest(A), {}),
        (manifest(A, B, x="/a.html"), manifest(B), {"/a.html": None, "/x": "/a.html"}),
        (manifest(A, x="/a.html"), manifest("/n.html one a.rst 1"), {"/a.html": "/n.html", "/x": "/n.html"}),
        # A page counts more than a redirect; a circle ends nowhere.
        (None, manifest(A, **{"a.html": "/b.html"}), {}),
        (None, manifest(A, x="/y", y="/x", z="/x"), {"/x": None, "/y": None, "/z": None}),
        (None, manifest(A, x="/x?again"), {"/x": None}),
    ],
)  # fmt: skip
def test_what_is_declared(before: Manifest | None, now: Manifest, expected: Moves) -> None:
    carried = moves(before, None, {}) if before else {}
    assert moves(now, before, carried) == expected
    assert moves(now, now, expected) == expected


@pytest.mark.parametrize("seed", range(40))
def test_any_history_comes_to_rest_and_leads_only_to_pages(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    before, carried = None, Moves()
    for _ in range(8):
        now = _anything(chance)
        found = moves(now, before, carried)
        here = {address.path for address in now.addresses}
        assert not here & found.keys()
        assert {target for old in found if (target := target_of(old, found))} <= here
        assert moves(now, now, found) == found
        if before:
            assert {address.path for address in before.addresses} <= here | found.keys()
        before, carried = now, found


def _anything(chance: random.Random) -> Manifest:
    paths = chance.sample([f"/{letter}" for letter in "abcdefgh"], chance.randint(1, 6))
    identities = chance.sample("123456789", len(paths))
    made = [
        Address(path, one, f"{one}.rst", chance.choice("xyz"))
        for path, one in zip(paths, identities, strict=True)
    ]
    declared = [(f"/{letter}", chance.choice([*paths, ""])) for letter in chance.sample("abcdefghij", 3)]
    return Manifest(tuple(made), tuple(declared))


def test_a_manifest_is_the_same_after_its_journey() -> None:
    given = manifest(A, "/é.html two b.rst 2", old="/a.html")
    assert Manifest.from_json(given.json) == given


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", "null", '{"addresses": [{"url": 1}], "declared": []}', '{"addresses": 1}'),
        '{"addresses": [{"url": 1, "identity": "a", "source": "a", "digest": "a"}], "declared": []}',
        '{"addresses": [], "declared": [["/a", null]]}',
        '{"addresses": [], "declared": [], "expired": [1]}',
    ],
)
def test_what_is_no_manifest(text: str) -> None:
    with pytest.raises(ValueError, match=r"manifest|Expecting"):
        Manifest.from_json(text)


REDIRECTS = """# Where the old blog was
/old.html /new.html
/caf%C3%A9   /th%C3%A9.html#end   301   # by its old name
\t/feed https://feeds.example.org/x?a=1
/spam 410

"""


def test_a_redirects_file() -> None:
    notes = Notes()
    assert parse_redirects(REDIRECTS.replace("\n", "\r\n"), "redirects", notes) == [
        ("/old.html", "/new.html", 2),
        ("/café", "/th%C3%A9.html#end", 3),
        ("/feed", "https://feeds.example.org/x?a=1", 4),
        ("/spam", "", 5),
    ]
    assert not notes.problems


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("/old", 'write "/old /new"'),
        ("/old /new 301 more", 'write "/old /new"'),
        ("/old /new 302", "a redirect is a 301"),
        ("/old /new 301!", "a redirect is a 301"),
        ("old /new", "is not an old path"),
        ("https://example.org/old /new", "is not an old path"),
        ("/old/* /new", "is not an old path"),
        ("/old/:year /new", "is not an old path"),
        ("/old?id=1 /new", "is not an old path"),
        ("/%00 /new", "is not a path that a browser asks for"),
        ("/a%0d%0ab /new", "is not a path that a browser asks for"),
        ("/a/../b /new", "is not a path that a browser asks for"),
        ("/a//b /new", "is not a path that a browser asks for"),
        ("/%ff /new", "is not UTF-8"),
        ("/theme/old.css /new", "cannot lead elsewhere"),
        ("/_blog/health /new", "cannot lead elsewhere"),
        ("/a/.git /new", "cannot lead elsewhere"),
        ("/old new", "is not a target"),
        ("/old //evil.example.org/", "is not a target"),
        ("/old ftp://example.org/", "is not a target"),
        ("/old javascript:alert(1)", "is not a target"),
        ("/old https://blog.example.org@evil.example.org/", "is not a target"),
        ("/old https://", "is not a target"),
        ("/old https://example.org:port/", "is not a target"),
        ("/old https://[example/", "is not a target"),
        ("/old https://é.example.org/", "is not a target"),
        ("/old /\\evil.example.org", "is not an address"),
        ("/old /new\x01", "is not an address"),
        ("/old /%ff", "is not UTF-8"),
        ("/old /old", "leads back to itself"),
        ("/old /old#part", "leads back to itself"),
        ("/seen /x", "was given in line 1 already"),
    ],
)
def test_a_wrong_line_is_told_with_its_place(line: str, problem: str) -> None:
    notes = Notes()
    kept = parse_redirects(f"/seen /new\n{line}\n", "redirects", notes)
    assert [(note.file, note.line) for note in notes.problems] == [("redirects", 2)]
    assert problem in notes.problems[0].message
    assert kept[0] == ("/seen", "/new", 1)


def test_a_circle_names_each_of_its_lines() -> None:
    notes = Notes()
    parse_redirects("/a /b\n/b /c\n/c /a\n/d /a\n", "redirects", notes)
    assert [note.line for note in notes.problems] == [1, 2, 3]


def test_what_an_alias_may_be() -> None:
    assert old_path("/2012/caf%C3%A9.html") == "/2012/café.html"
    assert target_address("/thé.html") == "/th%C3%A9.html"
    with pytest.raises(ValueError, match="is not an old path"):
        old_path("2012.html")


TOML = '[site]\ntitle = "T"\nurl = "http://b.example.org"\nauthor = "A"\n'
DEPLOY = Run(who="me", reason="deploy")


@pytest.fixture
def at(tmp_path: Path) -> Place:
    (tmp_path / "blog.toml").write_text(TOML)
    (tmp_path / "content").mkdir()
    return Place(layout=Layout(tmp_path / "var"), manuscript=tmp_path)


def deploy(at: Place, **posts: str) -> Published:
    """Publish posts, given by file name and "slug", or "slug draft"."""
    for path in (at.manuscript / "content").glob("*.rst"):
        path.unlink()
    for name, words in posts.items():
        slug, _, status = words.partition(" ")
        fields = f":date: 2026-01-01\n:slug: {slug}\n:status: {status or 'published'}\n"
        (at.manuscript / f"content/{name}.rst").write_text(f"{name}\n####\n\n{fields}\nThe text of {name}.\n")
    return jobs.rebuild(at, DEPLOY, Wishes(unpin=True))


def told(at: Place) -> Mapping[str, str | None]:
    found: Moves = json.loads((at.layout.current / MOVES).read_text())
    return found


def test_moves_from_release_to_release(at: Place) -> None:
    assert (deploy(at, one="a", two="b").moved, told(at)) == (0, {})
    done = deploy(at, one="x")
    assert (done.moved, done.gone) == (1, 1)
    assert told(at) == {"/a.html": "/x.html", "/b.html": None}
    assert deploy(at, one="x").outcome is Outcome.UNCHANGED
    done = deploy(at, one="y")
    assert (done.moved, done.gone) == (1, 0)
    assert told(at) == {"/a.html": "/y.html", "/b.html": None, "/x.html": "/y.html"}


def test_an_old_address_leads_on_again_when_its_post_is_back(at: Place) -> None:
    deploy(at, one="a", two="b")
    deploy(at, one="x", two="b")
    deploy(at, one="x draft", two="b")
    assert (target_of("/a.html", told(at)), target_of("/x.html", told(at))) == (None, None)
    assert moved.target_of(told(at), "/a.html") is None
    deploy(at, one="x", two="b")
    assert told(at) == {"/a.html": "/x.html"}


def test_after_a_disk_was_full_they_are_those_of_the_site(at: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(at, one="a")

    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    post = at.manuscript / "content/one.rst"
    post.write_text(post.read_text().replace(":slug: a", ":slug: b"))
    time.sleep(0.1)  # so that it is known not to have changed since it was read
    with monkeypatch.context() as patched, pytest.raises(Failed, match="No space left"):
        patched.setattr(building, "write_file", full)
        jobs.rebuild(at, DEPLOY)
    jobs.rebuild(at, DEPLOY)
    assert told(at) == {"/a.html": "/b.html"}


def test_after_a_rollback_they_are_worked_out_against_what_is_live(at: Place) -> None:
    deploy(at, one="a")
    deploy(at, one="b")
    roll_back(at.layout, DEPLOY)
    assert told(at) == {}
    deploy(at, one="c")
    assert told(at) == {"/a.html": "/c.html"}


def test_what_is_kept_back_is_in_no_file(at: Place) -> None:
    deploy(at, one="a", two="b")
    deploy(at, one="a", two="secret draft", three="hush draft")
    assert told(at) == {"/b.html": None}
    for name in (MANIFEST, MOVES):
        text = (at.layout.current / name).read_text()
        assert not any(word in text for word in ("secret", "hush", "two.rst", "three.rst"))


def test_a_change_of_redirects_alone_is_a_release(at: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(at, one="a")
    build, declared = website.build, (("/old", "/a.html"),)

    def with_redirects(settings: config.Config, out: Path, **more: object) -> website.BuildReport:
        report = build(settings, out, **more)  # type: ignore[arg-type]
        assert report.manifest
        return website.BuildReport(
            **(vars(report) | {"manifest": Manifest(report.manifest.addresses, declared)})
        )

    monkeypatch.setattr(website, "build", with_redirects)
    assert deploy(at, one="a").outcome is Outcome.PUBLISHED
    assert told(at) == {"/old": "/a.html"}
    assert deploy(at, one="a").outcome is Outcome.UNCHANGED


@pytest.mark.parametrize("name", [MANIFEST, MOVES])
def test_a_release_of_an_earlier_toolkit_says_nothing(at: Place, name: str) -> None:
    deploy(at, one="a")
    (at.layout.current / name).unlink()
    assert deploy(at, one="b").warnings == ()
    assert told(at) == {}


@pytest.mark.parametrize("damage", ["", "{", "null", "[]", '{"a": 5}'])
@pytest.mark.parametrize("name", [MANIFEST, MOVES])
def test_damaged_files_stop_no_release(at: Place, name: str, damage: str) -> None:
    deploy(at, one="a")
    (at.layout.current / name).write_text(damage)
    assert "cannot be read" in jobs.plan(at, DEPLOY).warnings[0]
    assert "cannot be read" in deploy(at, one="b").warnings[0]
    assert told(at) == {}


def test_a_folder_in_the_place_of_a_file_stops_no_release(at: Place) -> None:
    deploy(at, one="a")
    (at.layout.current / MOVES).unlink()
    (at.layout.current / MOVES).mkdir()
    assert "cannot be read" in deploy(at, one="b").warnings[0]
    assert told(at) == {}


def test_the_release_step_alone_knows_them_too(at: Place) -> None:
    deploy(at, one="a")
    deploy(at, one="a", two="b")
    roll_back(at.layout, DEPLOY)
    assert jobs.release(at, DEPLOY, Wishes(unpin=True, force=True)).outcome is Outcome.PUBLISHED
    assert len(json.loads((at.layout.current / MANIFEST).read_text())["addresses"]) == 2
