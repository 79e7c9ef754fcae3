"""What comes by itself: posts that appear and expire at their moment, the daily rebuild, and who is told."""

import datetime as dt
import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import brotli
import pytest
from editing import png
from hypothesis import given
from hypothesis import strategies as st
from running import blogops, ended
from test_website_build import NOW, Blog

from blogops import config, jobs
from blogops.errors import Failed
from blogops.jobs import building
from blogops.jobs.awaiting import daily
from blogops.releases import Outcome, Run, roll_back
from blogops.website import dates, gate, moves
from blogops.website.metadata import status_at

MINUTE = dt.timedelta(minutes=1)
UNSEEN = (b"secretissime", b"cachette", b"/cave", b"fant", b"epopee", b"vieux-chemin", b"tableau")
FIELDS = ":tags: Cachette\n:category: Cave\n:author: Fantôme\n:series: Epopee\n:aliases: /vieux-chemin.html\n"
AWAY = "Secretissime.\n\n.. image:: {static}tableau.png\n   :alt: x"


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    made = Blog(tmp_path)
    made.post("visible.rst")
    return made


def hidden(blog: Blog) -> bool:
    """Tell whether no name and no byte of the built tree tells of it, unpacked neither."""
    for path in blog.out.rglob("*"):
        data = b"" if path.is_dir() else path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        elif path.suffix == ".br":
            data = brotli.decompress(data)
        told = path.relative_to(blog.out).as_posix().encode() + b"\0" + data
        if any(word in told.lower() for word in UNSEEN):
            return False
    return True


def test_a_post_is_there_from_its_very_date_to_the_very_moment_it_expires(blog: Blog) -> None:
    blog.write("tableau.png", png("red"))
    fields = f":date: 2026-11-23 14:00\n:expires: 2026-11-23 15:00\n{FIELDS}"
    blog.post("secretissime.rst", fields, AWAY)
    told = blog.build(NOW)  # 13:00 in Paris
    assert [(each.what, each.at.hour, each.address) for each in told.coming] == [
        ("appears", 13, "/secretissime.html"),
        ("expires", 14, "/secretissime.html"),
    ]
    assert hidden(blog)
    assert told.manifest
    assert "secretissime" not in told.manifest.json
    for moment, is_out in ((59, False), (60, True), (119, True), (120, False)):
        told = blog.build(NOW + moment * MINUTE)
        assert hidden(blog) is not is_out, moment
        assert (blog.out / "secretissime.html").exists() is is_out
    assert (told.posts, told.expired, told.coming) == (1, 1, ())
    assert told.manifest
    assert told.manifest.expired == (
        *("/2026/11/", "/author/fantome.html", "/category/cave.html"),
        *("/secretissime.html", "/series/epopee.html", "/tag/cachette.html", "/vieux-chemin.html"),
    )
    assert told.manifest.declared == ()


@pytest.mark.parametrize("status", ["", ":status: scheduled\n"])
def test_the_status_scheduled_says_what_a_date_says(blog: Blog, status: str) -> None:
    blog.post("past.rst", f":date: 2026-11-22\n{status}")
    blog.post("future.rst", f":date: 2026-11-24\n{status}")
    told = blog.build()
    assert (told.posts, told.scheduled, told.warnings) == (2, 1, ())


def test_scheduled_without_a_date_is_kept_back_and_told(blog: Blog) -> None:
    blog.write("one.rst", "One\n===\n\n:status: scheduled\n\nSecretissime.\n")
    told = blog.build()
    assert (told.posts, told.scheduled, told.coming) == (1, 1, ())
    assert told.warnings == (
        "content/one.rst:4: :status: scheduled needs a :date:; it is kept back until it has one",
    )
    assert hidden(blog)


def test_a_post_that_expires_before_its_date_names_its_line(blog: Blog) -> None:
    blog.post("one.rst", ":date: 2026-11-24 10:00\n:expires: 2026-11-24 10:00")
    with pytest.raises(Failed, match=r"content/one.rst:5: :expires: .* is not after its :date:"):
        blog.build()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (":aliases: /old.html", "soon.rst:5: /old.html leads elsewhere already, by content/here.rst"),
        (":aliases: /theme/x", 'soon.rst:5: :aliases: "/theme/x" cannot lead elsewhere'),
        (":template: nowhere", 'soon.rst: :template: there is no "nowhere.html"'),
    ],
)
def test_what_would_stop_the_build_at_its_moment_stops_it_before(blog: Blog, fields: str, told: str) -> None:
    blog.post("here.rst", ":aliases: /old.html")
    blog.post("soon.rst", f":date: 2026-11-23 14:00\n{fields}")
    for moment in (NOW, NOW + 60 * MINUTE):
        with pytest.raises(Failed, match=re.escape(told)):
            blog.build(moment)


@pytest.mark.parametrize("field", [":slug: here\n:lang: en", ":status: hidden"])
def test_a_link_to_a_tag_that_no_list_will_have_stops_the_build_before(blog: Blog, field: str) -> None:
    blog.post("here.rst")
    blog.post("soon.rst", f":date: 2026-11-23 14:00\n{field}\n:tags: rare", "`x <{tag}rare>`__")
    for moment in (NOW, NOW + 60 * MINUTE):
        with pytest.raises(Failed, match='no published post has the tag "rare"'):
            blog.build(moment)


def test_what_is_scheduled_may_link_to_a_tag_that_has_a_list_by_then(blog: Blog) -> None:
    blog.post("soon.rst", ":date: 2026-11-23 14:00\n:tags: rare")
    blog.post("then.rst", ":date: 2026-11-23 14:00", "`x <{tag}rare>`__")
    for moment in (NOW, NOW + 60 * MINUTE):
        blog.build(moment)
    assert 'href="/tag/rare.html"' in blog.page("then.html")
    blog.build()
    blog.post("soon.rst", ":date: 2026-11-23 14:00\n:tags: commun")
    with pytest.raises(Failed, match='no published post has the tag "rare"'):
        blog.build()


def test_a_front_page_may_be_scheduled(blog: Blog) -> None:
    fields = ":date: 2026-11-23 14:00\n:save_as: index.html\n:url: /"
    blog.write("pages/one.rst", f"One\n===\n\n{fields}\n\nSecretissime.\n")
    for moment, is_out in ((0, False), (60, True)):
        blog.build(NOW + moment * MINUTE)
        assert ("Secretissime" in blog.page("index.html")) is is_out


def test_an_old_address_may_lead_to_one_post_after_another(blog: Blog) -> None:
    blog.post("here.rst", ":expires: 2026-11-23 14:00\n:aliases: /festival")
    blog.post("next.rst", ":date: 2026-11-23 14:00\n:aliases: /festival")
    found = [blog.build(NOW + moment * MINUTE).manifest for moment in (0, 60)]
    assert [each and each.declared for each in found] == [
        (("/festival", "/here.html"),),
        (("/festival", "/next.html"),),
    ]


def test_a_link_to_an_old_address_of_what_expired_stops_nothing(blog: Blog) -> None:
    in_february = ":date: 2026-01-31 23:30 -0500"  # it is, in Paris
    fields = f"{in_february}\n:expires: 2026-11-23 14:00\n:aliases: /vieux.html\n:tags: rare, commun"
    blog.post("one.rst", fields)
    links = ("/one", "/vieux", "/mi", "/loin/", "/tag/rare.html", "/tag/commun.html", "/2026/", "/2026/02/")
    blog.post("two.rst", ":tags: commun", " ".join(f"`x <{each}>`__" for each in links))
    (blog.folder / "redirects").write_text("/mi /vieux.html\n/loin /mi\n")
    for moment in (NOW, NOW + 60 * MINUTE):
        told = blog.build(moment).manifest
        assert told
        moved = moves(told, None, {})
        faults = gate.problems(
            config.load(blog.folder / "blog.toml"),
            blog.out,
            blog.files(),
            every=False,
            declared=moved,
            expired=told.expired,
        )
        assert faults == ()
    assert moved == {
        "/2026/02/": None,
        "/one.html": None,
        "/tag/rare.html": None,
        "/vieux.html": None,
        "/mi": "/vieux.html",
        "/loin": "/vieux.html",
    }


def test_a_page_that_expires_takes_no_list_along(blog: Blog) -> None:
    blog.write("pages/one.rst", "One\n===\n\n:expires: 2026-11-23 13:00\n:category: seule\n\nText.\n")
    told = blog.build().manifest
    assert told
    assert told.expired == ("/pages/one.html",)


def test_what_expires_at_night_stops_nothing(blog: Blog) -> None:
    blog.post("one.rst", ":expires: 2026-11-23 14:00\n:tags: rare")
    blog.post("two.rst", "", "`One <{filename}one.rst>`__ and `rare <{tag}rare>`__.")
    assert blog.build().warnings == ()
    told = blog.build(NOW + 60 * MINUTE)
    assert "content/two.rst:7: links to content/one.rst, which readers cannot reach: it has expired" in (
        told.warnings
    )
    assert 'content/two.rst:7: every post with the tag "rare" has expired' in told.warnings


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_a_status_changes_at_its_moments_alone(now: int, date: int, expires: int) -> None:
    first = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    moments = [first + number * MINUTE for number in (now, date, expires)]
    for written in ("published", "hidden", "scheduled"):
        found = status_at(moments[0], written, *moments[1:])
        seen = "hidden" if written == "hidden" else "published"
        assert found == ("expired" if now >= expires else "scheduled" if now < date else seen)
    assert status_at(moments[0], "draft", *moments[1:]) == "draft"


# Zone, what the author wrote, the moment, and whether the clocks showed it twice or never.
MATRIX = (
    ("Europe/Paris", "2026-03-29 01:59", "2026-03-29T00:59Z", False),
    ("Europe/Paris", "2026-03-29 02:30", "2026-03-29T01:30Z", True),
    ("Europe/Paris", "2026-10-25 02:30", "2026-10-25T00:30Z", True),
    ("Europe/Paris", "2026-10-25 02:30 +0100", "2026-10-25T01:30Z", False),
    ("America/New_York", "2026-03-08 02:30", "2026-03-08T07:30Z", True),
    ("America/New_York", "2026-11-01 01:30", "2026-11-01T05:30Z", True),
    ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45Z", True),
    ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:45Z", True),
    ("Australia/Lord_Howe", "2026-10-04 02:30", "2026-10-03T15:30Z", False),
    ("Asia/Kathmandu", "2026-06-01 00:00", "2026-05-31T18:15Z", False),
    ("Asia/Kathmandu", "1986-01-01 00:05", "1985-12-31T18:35Z", True),
    ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30T22:00Z", True),
    ("Pacific/Apia", "2011-12-31 00:00", "2011-12-30T10:00Z", False),
    ("Africa/Casablanca", "2026-02-15 02:30", "2026-02-15T01:30Z", True),
    ("Africa/Casablanca", "2026-03-22 02:30", "2026-03-22T02:30Z", True),
    ("UTC", "2028-02-29 23:59", "2028-02-29T23:59Z", False),
    ("Europe/Paris", "29 février 2028", "2028-02-28T23:00Z", False),
    ("America/New_York", "2026-11-20 09:00 +02:00", "2026-11-20T07:00Z", False),
    ("America/New_York", "2026-11-20T09:00:00Z", "2026-11-20T09:00Z", False),
    ("America/New_York", "2026-11-20 09:00 +0530", "2026-11-20T03:30Z", False),
    ("America/New_York", "Fri, 20 Nov 2026 09:00:00 -0000", "2026-11-20T09:00Z", False),
    ("Asia/Kathmandu", "2026-11-20_09:00", "2026-11-20T03:15Z", False),
)


@pytest.mark.parametrize(("zone", "text", "moment", "odd"), MATRIX)
def test_a_date_is_one_moment_in_each_zone(zone: str, text: str, moment: str, odd: bool) -> None:
    date = dates.parse(text, ZoneInfo(zone))
    assert (f"{date.moment.astimezone(dt.UTC):%Y-%m-%dT%H:%MZ}", date.ambiguous) == (moment, odd)


# Zone, `rebuild.at`, a moment, and the next rebuild after it.
DAILY = (
    ("Europe/Paris", "04:10", "2026-11-27T03:09:59", "2026-11-27T03:10"),
    ("Europe/Paris", "04:10", "2026-11-27T03:10:00", "2026-11-28T03:10"),
    ("Europe/Paris", "02:30", "2026-03-28T12:00:00", "2026-03-29T01:30"),
    ("Europe/Paris", "02:30", "2026-03-29T01:30:00", "2026-03-30T00:30"),
    ("Europe/Paris", "02:30", "2026-10-24T12:00:00", "2026-10-25T00:30"),
    ("Europe/Paris", "02:30", "2026-10-25T00:30:00", "2026-10-26T01:30"),
    ("Europe/Paris", "04:10", "2026-03-28T12:00:00", "2026-03-29T02:10"),
    ("America/New_York", "02:30", "2026-03-08T06:00:00", "2026-03-08T07:30"),
    ("Australia/Lord_Howe", "02:15", "2026-10-03T15:00:00", "2026-10-03T15:45"),
    ("Asia/Kathmandu", "00:00", "2026-05-31T18:00:00", "2026-05-31T18:15"),
    ("Pacific/Apia", "04:10", "2011-12-30T00:00:00", "2011-12-30T14:10"),
    ("Pacific/Apia", "04:10", "2011-12-30T14:10:00", "2011-12-31T14:10"),
    ("Africa/Casablanca", "02:30", "2026-02-14T12:00:00", "2026-02-15T01:30"),
    ("UTC", "23:59", "2028-02-28T23:59:00", "2028-02-29T23:59"),
)


@pytest.mark.parametrize(("zone", "at", "after", "next_one"), DAILY)
def test_the_daily_rebuild_comes_once_on_each_day(zone: str, at: str, after: str, next_one: str) -> None:
    moment = dt.datetime.fromisoformat(after).replace(tzinfo=dt.UTC)
    assert f"{daily(moment, at, ZoneInfo(zone)):%Y-%m-%dT%H:%M}" == next_one


def test_an_odd_hour_is_told_with_its_line(blog: Blog) -> None:
    blog.post("one.rst", ":date: 2026-03-29 02:30\n:expires: 2027-10-31 02:30")
    assert blog.build().warnings == (
        'content/one.rst:4: :date: the clocks showed "2026-03-29 02:30" twice or never; '
        "taken as 2026-03-29 03:30+02:00",
        'content/one.rst:5: :expires: the clocks showed "2027-10-31 02:30" twice or never; '
        "taken as 2027-10-31 02:30+02:00",
    )


_BUILD = """
import datetime as dt, sys
from pathlib import Path
from blogops import config, website
now = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
print(website.build(config.load(Path(sys.argv[1])), Path(sys.argv[2]), now=now).coming)
"""


def test_a_server_in_another_zone_makes_the_same_site(blog: Blog, tmp_path: Path) -> None:
    blog.post("late.rst", ":date: 2026-01-02 23:30 -0500")
    blog.post("soon.rst", ":date: 2026-11-23 13:01")
    made = []
    for zone in ("UTC", "Pacific/Apia", "America/New_York"):
        out = tmp_path / "made" / zone.replace("/", "-")
        told = subprocess.run(
            [sys.executable, "-c", _BUILD, str(blog.folder / "blog.toml"), str(out)],
            env={**os.environ, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        files = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
        made.append((told, files))
    assert made[0] == made[1] == made[2]
    assert 'datetime="2026-01-03T05:30:00+01:00"' in (out / "late.html").read_text()
    assert "2026-01-03T05:30:00+01:00" in (out / "feeds/all.atom.xml").read_text()


class Clock:
    """Takes the place of `datetime` where a build asks for the time."""

    moment = NOW

    def now(self, zone: dt.tzinfo) -> dt.datetime:
        return self.moment.astimezone(zone)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.setattr(building, "datetime", made)
    yield made


def run(reason: str = "schedule") -> Run:
    return Run(who="cron", reason=reason)


def due(blog: Blog) -> dict[str, object]:
    found: dict[str, object] = json.loads((blog.folder / "var/work/due.json").read_text())
    return found


def test_what_is_due_is_kept_after_each_run_that_counts(blog: Blog, clock: Clock) -> None:
    at = jobs.place(str(blog.folder))
    path = blog.folder / "var/work/due.json"
    blog.post("one.rst", ":date: 2026-11-23 14:00\n:expires: 2026-11-23 15:00")
    jobs.build(at, run())
    assert not path.exists()
    clock.moment += 5 * MINUTE
    assert jobs.release(at, run("deploy")).outcome is Outcome.PUBLISHED
    appears = {"at": "2026-11-23T13:00:00Z", "what": "appears"}
    expires = {"at": "2026-11-23T14:00:00Z", "what": "expires"}
    post = {"title": "One", "source": "one.rst", "address": "/one.html"}
    assert due(blog) == {
        "built": "2026-11-23T12:00:00Z",  # when `build` took the manuscript
        "next": "2026-11-23T13:00:00Z",
        "daily": "2026-11-24T03:10:00Z",
        "coming": [appears | post, expires | post],
    }
    assert jobs.rebuild(at, run()).outcome is Outcome.UNCHANGED
    assert (due(blog)["built"], due(blog)["coming"]) == (
        "2026-11-23T12:05:00Z",
        [appears | post, expires | post],
    )
    clock.moment = NOW + 60 * MINUTE
    first = jobs.rebuild(at, run())
    assert (first.outcome, due(blog)["next"]) == (Outcome.PUBLISHED, "2026-11-23T14:00:00Z")
    blog.write("broken.rst", "No date\n")
    clock.moment += MINUTE
    with pytest.raises(Failed):
        jobs.rebuild(at, run())
    assert due(blog)["built"] == "2026-11-23T13:00:00Z"
    (blog.folder / "content/broken.rst").unlink()
    roll_back(at.layout, run("by hand"))
    clock.moment = NOW + 120 * MINUTE
    blog.post("two.rst")
    assert jobs.rebuild(at, run()).outcome is Outcome.WAITING
    assert (due(blog)["built"], due(blog)["next"]) == ("2026-11-23T14:00:00Z", None)
    assert jobs.unpin(at, run())
    assert not path.exists()


def test_what_expired_answers_gone_and_links_to_it_are_let_be(blog: Blog, clock: Clock) -> None:
    at = jobs.place(str(blog.folder))
    blog.post("one.rst", ":expires: 2026-11-23 14:00\n:aliases: /old.html")
    blog.post("two.rst", "", "`One </one.html>`__ by its address.")
    for number in range(4):
        blog.post(f"more{number}.rst")
    jobs.rebuild(at, run("deploy"))
    clock.moment += 60 * MINUTE
    found = jobs.rebuild(at, run())
    assert found.outcome is Outcome.PUBLISHED
    assert moved(at, found.release) == {"/old.html": None, "/one.html": None}


def test_what_expires_at_once_is_no_site_that_shrinks(blog: Blog, clock: Clock) -> None:
    at = jobs.place(str(blog.folder))
    texts = [
        blog.post(
            f"one{number}.rst", f":date: 2026-0{number}-01\n:expires: 2026-11-23 14:00\n:tags: t{number}\n"
        )
        for number in range(2, 7)
    ]
    jobs.rebuild(at, run("deploy"))
    held = [path.rename(blog.folder / path.name) for path in texts]
    with pytest.raises(Failed, match="the site would have"):
        jobs.rebuild(at, run("deploy"))
    for old, path in zip(held, texts, strict=True):
        old.rename(path)
    clock.moment += 60 * MINUTE
    assert jobs.rebuild(at, run()).outcome is Outcome.PUBLISHED


def test_an_old_address_of_a_list_leads_there_again_when_the_list_is_back(blog: Blog, clock: Clock) -> None:
    at = jobs.place(str(blog.folder))
    (blog.folder / "redirects").write_text("/market /tag/market.html\n")
    blog.post("one.rst", ":expires: 2026-11-23 14:00\n:tags: market")
    for number in range(9):
        blog.post(f"more{number}.rst")
    jobs.rebuild(at, run("deploy"))
    clock.moment += 60 * MINUTE
    assert moved(at, jobs.rebuild(at, run()).release)["/tag/market.html"] is None
    blog.post("two.rst", ":tags: market")
    assert moved(at, jobs.rebuild(at, run("deploy")).release) == {
        "/market": "/tag/market.html",
        "/one.html": None,
    }


def test_a_link_to_where_an_expired_post_was_before_stops_nothing(blog: Blog, clock: Clock) -> None:
    at = jobs.place(str(blog.folder))
    for number in range(9):
        blog.post(f"more{number}.rst", "", "`x </one.html>`__ and `x </one>`__")
    for slug in ("one", "two"):
        blog.post("one.rst", f":expires: 2026-11-23 14:00\n:slug: {slug}")
        jobs.rebuild(at, run("deploy"))
    clock.moment += 60 * MINUTE
    assert jobs.rebuild(at, run()).outcome is Outcome.PUBLISHED
    blog.post("one.rst", ":expires: 2026-11-30 14:00\n:slug: two")
    assert moved(at, jobs.rebuild(at, run("deploy")).release) == {"/one.html": "/two.html"}


def moved(at: jobs.Place, release: str) -> dict[str, str | None]:
    found: dict[str, str | None] = json.loads((at.layout.release(release) / "moves.json").read_text())
    return found


def test_the_schedule_is_shown(blog: Blog, tmp_path: Path) -> None:
    assert "nothing was deployed yet" in blogops(blog.folder, "schedule")
    blog.post("one.rst", ":date: 2100-06-01 09:00\n:expires: 2100-12-01 09:00 Z", title="A & B")
    blogops(blog.folder, "rebuild")
    said = blogops(blog.folder, "schedule")
    lines = [line.split() for line in said.splitlines()]
    assert ["in", "Europe/Paris", "UTC", "what"] in lines
    assert "2100-06-01 09:00:00 +0200  2100-06-01T07:00:00Z  appears  A & B" in said
    assert "2100-12-01 10:00:00 +0100  2100-12-01T09:00:00Z  expires  A & B" in said
    assert "the daily one" in said
    told = json.loads(ended(blog.folder, "schedule", "--json").stdout)
    assert [each["what"] for each in told["coming"]] == ["appears", "expires"]
    (blog.folder / "var/suspended.json").write_text(
        '{"since": "2026-11-20T00:00:00Z", "who": "me", "why": "x"}'
    )
    assert "suspended since 2026-11-20T00:00:00Z by me: x" in blogops(blog.folder, "schedule")
    for damaged in ("", "[]", '{"coming": [{}]}', '{"coming": 3}'):
        (blog.folder / "var/work/due.json").write_text(damaged)
        assert "until the next rebuild" in blogops(blog.folder, "schedule")
