"""What needs no server: the filter that keeps a laptop's other files at home, and the agent's events."""

import subprocess
from pathlib import Path

import pytest

from blogops.remote.events import Event, parse
from blogops.remote.sync import OPTIONS, only


def test_only_the_manuscript_travels(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for name in (
        "blog.toml",
        "src/content/a/b.rst",
        "src/other.txt",
        "templates/x.html",
        ".git/config",
        "key.pem",
    ):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(name)
    (here / "src/content/leak").symlink_to("/etc/passwd")
    for name in ("src/content/gone.rst", "stray.txt"):
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        (there / name).write_text("old")
    names = ["blog.toml", "src/content", "templates"]
    subprocess.run(
        ["rsync", *OPTIONS, *only(names), f"{here}/", f"{there}/"], check=True, capture_output=True
    )
    found = {
        str(path.relative_to(there)) for path in there.rglob("*") if not path.is_dir() or path.is_symlink()
    }
    assert found == {"blog.toml", "src/content/a/b.rst", "templates/x.html"}


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (
            b'{"event": "kept", "resource": "file /x", "why": "w", "new": 1}',
            Event(name="kept", resource="file /x", why="w"),
        ),
        (b"Welcome to Debian", None),
        (b"7", None),
        (b'{"no": "event"}', None),
    ],
)
def test_chatter_is_not_an_event(line: bytes, event: Event | None) -> None:
    assert parse(line) == event
