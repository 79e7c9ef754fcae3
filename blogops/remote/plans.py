"""Send a plan to the agent and yield what it says: one exec, nothing in argv but hashes."""

import hashlib
import io
import shlex
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from fabric import Connection

from blogops.errors import Failed, Refused
from blogops.remote.connection import ready
from blogops.remote.events import Event, parse

SUPPORTED = ("12", "13")

# Runs before there may be a python3: refuses another OS before anything is changed, then installs it.
_STUB = r"""
. /etc/os-release 2>/dev/null
case "${ID:-unknown} ${VERSION_ID:-}" in SUPPORTED) ;; *)
  echo "{\"event\": \"refused\", \"why\": \"this is ${ID:-unknown} ${VERSION_ID:-}\"}"; exit 3;; esac
if ! [ -x /usr/bin/python3 ]; then
  if [ "$2" = check ]; then echo '{"event": "bare"}'; exit 0; fi
  echo '{"event": "doing", "resource": "python3", "why": "apt-get update, apt-get install python3"}'
  export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
  apt="apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0"
  { $apt update && $apt install --no-install-recommends python3; } </dev/null >&2 || exit 1
  echo '{"event": "changed", "resource": "python3", "why": "installed"}'
fi
exec /usr/bin/python3 -I -S -c "$0" "$1" "$2"
"""

# The agent is cached by its content hash, in a folder nobody else can write, and the very bytes that
# were checked are the ones that run: they are imported from memory, never from the file.
_BOOT = r"""
import hashlib, os, sys
wanted, check = sys.argv[1], sys.argv[2] == "check"
home = "/var/lib/blogops" if os.geteuid() == 0 else os.path.expanduser("~/.cache/blogops")
path = os.path.join(home, "agent", wanted + ".pyz")
line = sys.stdin.buffer.readline()
try:
    with open(path, "rb") as file: code = file.read()
except OSError: code = b""
if hashlib.sha256(code).hexdigest() != wanted:
    print('{"event": "need", "key": "agent"}', flush=True)
    code = sys.stdin.buffer.read(int(sys.stdin.buffer.readline()))
    if hashlib.sha256(code).hexdigest() != wanted: sys.exit("the agent was damaged on the way")
    if not check:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(path + ".new", "wb") as file: file.write(code)
        os.replace(path + ".new", path)
memory = os.memfd_create("agent")
os.write(memory, code)
sys.path.insert(0, "/proc/self/fd/%d" % memory)
from agent.main import main
sys.exit(main(line))
"""


def run_plan(
    c: Connection, plan: str, *, check: bool, blobs: Mapping[str, Callable[[], bytes]], sudo: bool = True
) -> Iterator[Event]:
    """Send *plan* (one line of JSON) to *c* and yield its events until the agent ends.

    *blobs* are asked for by name, and only made if the server lacks them. With *sudo* the agent runs as
    root. Raises `Failed` or `Refused` where it cannot run at all.
    """
    agent = agent_zip()
    channel = ready(c).create_session()
    channel.exec_command(_command(c, hashlib.sha256(agent).hexdigest(), check=check, sudo=sudo))
    channel.sendall(plan.encode() + b"\n")
    said = False
    for line in _lines(channel):
        event = parse(line)
        if event is None:
            continue
        said = True
        if event.name == "need":
            data = agent if event.key == "agent" else blobs[event.key]()
            channel.sendall(b"%d\n" % len(data) + data)
        elif event.name == "refused":
            raise Refused(
                f"{c.host}: {event.why}; blogops knows Debian {' and '.join(SUPPORTED)}",
                hint="Nothing was changed.",
            )
        elif event.name == "bare":
            yield Event(
                name="changed", resource="python3", why="would be installed, and with it all the rest"
            )
            yield Event(name="done", resources=1, changed=1)
        else:
            yield event
    _check_end(c, channel, said)


@cache
def agent_zip() -> bytes:
    """Return the agent as a zip that is the same bytes for the same sources."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        sources = (item for item in resources.files("blogops.agent").iterdir() if item.name.endswith(".py"))
        for source in sorted(sources, key=lambda item: item.name):
            archive.writestr(
                zipfile.ZipInfo(f"agent/{source.name}"), source.read_bytes(), zipfile.ZIP_DEFLATED
            )
    return stream.getvalue()


def _command(c: Connection, digest: str, *, check: bool, sudo: bool) -> str:
    pattern = "|".join(f'"debian {version}"' for version in SUPPORTED)
    script = _STUB.replace("SUPPORTED", pattern)
    prefix = ["sudo", "-n"] if sudo and c.user != "root" else []
    return shlex.join([*prefix, "/bin/sh", "-c", script, _BOOT, digest, "check" if check else "apply"])


def _lines(channel: Any) -> Iterator[bytes]:
    with channel.makefile("rb") as stream:
        yield from stream


def _check_end(c: Connection, channel: Any, said: bool) -> None:
    with channel.makefile_stderr("rb") as stream:
        words = stream.read().decode(errors="replace").strip()
    code = channel.recv_exit_status()
    if code in (0, 4, 75) and said:
        return
    if not said and ("sudo" in words or code == 127):
        reason = words.splitlines()[-1] if words else "there is no sudo"
        raise Failed(
            f"{c.user}@{c.host} may not become root: {reason}",
            hint=f"Connect as root, or give {c.user} sudo without a password. Nothing was changed.",
        )
    tail = "\n".join(words.splitlines()[-20:])
    raise Failed(
        f"{c.host} could not run the plan (exit code {code})\n{tail}",
        hint="Run this again once it is mended.",
    )
