"""Links to a file that gets another name."""

import dataclasses
import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

from blogops.authoring.changes import Change
from blogops.authoring.manuscript import Text
from blogops.authoring.version import Version
from blogops.config import Config
from blogops.errors import Refused
from blogops.website.discover import shown
from blogops.website.links import file_key
from blogops.website.metadata import Facts
from blogops.website.model import Entry
from blogops.website.rst import Parsed

_LINK = re.compile(r"([{|]filename[|}])([^?#]*)(.*)", re.DOTALL)


class _Spot(NamedTuple):
    """Bytes of a text that look like a link to the file, and what would stand in their place."""

    start: int
    end: int
    data: bytes


def relinked(moved: Entry, name: str, found: Iterable[Text], facts: Facts) -> Iterator[Change]:
    """Yield the other texts that link to the file of *moved*, with its new *name* in their links."""
    for each, parsed in found:
        path = each.source.path
        if path != moved.source.path and any(_leads_to(link.address, each, moved) for link in parsed.links):
            before = Version(each.source, path.read_bytes(), facts)
            yield Change(path, before.data, following(before, moved, name).data, path)


def following(version: Version, moved: Entry, name: str) -> Version:
    """Return *version* with its links to the file of *moved* following it to *name*.

    Nothing else that a reader sees of it changes. Raises `Refused` where a link cannot be found in the bytes.
    """
    each, parsed = version.text
    found = {link.address for link in parsed.links if _leads_to(link.address, each, moved)}
    if not found:
        return version
    renamed = {address: _renamed(address, name) for address in found}
    links = (link._replace(address=renamed.get(link.address, link.address)) for link in parsed.links)
    wanted = _compared(dataclasses.replace(parsed, links=tuple(links)))
    spots = list(_spots(version.data, found, name))
    every = _with(version, spots)
    if _read(every) == wanted:
        return every
    # What looks like a link may stand in an example, which stays.
    some = _with(version, [spot for spot in spots if _is_link(spot, version)])
    if _read(some) == wanted:
        return some
    raise _not_found(version, sorted(found), name)


def refuse_included(moved: Entry, found: Iterable[Text], config: Config) -> None:
    """Raise `Refused` where a text includes the file of *moved*: it would look for it in vain."""
    name = posixpath.basename(moved.source.name)
    for text in found:
        if moved.source.name in text[1].includes:
            directive = re.compile(
                rb"::[ \t]+[^\r\n]*" + re.escape(name.encode()) + rb"[ \t]*\r?$", re.MULTILINE
            )
            raise Refused(
                f"includes {name}",
                where=_place(directive, (text[0].source.name, *text[1].includes), config)
                or text[0].source.shown,
                hint="Put what both show into a file of its own, and include that. Nothing was changed.",
            )


def _place(pattern: re.Pattern[bytes], names: Iterable[str], config: Config) -> str:
    """Return the file among *names*, and the line, where *pattern* is found first; nothing if it is not."""
    for name in names:
        path = config.manuscript / name
        data = path.read_bytes()
        match = pattern.search(data)
        if match:
            line = data.count(b"\n", 0, match.start()) + 1
            return f"{shown(path, config)}:{line}"
    return ""


def _leads_to(address: str, each: Entry, moved: Entry) -> bool:
    match = _LINK.fullmatch(address)
    if not match:
        return False
    folder = "" if match[2].startswith("/") else posixpath.dirname(each.source.name)
    spelled = (match[2], unquote(match[2]))
    paths = {posixpath.normpath(posixpath.join(folder, name.lstrip("/"))) for name in spelled}
    return file_key(moved.source.name) in {file_key(path) for path in paths}


def _file_of(address: str) -> str:
    return re.split("[?#]", address)[0]


def _renamed(address: str, name: str) -> str:
    file = _file_of(address)
    start = max(file.rfind("/"), file.find("}"), file.find("|", 1)) + 1
    return file[:start] + name + address[len(file) :]


def _spots(data: bytes, addresses: Iterable[str], name: str) -> Iterator[_Spot]:
    for file in {_file_of(address) for address in addresses}:
        for match in _pattern(file).finditer(data):
            yield _Spot(match.start(), match.end(), _renamed(file, name).encode())


def _pattern(file: str) -> re.Pattern[bytes]:
    return re.compile(re.escape(file.encode()) + rb"(?![\w./-])")


def _with(version: Version, spots: Iterable[_Spot]) -> Version:
    data = version.data
    for start, end, written in sorted(spots, reverse=True):
        data = data[:start] + written + data[end:]
    return version.holding(data)


def _read(version: Version) -> Parsed | None:
    """Return what readers see of *version*, if it can be read."""
    try:
        return _compared(version.text[1])
    except Refused:
        return None


def _compared(parsed: Parsed) -> Parsed:
    # The line of a link is one that its address stands on, be it in an example.
    links = tuple(link._replace(line=0) for link in parsed.links)
    return dataclasses.replace(parsed, links=links, messages=())


def _is_link(spot: _Spot, version: Version) -> bool:
    """Tell whether another name at *spot* changes links of *version*, and nothing else."""
    before, after = _read(version), _read(_with(version, [spot]))
    if not before or not after or after.links == before.links:
        return False
    return dataclasses.replace(after, links=before.links) == before


def _not_found(version: Version, addresses: list[str], name: str) -> Refused:
    source, parsed = version.source, version.text[1]
    for address in addresses:
        where = _place(_pattern(_file_of(address)), parsed.includes, version.facts.config)
        if where:
            return Refused(
                f'a link of {source.shown} to "{address}" stands here',
                where=where,
                hint=f'Write "{_renamed(address, name)}" there, and say it again. Nothing was changed.',
            )
    lost = [each for each in addresses if not _pattern(_file_of(each)).search(version.data)] or addresses
    line = next(link.line for link in parsed.links if link.address == lost[0])
    return Refused(
        f'its link "{lost[0]}" cannot be found again',
        where=f"{source.shown}:{line}",
        hint="Write it on one line, and in a paragraph of its own. Nothing was changed.",
    )
