"""Links to a file that gets another name."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from blogops.authoring.changes import Change
from blogops.authoring.manuscript import Text
from blogops.errors import Refused
from blogops.website.links import file_key
from blogops.website.model import Entry

_LINK = re.compile(r"([{|]filename[|}])([^?#]*)(.*)", re.DOTALL)


def relinked(moved: Entry, name: str, found: Iterable[Text]) -> Iterator[Change]:
    """Yield the other texts that link to the file of *moved*, with its new *name* in their links."""
    for each, parsed in found:
        before = each.source.path.read_bytes()
        after = following(before, (each, parsed), moved, name)
        if after != before and each.source.path != moved.source.path:
            yield Change(each.source.path, before, after, each.source.path)


def following(data: bytes, text: Text, moved: Entry, name: str) -> bytes:
    """Return *data*, the bytes of *text*, with its links to the file of *moved* following it to *name*.

    Raises `Refused` where a link cannot be found in the bytes.
    """
    each, parsed = text
    found = {link.address for link in parsed.links if _leads_to(link.address, each, moved)}
    for address in sorted({re.split("[?#]", address)[0] for address in found}):
        data = _replaced(data, address, name, each)
    return data


def _leads_to(address: str, each: Entry, moved: Entry) -> bool:
    match = _LINK.fullmatch(address)
    if not match:
        return False
    folder = "" if match[2].startswith("/") else posixpath.dirname(each.source.name)
    spelled = (match[2], unquote(match[2]))
    paths = {posixpath.normpath(posixpath.join(folder, name.lstrip("/"))) for name in spelled}
    return file_key(moved.source.name) in {file_key(path) for path in paths}


def _replaced(data: bytes, address: str, name: str, each: Entry) -> bytes:
    start = max(address.rfind("/"), address.find("}"), address.find("|", 1)) + 1
    pattern = re.compile(re.escape(address.encode()) + rb"(?![\w./-])")
    after, count = pattern.subn(lambda _: (address[:start] + name).encode(), data)
    if not count:
        raise Refused(
            f'its link "{address}" cannot be found again',
            where=each.source.shown,
            hint="It is written over several lines: put it on one. Nothing was changed.",
        )
    return after
