"""Releases in a real folder: switch, states, lock, links, prune, whatever was left lying about."""

import errno
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blogops.errors import Busy, Failed, Refused
from blogops.releases import (
    Attempt,
    Keep,
    Layout,
    Ledger,
    Material,
    Outcome,
    State,
    check_clock,
    check_daemons,
    check_room,
    compare,
    content_hash,
    drop_assets,
    foreign,
    held,
    keep_assets,
    live_id,
    prune,
    rollback_target,
    stage,
    switch,
    way_back,
)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path)
    made.prepare()
    made.site.mkdir()
    return made


def publish(layout: Layout, *, time: str = "", reason: str = "deploy", **files: str) -> str:
    for name, text in files.items():
        path = layout.site / f"{name}.html"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    ledger, live = Ledger(layout.ledger), live_id(layout)
    beside = {"moves.json": "{}"}
    content = content_hash(layout.site, beside)
    changes = compare(layout.site, layout.public(live) if live else None)
    material = Material(beside=beside, content=content, changes=changes)
    made = stage(layout, material, live=live, known=set(ledger.states()))
    switch(layout, made.id)
    facts = {"before": live, "release": made.id, "content": made.content, "reason": reason}
    record(layout, Outcome.PUBLISHED, **facts, **({"time": time} if time else {}))
    return made.id


def record(layout: Layout, outcome: Outcome, **facts: str) -> None:
    line = {"time": "2026-01-01T00:00:00Z", "task": "t", "who": "me", "reason": "r", "outcome": outcome}
    Ledger(layout.ledger).append(Attempt.from_json(json.dumps(line | facts), 0))


def roll_back(layout: Layout, to: str = "") -> str:
    ledger, live = Ledger(layout.ledger), live_id(layout)
    target = rollback_target(layout, ledger, live=live, to=to)
    switch(layout, target)
    record(layout, Outcome.ROLLED_BACK, before=live, release=target)
    return target


def test_an_id_has_sequence_time_and_content(layout: Layout) -> None:
    first, second = publish(layout, index="1"), publish(layout, index="2")
    assert (first[:7], second[:7]) == ("000001-", "000002-")
    assert json.loads((layout.release(second) / "release.json").read_text())["content"].startswith(
        second[-8:]
    )


def test_what_lies_beside_the_site_is_part_of_its_content(layout: Layout) -> None:
    (layout.site / "a.html").write_text("x")
    texts: tuple[dict[str, str], ...] = ({}, {"b.html": "x"}, {"b.html": "y"}, {"c.html": "x"})
    hashes = {content_hash(layout.site, beside) for beside in texts}
    (layout.site / "b.html").write_text("x")  # served, or beside what is served: not the same
    assert len(hashes | {content_hash(layout.site, {})}) == 5


def test_what_lies_beside_the_site_is_in_the_release_and_never_served(layout: Layout) -> None:
    release = publish(layout, index="1")
    assert (layout.release(release) / "moves.json").read_text() == "{}"
    assert (layout.release(release) / "moves.json").stat().st_mode & 0o777 == 0o444
    assert [path.name for path in layout.public(release).iterdir()] == ["index.html"]


def test_a_number_is_never_used_again(layout: Layout) -> None:
    publish(layout, index="1")
    record(layout, Outcome.REVERTED, release="000041-20260101T000000Z-00000000")
    assert publish(layout, index="2").startswith("000042-")


def test_same_bytes_are_the_same_file(layout: Layout) -> None:
    first = publish(layout, index="1", about="same")
    before = (layout.public(first) / "about.html").stat()
    (layout.site / "about.html").unlink()  # a lost work tree changes nothing
    second = publish(layout, index="2", about="same")
    after = (layout.public(second) / "about.html").stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_nlink) == (before.st_ino, before.st_mtime_ns, 2)


def test_other_bytes_never_keep_a_second(layout: Layout) -> None:
    first = publish(layout, index="1")
    second = publish(layout, index="2")
    old, new = (layout.public(name) / "index.html" for name in (first, second))
    assert int(new.stat().st_mtime) > int(old.stat().st_mtime)


def test_nginx_can_read_and_nobody_can_write(layout: Layout) -> None:
    (layout.site / "private").mkdir(mode=0o700)
    (layout.site / "private/x.html").write_text("x")
    (layout.site / "private/x.html").chmod(0o600)
    public = layout.public(publish(layout, index="1"))
    folders = (public, public.parent, public / "private")
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o555}
    assert (public / "private/x.html").stat().st_mode & 0o777 == 0o444


def test_a_link_out_of_the_site_is_left_behind(layout: Layout) -> None:
    (layout.site / "leak.html").symlink_to("/etc/passwd")
    public = layout.public(publish(layout, index="1"))
    assert not (public / "leak.html").is_symlink()
    assert not (public / "leak.html").exists()


def test_the_link_is_relative(layout: Layout) -> None:
    release = publish(layout, index="1")
    assert str(layout.current.readlink()) == f"releases/{release}"


def test_leftovers_do_not_change_the_outcome(layout: Layout) -> None:
    publish(layout, index="1")
    (layout.root / ".current.0123456789abcdef").symlink_to("releases/gone")
    half = layout.work / "staging"
    (half / "public").mkdir(parents=True)
    (half / "public/half.html").write_text("half")
    (half / "public").chmod(0o555)
    (layout.releases / "current").symlink_to("/nowhere")
    (layout.releases / "mine").mkdir()
    release = publish(layout, index="2")
    assert live_id(layout) == release
    assert (layout.current / "public/index.html").read_text() == "2"
    assert not half.exists()
    assert [path.name for path in (layout.current / "public").iterdir()] == ["index.html"]
    assert (layout.releases / "mine").is_dir()


def test_a_dangling_current_is_mended_by_the_next_release(layout: Layout) -> None:
    layout.current.symlink_to("releases/000009-20260101T000000Z-00000000")
    assert publish(layout, index="1") == live_id(layout)


def test_a_folder_in_the_place_of_current_is_refused(layout: Layout) -> None:
    layout.current.mkdir()
    (layout.current / "precious").write_text("x")
    with pytest.raises(Failed, match="not a link"):
        publish(layout, index="1")
    assert (layout.current / "precious").read_text() == "x"


def test_rollback_goes_one_further_back_each_time(layout: Layout) -> None:
    first, second, third = (publish(layout, index=text) for text in "123")
    assert roll_back(layout) == second
    assert roll_back(layout) == first
    with pytest.raises(Refused, match="no earlier release"):
        roll_back(layout)
    assert Ledger(layout.ledger).states() == {first: State.LIVE, second: State.BAD, third: State.BAD}


def test_rollback_skips_what_was_bad_or_never_live(layout: Layout) -> None:
    first, bad = publish(layout, index="1"), publish(layout, index="2")
    roll_back(layout)
    fourth = publish(layout, index="4")
    record(layout, Outcome.REVERTED, before=fourth, release=bad)
    record(layout, Outcome.WAITING, before=fourth, release="000009-20260101T000000Z-00000000")
    record(layout, Outcome.FAILED, before=fourth, error="broken")
    assert roll_back(layout) == first


def test_rollback_to_a_named_release(layout: Layout) -> None:
    first, _, third = (publish(layout, index=text) for text in "123")
    assert roll_back(layout, to=first) == first
    for wrong in (first, "nonsense", "../../etc"):
        with pytest.raises(Refused):
            roll_back(layout, to=wrong)
    assert roll_back(layout, to=third) == third


def test_file_times_decide_nothing(layout: Layout) -> None:
    first, second, _ = (publish(layout, index=text) for text in "123")
    os.utime(layout.release(first), (2e9, 2e9))
    assert roll_back(layout) == second


def test_a_rollback_pins_until_a_release_or_an_unpin(layout: Layout) -> None:
    publish(layout, index="1")
    publish(layout, index="2")
    assert Ledger(layout.ledger).pin() is None
    roll_back(layout)
    assert Ledger(layout.ledger).pin()
    record(layout, Outcome.WAITING, release="x")
    record(layout, Outcome.FAILED)
    assert Ledger(layout.ledger).pin()
    record(layout, Outcome.UNPINNED)
    assert Ledger(layout.ledger).pin() is None


def test_a_torn_last_line_is_passed_over_and_told(layout: Layout) -> None:
    release = publish(layout, index="1")
    with layout.ledger.open("a") as file:
        file.write('{"time": "2026-')
    ledger = Ledger(layout.ledger)
    assert ledger.states() == {release: State.LIVE}
    assert "ledger.jsonl:2: not a whole line" in ledger.warnings[0]
    later = publish(layout, index="2")
    assert Ledger(layout.ledger).went_live() == [release, later]


@pytest.mark.parametrize("odd", ["\x1c", "\x85", "\u2028", "\u2029", "\r", "\r\n", "\n"])
def test_a_line_ends_at_its_end_alone(layout: Layout, odd: str) -> None:
    record(layout, Outcome.ROLLED_BACK, release="1")
    record(layout, Outcome.UNPINNED, who=f"R{odd}my", reason=f"a{odd}b")
    ledger = Ledger(layout.ledger)
    assert (ledger.pin(), ledger.warnings) == (None, [])
    last = ledger.attempts[-1]
    assert (last.number, last.who, last.reason) == (2, f"R{odd}my", f"a{odd}b")


def test_prune_keeps_live_previous_and_the_newest(layout: Layout) -> None:
    names = [publish(layout, index=str(number)) for number in range(6)]
    roll_back(layout, to=names[1])
    (layout.releases / "mine").mkdir()
    prune(layout, Ledger(layout.ledger), live=names[1], keep=Keep(by_hand=2, scheduled=2))
    left = {path.name for path in layout.releases.iterdir()}
    # names[5] is bad and the newest: kept to be looked at. names[0] is where a rollback would go.
    assert left == {names[0], names[1], names[3], names[4], names[5], "mine"}


def test_the_lock_names_its_holder_and_dies_with_it(layout: Layout) -> None:
    code = (
        "import sys, time; from pathlib import Path; from blogops.releases import held\n"
        "with held(Path(sys.argv[1]), task='rebuild', who='cron'): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(layout.lock)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(Busy, match=rf"rebuild by cron \(process {other.pid}\)"),
            held(layout.lock, task="t", who="me"),
        ):
            pass
        other.kill()
        other.wait()
        began = time.monotonic()
        with held(layout.lock, task="t", who="me", wait=5):
            assert time.monotonic() - began < 5
    assert layout.lock.exists()


def test_a_child_does_not_keep_the_lock(layout: Layout) -> None:
    with held(layout.lock, task="t", who="me"):
        child = subprocess.Popen(["sleep", "30"])
    try:
        with held(layout.lock, task="t", who="me"):
            pass
    finally:
        child.kill()
        child.wait()


def at(day: int) -> str:
    """Return the time so many days ago, as the ledger writes it."""
    return f"{datetime.now(UTC) - timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}"


def kept(layout: Layout, **limits: int) -> set[str]:
    """Prune, and return the numbers of what stays."""
    keep = Keep(**{"by_hand": 9, "scheduled": 9} | limits)
    prune(layout, Ledger(layout.ledger), live=live_id(layout), keep=keep)
    return {path.name[5] for path in layout.releases.iterdir() if path.name[:6].isdigit()}


def test_nights_and_hands_have_numbers_of_their_own(layout: Layout) -> None:
    for number in range(1, 9):
        publish(layout, index=str(number), reason="schedule" if number > 3 else "deploy")
    assert kept(layout, by_hand=2, scheduled=3) == {"2", "3", "6", "7", "8"}


def test_what_was_left_too_long_ago_goes(layout: Layout) -> None:
    for number, day in ((1, 40), (2, 30), (3, 20), (4, 10)):
        publish(layout, index=str(number), time=at(day))
    # 1 was left 30 days ago, 2 only 20; 3 is where a rollback would go, however old.
    assert kept(layout, days=25) == {"2", "3", "4"}
    assert kept(layout, days=15) == {"3", "4"}
    assert kept(layout, days=1) == {"3", "4"}


def test_what_takes_too_much_room_goes_oldest_first(layout: Layout) -> None:
    for number in range(1, 6):
        publish(layout, index=str(number) * 1_000_000, shared="x" * 1_000_000)
    assert kept(layout, megabytes=7) == {"1", "2", "3", "4", "5"}  # what they share counts once
    assert kept(layout, megabytes=6) == {"2", "3", "4", "5"}
    assert kept(layout, megabytes=1) == {"4", "5"}


@pytest.mark.skipif(os.geteuid() != 0, reason="to make a file immutable needs root")
def test_what_cannot_go_is_told_and_the_others_go(layout: Layout) -> None:
    for number in range(1, 5):
        publish(layout, index=str(number))
    first = sorted(layout.releases.iterdir())[0]
    if subprocess.run(
        ["chattr", "+i", first / "public/index.html"], check=False, capture_output=True
    ).returncode:
        pytest.skip("this file system knows no immutable files")
    try:
        with pytest.raises(OSError, match=r"index\.html"):
            kept(layout, by_hand=2)
        assert len(list(layout.releases.iterdir())) == 2
    finally:
        subprocess.run(["chattr", "-i", layout.going / first.name / "public/index.html"], check=True)
    assert kept(layout, by_hand=2) == {"3", "4"}
    assert list(layout.going.iterdir()) == []


def test_assets_outlast_their_release_and_shadow_nothing(layout: Layout) -> None:
    for number, day in ((1, 30), (2, 20), (3, 5), (4, 1)):
        release = publish(layout, **{"theme/same": "same", f"theme/{number}": str(number)}, time=at(day))
        keep_assets(layout, release)
        (layout.site / f"theme/{number}.html").unlink()
    drop_assets(layout, Ledger(layout.ledger), live=live_id(layout), days=7)
    # 1 was left 20 days ago, 2 only 5: its pages are open somewhere.
    assert [path.name for path in sorted((layout.assets / "theme").iterdir())] == [
        *("2.html", "3.html", "4.html", "same.html")
    ]
    live = layout.public(live_id(layout)) / "theme/4.html"
    assert live.samefile(layout.assets / "theme/4.html")


def test_assets_of_a_release_that_was_pruned_are_remembered(layout: Layout) -> None:
    for number in (1, 2, 3, 4):
        keep_assets(layout, publish(layout, **{f"theme/{number}": str(number)}))
        (layout.site / f"theme/{number}.html").unlink()
        drop_assets(layout, Ledger(layout.ledger), live=live_id(layout), days=7)
    kept(layout, by_hand=1)
    drop_assets(layout, Ledger(layout.ledger), live=live_id(layout), days=7)
    assert len(list((layout.assets / "theme").iterdir())) == 4
    told = json.loads(layout.assets_seen.read_text())
    layout.assets_seen.write_text(json.dumps({**told, "theme/1.html": 0}))
    drop_assets(layout, Ledger(layout.ledger), live=live_id(layout), days=7)
    assert not (layout.assets / "theme/1.html").exists()


def test_a_line_of_a_newer_version_is_read(layout: Layout) -> None:
    release = publish(layout, index="1")
    line = json.loads(layout.ledger.read_text())
    layout.ledger.write_text(
        json.dumps(line | {"weather": "fine"}) + "\n" + json.dumps({"outcome": "new"}) + "\n"
    )
    ledger = Ledger(layout.ledger)
    assert ledger.states() == {release: State.LIVE}
    assert "ledger.jsonl:2" in ledger.warnings[0]
    assert ledger.attempts[0].number == 1


TIMES = ("5", "null", '""', '"yesterday"', '"2026-01-01T00:00:00"', '"2026-01-01"')
ODD = [
    *(("time", time) for time in TIMES),
    *(
        (key, text)
        for key in ("release", "before", "who", "content", "error")
        for text in ("null", "5", "[]")
    ),
    *(("seconds", '"x"'), ("seconds", "null"), ("steps", "5"), ("steps", '["x"]'), ("warnings", "5")),
]


@pytest.mark.parametrize(("key", "value"), ODD)
def test_a_line_of_another_kind_is_passed_over_and_told(layout: Layout, key: str, value: str) -> None:
    release = publish(layout, index="1")
    line = json.loads(layout.ledger.read_text())
    with layout.ledger.open("a") as file:
        file.write(json.dumps(line | {key: json.loads(value)}) + "\n")
    ledger = Ledger(layout.ledger)
    assert (len(ledger.attempts), ledger.states()) == (1, {release: State.LIVE})
    assert "ledger.jsonl:2" in ledger.warnings[0]


def test_a_line_of_an_earlier_version_is_read(layout: Layout) -> None:
    told = {"time": "2026-01-01T00:00:00+01:00", "task": "t", "who": "w", "reason": "r", "outcome": "failed"}
    layout.ledger.write_text(json.dumps(told) + "\n")
    ledger = Ledger(layout.ledger)
    assert (ledger.warnings, ledger.attempts[0].time) == ([], told["time"])


def test_what_lies_among_the_releases_and_is_none_is_named(layout: Layout) -> None:
    publish(layout, index="1")
    for name in ("mine", "000009-20260101T000000Z-00000000"):
        (layout.releases / name).mkdir()
    assert foreign(layout, Ledger(layout.ledger)) == ["000009-20260101T000000Z-00000000", "mine"]


def test_so_many_links_that_no_more_fit(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish(layout, index="1", about="same")

    def full(*_: object) -> None:
        raise OSError(errno.EMLINK, "Too many links")

    monkeypatch.setattr(Path, "hardlink_to", full)
    second = publish(layout, index="2", about="same")
    old, new = (layout.public(name) / "about.html" for name in (first, second))
    assert old.stat().st_mtime_ns == new.stat().st_mtime_ns
    assert not old.samefile(new)


def test_a_way_back_of_several_steps(layout: Layout) -> None:
    first, second, third = (publish(layout, index=text) for text in "123")
    ledger = Ledger(layout.ledger)
    assert way_back(layout, ledger, third) == [second, first]
    assert rollback_target(layout, ledger, live=third, steps=2) == first
    with pytest.raises(Refused, match="2 steps, not 3"):
        rollback_target(layout, ledger, live=third, steps=3)


@pytest.mark.parametrize("blocks", [0, 10**9])
def test_room_for_two_releases_is_told_in_numbers(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, blocks: int
) -> None:
    live = publish(layout, index="x" * 3_000_000)
    disk = os.statvfs(layout.root)
    facts = list(disk)
    facts[4], facts[7] = blocks, 150  # blocks and inodes that are free
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(facts))
    with pytest.raises(Failed, match=r"two releases take 6\.0 MB and 200 inodes, .* and 150 inodes are free"):
        check_room(layout, live)


@pytest.mark.parametrize(("hours", "sane"), [(1, False), (0, True), (-1000, True)])
def test_a_clock_that_goes_back(layout: Layout, hours: int, sane: bool) -> None:
    for outcome, ahead in ((Outcome.UNCHANGED, hours), (Outcome.FAILED, 0)):
        record(layout, outcome, time=f"{datetime.now(UTC) + timedelta(hours=ahead):%Y-%m-%dT%H:%M:%SZ}")
    if sane:
        check_clock(Ledger(layout.ledger))
    else:
        with pytest.raises(Failed, match="the clock says"):
            check_clock(Ledger(layout.ledger))


def test_daemons_are_looked_for(layout: Layout) -> None:
    told, alive = layout.root / "vhost.json", layout.root / "pid"
    alive.write_text(f"{os.getpid()}\n")
    daemons = {"nginx": str(alive), "cron": str(layout.root / "none")}
    told.write_text(json.dumps({"host": "b.example.org", "port": 80, "daemons": daemons}))
    served = Layout(layout.root, told)
    assert ["cron is not running" in problem for problem in check_daemons(served)] == [True]
    alive.write_text("4194999\n")
    with pytest.raises(Failed, match="nginx is not running"):
        list(check_daemons(served))
    assert list(check_daemons(layout)) == []  # nobody serves it
    told.unlink()
    assert ["is not checked: run `fab setup`" in problem for problem in check_daemons(served)] == [True]
