"""One run: take the lock, walk the resources, run the notifications, say what happened."""

import fcntl
import json
import os
import platform
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import accounts, files, packages, services, virtualenvs
from .finding import Finding, ResourceError
from .host import Host
from .pending import Pending
from .wire import StreamWire

Look = Callable[[Host, str, dict[str, Any]], Finding]

KINDS: dict[str, Look] = {
    "absent": files.look_absent,
    "authorized_key": accounts.look_authorized_key,
    "directory": files.look_directory,
    "file": files.look_file,
    "group": accounts.look_group,
    "link": files.look_link,
    "packages": packages.look_packages,
    "program": services.look_program,
    "service": services.look_service,
    "user": accounts.look_user,
    "virtualenv": virtualenvs.look_virtualenv,
}

EXIT_FAILED, EXIT_BUSY = 4, 75


class Busy(Exception):
    """Another run holds the lock."""


class Bug(ResourceError):
    """A fault of ours; not even ``--check`` passes over it."""


def main(line: bytes) -> int:
    """Run the plan in *line* (JSON) and return the exit code."""
    # A cut connection must not kill dpkg half way: the run goes on without an audience.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    plan = json.loads(line)
    wire = StreamWire(sys.stdin.buffer, sys.stdout.buffer)
    state = state_folder()
    wire.emit("hello", python=platform.python_version(), uid=os.geteuid(), time=time.time())
    if plan["check"]:
        return run(Host(wire), plan, Pending(state / "pending.json"))
    try:
        with _locked(state / "lock"):
            wire.record_in(state / "runs" / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.jsonl")
            code = run(Host(wire), plan, Pending(state / "pending.json"))
            _keep_newest(state / "runs", 30)
            _keep_newest(state / "agent", 3)
            return code
    except Busy:
        wire.emit("busy", why=f"another run of blogops is at work here (lock {state / 'lock'})")
        return EXIT_BUSY


def state_folder() -> Path:
    """Return where the agent keeps its lock, log and cache; root's is nobody else's to write."""
    return Path("/var/lib/blogops") if os.geteuid() == 0 else Path.home() / ".cache/blogops"


def run(host: Host, plan: dict[str, Any], pending: Pending) -> int:
    """Walk the plan on *host*; the first failure stops it."""
    resources = plan["resources"]
    host.packages = tuple(
        dict.fromkeys(
            name for item in resources if item["kind"] == "packages" for name in item["want"]["packages"]
        )
    )
    started, changed = time.monotonic(), 0
    for item in resources:
        try:
            changed += _bring(host, item, plan, pending)
        except ResourceError as error:
            host.wire.emit("failed", resource=_title(item), where=item["where"], why=str(error))
            return EXIT_FAILED
    if not _notified(host, pending, check=plan["check"]):
        return EXIT_FAILED
    seconds = round(time.monotonic() - started, 3)
    host.wire.emit("done", resources=len(resources), changed=changed, seconds=seconds)
    return 0


def _bring(host: Host, item: dict[str, Any], plan: dict[str, Any], pending: Pending) -> bool:
    began = time.monotonic()
    finding = _looked(host, item, check=plan["check"])
    acts = finding.act is not None
    if finding.act and not plan["check"]:
        # Written down before the act: a run cut off between change and reload is finished by the next.
        pending.add({name: plan["actions"][name] for name in item["notify"]})
        with _in_words():
            finding.act()
    host.wire.emit(
        "changed" if acts else "kept",
        resource=_title(item),
        why=finding.why,
        diff=finding.diff,
        seconds=round(time.monotonic() - began, 3),
    )
    return acts


def _looked(host: Host, item: dict[str, Any], *, check: bool) -> Finding:
    try:
        with _in_words():
            return KINDS[item["kind"]](host, item["name"], item["want"])
    except Bug:
        raise
    except ResourceError as error:
        if check:
            # What an earlier resource of the plan would bring is not here yet to be looked at.
            return Finding(f"cannot be known before the rest is applied ({error})", lambda: None)
        raise


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except ResourceError:
        raise
    except OSError as error:
        raise ResourceError(str(error)) from error
    except Exception as error:
        raise Bug(f"a bug in blogops: {traceback.format_exc()}") from error


def _notified(host: Host, pending: Pending, *, check: bool) -> bool:
    for name, command in pending.all().items():
        why = " ".join(command)
        if check:
            why = f"owed by a run that was cut off: {why}"
        else:
            try:
                host.run(command)
            except ResourceError as error:
                host.wire.emit("failed", resource=name, why=str(error))
                return False
            pending.remove(name)
        host.wire.emit("notified", resource=name, why=why)
    return True


def _title(item: dict[str, Any]) -> str:
    return f"{item['kind']} {item['name']}"


def _keep_newest(folder: Path, count: int) -> None:
    files = sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime)
    for path in files[:-count]:
        path.unlink()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy from error
        yield
