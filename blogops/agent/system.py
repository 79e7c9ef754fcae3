"""The machine's name, its languages and its kernel's settings."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any

from .finding import Finding, ResourceError
from .host import Host
from .writing import diff, owner_ids, write_aside

_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_BUILT_IN = ("C", "POSIX", "C.utf8")
_SUPPORTED = "/usr/share/i18n/SUPPORTED"


def look_hostname(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``hostname``: in this file, in the kernel and in /etc/hosts; an empty one is any that mail can bear."""
    path, hosts, wanted = host.path(name), host.path("/etc/hosts"), str(want["name"])
    stored = next((line for line in _lines(path) if line and not line.startswith("#")), "")
    running = socket.gethostname() if host.root == Path("/") else stored
    if not wanted:
        return _bearable(host, running)
    old = "".join(f"{line}\n" for line in _lines(hosts))
    new = _knowing(old, wanted, {stored, running})
    reasons = [f"was {each}" for each in dict.fromkeys([stored or "nothing", running]) if each != wanted]
    reasons += ["in /etc/hosts"] if new != old else []
    if not reasons:
        return Finding(f"is {wanted}")

    def act() -> None:
        _write(hosts, new)  # first: sudo looks its own host up
        _write(path, f"{wanted}\n")
        if host.root == Path("/"):
            socket.sethostname(wanted)

    shown = diff("/etc/hosts", old.encode(), new.encode())
    return Finding(f"is now {wanted} ({', '.join(reasons)})", act, shown)


def _bearable(host: Host, running: str) -> Finding:
    labels = running.split(".")
    plain = all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()
    if plain or host.path("/usr/sbin/postfix").exists():
        return Finding(f"is {running}")
    raise ResourceError(
        f'this machine is called "{running}", and postfix cannot be installed on one with such a name; '
        'give it another with require.system.hostname("…")'
    )


def _knowing(text: str, name: str, former: set[str]) -> str:
    """Return /etc/hosts with *name* in it; other aliases of the machine stay, its *former* names go."""
    names = list(dict.fromkeys([name, name.split(".")[0]]))
    lines = text.splitlines()
    fields = [line.split("#", 1)[0].split() for line in lines]
    if any(set(names) <= set(words[1:]) for words in fields if words):
        return text
    former = {each.split(".")[0] for each in (*former, name)}
    at = next((number for number, words in enumerate(fields) if words[:1] == ["127.0.1.1"]), None)
    if at is None:
        at = 1 + max(
            (number for number, words in enumerate(fields) if words[:1] == ["127.0.0.1"]), default=-1
        )
        lines.insert(at, "")
        fields.insert(at, [])
    kept = [each for each in fields[at][1:] if each.split(".")[0] not in former]
    lines[at] = " ".join(["127.0.1.1", *names, *kept])
    return "".join(f"{line}\n" for line in lines)


def look_locale(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``locale``: in /etc/locale.gen and made; with ``default``, in the file that logins read."""
    locale = str(want["locale"])
    if want["default"]:
        return _look_default(host, locale)
    if _as_listed(locale) in _BUILT_IN:
        return Finding("is built in")
    entry, path = _supported(host, locale), host.path("/etc/locale.gen")
    old = "".join(f"{line}\n" for line in _lines(path))
    new = _with_entry(old, entry)
    missing = [] if new == old else ["added to /etc/locale.gen"]
    missing += [] if _is_made(host, locale) else ["made"]
    if not missing:
        return Finding("is made")

    def act() -> None:
        if new != old:
            _write(path, new)
        _make(host, locale)

    return Finding(" and ".join(missing), act, diff("/etc/locale.gen", old.encode(), new.encode()))


def _make(host: Host, locale: str) -> None:
    if _is_made(host, locale):
        return
    host.run(["locale-gen", "--keep-existing"])
    if not _is_made(host, locale):  # locale-gen ends with 0 even so
        raise ResourceError(f"locale-gen could not make {locale}; run it on the host to see why")


def _is_made(host: Host, locale: str) -> bool:
    return _as_listed(locale) in host.run(["locale", "-a"]).split()


def _as_listed(locale: str) -> str:
    """Return the name as ``locale -a`` prints it: en_US.UTF-8 is en_US.utf8 there."""
    language, dot, rest = locale.partition(".")
    codeset, sign, modifier = rest.partition("@")
    return f"{language}{dot}{re.sub('[^a-z0-9]', '', codeset.lower())}{sign}{modifier}"


def _supported(host: Host, locale: str) -> str:
    path = host.path(_SUPPORTED)
    if not path.exists():
        raise ResourceError(f"{_SUPPORTED} is missing; it belongs to the package locales")
    known = [line.split() for line in _lines(path) if line and not line.startswith("#")]
    for words in known:
        if _as_listed(words[0]) == _as_listed(locale):
            return " ".join(words[:2])
    raise ResourceError(f"Debian has no locale {locale}; {_SUPPORTED} on the host lists those it has")


def _with_entry(text: str, entry: str) -> str:
    lines = text.splitlines()
    if any(line.split() == entry.split() for line in lines):
        return text
    for number, line in enumerate(lines):
        if line.startswith("#") and line.lstrip("# ").split() == entry.split():
            lines[number] = entry
            break
    else:
        lines.append(entry)
    return "".join(f"{line}\n" for line in lines)


def _look_default(host: Host, locale: str) -> Finding:
    path = host.path("/etc/default/locale")
    if path.is_symlink():  # Debian 13 has it in /etc/locale.conf
        target = path.readlink()
        path = host.path(str(target)) if target.is_absolute() else path.parent / target
    lines = _lines(path)
    now = [line.split("=", 1)[1].strip("\"' ") for line in lines if line.startswith("LANG=")]
    if now == [locale]:
        return Finding(f"is {locale}")
    new = [line for line in lines if not line.startswith("LANG=")] + [f"LANG={locale}"]
    old_text, text = ("".join(f"{line}\n" for line in each) for each in (lines, new))
    shown = diff("/etc/default/locale", old_text.encode(), text.encode())
    return Finding(f"is now {locale}", lambda: _write(path, text), shown)


def look_sysctl(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``sysctl``: the kernel's value now; what it has after a reboot is a file."""
    path, value = host.path(want["path"]), str(want["value"])
    if not path.is_file():
        raise ResourceError(f"this kernel has no setting {name}; a module that is not loaded may have it")
    old = _value(path)
    if old == value:
        return Finding(f"is {value}")
    return Finding(f"is now {value} (was {old})", lambda: _set(path, name, value))


def _set(path: Path, name: str, value: str) -> None:
    try:
        path.write_text(value, encoding="ascii")
    except OSError as error:
        raise ResourceError(f"the kernel does not take {value} for {name}: {error.strerror}") from error
    if (now := _value(path)) != value:
        raise ResourceError(f"the kernel made {now} of {value} for {name}; write it that way")


def _value(path: Path) -> str:
    return " ".join(path.read_text(encoding="ascii", errors="replace").split())


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _write(path: Path, text: str) -> None:
    state = path.stat() if path.exists() else None
    ids = (state.st_uid, state.st_gid) if state else owner_ids("", "")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_aside(path, text.encode(), (state.st_mode & 0o7777) if state else 0o644, ids)
