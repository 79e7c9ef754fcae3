"""Files are whole and have their final owner and mode at every instant, whatever kills the writer."""

import os
import signal
import stat
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from blogops.agent import undo, writing
from blogops.agent.undo import Undo
from blogops.agent.writing import link_aside, write_aside

OWNER = (12345, 23456)
OLD, NEW = b"old bytes\n" * 100, b"new bytes\n" * 90_000


def killed_at(step: int, act: Any) -> bool:
    """Run *act* in a child that is killed before its *step*-th call into C; tell whether it came to that."""
    child = os.fork()
    if child == 0:
        calls = 0

        def watch(frame: FrameType, event: str, argument: object) -> None:
            nonlocal calls
            if event == "c_call" and frame.f_code.co_filename in (writing.__file__, undo.__file__, PATHLIB):
                calls += 1
                if calls == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(watch)
        act()
        sys.setprofile(None)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


PATHLIB = Path.unlink.__code__.co_filename


def every_step(act: Any, inspect: Any) -> int:
    """Kill *act* before each of its calls, *inspect* what it left, and return how many there were."""
    step = 1
    while killed_at(step, act):
        inspect()
        step += 1
        assert step < 500
    inspect()
    return step


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o4711])
@pytest.mark.parametrize("before", [True, False])
def test_a_write_that_is_killed_anywhere(tmp_path: Path, mode: int, before: bool) -> None:
    path = tmp_path / "secret.conf"
    if before:
        path.write_bytes(OLD)
        path.chmod(0o600)

    def whole() -> None:
        for other in tmp_path.iterdir():
            state = other.lstat()
            seen = (stat.S_IMODE(state.st_mode), state.st_uid, state.st_gid)
            if other.name.startswith("."):
                # The half-made one: never wider than it will be, and the owner last of all in doubt.
                assert stat.S_IMODE(state.st_mode) in (0o600, mode)
                assert not state.st_mode & 0o077 or seen == (mode, *OWNER)
            elif other.read_bytes() == NEW:
                assert seen == (mode, *OWNER)
            else:
                assert (other.read_bytes(), seen) == (OLD, (0o600, 0, 0))
        assert path.exists() or not before

    steps = every_step(lambda: write_aside(path, NEW, mode, OWNER), whole)
    assert steps > 8  # open, chown, chmod, write, sync, close, rename at the least
    assert path.read_bytes() == NEW
    assert [each.name for each in tmp_path.iterdir()] == ["secret.conf"]  # the litter of the killed went too


def test_a_link_that_is_killed_anywhere(tmp_path: Path) -> None:
    link = tmp_path / "current"
    link.symlink_to("old")
    seen = set()
    every_step(lambda: link_aside(link, "new"), lambda: seen.add(str(link.readlink())))
    assert seen == {"old", "new"}
    assert [each.name for each in tmp_path.iterdir()] == ["current"]


def test_a_change_that_is_killed_anywhere_is_taken_back(tmp_path: Path) -> None:
    """The journal is on disk before the change is, so the next run knows what there was."""
    path, journal = tmp_path / "site.conf", tmp_path / "state/undo.jsonl"

    def change() -> None:
        undo = Undo(journal)
        undo.save(path, ("nginx", "-t"))
        write_aside(path, b"unjudged", 0o644, (os.getuid(), os.getgid()))

    def taken_back() -> None:
        changed = path.read_bytes() == b"unjudged"
        assert bool(Undo(journal).leftovers()) or not changed
        assert path.read_bytes() == b"old"
        assert not journal.exists()

    path.write_bytes(b"old")
    path.chmod(0o640)
    assert every_step(change, taken_back) > 10
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("check", [(), ("nginx", "-t")])
@pytest.mark.parametrize("ends", [False, True])
def test_a_removal_that_is_killed_anywhere_leaves_nothing_untold(
    tmp_path: Path, check: tuple[str, ...], ends: bool
) -> None:
    """What was unjudged comes back; what was not is gone, and no hidden sibling stays."""
    path, journal = tmp_path / "etc/fifo", tmp_path / "state/undo.jsonl"
    path.parent.mkdir()

    def remove() -> None:
        undo = Undo(journal)
        undo.remove(path, check)
        if ends:
            undo.accepted(check)
            undo.end()

    def as_it_was_or_gone() -> None:
        restored = Undo(journal).leftovers()
        there = [each.name for each in path.parent.iterdir()]
        assert there in (["fifo"], []), there
        assert there or not restored
        assert there or ends or not check
        assert not journal.exists()
        if not there:
            os.mkfifo(path)

    os.mkfifo(path)
    assert every_step(remove, as_it_was_or_gone) > 10


def test_a_full_disk_leaves_the_old_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        write_aside(path, NEW, 0o644, (os.getuid(), os.getgid()))
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == OLD
