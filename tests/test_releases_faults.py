"""Runs that are cut off, stopped, or find no room: what is live and what is known stay one."""

import contextlib
import errno
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import FileIO
from pathlib import Path
from typing import Any

import pytest
from serving import Answer, page_of, served, sick_with, well, write_site

from blogops import jobs, website
from blogops.config import Config
from blogops.errors import Busy, Failed, Refused, Reverted, UsageError
from blogops.jobs import Place, Wishes, timeline
from blogops.releases import Layout, Ledger, Outcome, Run, State, held, live_id, roll_back, switch

TOML = '[site]\ntitle = "T"\nurl = "http://b.example.org"\nauthor = "A"\n'
NIGHT, DEPLOY = Run(who="cron", reason="schedule"), Run(who="me", reason="deploy")


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    (tmp_path / "blog.toml").write_text(TOML)
    (tmp_path / "word").write_text("1")

    def build(config: Config, out: Path, **_: object) -> website.BuildReport:
        text = (config.folder / "word").read_text()
        write_site(out, text)
        return website.BuildReport(
            posts=1,
            drafts=0,
            scheduled=0,
            pages=1,
            files=1,
            warnings=(),
            newest="",
            site=text,
            manifest=website.Manifest((), ()),
        )

    monkeypatch.setattr(website, "build", build)
    return Place(layout=Layout(tmp_path / "var"), manuscript=tmp_path)


def publish(at: Place, text: str, run: Run = DEPLOY, *, force: bool = False) -> str:
    (at.manuscript / "word").write_text(text)
    jobs.rebuild(at, run, Wishes(unpin=run is DEPLOY, force=force))
    return live_id(at.layout)


def page(at: Place) -> str:
    text = (at.layout.current / "public/index.html").read_text()
    return text.removeprefix("<html><title>").removesuffix("</title></html>")


def remove(at: Place, release: str, name: str) -> None:
    """Take a file of a release away, as a person may; without a *name*, all of it."""
    path = at.layout.release(release) / name
    for folder in (at.layout.release(release), at.layout.public(release)):
        folder.chmod(0o755)
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def kill_at(where: str, act: Callable[[], object]) -> None:
    """Do *act* in a process of its own, which is killed as it comes to the function *where*."""
    module, _, name = where.rpartition(".")
    owner = Ledger if module.endswith("Ledger") else sys.modules[module]
    child = os.fork()
    if not child:
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(owner, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
                act()
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@contextmanager
def behind_a_server(at: Place, answer: Answer = well, *, named: str = "") -> Iterator[Place]:
    """Give the same blog, served by a server that answers so."""
    with served(at.layout, answer, named=named) as layout:
        yield Place(layout=layout, manuscript=at.manuscript)


def last(at: Place) -> Any:
    return Ledger(at.layout.ledger).attempts[-1]


def test_a_rollback_that_was_cut_off_is_finished_by_the_same_command(at: Place) -> None:
    publish(at, "0")
    first, second = publish(at, "1"), publish(at, "2")
    kill_at("blogops.releases.Ledger.append", lambda: roll_back(at.layout, DEPLOY))
    done = roll_back(at.layout, DEPLOY)
    assert (done.release, done.before, live_id(at.layout)) == (first, second, first)
    assert Ledger(at.layout.ledger).pin()


def test_a_night_after_a_rollback_that_was_cut_off_does_not_undo_it(at: Place) -> None:
    first, _ = publish(at, "1"), publish(at, "2")
    kill_at("blogops.releases.Ledger.append", lambda: roll_back(at.layout, DEPLOY))
    assert jobs.rebuild(at, NIGHT).outcome is Outcome.UNCHANGED
    assert publish(at, "3", NIGHT) == first
    assert last(at).outcome is Outcome.WAITING


@pytest.mark.parametrize(
    "where",
    [
        "blogops.jobs.timeline.check_room",
        "blogops.website.build",
        "blogops.jobs.building.write_file",
        "blogops.jobs.gates.content_hash",
        "blogops.jobs.gates.compare",
        "blogops.releases.stage._part_mtime",
        "blogops.releases.stage._finish",
        "blogops.releases.stage.sync_folder",
        "blogops.jobs.timeline.keep_assets",
        "blogops.jobs.timeline.switched",
        "blogops.releases.switch.sync_folder",
        "blogops.jobs.timeline.problem_of",
        "blogops.releases.Ledger.append",
        "blogops.jobs.timeline.pruned",
        "blogops.jobs.timeline.drop_assets",
    ],
)
def test_a_deploy_that_was_cut_off_is_finished_by_the_next(at: Place, where: str) -> None:
    first = publish(at, "1")
    kill_at(where, lambda: publish(at, "2"))
    second = publish(at, "2")
    assert page(at) == "2"
    assert roll_back(at.layout, DEPLOY).release == first
    assert jobs.status(at).live is not None
    assert second != first


def test_what_a_cut_off_run_left_is_known_and_goes_in_time(at: Place) -> None:
    publish(at, "1")
    for text in "abc":
        kill_at("blogops.jobs.timeline.switched", partial(publish, at, text))
    publish(at, "2")
    states = [item.state for item in jobs.releases(at)]
    assert states == [State.LIVE, State.READY, State.RETIRED]
    assert len(list(at.layout.releases.iterdir())) == 3


def test_no_second_is_given_twice(at: Place) -> None:
    publish(at, "1")
    publish(at, "2")
    roll_back(at.layout, DEPLOY)
    publish(at, "3")
    times = {int(path.stat().st_mtime) for path in at.layout.releases.glob("*/public/index.html")}
    assert len(times) == 3


def test_a_lost_ledger_loses_no_release(at: Place) -> None:
    first, second = publish(at, "1"), publish(at, "2")
    at.layout.ledger.unlink()
    with pytest.raises(Refused):
        roll_back(at.layout, DEPLOY)
    assert live_id(at.layout) == second
    assert roll_back(at.layout, DEPLOY, to=first).release == first


@pytest.mark.parametrize("content", ["source", "releases"])
def test_a_folder_with_a_blog_toml_is_a_manuscript(at: Place, content: str) -> None:
    (at.manuscript / content).mkdir()
    assert jobs.place(str(at.manuscript)).manuscript == at.manuscript


def test_a_folder_with_a_source_is_a_server(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/blog.toml").write_text(TOML)
    assert jobs.place(str(tmp_path)).layout.root == tmp_path


def test_status_knows_what_is_live_after_a_cut(at: Place) -> None:
    publish(at, "1")
    kill_at("blogops.releases.Ledger.append", lambda: publish(at, "2"))
    live = jobs.status(at).live
    assert live is not None
    assert live.id == live_id(at.layout)
    assert [item.state for item in jobs.releases(at)].count(State.LIVE) == 1


def test_a_signal_after_the_switch_comes_too_late(at: Place) -> None:
    publish(at, "1")

    def interrupting(body: bytes) -> tuple[int, bytes]:
        os.kill(os.getpid(), signal.SIGTERM)
        return 200, body

    with behind_a_server(at, interrupting) as interrupted:
        second = publish(interrupted, "2")
    assert (page(at), last(at).outcome, last(at).release) == ("2", Outcome.PUBLISHED, second)


def test_a_signal_before_the_switch_is_a_failed_attempt(at: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish(at, "1")

    def build(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(website, "build", build)
    with pytest.raises(Failed, match="stopped"):
        jobs.rebuild(at, NIGHT)
    assert (live_id(at.layout), last(at).outcome) == (first, Outcome.FAILED)


def test_the_old_site_comes_back(at: Place) -> None:
    first = publish(at, "1")
    with behind_a_server(at, sick_with("2")) as sick, pytest.raises(Reverted, match="status 500"):
        publish(sick, "2")
    assert (live_id(at.layout), last(at).outcome) == (first, Outcome.REVERTED)
    assert [name for name, _ in last(at).steps] == [*"preflight build gate stage switch verify".split()]


def test_it_comes_back_within_five_seconds_whatever_hangs(at: Place) -> None:
    first = publish(at, "1")

    def hanging(body: bytes) -> tuple[int, bytes]:
        time.sleep(2 if body == page_of("2").encode() else 0)
        return 500, body

    with behind_a_server(at, hanging) as sick, pytest.raises(Reverted):
        publish(sick, "2")
    verify = dict(last(at).steps)["verify"]
    assert (live_id(at.layout), verify < 5) == (first, True)


def test_another_release_with_the_same_bytes_is_not_it(at: Place) -> None:
    first = publish(at, "1")
    with behind_a_server(at, named=first) as sick, pytest.raises(Reverted, match=f"names {first}"):
        publish(sick, "2")
    assert live_id(at.layout) == first


def test_the_very_first_release_is_taken_back_too(at: Place) -> None:
    with behind_a_server(at, sick_with("1")) as sick, pytest.raises(Reverted, match="nothing is live again"):
        publish(sick, "1")
    assert not at.layout.current.is_symlink()


def test_a_page_that_the_check_does_not_find_is_a_problem_too(
    at: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(at, "1")
    monkeypatch.setattr(timeline, "probes", lambda *_: (("/x.html", "x.html"),))
    with (
        behind_a_server(at) as sick,
        pytest.raises(Reverted, match=r"/x\.html of b\.example\.org has no file"),
    ):
        publish(sick, "2")
    assert live_id(at.layout) == first


def test_a_night_does_not_try_again_what_was_taken_back(at: Place) -> None:
    first = publish(at, "1")
    with behind_a_server(at, sick_with("2")) as sick:
        with pytest.raises(Reverted):
            publish(sick, "2")
        assert jobs.rebuild(sick, NIGHT).outcome is Outcome.UNCHANGED
        with pytest.raises(Refused, match="found bad"):
            publish(sick, "2")
        with pytest.raises(Reverted):
            publish(sick, "2", force=True)  # a person insists
    assert live_id(at.layout) == first


def test_what_was_rolled_back_from_does_not_come_again_by_itself(at: Place) -> None:
    first, second = publish(at, "1"), publish(at, "2")
    roll_back(at.layout, DEPLOY)
    assert jobs.rebuild(at, NIGHT).outcome is Outcome.UNCHANGED
    jobs.unpin(at, DEPLOY)
    done = jobs.rebuild(at, NIGHT)
    assert (done.outcome, live_id(at.layout)) == (Outcome.UNCHANGED, first)
    assert second in done.warnings[0]
    with pytest.raises(Refused, match=second) as refused:
        publish(at, "2")
    assert (
        refused.value.hint
        == f"Change something, or say --force; `fab rollback --to {second}` goes to it, too."
    )
    remove(at, second, "")
    with pytest.raises(Refused, match=second) as refused:
        publish(at, "2")
    assert refused.value.hint.endswith("say --force.")
    assert publish(at, "2", force=True) > second
    assert "overridden by --force" in last(at).warnings[0]


def test_a_deploy_while_pinned_says_so_and_changes_nothing(at: Place) -> None:
    first, _ = publish(at, "1"), publish(at, "2")
    roll_back(at.layout, DEPLOY)
    (at.manuscript / "word").write_text("3")
    before = at.layout.ledger.read_text()
    with pytest.raises(Refused, match=r"pinned since .* by me: rolled back from 000002"):
        jobs.rebuild(at, DEPLOY)
    assert (live_id(at.layout), at.layout.ledger.read_text()) == (first, before)


def test_a_server_that_is_down_makes_no_release_bad(at: Place) -> None:
    publish(at, "1")
    with behind_a_server(at, sick_with("1", "2")) as sick, pytest.raises(Reverted):
        publish(sick, "2", NIGHT)
    assert jobs.releases(at)[0].state is State.READY
    with behind_a_server(at) as sound:
        assert jobs.rebuild(sound, NIGHT).outcome is Outcome.PUBLISHED


def test_a_rollback_to_what_is_not_healthy_is_taken_back(at: Place) -> None:
    publish(at, "1")
    second = publish(at, "2")
    with behind_a_server(at, sick_with("1")) as sick, pytest.raises(Reverted):
        roll_back(sick.layout, DEPLOY)
    assert live_id(at.layout) == second
    assert Ledger(at.layout.ledger).pin() is None
    assert (last(at).outcome, last(at).task) == (Outcome.REVERTED, "rollback")


def test_a_night_publishes_what_went_well_since(at: Place) -> None:
    publish(at, "1")
    with behind_a_server(at, sick_with("2")) as sick, pytest.raises(Reverted):
        publish(sick, "2")
    with behind_a_server(at) as sound:
        publish(sound, "2", force=True)
        publish(sound, "3")
        publish(sound, "2", NIGHT)
    assert page(at) == "2"


def test_each_step_is_told_and_kept(at: Place) -> None:
    told: list[str] = []
    run = Run(who="me", reason="deploy", tell=lambda step, _: told.append(step))
    publish(at, "1", run)
    assert told == [step.__name__ for step in jobs.TIMELINE if step.__name__ != "fetch"]
    assert [name for name, _ in last(at).steps] == told[: told.index("record")]
    told.clear()
    publish(at, "1", run)
    assert told == ["preflight", "build", "gate", "record", "prune"]


def test_a_rollback_while_the_server_is_down_stands(at: Place) -> None:
    first, _ = publish(at, "1"), publish(at, "2")
    with behind_a_server(at, sick_with("1", "2")) as sick:
        done = roll_back(sick.layout, DEPLOY)
    assert (done.release, live_id(at.layout)) == (first, first)
    assert "neither" in done.warnings[0]


@pytest.mark.parametrize("lost", ["", "public/index.html", "public/404.html"])
def test_a_live_release_that_lost_files_is_made_anew(at: Place, lost: str) -> None:
    first = publish(at, "1")
    remove(at, first, lost)
    second = publish(at, "1", NIGHT)
    assert (page(at), second > first) == ("1", True)
    assert (at.layout.current / "public/404.html").is_file()
    assert jobs.rebuild(at, NIGHT).outcome is Outcome.UNCHANGED


def test_what_lost_files_under_a_pin_is_made_anew_once_and_waits(at: Place) -> None:
    first, _ = publish(at, "1"), publish(at, "2")
    roll_back(at.layout, DEPLOY)
    remove(at, first, "public/index.html")
    (at.manuscript / "word").write_text("1")
    assert [jobs.rebuild(at, NIGHT).outcome for _ in range(2)] == [Outcome.WAITING, Outcome.UNCHANGED]
    assert live_id(at.layout) == first
    publish(at, "1")
    assert page(at) == "1"


def test_a_manuscript_that_is_being_sent_is_not_built(at: Place) -> None:
    source = at.manuscript / "source"
    source.mkdir()
    (source / "blog.toml").write_text(TOML)
    (source / "word").write_text("1")
    sent = Place(layout=Layout(at.manuscript), manuscript=source)
    builds = (jobs.build, jobs.preview, jobs.plan, jobs.rebuild, partial(jobs.share, draft=True))
    assert sent.lock
    with sent.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for build in builds:
            with pytest.raises(Busy, match="a manuscript is being sent here"):
                build(sent, DEPLOY)
        with pytest.raises(Refused, match="no release 1"):  # which no manuscript is needed for
            jobs.share(sent, DEPLOY, release="1")


def test_what_cannot_be_told_of_the_next_build_takes_no_release_back(at: Place) -> None:
    publish(at, "1")
    at.layout.due.unlink()
    at.layout.due.mkdir()  # can neither be written nor removed
    second = publish(at, "2")
    assert (page(at), last(at).outcome) == ("2", Outcome.PUBLISHED)
    assert "due.json: cannot be written" in jobs.rebuild(at, NIGHT).warnings[0]
    assert (live_id(at.layout), Ledger(at.layout.ledger).pin()) == (second, None)
    at.layout.due.rmdir()
    assert jobs.rebuild(at, NIGHT).warnings == ()
    assert at.layout.due.is_file()


def test_who_waits_is_told_for_whom_and_what_came_of_it(at: Place) -> None:
    publish(at, "1")
    child = os.fork()
    if not child:
        with held(at.layout.lock, task="rebuild", who="cron"):
            time.sleep(0.5)
            line = {"task": "rebuild", "who": "cron", "reason": "schedule", "outcome": "failed"}
            line |= {"time": "2026-01-01T00:00:00Z", "error": "word:1: broken"}
            with at.layout.ledger.open("a") as ledger:
                ledger.write(json.dumps(line) + "\n")
        os._exit(0)
    told: list[str] = []
    deadline = time.monotonic() + 5
    while not at.layout.lock.read_text():
        assert time.monotonic() < deadline
    publish(at, "2", Run(who="me", reason="deploy", wait=5, waiting=told.append))
    os.waitpid(child, 0)
    assert told[0].startswith(f"waiting: rebuild by cron (process {child}) is at work here since ")
    assert told[1] == "rebuild by cron ended at 2026-01-01T00:00:00Z: failed word:1: broken"


def test_a_rollback_needs_no_manuscript(at: Place) -> None:
    first, _ = publish(at, "1"), publish(at, "2")
    (at.manuscript / "blog.toml").unlink()
    assert roll_back(at.layout, DEPLOY).release == first


def test_an_attempt_takes_as_long_as_its_build(at: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(who="me", reason="deploy")
    real = website.build

    def slow(*words: Any, **more: Any) -> website.BuildReport:
        time.sleep(0.2)
        return real(*words, **more)

    monkeypatch.setattr(website, "build", slow)
    publish(at, "1", run)
    assert last(at).seconds >= 0.2


def no_room(real: Callable[..., None], times: int) -> Callable[..., None]:
    left = [times]

    def append(*words: Any) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(*words)

    return append


def test_a_rollback_makes_room_for_its_line(at: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = publish(at, "1"), publish(at, "2")
    monkeypatch.setattr(Ledger, "append", no_room(Ledger.append, 1))
    assert roll_back(at.layout, DEPLOY).release == first
    assert Ledger(at.layout.ledger).pin()


def test_a_release_that_cannot_be_recorded_is_taken_back(at: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish(at, "1")
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "append", no_room(Ledger.append, 9))
        with pytest.raises(Failed, match="No space left"):
            publish(at, "2")
    assert (live_id(at.layout), page(at)) == (first, "1")


def test_a_lock_is_held_on_a_full_disk(at: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(at, "1")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with held(at.layout.lock, task="t", who="me"):
        pass


def test_an_error_of_the_disk_is_recorded(at: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(at, "1")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(timeline, "staged", full)
    with pytest.raises(Failed, match="No space left"):
        publish(at, "2", NIGHT)
    assert (last(at).outcome, last(at).reason) == (Outcome.FAILED, "schedule")


def test_a_wrong_blog_toml_at_night_is_recorded(at: Place) -> None:
    (at.manuscript / "blog.toml").write_text("[site]\n")
    with pytest.raises(UsageError):
        jobs.rebuild(at, NIGHT)
    assert last(at).outcome is Outcome.FAILED


def test_half_a_build_is_not_released(at: Place) -> None:
    jobs.build(at, DEPLOY)
    kill_at("blogops.website.build", lambda: jobs.build(at, DEPLOY))
    with pytest.raises(Refused, match="nothing was built"):
        jobs.release(at, DEPLOY)


def test_changed_nights_while_pinned_do_not_pile_up(at: Place) -> None:
    publish(at, "1")
    publish(at, "2")
    roll_back(at.layout, DEPLOY)
    for number in range(12):
        (at.manuscript / "word").write_text(f"night {number}")
        jobs.rebuild(at, NIGHT)
    assert len(jobs.releases(at)) <= 8


def test_nights_do_not_eat_what_was_made_by_hand(at: Place) -> None:
    by_hand = {publish(at, f"by hand {number}") for number in range(4)}
    for number in range(9):
        publish(at, f"night {number}", NIGHT)
    assert by_hand <= {item.id for item in jobs.releases(at)}
    assert len(jobs.releases(at)) <= 10


def test_going_forward_does_not_mark_bad(at: Place) -> None:
    first, second = publish(at, "1"), publish(at, "2")
    roll_back(at.layout, DEPLOY)
    roll_back(at.layout, DEPLOY, to=second)
    assert Ledger(at.layout.ledger).states()[first] is State.RETIRED


@pytest.mark.parametrize("key", ["files", "bytes"])
@pytest.mark.parametrize("value", ["[]", '"many"', "null", "1e999"])
def test_a_damaged_record_keeps_nothing_from_being_published(at: Place, key: str, value: str) -> None:
    first = publish(at, "1")
    record = at.layout.release(first) / "release.json"
    record.parent.chmod(0o755)
    record.unlink()
    record.write_text(f'{{"id": "{first}", "content": "x", "{key}": {value}}}')
    publish(at, "2")
    assert page(at) == "2"
    assert roll_back(at.layout, DEPLOY).release == first


@pytest.mark.parametrize("facts", ["", "null", "{}", '{"until": "soon"}', '{"token": "another"}'])
def test_a_preview_that_does_not_tell_its_time_goes(at: Place, facts: str) -> None:
    release = publish(at, "1")
    kept, damaged = (jobs.share(at, DEPLOY, release=release) for _ in range(2))
    told = at.layout.previews / damaged.token / "preview.json"
    held = json.loads(told.read_text())
    told.write_text(json.dumps(held | json.loads(facts)) if facts.startswith('{"') else facts)
    assert [each.what for each in jobs.shared(at)] == ["damaged", release]
    assert jobs.unshare(at, DEPLOY, kept.token) == kept
    assert not [*at.layout.previews.iterdir()]


def test_a_preview_goes_at_its_time_though_each_rebuild_fails(at: Place) -> None:
    shown = jobs.share(at, DEPLOY, release=publish(at, "1"))
    told = at.layout.previews / shown.token / "preview.json"
    told.write_text(json.dumps(json.loads(told.read_text()) | {"until": 0}))
    with pytest.raises(Failed, match="it has no title"):
        publish(at, "")
    assert not [*at.layout.previews.iterdir()]


def test_a_private_umask_does_not_hide_a_release(at: Place) -> None:
    code = "import os, sys; os.umask(0o077); sys.argv[0] = 'blogops'; from blogops.cli import main; main()"
    (at.manuscript / "content").mkdir()
    (at.manuscript / "content/word.rst").write_text("Word\n####\n\n:date: 2026-01-01\n\nText.\n")
    subprocess.run(
        [sys.executable, "-c", code, "rebuild"], cwd=at.manuscript, check=True, capture_output=True
    )
    for path in (at.layout.ledger, at.layout.current, at.layout.current / "release.json", at.layout.releases):
        assert path.stat().st_mode & 0o044 == 0o044, path


@pytest.mark.parametrize("words", [["nonsense"], ["rollback", "--nonsense"], ["rollback", "000001"]])
def test_a_wrong_command_is_2(at: Place, words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "blogops", *words],
        cwd=at.manuscript,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_rollback_on_a_full_disk(at: Place) -> None:
    at.layout.root.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(at.layout.root)], check=True)
    try:
        first, _ = publish(at, "1"), publish(at, "2")
        with contextlib.suppress(OSError), (at.layout.root / "filler").open("wb", buffering=0) as filler:
            while filler.write(b"x" * 4096):
                pass
        with pytest.raises(Failed, match=r"two releases take 2\.0 MB .*, 0\.0 MB"):
            publish(at, "3")
        assert roll_back(at.layout, DEPLOY).release == first
        assert page(at) == "1"
        assert Ledger(at.layout.ledger).pin()
    finally:
        subprocess.run(["umount", str(at.layout.root)], check=True)


def test_a_signal_while_old_releases_go_comes_too_late(at: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(at, "1")
    monkeypatch.setattr(timeline, "pruned", lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM))
    second = publish(at, "2")
    assert (last(at).outcome, last(at).release) == (Outcome.PUBLISHED, second)


def test_the_old_site_comes_back_where_its_link_needs_the_reserve(
    at: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = publish(at, "1"), publish(at, "2")
    monkeypatch.setattr("blogops.releases.finishing.switch", no_room(switch, 1))
    with behind_a_server(at, sick_with("3")) as sick, pytest.raises(Reverted):
        publish(sick, "3")
    assert page(at) == "2"
    assert not at.layout.reserve.exists()
    monkeypatch.setattr("blogops.releases.finishing.switch", no_room(switch, 1))
    with behind_a_server(at, sick_with("1")) as sick, pytest.raises(Reverted):
        roll_back(sick.layout, DEPLOY, to=first)
    assert page(at) == "2"


def test_half_a_line_is_taken_back(at: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(at, "1")
    before = at.layout.ledger.read_text()

    def half(file: FileIO, data: bytes) -> None:
        file.write(data[:70])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("blogops.releases.ledger._write_all", half)
        with pytest.raises(Failed, match="No space left"):
            publish(at, "2")
    assert (page(at), at.layout.ledger.read_text()) == ("1", before)


def test_what_stands_in_the_place_of_current_stops_a_deploy_before_its_build(at: Place) -> None:
    publish(at, "1")
    there = sorted(at.layout.releases.iterdir())
    at.layout.current.unlink()
    at.layout.current.mkdir()
    with pytest.raises(Failed, match="current is not a link"):
        publish(at, "2")
    assert sorted(at.layout.releases.iterdir()) == there


def test_what_another_tool_numbered_gives_no_number(at: Place) -> None:
    for name in ("999999", "20991231235959"):
        (at.layout.releases / name).mkdir(parents=True)
    assert publish(at, "1")[:7] == "000001-"
