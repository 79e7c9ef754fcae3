"""Debian packages: one look at dpkg's database, one apt transaction for the whole plan."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from typing import Any

from .apt import apt, dpkg_status
from .finding import Finding, ResourceError
from .host import Host
from .writing import diff, write_aside

_INDEX_MAX_AGE = 24 * 3600  # seconds; fabtools' require.deb.uptodate_index has the same
_SOURCES = ("sources.list", "sources.list.d/*", "keyrings/*")
_STALE = re.compile(
    r"Unable to locate package|404  Not Found|Unable to fetch|has no installation candidate"
    r"|Version '.*' for '.*' was not found"
)


def look_packages(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``packages``: every one is installed; the first such resource brings those of the whole plan."""
    found = installed(host)
    missing = [package for package in want["packages"] if not _fits(host, package, want["versions"])]
    if not missing:
        return Finding(", ".join(f"{package} {found[package]}" for package in want["packages"]))
    bring = dict.fromkeys([*_missing_of_the_plan(host), *_words(missing, want["versions"])])

    def act() -> None:
        host.wire.emit("doing", resource=f"packages {name}", why=f"apt-get install {' '.join(bring)}")
        _install(host, list(bring))

    return Finding(f"installed {', '.join(bring)}", act)


def _missing_of_the_plan(host: Host) -> list[str]:
    found: list[str] = []
    for item in host.resources:
        if item["kind"] == "packages" and not item["only_if"]:
            want = item["want"]
            lacking = [name for name in want["packages"] if not _fits(host, name, want["versions"])]
            found += _words(lacking, want["versions"])
    return found


def _words(names: list[str], versions: Mapping[str, str]) -> list[str]:
    return [f"{name}={versions[name]}" if name in versions else name for name in names]


def _fits(host: Host, name: str, versions: Mapping[str, str]) -> bool:
    found = installed(host)
    return name in found and versions.get(name, found[name]) == found[name]


def _install(host: Host, names: list[str]) -> None:
    fresh = _index_age(host) < _INDEX_MAX_AGE
    if not fresh:
        apt(host, "update")
    words = ["--no-install-recommends", "--allow-downgrades", "install", *names]
    try:
        apt(host, *words)
    except ResourceError as error:
        # An index of this morning may name packages that a mirror has replaced since.
        if not fresh or not _STALE.search(str(error)):
            raise
        apt(host, "update")
        apt(host, *words)
    host.learnt.clear()


def look_nopackages(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``nopackages``: none of them is installed; with ``purge`` no configuration is left either."""
    # A name that another only provides is not there to be removed.
    there = {name for name, text in _paragraphs(host).items() if want["purge"] or _is_installed(text)}
    surplus = [package for package in want["packages"] if package in there]
    if not surplus:
        return Finding("not installed")

    def act() -> None:
        apt(host, "purge" if want["purge"] else "remove", *surplus)
        host.learnt.clear()

    return Finding(f"removed {', '.join(surplus)}", act)


def look_apt_index(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``apt_index``: not older than so many seconds."""
    age = _index_age(host)
    if age < want["max_age"]:
        return Finding(f"is {age / 3600:.1f} h old")

    def act() -> None:
        apt(host, "update")

    return Finding("updated", act)


def look_apt_source(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``apt_source``: the key in its own file, and the deb822 file that names it."""
    key, source = (
        host.path(f"/etc/apt/keyrings/{name}.asc"),
        host.path(f"/etc/apt/sources.list.d/{name}.sources"),
    )
    wanted = {key: want["key"].encode(), source: want["stanza"].encode()}
    stale = [path for path, data in wanted.items() if not path.is_file() or path.read_bytes() != data]
    if not stale:
        return Finding("is as wanted")
    old = source.read_bytes() if source.is_file() else b""

    def act() -> None:
        for path in stale:
            path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            host.undo.save(path)
            write_aside(path, wanted[path], 0o644, (os.geteuid(), os.getegid()))

    return Finding("written", act, diff(str(source), old, wanted[source]))


def installed(host: Host) -> Mapping[str, str]:
    """Return name -> version of what dpkg has installed; one read, as ``dpkg -s`` each would cost 12 ms."""
    if "installed" not in host.learnt:
        host.learnt["installed"] = _read_installed(_paragraphs(host))
    known: Mapping[str, str] = host.learnt["installed"]
    return known


def _paragraphs(host: Host) -> dict[str, str]:
    paragraphs = (paragraph for paragraph in dpkg_status(host).split("\n\n") if paragraph.strip())
    return {paragraph.split("\n", 1)[0].partition(": ")[2]: paragraph for paragraph in paragraphs}


def _read_installed(paragraphs: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    provided: dict[str, str] = {}
    for name, paragraph in paragraphs.items():
        if _is_installed(paragraph):
            found[name] = paragraph.partition("\nVersion: ")[2].partition("\n")[0]
            virtual = paragraph.partition("\nProvides: ")[2].partition("\n")[0]
            provided.update((word.split()[0], f"by {name}") for word in virtual.split(", ") if word)
    return {**provided, **found}


def _is_installed(paragraph: str) -> bool:
    return "\nStatus: install ok installed\n" in paragraph or "\nStatus: hold ok installed\n" in paragraph


def _index_age(host: Host) -> float:
    """Return the seconds since apt's index was fetched; endless where there is none, or of other sources."""
    folder = host.path("/var/lib/apt/lists")
    lists = [path.stat().st_mtime for path in folder.glob("*_Packages*")]
    if not lists:
        return float("inf")
    # apt keeps a mirror's own mtime on the lists, so the folder tells better when they were fetched.
    partial = folder / "partial"
    fetched = max(*lists, partial.stat().st_mtime if partial.exists() else 0)
    # Asked of the files, not remembered: the run that wrote a source may not have come to fetch from it.
    sources = (path for pattern in _SOURCES for path in host.path("/etc/apt").glob(pattern))
    if any(path.stat().st_mtime > fetched for path in sources if path.is_file()):
        return float("inf")
    return time.time() - fetched
