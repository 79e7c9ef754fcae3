"""Headers of single paths: what may be one, nginx's maps of them, and the program that trusts no release."""

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blogops.errors import Failed
from blogops.headers import ALLOWED, Rule, from_json, rule, to_json
from blogops.headers.maps import maps, pattern
from blogops.headers.program import HEADERS, Host, bring
from blogops.releases import Layout, publish_headers
from blogops.website.headers import parse_headers
from blogops.website.notes import Notes

ONE, TWO = "000001-20261122T101500Z-1f3a9c0d", "000002-20261123T101500Z-00000000"
FILE = """# For all
/*
  referrer-policy:  no-referrer
\tX-Frame-Options:

/caf%C3%A9/
  # not by search engines
  X-Robots-Tag : noindex
"""
RULES = (
    ("/*", "Referrer-Policy", "no-referrer"),
    ("/*", "X-Frame-Options", ""),
    ("/café/", "X-Robots-Tag", "noindex"),
)


def test_a_headers_file() -> None:
    notes = Notes()
    assert parse_headers(FILE, "headers", notes) == RULES
    assert parse_headers(FILE.replace("\n", "\r\n"), "headers", notes) == RULES
    assert not notes.problems
    assert from_json(to_json(RULES).encode()) == RULES


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("old.html", "is not a path"),
        ("https://example.org/", "is not a path"),
        ("/a*b", "is not a path"),
        ("/a?b", "is not a path"),
        ("/a%0Ab", "is not a path"),
        ("/%00", "is not a path"),
        ("/a//b", "is not a path"),
        ("/../a", "is not a path"),
        ("/a\\b", "is not a path"),
        ("/" + "a" * 200, "is not a path"),
        ("/%ff", "is not UTF-8"),
        (" X-Mine: a", "is not a header for here; possible are Content-Security-Policy"),
        (" Set-Cookie: a=b", "is not a header"),
        (" Link; x: a", "is not a header"),
        (" Cache-Control: no-cache", "a rollback could not take back"),
        (" Link", 'write "Name: value"'),
        (' Link: "; } server { listen 81; }', "cannot be in a value"),
        (" Link: $host", "cannot be in a value"),
        (" Link: a\\", "cannot be in a value"),
        (" Link: a\x00b", "cannot be in a value"),
        (" Link: a\rX-Mine: b", "cannot be in a value"),
        (" Link: a\tb", "cannot be in a value"),
        (" Link: é", "cannot be in a value"),
        (" Link: " + "a" * 2001, "is too long"),
    ],
)
def test_a_wrong_line_is_told_with_its_place(line: str, problem: str) -> None:
    notes = Notes()
    assert parse_headers(f"/seen\n Link: a\n{line}\n", "headers", notes) == (("/seen", "Link", "a"),)
    assert [(note.file, note.line) for note in notes.problems] == [("headers", 3)]
    assert problem in notes.problems[0].message


def test_all_problems_are_told_at_once() -> None:
    notes = Notes()
    parse_headers("  Link: a\nwrong\n  Link: a\n/right\n  Link: é\n", "headers", notes)
    assert [note.line for note in notes.problems] == [1, 2, 3, 5]


@pytest.mark.parametrize(
    "line", ["  Link: a\n" * 201, f"  Link: {'a' * 1990}\n" * 40, "  Link: a\n" * 100_000]
)
def test_too_many(line: str) -> None:
    notes = Notes()
    parse_headers(f"/a\n{line}", "headers", notes)
    assert "too" in notes.problems[0].message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"\xff",
        b"[" * 60_000,
        b"[" + b" " * 70_000 + b"]",
        b"[1]",
        b'[["/", "Link"]]',
        b'[["/", "Link", 1]]',
        b'[["/", "Link", "\\u0000"]]',
        b'[["/", "Link", "$uri"]]',
        b'[["/", "Server", "x"]]',
        b'[["/\\ud800", "Link", "x"]]',
        json.dumps([["/", "Link", '"; } server {']]).encode(),
        json.dumps([["/", "Link", "x"]] * 201).encode(),
    ],
)
def test_what_lies_in_a_release_is_judged_again(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"it |one of its headers") as caught:
        from_json(data)
    assert "server" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "found", "others"),
    [
        ("/", ("//index.html", "/index.html"), ("/a/index.html", "/index_html", "/index.html\n")),
        ("/index.html", ("//index.html",), ("/",)),
        ("/word", ("/word", "/word.html", "/word/index.html"), ("/words", "/word/a", "/x/word")),
        ("/word.html", ("/word.html",), ("/wordxhtml", "/word.html.gz", "/WORD.html")),
        ("/dir/", ("/dir/index.html", "/dir//index.html"), ("/dir/a.html",)),
        ("/dir/*", ("/dir/a", "/dir//index.html"), ("/dir", "/direct")),
        ("/*", ("/", "/a/b"), ()),
        ("/a.+(b)[", ("/a.+(b)[",), ("/aa(b)[",)),
        ("/é", ("/é.html",), ("/e.html",)),
        ('/";}', ('/";}',), ()),
    ],
)
def test_which_files_a_path_names(path: str, found: tuple[str, ...], others: tuple[str, ...]) -> None:
    written = re.compile(pattern(path).replace(r"\z", r"\Z").encode())
    assert re.fullmatch(r"[A-Za-z0-9/_\\?().|-]+", pattern(path))
    assert [bool(written.match(name.encode())) for name in (*found, *others)] == [True] * len(found) + [
        False
    ] * len(others)


ROW = re.compile(r'"~(\^[A-Za-z0-9/_\\?().|:-]+)" "([^"\\$\n]*)";')


def nginx(text: str, key: str) -> str | None:
    """Return what nginx's map of these rows makes of *key*: the first regular expression that fits."""
    for line in text.splitlines():
        row = ROW.fullmatch(line)
        assert row, line
        if re.match(row[1].replace(r"\z", r"\Z").encode(), key.encode()):
            return row[2]
    return None


def model(rules: list[Rule], name: str, path: str) -> str | None:
    """Return the value of the last rule for *path*, which names a file that is called so."""
    fits = [each for each in rules if each[1] == name]
    fits = [each for each in fits if each[0] == path or _below(each[0], path)]
    return fits[-1][2] if fits else None


def _below(given: str, path: str) -> bool:
    return given.endswith("*") and path.startswith(given[:-1])


def test_random_rules_say_what_a_small_model_says() -> None:
    chance = random.Random(6)  # noqa: S311
    paths = ["/a.html", "/a/b.css", "/a.b/c.png", "/(x).html", "/é.css", "/a/B.css"]
    given = [*paths, "/*", "/a*", "/a/*", "/a.b*", "/(*"]
    for _ in range(300):
        releases = {
            each: [
                rule(chance.choice(given), chance.choice(list(ALLOWED)[:3]), f"v{chance.random()}; {{")
                for _ in range(chance.randrange(12))
            ]
            for each in (ONE, TWO)
        }
        written = maps(releases)
        for release, rules in releases.items():
            for path in paths:
                for name in list(ALLOWED)[:3]:
                    assert nginx(written[ALLOWED[name]], f"{release}:{path}") == model(rules, name, path)


def test_all_releases_together_have_a_limit() -> None:
    many = {f"{number:06d}{ONE[6:]}": [rule("/", "Link", "x")] * 200 for number in range(101)}
    with pytest.raises(ValueError, match="more than 20000"):
        maps(many)
    with pytest.raises(ValueError, match="not a release"):
        maps({'x" "y"; #': [rule("/", "Link", "x")]})


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """Return a host whose nginx says yes, gets a new worker at each reload, and notes what it was asked."""
    (tmp_path / "releases").mkdir()
    (tmp_path / "maps").mkdir()
    nginx = tmp_path / "nginx"
    nginx.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/asked\ntest ! -e {tmp_path}/sick || exit 1\n')
    nginx.chmod(0o755)
    (tmp_path / "pid").write_text(f"{os.getpid()}\n")
    yield Host(tmp_path / "releases", tmp_path / "maps", str(nginx), tmp_path / "pid")


@pytest.fixture(autouse=True)
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    generations = iter(range(100))
    monkeypatch.setattr("blogops.headers.program._workers", lambda master: {next(generations)})


def put(host: Host, release: str, *rules: Rule) -> Path:
    (host.releases / release).mkdir(exist_ok=True)
    path = host.releases / release / HEADERS
    path.write_text(to_json(rules))
    return path


def held(host: Host) -> dict[str, str]:
    return {path.name: path.read_text() for path in host.maps.glob("[!.]*")}


def test_the_maps_are_written_once(host: Host) -> None:
    assert not bring(host)
    put(host, ONE, rule("/*", "Link", "a"))
    put(host, TWO, rule("/*", "Link", "b"), rule("/", "X-Frame-Options", ""))
    (host.releases / "notes").mkdir()
    assert bring(host)
    assert sorted(held(host)) == ["frame.map", "link.map"]
    assert nginx(held(host)["link.map"], f"{ONE}:/x") == "a"
    assert (host.maps.parent / "asked").read_text() == "-t -q\n-s reload\n"
    assert not bring(host)
    (host.releases / TWO / HEADERS).unlink()
    assert bring(host)
    assert list(held(host)) == ["link.map"]


def test_what_was_cut_off_is_done_again(host: Host) -> None:
    put(host, ONE, rule("/*", "Link", "a"))
    bring(host)
    (host.maps / ".pending").touch()
    assert bring(host)
    assert not bring(host)


def test_where_nginx_refuses_the_old_maps_are_back(host: Host) -> None:
    put(host, ONE, rule("/*", "Link", "a"))
    bring(host)
    before = held(host)
    put(host, ONE, rule("/*", "Content-Language", "fr"))
    (host.maps.parent / "sick").touch()
    with pytest.raises(Failed, match="nginx refuses"):
        bring(host)
    assert held(host) == before
    (host.maps.parent / "sick").unlink()
    assert bring(host)


@pytest.mark.parametrize("how", ["link", "loop", "pipe", "folder", "huge", "bad", "hidden"])
def test_nothing_but_a_plain_file_is_read(host: Host, how: str) -> None:
    path = put(host, ONE)
    path.unlink()
    made: dict[str, Callable[[], object]] = {
        "link": lambda: path.symlink_to("/etc/passwd"),
        "loop": lambda: path.symlink_to(HEADERS),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "huge": lambda: path.write_bytes(b" " * 1_000_000),
        "bad": lambda: path.write_text('[["/", "Link", "; secret } $"]]'),
        "hidden": lambda: path.write_text("secret"),
    }
    made[how]()
    with pytest.raises(Failed, match=HEADERS) as caught:
        bring(host)
    assert "secret" not in str(caught.value)
    assert held(host) == {}


def test_links_to_folders_are_not_followed(host: Host) -> None:
    path = put(host, ONE, rule("/", "Link", "a")).parent
    path.rename(host.maps.parent / "away")
    path.symlink_to(host.maps.parent / "away")
    assert not bring(host)
    path.unlink()
    host.releases.rename(host.maps.parent / "moved")
    host.releases.symlink_to(host.maps.parent / "moved")
    with pytest.raises(OSError, match="releases"):
        bring(host)


@pytest.mark.parametrize(("command", "problem"), [([], "fab setup"), (["false"], "did not get")])
def test_a_release_that_nginx_cannot_have_is_removed(
    tmp_path: Path, command: list[str], problem: str
) -> None:
    told = tmp_path / "vhost.json"
    told.write_text(json.dumps({"host": "x", "port": 1, "daemons": {}, "headers": command, "maps": "/none"}))
    layout = Layout(tmp_path, told)
    layout.release(ONE).mkdir(parents=True)
    publish_headers(layout, ONE)  # it has none
    (layout.release(ONE) / HEADERS).write_text("[]")
    layout.release(ONE).chmod(0o555)
    with pytest.raises(Failed, match=problem):
        publish_headers(layout, ONE)
    assert not layout.release(ONE).exists()
