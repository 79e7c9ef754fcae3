"""Connections: host keys are checked, timeouts are set, and what goes wrong is said in a sentence."""

import hashlib
import os
import shlex
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paramiko
from fabric import Connection
from paramiko import ssh_exception
from paramiko.hostkeys import HostKeyEntry, InvalidHostKey

from blogops import console
from blogops.errors import Failed
from blogops.remote.attention import Attentive

CONNECT_TIMEOUT = 10  # seconds, for each step of getting to where a command runs
KEEPALIVE = 15  # seconds without a word until the server is asked for one
_OPTIONS = {
    "banner_timeout": CONNECT_TIMEOUT,
    "auth_timeout": 3 * CONNECT_TIMEOUT,  # somebody may have to touch a key
    "channel_timeout": CONNECT_TIMEOUT,
    "transport_factory": Attentive,
}
# What paramiko says where nobody answers; these errors have no class of their own.
_SILENCE = (
    "Error reading SSH protocol banner",
    "No existing session",
    "Authentication timeout.",
    "Timeout opening channel.",
)


def ready(c: Connection, pins: Sequence[str] = ()) -> Connection:
    """Open *c* (and its gateway) with checked host keys; raise `Failed` with what to do where it cannot.

    With *pins* (``SHA256:…`` fingerprints) *c* must show one of these keys.

    Fabric accepts any host key (https://github.com/fabric/fabric/issues/2071). Here a key that differs
    from known_hosts is refused, and a host never seen before is accepted once and written down, with its
    fingerprint shown, unless ssh_config says ``StrictHostKeyChecking yes``.
    """
    if c.is_connected:
        return c
    for link in _links(c):
        _check_host_keys(link, pins if link is c else ())
        link.connect_timeout = link.connect_timeout or CONNECT_TIMEOUT
        link.connect_kwargs = {**_OPTIONS, **link.connect_kwargs}
    with _in_words(c):
        c.open()
        for link in _links(c):
            link.transport.set_keepalive(KEEPALIVE)
    return c


def hang_up(c: Connection) -> None:
    """Close *c* and its gateways without waiting for anybody, be the link dead or be somebody writing."""
    for link in _links(c):  # the gateway first: to close what runs through it takes a word on it
        link.close()


def as_user(c: Connection, user: str) -> Connection:
    """Return a connection to the same host with the same settings, logging in as *user*."""
    if c.user == user:
        return c
    # By the name it was asked for, which is what ssh_config knows it by.
    return Connection(
        c.original_host,
        user=user,
        port=c.port,
        config=c.config,
        gateway=c.gateway,
        connect_kwargs=dict(c.connect_kwargs),
    )


def authorised_key(c: Connection) -> str:
    """Return the public key that opened *c*, as a line of authorized_keys(5); empty without one."""
    handler = ready(c).transport.auth_handler
    key = getattr(handler, "private_key", None)
    return f"{key.get_name()} {key.get_base64()} blogops" if key else ""


def known_hosts(c: Connection) -> list[Path]:
    """Return the known_hosts files that ssh_config names for *c*, else the user's own."""
    named = shlex.split(_ssh_option(c, "userknownhostsfile"))
    return [Path(name).expanduser() for name in named] or [Path.home() / ".ssh/known_hosts"]


def _links(c: Connection) -> list[Connection]:
    gateway = c.gateway
    return [*_links(gateway), c] if isinstance(gateway, Connection) else [c]


def _ssh_option(c: Connection, name: str) -> str:
    value: Any = c.ssh_config.get(name, "")
    return str(value)


def _check_host_keys(c: Connection, pins: Sequence[str]) -> None:
    files = [path for path in (Path("/etc/ssh/ssh_known_hosts"), *known_hosts(c)) if path.is_file()]
    if pins:
        # The client is told of no key, so that it asks about every one.
        c.client.set_missing_host_key_policy(_Pinned(pins, files, known_hosts(c)[0]))
        return
    for path in files:
        _load(path, c.client.load_system_host_keys)
    strict = _ssh_option(c, "stricthostkeychecking") == "yes"
    c.client.set_missing_host_key_policy(paramiko.RejectPolicy() if strict else _AcceptNew(known_hosts(c)[0]))


def _load(path: Path, load: Callable[[str], None]) -> None:
    """Let paramiko *load* a known_hosts file; raise `Failed` with the line that it cannot read.

    ssh passes over such a line; but it may be this host's, whose key would then be taken for a new one.
    """
    try:
        load(str(path))
    except (InvalidHostKey, ValueError) as error:
        number = next(_unreadable(path))
        raise Failed(
            "that is not a line of known_hosts",
            where=f"{path}:{number}",
            hint=f"Mend it, or remove it: sed -i {number}d {shlex.quote(str(path))}",
        ) from error


def _unreadable(path: Path) -> Iterator[int]:
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            text = line.decode().strip()
            if text and not text.startswith("#"):
                HostKeyEntry.from_line(text, number)
        except ssh_exception.SSHException:
            continue  # such a key it passes over itself
        except (InvalidHostKey, ValueError):
            yield number


def fingerprint(key: paramiko.PKey) -> str:
    """Return the fingerprint of *key* as ``ssh-keygen -l`` shows it."""
    return "SHA256:" + b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


class _AcceptNew(paramiko.MissingHostKeyPolicy):
    """Write the key of a host never seen before to known_hosts, and show its fingerprint."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        _write_down(self._path, hostname, key)
        console.warn(f"{hostname} is new here: accepted its key {key.get_name()} {fingerprint(key)}")


class _Pinned(paramiko.MissingHostKeyPolicy):
    """Accept the pinned keys and no others; known_hosts must not say otherwise."""

    def __init__(self, pins: Sequence[str], files: Sequence[Path], path: Path) -> None:
        self._pins = pins
        self._path = path
        self._known = paramiko.HostKeys()
        for file in files:
            _load(file, self._known.load)

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        if fingerprint(key) not in self._pins:
            raise Failed(
                f"{hostname} shows the key {fingerprint(key)}, which server.host_keys does not name",
                hint="Somebody may be listening in. If the key is right (on the server: "
                "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), name it there.",
            )
        known = (self._known.lookup(hostname) or {}).get(key.get_name())
        if known and known != key:
            raise ssh_exception.BadHostKeyException(hostname, key, known)
        if not known:
            _write_down(self._path, hostname, key)


def _write_down(path: Path, hostname: str, key: paramiko.PKey) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = f"{hostname} {key.get_name()} {key.get_base64()}\n"
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+b") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            line = line if file.read() == b"\n" else f"\n{line}"
        file.write(line.encode())


@contextmanager
def _in_words(c: Connection) -> Iterator[None]:
    place = f"{c.user}@{c.host}:{c.port}"
    try:
        yield
    except ssh_exception.BadHostKeyException as error:
        known = c.host if c.port == 22 else f"[{c.host}]:{c.port}"
        raise Failed(
            f"{c.host} has another host key than before: somebody may be listening in, or it was reinstalled",
            hint="If you know why it changed, remove the old one: "
            f"ssh-keygen -f {known_hosts(c)[0]} -R '{known}'",
        ) from error
    except ssh_exception.AuthenticationException as error:
        if str(error) in _SILENCE:
            raise _no_answer(place) from error
        raise Failed(
            f"{place} accepts none of your SSH keys",
            hint="Name the key with `fab -i PATH`, add it to ssh-agent, or run `fab setup` as root first.",
        ) from error
    except socket.gaierror as error:
        raise Failed(
            f"there is no host called {c.host}", hint="Check the name after -H or in blog.toml."
        ) from error
    except TimeoutError as error:
        raise _no_answer(place) from error
    except ssh_exception.NoValidConnectionsError as error:
        raise Failed(
            f"{place} refuses the connection", hint="Is sshd running there, and is this its port?"
        ) from error
    except (ssh_exception.SSHException, OSError, EOFError) as error:
        if str(error) in _SILENCE:
            raise _no_answer(place) from error
        if "known_hosts" in str(error):
            hint = f"ssh_config asks for strict checking: add its key to {known_hosts(c)[0]} first."
            raise Failed(f"{c.host} is not in known_hosts", hint=hint) from error
        raise Failed(f"cannot connect to {place}: {error or 'the connection was closed'}") from error


def _no_answer(place: str) -> Failed:
    return Failed(f"{place} does not answer", hint="Is it running, and is the port open in its firewall?")
