"""A program of root's, for the blog's user: it writes nginx's maps from the releases' headers.json.

`fab setup` installs it as ``/usr/local/lib/blogops-NAME/headers``, from this room; sudo lets the blog's user
run it, without arguments. What lies in a release may be anything.
"""

import fcntl
import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from blogops import console
from blogops.errors import Busy, ExitCode, Failed, OpsError
from blogops.headers.maps import RELEASE, maps
from blogops.headers.rules import LARGEST, Rule, from_json

HEADERS = "headers.json"
PATIENCE = 10.0  # seconds for another run, and for nginx's new workers
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Host:
    """Where the *releases* lie and nginx's *maps*, how *nginx* is called, and the file with its number."""

    releases: Path
    maps: Path
    nginx: str = "/usr/sbin/nginx"
    pid: Path = Path("/run/nginx.pid")


def main(name: str) -> int:
    """Write the maps of the blog *name*; return the exit code (docs/exit-codes.md)."""
    os.umask(0o022)
    try:
        if sys.argv[1:]:
            raise Failed("it takes no arguments")
        told = json.loads(Path(f"/etc/blogops-{name}.json").read_text(encoding="utf-8"))  # root's own
        bring(Host(Path(told["root"]) / "releases", Path(f"/etc/nginx/blogops-{name}")))
    except OpsError as error:
        console.complain(f"error: {error}")
        return int(error.exit_code)
    except OSError as error:
        console.complain(f"error: {error}")
        return int(ExitCode.FAILED)
    return int(ExitCode.DONE)


def bring(host: Host) -> bool:
    """Bring the maps to what the releases say, and nginx to the maps; return whether anything changed.

    Raises `Failed`, with the old maps in place, where a release is not as it should be, or nginx refuses.
    """
    with _alone(host.maps / ".lock"):
        try:
            told = maps(dict(_releases(host.releases)))
        except ValueError as error:
            raise Failed(str(error), where=str(host.releases), hint="Nothing was changed.") from None
        wanted = {host.maps / f"{slug}.map": text.encode() for slug, text in told.items() if text}
        before = {path: path.read_bytes() for path in host.maps.glob("*.map")}
        pending = host.maps / ".pending"  # there while nginx may not know what lies here
        if wanted == before and not pending.exists():
            return False
        pending.touch()
        try:
            _replace(host.maps, wanted)
            _load(host)
        except BaseException:
            _replace(host.maps, before)
            raise
        pending.unlink()
        return True


def _releases(folder: Path) -> Iterator[tuple[str, tuple[Rule, ...]]]:
    """Yield each release and its rules; nothing is read through a link, nor what is somebody else's."""
    top = os.open(folder, _FOLDER)
    try:
        owner = os.fstat(top).st_uid
        for name in sorted(filter(RELEASE.fullmatch, os.listdir(top))):  # noqa: PTH208 -- of the folder that is open
            data = _read(top, name, owner, folder / name / HEADERS)
            if data is None:
                continue
            try:
                yield name, from_json(data)
            except ValueError as error:
                raise _wrong(folder / name / HEADERS, str(error)) from None
    finally:
        os.close(top)


def _read(top: int, name: str, owner: int, shown: Path) -> bytes | None:
    try:
        inside = os.open(name, _FOLDER, dir_fd=top)
    except OSError:
        return None  # a file or a link of that name is no release
    try:
        descriptor = os.open(HEADERS, _FILE, dir_fd=inside)
    except FileNotFoundError:
        return None
    except OSError:
        raise _wrong(shown, "it is not a file of this release") from None
    finally:
        os.close(inside)
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode) or state.st_uid != owner:
        os.close(descriptor)
        raise _wrong(shown, "it is not a file of this release")
    with os.fdopen(descriptor, "rb") as file:
        return file.read(LARGEST + 1)


def _wrong(path: Path, problem: str) -> Failed:
    return Failed(problem, where=str(path), hint="Remove that release; nginx is as it was.")


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    # Root's alone: whoever may open it, could hold it.
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + PATIENCE
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Busy("the headers are being written by another run", hint="Try again.") from None
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)


def _replace(folder: Path, wanted: Mapping[Path, bytes]) -> None:
    """Make *wanted* all the maps there are: written aside, by a name nginx does not read, and renamed."""
    for path, data in wanted.items():
        aside = path.with_name(f".{path.name}.new")
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    for path in set(folder.glob("*.map")) - set(wanted):
        path.unlink()


def _load(host: Host) -> None:
    """Have nginx check all its configuration, take it, and serve by it."""
    _run(host.nginx, "-t", "-q")
    try:
        master = int(host.pid.read_text())
    except (OSError, ValueError):
        raise Failed("nginx is not running", where=str(host.pid), hint="`systemctl status nginx`") from None
    before = _workers(master)
    _run(host.nginx, "-s", "reload")
    deadline = time.monotonic() + PATIENCE
    while not (now := _workers(master)) or now & before:
        if time.monotonic() > deadline:
            raise Failed("nginx did not take its new configuration", hint="See /var/log/nginx/error.log.")
        time.sleep(0.02)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"`{' '.join(command)}` does not end") from None
    if done.returncode:
        raise Failed(
            f"nginx refuses its configuration: {done.stderr.strip()}", hint="As root there: `nginx -t`."
        )


def _workers(master: int) -> set[int]:
    """Return the processes of *master* that take requests: one that only ends its last ones says so."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            if parent == master and b"shutting down" not in (path.parent / "cmdline").read_bytes():
                found.add(int(path.parent.name))
        except (OSError, IndexError):
            continue  # it has ended meanwhile
    return found
