"""Send a plan to the agent and yield what it says: one exec, nothing in argv but hashes."""

import getpass
import hashlib
import io
import sys
import threading
import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from fabric import Connection

from blogops.errors import Failed, Refused
from blogops.interrupts import Presses
from blogops.remote import stub
from blogops.remote.events import Event, parse
from blogops.remote.exchange import Exchange, cut

_PROMPT = b"blogops asks for the password: "
# sudo speaks the server's language, and another one than sudo-rs.
_SUDO = ("env", "LC_ALL=C", "sudo", "-n")
# -k: it asks even if it was told the password a minute ago, so that it is sudo that reads it and not us.
_SUDO_ASKING = ("env", "LC_ALL=C", "sudo", "-k", "-S", "-p", _PROMPT.decode())
_WANTS_PASSWORD = ("password is required", "interactive authentication is required")
_asking = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Sending:
    """How a plan is sent: what may be asked for by name, who may stop it, and as whom it runs.

    *blobs* are only made if the server lacks them. With *sudo* the agent runs as root, with a password
    only where sudo asks for one. *lock_timeout* is how many seconds it waits for apt's locks.
    """

    presses: Presses
    blobs: Mapping[str, Callable[[], bytes]]
    check: bool = False
    sudo: bool = True
    lock_timeout: int = 600


def run_plan(c: Connection, plan: str, sending: Sending) -> Iterator[Event]:
    """Send *plan* (one line of JSON) to *c* and yield its events until the agent ends.

    Raises `Failed` or `Refused` where it cannot run at all, and `Interrupted` when Ctrl-C lets go of it.
    """
    as_root = sending.sudo and c.user != "root"
    password = str(c.config.sudo.password or "") if as_root else ""
    exchange = _unlocked(c, sending, password) if password else _begun(c, sending, _SUDO if as_root else ())
    said = yield from _talk(c, exchange, plan, sending)
    code, words = exchange.ended()
    if as_root and not said and not password and any(sentence in words for sentence in _WANTS_PASSWORD):
        exchange = _unlocked(c, sending, _password(c))
        said = yield from _talk(c, exchange, plan, sending)
        code, words = exchange.ended()
    if as_root and not said:
        raise _may_not(c, code, words)
    _check_end(c, code, words)


def _talk(c: Connection, exchange: Exchange, plan: str, sending: Sending) -> Generator[Event, None, bool]:
    """Send the plan, answer what the agent asks for, yield the rest; return whether it said anything."""
    said = False
    exchange.send(b"blogops-plan " + plan.encode() + b"\n")
    exchange.begun = True
    for line in exchange.lines():
        event = parse(line)
        if event is None:
            continue
        said = True
        if event.name == "need":
            data = agent_zip() if event.key == "agent" else sending.blobs[event.key]()
            exchange.send(b"%d\n" % len(data) + data)
        elif event.name == "refused":
            raise Refused(f"{c.original_host}: {event.why}", where=event.where, hint="Nothing was changed.")
        elif event.name == "bare":
            why = "would be installed, and with it all the rest"
            yield Event(name="changed", resource="python3", why=why)
            yield Event(name="done", resources=1, changed=1)
        elif event.name != "ready":
            yield event
    return said


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


def _begun(c: Connection, sending: Sending, prefix: Sequence[str], *, ready: bool = False) -> Exchange:
    """Return the exchange whose agent waits for the plan."""
    digest = hashlib.sha256(agent_zip()).hexdigest()
    command = stub.words(digest, check=sending.check, ready=ready, lock_timeout=sending.lock_timeout)
    return Exchange(c, [*prefix, *command], sending.presses)


def _unlocked(c: Connection, sending: Sending, password: str) -> Exchange:
    """Return an exchange as root, having given sudo the password if it asked for one.

    The plan must wait for that: after a wrong password sudo would read its first line as the next try.
    """
    exchange = _begun(c, sending, _SUDO_ASKING, ready=True)
    if exchange.wait_for(_PROMPT):
        exchange.send(password.encode() + b"\n")
        if exchange.wait_for(_PROMPT):
            exchange.close()
            raise Failed(
                f"sudo on {c.original_host} does not accept that password for {c.user}",
                hint="Nothing was changed. Try again: `fab --prompt-for-sudo-password …`.",
            )
    return exchange


def _password(c: Connection) -> str:
    """Return the password, typed by whoever sits there."""
    if not sys.stdin.isatty():
        raise Failed(
            f"sudo on {c.original_host} wants the password of {c.user}",
            hint="Say `fab --prompt-for-sudo-password …` on a terminal, set sudo.password in fabric.yml, or "
            f"give {c.user} sudo without one. Nothing was changed.",
        )
    with _asking:  # several hosts may ask at once
        if not c.config.sudo.password:
            c.config.sudo.password = getpass.getpass(f"sudo password of {c.user}@{c.original_host}: ")
        return str(c.config.sudo.password)


def _may_not(c: Connection, code: int, words: str) -> Failed:
    place = f"{c.user}@{c.original_host}"
    if code == -1:
        return cut(c)
    if "must have a tty" in words:
        rule = f"echo 'Defaults:{c.user} !requiretty' >/etc/sudoers.d/{c.user}-notty"
        return Failed(f"sudo for {place} wants a terminal (requiretty)", hint=f"As root there: {rule}")
    lines = [line for line in words.replace(_PROMPT.decode(), "").splitlines() if line.strip()]
    lines = [line for line in lines if "incident" not in line]  # that it told somebody is not the reason
    reason = "there is no sudo" if code == 127 else lines[-1] if lines else f"sudo ended with {code}"
    return Failed(
        f"{place} may not become root: {reason}",
        hint=f"Connect as root, or make {c.user} a sudoer. Nothing was changed.",
    )


def _check_end(c: Connection, code: int, words: str) -> None:
    if code in (0, 3, 4, 130):
        return
    if code == -1:
        raise cut(c)
    tail = "\n".join(words.splitlines()[-20:])
    raise Failed(
        f"{c.original_host} could not run the plan (exit code {code})\n{tail}",
        hint="Run this again once it is mended.",
    )
