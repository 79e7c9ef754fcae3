"""Links inside the site (``{filename}other.rst``), and which addresses a post may link to at all."""

import posixpath
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urljoin

from docutils import nodes
from docutils.utils import get_source_line

from blogops.config import Config
from blogops.website.model import Entry
from blogops.website.notes import Notes
from blogops.website.slugs import slugify

_INSIDE = re.compile(r"[{|](filename|static|attach|tag|category|author|index)[|}]([^?#]*)(.*)", re.DOTALL)
_ALLOWED = ("http", "https", "mailto", "tel")


class Dead(Exception):
    """A link that leads nowhere."""


@dataclass(frozen=True)
class Links:
    """All that a link can lead to."""

    config: Config
    entries: dict[str, Entry]
    labels: dict[str, str]
    broken: frozenset[str]

    def settle(self, entry: Entry, document: nodes.document, notes: Notes) -> dict[str, Path]:
        """Make every link of *document* an address; return the static files that it needs."""
        needed: dict[str, Path] = {}
        for node, attribute in _addresses(document):
            given = node[attribute]
            try:
                node[attribute] = self._address(entry, given, needed)
            except Dead as dead:
                notes.problem(entry.source.shown, _line(node, given, entry), str(dead))
                node[attribute] = "#"
        _check_images(entry, document, notes)
        return needed

    def _address(self, entry: Entry, given: str, needed: dict[str, Path]) -> str:
        inside = _INSIDE.fullmatch(given)
        if not inside:
            _check_scheme(given)
            return given if given.startswith("#") else _joined(entry.url, given)
        kind, name, rest = inside.groups()
        if kind == "index":
            return "/" + rest
        if kind in ("tag", "category", "author"):
            return self._label(kind, name) + rest
        return self._file(entry, kind, name, needed) + rest

    def _label(self, kind: str, name: str) -> str:
        key = f"{kind}/{slugify(unquote(name))}"
        # docutils takes the spaces out of an address, so dashes may be missing.
        address = self.labels.get(key) or self.labels.get(key.replace("-", ""))
        if not address:
            raise Dead(f'no published post has the {kind} "{name}"')
        return address

    def _file(self, entry: Entry, kind: str, name: str, needed: dict[str, Path]) -> str:
        for wanted in _spellings(entry, name):
            if wanted in self.broken:
                return ""  # That file has problems of its own, and they are told already.
            if kind == "filename" and wanted in self.entries:
                return self._reachable(entry, self.entries[wanted])
            path = self.config.folder / self.config.content.path / wanted
            if path.is_file() and path.suffix != ".rst" and self._is_ours(path):
                needed[wanted] = path
                return "/" + quote(wanted)
        raise Dead(f'"{{{kind}}}{name}" leads nowhere: there is no such file in "{self.config.content.path}"')

    def _is_ours(self, path: Path) -> bool:
        content = (self.config.folder / self.config.content.path).resolve()
        hidden = any(part.startswith(".") for part in path.relative_to(self.config.folder).parts)
        return path.resolve().is_relative_to(content) and not hidden

    def _reachable(self, entry: Entry, target: Entry) -> str:
        # A scheduled post may link to one that is out by then.
        in_time = target.date and entry.date and target.date <= entry.date and target.status == "scheduled"
        if target.is_out or (entry.status == "scheduled" and in_time):
            return target.url
        raise Dead(f"links to {target.source.shown}, which readers cannot reach: it is {_because(target)}")


def _because(target: Entry) -> str:
    return "scheduled for later" if target.status == "scheduled" else "a draft"


def file_key(name: str) -> str:
    """Return *name* as a link writes it: docutils takes the spaces out of an address."""
    return unicodedata.normalize("NFC", "".join(name.split()))


def _spellings(entry: Entry, name: str) -> Iterator[str]:
    for spelled in dict.fromkeys((name, unquote(name))):
        folder = "" if spelled.startswith("/") else posixpath.dirname(entry.source.name)
        path = posixpath.normpath(posixpath.join(folder, spelled.lstrip("/")))
        if not path.startswith(".."):
            yield from dict.fromkeys((file_key(path), path))


def _addresses(document: nodes.document) -> Iterator[tuple[nodes.Element, str]]:
    for node in list(document.findall(nodes.Element)):
        if isinstance(node, nodes.reference) and "refuri" in node:
            if _scheme(node["refuri"]) in ("", *_ALLOWED) or node.astext() != node["refuri"]:
                yield node, "refuri"
            else:
                # docutils made a link of plain text, like ssh://host: it is text again.
                node.replace_self(list(node.children))
        elif isinstance(node, nodes.image):
            yield node, "uri"


def _scheme(address: str) -> str:
    # Browsers pass over spaces and control characters when they look for "javascript:".
    plain = re.sub(r"[\x00-\x20\x7f]+", "", address)
    found = re.match(r"([^/?#]*?):", plain)
    return found[1].lower() if found else ""


def _check_scheme(address: str) -> None:
    scheme = _scheme(address)
    if scheme and scheme not in _ALLOWED:
        raise Dead(f'a link may not start with "{scheme}:"; use one of {", ".join(_ALLOWED)}, or a path')


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError as error:
        raise Dead(f'"{address}" is not an address: {error}') from error


def _check_images(entry: Entry, document: nodes.document, notes: Notes) -> None:
    for image in document.findall(nodes.image):
        line = get_source_line(image)[1] or 1
        if image.get("loading") == "embed":
            notes.problem(entry.source.shown, line, "an image cannot be embedded; take :loading: embed away")
        if "alt" not in image:
            image["alt"] = ""
            notes.warning(entry.source.shown, line, "an image without :alt:; say what it shows")


def _line(node: nodes.Element, address: str, entry: Entry) -> int:
    """Return the line that holds *address*: docutils knows only where its paragraph starts."""
    line = get_source_line(node)[1] or 1
    lines = entry.source.path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    after = (number for number, text in enumerate(lines, 1) if address in text)
    return next((number for number in after if number >= line), int(line))
