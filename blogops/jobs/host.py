"""The machine that the blog lives on, as the blog's user can see it: no lock, no right, nothing changed.

Each look is short and knows nothing of the others, so that they run side by side.
"""

import contextlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from blogops.errors import UsageError
from blogops.releases import Layout, check_user, write_file
from blogops.releases.health import Vhost, vhost_of
from blogops.releases.preflight import is_alive

if TYPE_CHECKING:
    import socket

_PATIENCE = 8.0  # seconds for one look
_ALIVE = ("active", "activating", "reloading")
_LISTS, _DPKG = Path("/var/lib/apt/lists"), Path("/var/lib/dpkg/status")


class Service(NamedTuple):
    """A daemon or program and what it is: "active", or what its keeper says instead."""

    name: str
    state: str

    @property
    def alive(self) -> bool:
        """Whether it runs, or nobody can tell."""
        return self.state in (*_ALIVE, "unknown")


class Updates(NamedTuple):
    """Security updates that wait: *packages* by name; *looked* is when apt's lists were fetched (RFC 3339).

    *problem* says why nobody knows.
    """

    packages: tuple[str, ...] = ()
    looked: str = ""
    problem: str = ""


class Host(NamedTuple):
    """The machine: *certificate* is when it ends (RFC 3339), or a sentence of why there is none."""

    name: str
    os: str
    services: tuple[Service, ...]
    certificate: str
    updates: Updates


class Disk(NamedTuple):
    """Bytes and inodes, free and all; a file system that counts no inodes has 0 of both."""

    free: int
    size: int
    inodes_free: int
    inodes: int


def look(layout: Layout) -> Host | None:
    """Look at the machine; None on a laptop, where no nginx serves the blog."""
    if layout.vhost is None:
        return None
    import socket  # all these only here: a rebuild with nothing to do should not wait for them
    from concurrent.futures import ThreadPoolExecutor

    vhost = vhost_of(layout)
    with ThreadPoolExecutor(4) as pool:
        daemons, program = pool.submit(_daemons, vhost), pool.submit(_program, layout, vhost)
        certificate, waiting = pool.submit(_certificate, vhost), pool.submit(_updates, layout)
        return Host(
            name=socket.gethostname(),
            os=os_name(_text(Path("/etc/os-release"))),
            services=(*daemons.result(), program.result()),
            certificate=certificate.result(),
            updates=waiting.result(),
        )


def disk(folder: Path) -> Disk:
    """Return what is left on the disk of *folder*, be it there yet or not."""
    try:
        found = os.statvfs(folder)
    except FileNotFoundError:
        return disk(folder.absolute().parent)
    unit = found.f_frsize
    return Disk(
        free=found.f_bavail * unit,
        size=found.f_blocks * unit,
        inodes_free=found.f_favail,
        inodes=found.f_files,
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def os_name(release: str) -> str:
    """Return the name in an os-release(5)."""
    found = re.search(r"^PRETTY_NAME=(['\"]?)(.*)\1$", release, re.MULTILINE)
    return found[2] if found else "unknown"


def _said(*command: str, stdin: str = "") -> str | None:
    """Return what *command* prints, whatever its exit code; None where it is missing or falls silent."""
    import subprocess

    try:
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout


def _daemons(vhost: Vhost | None) -> tuple[Service, ...]:
    """Look for their processes first: without a message bus, systemd tells root alone."""
    files = dict(vhost.daemons) if vhost else {}
    names = [*files, *(["postfix"] if Path("/usr/sbin/postfix").exists() else [])]
    alive = {name for name, file in files.items() if is_alive(Path(file))}
    asked = [name for name in names if name not in alive]
    said = _said("systemctl", "is-active", *asked) if asked else ""
    told = {each.name: each for each in services(asked, said or "")}
    return tuple(_daemon(name, told.get(name), files) for name in names)


def _daemon(name: str, told: Service | None, files: Mapping[str, str]) -> Service:
    if told and told.state == "unknown" and name in files:
        return Service(name=name, state="not running")
    return told or Service(name=name, state="active")


def services(names: Sequence[str], said: str) -> tuple[Service, ...]:
    """Return what ``systemctl is-active NAMES`` *said*, a line for each."""
    states = [*said.split("\n"), *[""] * len(names)]
    pairs = zip(names, states, strict=False)
    return tuple(Service(name=name, state=state.strip() or "unknown") for name, state in pairs)


def _program(layout: Layout, vhost: Vhost | None) -> Service:
    """Ask the service itself; supervisor would tell root alone."""
    name = f"{layout.root.name}-service"
    if vhost is None or not vhost.service:
        return Service(name=name, state="unknown")
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", vhost.service, timeout=_PATIENCE)
    try:
        connection.request("GET", "/_blog/health")
        status = connection.getresponse().status
        return Service(name=name, state="active" if status == 200 else f"answers {status}")
    except (OSError, http.client.HTTPException):
        return Service(name=name, state="silent")
    finally:
        connection.close()


def _certificate(vhost: Vhost | None) -> str:
    import socket

    try:
        with socket.create_connection(("127.0.0.1", 443), timeout=_PATIENCE) as plain:
            return expiry(_shown_certificate(plain, vhost.host if vhost else ""))
    except ConnectionRefusedError:
        return "no HTTPS"
    except OSError as error:
        return f"no HTTPS ({error.strerror or error})"


def _shown_certificate(plain: "socket.socket", domain: str) -> str:
    """Return the certificate that is shown for *domain*, as PEM: whose it is does not matter here."""
    import ssl

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(plain, server_hostname=domain or None) as shown:
        return ssl.DER_cert_to_PEM_cert(shown.getpeercert(binary_form=True) or b"")


def expiry(pem: str) -> str:
    """Return when the certificate ends (RFC 3339), as openssl reads it."""
    said = _said("openssl", "x509", "-noout", "-enddate", stdin=pem)
    if said is None:
        return "unknown: openssl is not installed"
    return end_date(said)


def end_date(said: str) -> str:
    """Return the time (RFC 3339) in what ``openssl x509 -enddate`` *said*."""
    import ssl

    _, _, text = said.strip().partition("notAfter=")
    try:
        return _moment(ssl.cert_time_to_seconds(text))
    except ValueError:
        return "unknown: openssl cannot read the certificate"


def _updates(layout: Layout) -> Updates:
    """Ask apt, which takes a second, unless nothing was fetched or installed since it was asked."""
    looked = _fetched(_LISTS)
    if not looked:
        return Updates(problem="apt-get update never ran")
    mark = f"{looked} {_mtime(_DPKG)}"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(layout.updates.read_text(encoding="utf-8"))
        if known["mark"] == mark:
            return Updates(packages=tuple(known["packages"]), looked=looked)
    said = _said("apt-get", "-s", "-q", "-o", "Debug::NoLocking=true", "dist-upgrade")
    if said is None:
        return Updates(looked=looked, problem="apt-get does not answer")
    found = security(said)
    with contextlib.suppress(OSError, UsageError):
        check_user(layout)
        write_file(layout.updates, json.dumps({"mark": mark, "packages": found}))
    return Updates(packages=found, looked=looked)


def _mtime(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _fetched(lists: Path) -> str:
    """Return when apt's lists were fetched: only the folders know, the files have the archive's times."""
    with contextlib.suppress(OSError):
        if any(lists.glob("*Packages*")):
            return _moment(max(path.stat().st_mtime for path in (lists, lists / "partial")))
    return ""


_INSTALLED = re.compile(r"^Inst (\S+) (?:\[[^]]*\] )?\(\S+ (.*?) \[\w+\]\)", re.MULTILINE)


def security(said: str) -> tuple[str, ...]:
    """Return the packages that ``apt-get -s dist-upgrade`` would take from a security archive."""
    found = _INSTALLED.findall(said)
    return tuple(name for name, origin in found if re.search(r"-security\b", origin, re.IGNORECASE))


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
