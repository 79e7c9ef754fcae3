"""Looks at the blog from inside the machine: what is live, what nginx serves of it, what lies there."""

import fcntl
import http.client
import os
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from blogops import jobs
from blogops.releases import MANIFEST, MOVES, Ledger, Release, content_hash, live_id
from faults.striking import ROOT

AT = jobs.place(str(ROOT))
EDITION = re.compile(r"Edition-[0-9a-z]+")
_NEW: dict[str, str] = {}  # release -> edition, of those that were live and of which nobody was told yet


def look() -> dict[str, Any]:
    """Return how it stands: what is live, the edition of each release, the ledger's end, the lock."""
    known = Ledger(AT.layout.ledger)
    return {
        "live": live_id(AT.layout),
        "editions": _editions(),
        "states": {name: str(state) for name, state in known.states().items()},
        "last": known.attempts[-1]._asdict() if known.attempts else {},
        "torn": len(known.warnings),
        "is_locked": _is_locked(),
        "pinned": known.pinned(),
        "entries": sorted(path.name for path in AT.layout.releases.iterdir()),
    }


def ledger(count: int) -> list[dict[str, Any]]:
    """Return its last lines, *count* of them."""
    return [each._asdict() for each in Ledger(AT.layout.ledger).attempts[-count:]]


def note_live() -> None:
    """Note the edition of what is live, which may be gone before the next look."""
    live = live_id(AT.layout)
    home = AT.layout.public(live) / "index.html"
    if live and home.is_file():
        _NEW[live] = _edition(home)


def _edition(page: Path) -> str:
    found = EDITION.search(page.read_text())
    return found[0] if found else ""


def _editions() -> dict[str, str]:
    there = {path.parts[-3]: _edition(path) for path in AT.layout.releases.glob("*/public/index.html")}
    told = _NEW | there
    _NEW.clear()
    return told


def _is_locked() -> bool:
    with AT.layout.lock.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def pages() -> list[str]:
    """Return what is wrong with the live release: each of its files is asked of nginx."""
    live = live_id(AT.layout)
    public = AT.layout.public(live)
    files = sorted(path for path in public.rglob("*") if path.is_file())
    if not files:
        return [f"{live} has no pages"]
    with closing(_nginx()) as nginx:
        return [problem for path in files if (problem := _asked(nginx, path, public, live))]


def _nginx() -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", 80, timeout=10)


def _asked(nginx: http.client.HTTPConnection, path: Path, public: Path, live: str) -> str:
    answer, body = _got(nginx, f"/{path.relative_to(public).as_posix()}")
    if answer.status != 200:
        return f"{path}: {answer.status}"
    if answer.getheader("X-Release") != live:
        return f"{path}: {answer.getheader('X-Release')} is not {live}"
    return "" if body == path.read_bytes() else f"{path}: other bytes"


def _got(
    nginx: http.client.HTTPConnection, address: str, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    nginx.request("GET", address, headers={"Host": "blog.example.org", **headers})
    answer = nginx.getresponse()
    return answer, answer.read()


def etags() -> dict[str, str]:
    """Return address -> ETag of each file of the live release."""
    public = AT.layout.public(live_id(AT.layout))
    names = [path.relative_to(public).as_posix() for path in public.rglob("*") if path.is_file()]
    with closing(_nginx()) as nginx:
        return {name: _got(nginx, f"/{name}")[0].getheader("ETag") or "" for name in sorted(names)}


def changed(etags: dict[str, str]) -> list[str]:
    """Return the addresses that do not answer 304 to the ETag they had."""
    with closing(_nginx()) as nginx:
        asked = {name: _got(nginx, f"/{name}", **{"If-None-Match": tag})[0] for name, tag in etags.items()}
    return [name for name, answer in asked.items() if answer.status != 304]


def hashes() -> dict[str, list[str]]:
    """Return release -> the hash of its content as it says, and as it is."""
    found = {}
    for path in sorted(AT.layout.releases.iterdir()):
        if release := Release.read(AT.layout, path.name):
            beside = {name: (path / name).read_text() for name in (MANIFEST, MOVES)}
            found[path.name] = [release.content, content_hash(path / "public", beside)]
    return found


def title() -> str:
    """Return the edition of the manuscript."""
    return _edition(ROOT / "source/blog.toml")


def everything() -> list[str]:
    """Return what there is but what tells of attempts, the lock, the manuscript and the work."""
    apart = {"ledger.jsonl", "lock", "metrics", "source", "toolkit", "work"}
    tops = [path for path in ROOT.iterdir() if path.name not in apart]
    paths = [path for top in tops for path in (top, *(() if top.is_symlink() else top.rglob("*")))]
    return sorted(f"{path} {path.lstat()}" for path in paths)


def disk() -> int:
    """Return how many bytes the releases and what is kept of them take up; shared files count once."""
    states = [path.lstat() for top in ("releases", "assets") for path in (ROOT / top).rglob("*")]
    return sum({state.st_ino: state.st_blocks * 512 for state in states}.values())


def room() -> list[int]:
    """Return the bytes and inodes that are free."""
    found = os.statvfs(ROOT)
    return [found.f_bavail * found.f_frsize, found.f_favail]


ACTS: dict[str, Callable[..., Any]] = {
    act.__name__: act for act in (look, ledger, pages, etags, changed, hashes, title, everything, disk, room)
}
