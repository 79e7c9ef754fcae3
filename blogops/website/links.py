"""Links inside the site (``{filename}other.rst``), and which addresses a post may link to at all.

https://docs.getpelican.com/en/latest/content.html#linking-to-internal-content
"""

import difflib
import posixpath
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from blogops.config import Config
from blogops.website.addresses import joined
from blogops.website.collection import originals_of
from blogops.website.model import Entry, Label, Place
from blogops.website.rst import Link
from blogops.website.slugs import Slugs
from blogops.website.sweep import is_within

_INSIDE = re.compile(r"[{|](\w+)[|}]([^?#]*)(.*)", re.DOTALL)
_LABELS = ("tag", "category", "author")
_KINDS = ("filename", "static", "attach", *_LABELS, "index")
_ALLOWED = (
    *("http", "https", "mailto", "tel", "ftp", "ftps", "sftp", "sms", "geo", "irc", "ircs", "xmpp"),
    *("news", "git", "ssh", "matrix", "magnet", "gemini", "gopher", "doi", "urn"),
)


class Dead(Exception):
    """A link that leads nowhere, or where no post may lead."""


class Expired(Dead):
    """A link that its target's ``:expires:`` has made dead."""


class Static(NamedTuple):
    """A file that is copied as it is: its name below the content folder and where it lies."""

    name: str
    path: Path


class Target(NamedTuple):
    """What one link of a post leads to; *rest* is its query and fragment."""

    link: Link
    rest: str = ""
    address: str = ""
    entry: Entry | None = None
    static: Static | None = None
    attached: bool = False


class Links(NamedTuple):
    """All that a link can lead to. *broken* names sources that have problems of their own, *unbuilt* those
    in Markdown: they may be drafts, and only {static} or {attach} means the file.

    *labels* are those that have a list. *expired* are labels (KIND/SLUG, without dashes) of posts that were
    taken down by their date, *listed* the sources of the posts that lists hold.
    """

    config: Config
    entries: Mapping[str, Entry]
    labels: Mapping[str, str]
    expired: frozenset[str]
    listed: frozenset[str]
    slugs: Mapping[str, Slugs]
    broken: frozenset[str]
    unbuilt: frozenset[str]

    def target(self, entry: Entry, link: Link) -> Target:
        """Return what *link* of *entry* leads to; raise `Dead` when it leads nowhere."""
        inside = _INSIDE.fullmatch(link.address)
        if not inside:
            _check_scheme(link)
            own = link.address.startswith("#")
            return Target(link, address=link.address if own else _joined(entry.url, link.address))
        kind, name, rest = inside.groups()
        if kind == "index":
            return Target(link, rest, address="/")
        if kind in _LABELS:
            return Target(link, rest, address=self._label(entry, kind, name))
        if kind not in _KINDS:
            near = difflib.get_close_matches(kind, _KINDS, n=1)
            advice = f"did you mean {{{near[0]}}}?" if near else f"write one of {', '.join(_KINDS)}"
            raise Dead(f'"{{{kind}}}" is no kind of link; {advice}')
        return self._file(entry, kind, name, rest, link)

    def _label(self, entry: Entry, kind: str, name: str) -> str:
        slug = self.slugs[kind].of(unquote(name))
        key = squeezed(kind, slug)
        address = self.labels.get(f"{kind}/{slug}") or self.labels.get(key)
        if not address and entry.status == "scheduled":
            address = next(
                (each.url for each in self._by_then(entry) if squeezed(each.kind, each.slug) == key), ""
            )
        if not address and key in self.expired:
            raise Expired(f'every post with the {kind} "{unquote(name)}" has expired')
        if not address:
            raise Dead(f'no published post has the {kind} "{unquote(name)}"')
        return address

    def _by_then(self, entry: Entry) -> Iterator[Label]:
        """Yield the labels that have a list by the time that a scheduled *entry* is out."""
        public = dict.fromkeys(each for each in self.entries.values() if _is_public_by(entry, each))
        for each in originals_of(tuple(public), self.config.site.language):
            yield from each.labels

    def _file(self, entry: Entry, kind: str, name: str, rest: str, link: Link) -> Target:
        for wanted in _spellings(entry, name):
            if wanted in self.broken:
                return Target(link)  # That file has problems of its own, and they are told already.
            if kind == "filename" and wanted in self.entries:
                return Target(link, rest, entry=self._reachable(entry, self.entries[wanted]))
            if kind == "filename" and wanted in self.unbuilt:
                raise Dead(f'links to {wanted}, which is not built; "{{static}}" means the file as it is')
            path = self.config.manuscript / wanted
            if path.is_file() and path.suffix != ".rst" and self._is_ours(path):
                return Target(link, rest, static=Static(wanted, path), attached=kind == "attach")
        raise Dead(f'"{{{kind}}}{name}" leads nowhere: there is no such file in "{self.config.content.path}"')

    def _is_ours(self, path: Path) -> bool:
        content = self.config.manuscript.resolve()
        hidden = any(part.startswith(".") for part in path.relative_to(self.config.folder).parts)
        return is_within(path, content) and not hidden

    def _reachable(self, entry: Entry, target: Entry) -> Entry:
        # A scheduled post may link to one that is out by then, and a draft to anything.
        in_time = target.date and entry.date and target.date <= entry.date and target.status == "scheduled"
        if target.is_out or entry.status == "draft" or (entry.status == "scheduled" and in_time):
            return target
        if target.status == "expired":
            raise Expired(f"links to {target.source.shown}, which readers cannot reach: it has expired")
        because = "scheduled for later" if target.status == "scheduled" else "a draft"
        raise Dead(f"links to {target.source.shown}, which readers cannot reach: it is {because}")


def _is_public_by(entry: Entry, other: Entry) -> bool:
    """Tell whether lists may hold *other* by the time that the scheduled *entry* is out."""
    if other.source.page or other.fields.get("status", "").strip().lower() == "hidden":
        return False
    coming = other.status == "scheduled" and other.date and entry.date and other.date <= entry.date
    return other.is_out or bool(coming)


def is_of_label(link: Link) -> bool:
    """Tell whether *link* is to the list of a tag, a category or an author, be there one or not."""
    inside = _INSIDE.fullmatch(link.address)
    return bool(inside and inside[1] in _LABELS)


def squeezed(kind: str, slug: str) -> str:
    """Return what a label is found by without its dashes: docutils takes the spaces out of an address."""
    return f"{kind}/{slug.replace('-', '')}"


def file_key(name: str) -> str:
    """Return *name* as a link writes it: docutils takes the spaces out of an address."""
    return unicodedata.normalize("NFC", "".join(name.split()))


def static_place(name: str) -> Place:
    """Return where the static file *name* is, unless something else is said of it."""
    return Place("/" + quote(name, safe="/~"), name)


def _spellings(entry: Entry, name: str) -> Iterator[str]:
    for spelled in dict.fromkeys((name, unquote(name))):
        folder = "" if spelled.startswith("/") else posixpath.dirname(entry.source.name)
        path = posixpath.normpath(posixpath.join(folder, spelled.lstrip("/")))
        if not path.startswith(".."):
            # A Mac's file names may have their accents apart, whatever its author types.
            composed, apart = (unicodedata.normalize(form, path) for form in ("NFC", "NFD"))
            yield from dict.fromkeys((path, composed, apart, file_key(path)))


def scheme_of(address: str) -> str:
    """Return the scheme of *address*, small; nothing for a path."""
    # Browsers pass over spaces and control characters when they look for "javascript:".
    plain = re.sub(r"[\x00-\x20\x7f]+", "", address)
    found = re.match(r"([^/?#]*?):", plain)
    return found[1].lower() if found else ""


def _check_scheme(link: Link) -> None:
    scheme, allowed = scheme_of(link.address), ("http", "https") if link.image else _ALLOWED
    if scheme and scheme not in allowed:
        what = "an image" if link.image else "a link"
        raise Dead(f'{what} may not start with "{scheme}:"; use one of {", ".join(allowed)}, or a path')


def _joined(base: str, address: str) -> str:
    try:
        return joined(base, address)
    except ValueError as error:
        raise Dead(f'"{address}" is not an address: {error}') from error
