"""Releases in a real folder: switch, states, lock, links, prune, whatever was left lying about."""

import json
import os
import subprocess
import sys
import time
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
    compare,
    content_hash,
    held,
    live_id,
    prune,
    rollback_target,
    stage,
    switch,
)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path)
    made.prepare()
    made.site.mkdir()
    return made


def publish(layout: Layout, **files: str) -> str:
    for name, text in files.items():
        (layout.site / f"{name}.html").write_text(text)
    ledger, live = Ledger(layout.ledger), live_id(layout)
    beside = {"moves.json": "{}"}
    content = content_hash(layout.site, beside)
    changes = compare(layout.site, layout.public(live) if live else None)
    material = Material(beside=beside, content=content, changes=changes)
    made = stage(layout, material, live=live, known=set(ledger.states()))
    switch(layout, made.id)
    record(layout, Outcome.PUBLISHED, before=live, release=made.id, content=made.content)
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
