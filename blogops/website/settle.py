"""Putting real addresses into what was read: links, pictures, and the static files they need."""

import dataclasses
import html as html_text
import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from blogops.config import Config
from blogops.website.addresses import BadPlace, place
from blogops.website.digests import digest_of_value
from blogops.website.discover import Manuscript
from blogops.website.fields import by_path
from blogops.website.links import Dead, Expired, Links, Static, Target, is_of_label, scheme_of, static_place
from blogops.website.memory import Finished, Memory, Read
from blogops.website.mentions import mentioned
from blogops.website.model import Entry, Label, Place, moment
from blogops.website.notes import Notes
from blogops.website.pictures import KINDS as PICTURES
from blogops.website.rst import Heading, Link
from blogops.website.served import file_at, own_path
from blogops.website.slots import IMAGE, filled
from blogops.website.summary import plain
from blogops.website.sweep import State

# Given a picture's static file, its place, its tag and whether it is the first: the tag to show it by.
Picture = Callable[[Static, Place, str, bool], str]
# The address that a dead link is shown with, where blog.toml lets it be.
_NOWHERE = "#"


class Settled(NamedTuple):
    """The finished entries, and the static files that readers may see with their places."""

    entries: tuple[Entry, ...]
    statics: tuple[tuple[Static, Place], ...]


class Written:
    """The text of an entry: what was read under *row*, with the *addresses* of its links and its *pictures*.

    *shown* is a digest of what was read, the addresses aside. It is put together when it is asked for.
    """

    __slots__ = ("_memory", "_parts", "row")

    def __init__(
        self,
        row: str,
        shown: str,
        addresses: tuple[str, ...],
        pictures: tuple[tuple[int, str], ...],
        memory: Memory | None = None,
    ) -> None:
        self.row, self._parts, self._memory = row, (shown, addresses, pictures), memory

    def html(self) -> str:
        """Return it as HTML."""
        _, addresses, pictures = self._parts
        return self._known().html(self.row, addresses, pictures)

    def headings(self) -> tuple[Heading, ...]:
        """Return its headings."""
        return self._known().parsed(self.row).headings

    def told(self) -> str:
        """Return a digest of what it is made of."""
        return digest_of_value(self._parts)

    def attach(self, memory: Memory) -> None:
        """Let it fetch the text from *memory*."""
        self._memory = memory

    def _known(self) -> Memory:
        assert self._memory  # noqa: S101 - whoever unpickles one attaches it
        return self._memory

    def __eq__(self, other: object) -> bool:
        return self._parts == other._parts if isinstance(other, Written) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._parts)

    def __reduce__(self) -> tuple[type["Written"], tuple[object, ...]]:
        return Written, (self.row, *self._parts)


class _Text(NamedTuple):
    """What was read of a source, and what each of its links leads to."""

    read: Read
    entry: Entry
    targets: tuple[Target, ...]
    image: Target | None
    notes: Notes

    @property
    def every(self) -> tuple[Target, ...]:
        """Its links, and its picture."""
        return (*self.targets, *((self.image,) if self.image else ()))

    @property
    def statics(self) -> tuple[tuple[str, bool], ...]:
        """The files that it needs, each with whether it is attached."""
        return tuple((target.static.name, target.attached) for target in self.every if target.static)


def settle(
    reads: Sequence[Read],
    manuscript: Manuscript,
    links: Links,
    picture: Picture,
    notes: Notes,
    memory: Memory,
) -> Settled:
    """Resolve every link; what leads nowhere goes to *notes* as blog.toml's ``build.link`` has it.

    What was settled before stays, where neither the text nor anything that its links can lead to has changed.
    """
    known, book, labels = memory.known, _book(reads, manuscript, links), _labels(links)
    before = known.finished if known.book == book else {}
    same = known.labels == labels

    def holds(read: Read) -> bool:
        was = before.get(read.name)
        return bool(was and was.read is read and (same or not was.by_label))

    fresh = [read for read in reads if not holds(read)]
    texts = [_aimed(read, links, memory) for read in fresh]
    if any(
        read.name not in before or before[read.name].statics != text.statics
        for read, text in zip(fresh, texts, strict=True)
    ):
        before, known.places = {}, {}
    if not before:
        texts = [_aimed(read, links, memory) for read in reads] if len(texts) != len(reads) else texts
        known.places = _places(texts, manuscript.statics, links.config, notes)
    by_path = {where.path: name for name, where in known.places.items()}
    made = {text.read.name: _finished(text, known.places, by_path, links, picture, memory) for text in texts}
    known.book, known.labels = book, labels
    known.finished = {each.name: made.get(each.name) or before[each.name] for each in reads}
    finished = known.finished.values()
    notes.problems += [note for each in finished for note in each.problems]
    notes.warnings += [note for each in finished for note in each.warnings]
    public = _public(finished, manuscript.statics, links.config)
    return Settled(
        tuple(each.entry for each in finished),
        tuple((static, known.places[static.name]) for static in public),
    )


def _book(reads: Iterable[Read], manuscript: Manuscript, links: Links) -> str:
    """Return a digest of all that a link can lead to, labels aside, and of the pictures that it may show."""
    entries = [
        (
            *(each.source.name, each.place.url, each.place.path, each.status, each.is_out, moment(each)),
            *(each.slug, each.lang, each.translation),  # which of them lists hold
        )
        for each in map(_entry_of, reads)
    ]
    files = [
        (name, _seen(state, manuscript) if name.lower().endswith(PICTURES) else ())
        for name, state in manuscript.states.items()
    ]
    return digest_of_value((entries, sorted(links.broken), files))


def _labels(links: Links) -> str:
    # By the time that what is scheduled is out there are the lists of these.
    coming = {
        (each.source.name, each.fields.get("status", ""), *(f"{one.kind}/{one.slug}" for one in each.labels))
        for each in links.entries.values()
        if each.status == "scheduled"
    }
    return digest_of_value((sorted(links.labels.items()), sorted(links.expired), sorted(coming)))


def _seen(state: State, manuscript: Manuscript) -> tuple[int, ...]:
    # What may change once more without another state is what it was at this one time.
    return (*state, 0 if state.is_settled(manuscript.seen_at) else manuscript.seen_at)


def _entry_of(read: Read) -> Entry:
    assert read.entry  # noqa: S101 - only what became an entry is settled
    return read.entry


def _aimed(read: Read, links: Links, memory: Memory) -> _Text:
    entry, notes = _entry_of(read), Notes()
    targets = tuple(_target(entry, link, links, notes) for link in memory.links(read.row))
    given = Link(entry.image, read.image_line, image=True) if entry.image else None
    return _Text(read, entry, targets, _target(entry, given, links, notes) if given else None, notes)


def _target(entry: Entry, link: Link, links: Links, notes: Notes) -> Target:
    try:
        target = links.target(entry, link)
    except Dead as dead:
        # A draft may be as unfinished as it likes.
        unsafe = bool(scheme_of(link.address))
        policy = "stop" if unsafe else links.config.build.link
        # And what expires at night, with nobody there to mend a link to it, stops nothing.
        lenient = entry.status == "draft" or (isinstance(dead, Expired) and policy == "stop")
        notes.tell("tell" if lenient else policy, entry.source.shown, link.line, str(dead))
        return Target(link, address=_NOWHERE)
    if link.image and entry.is_out and target.address and not _path(target.address, entry, links.config):
        message = f"the image {link.address} is not the site's own, and browsers are told to load no other"
        notes.warning(entry.source.shown, link.line, message)
    return target


def _places(
    texts: list[_Text], statics: tuple[Static, ...], config: Config, notes: Notes
) -> dict[str, Place]:
    """Return the place of each static file: as blog.toml has it, beside its post if attached, or its own."""
    linked = (target.static for text in texts for target in text.every if target.static)
    places = {each.name: static_place(each.name) for each in (*statics, *linked)}
    fixed = {name for name in places if _told_place(name, places, config, notes)}
    fixed |= {
        target.static.name for text in texts for target in text.every if target.static and not target.attached
    }
    for text in texts:
        for target in text.every:
            if target.attached and target.static and target.static.name not in fixed:
                places[target.static.name] = _beside(text.entry, target.static)
                fixed.add(target.static.name)
    return places


def _told_place(name: str, places: dict[str, Place], config: Config, notes: Notes) -> bool:
    fields = {key: field.value for key, field in by_path(name, config.metadata).items()}
    path, save_as = fields.get("path", ""), fields.get("save_as", "")
    if not (path or save_as):
        return False
    try:
        places[name] = place(fields.get("url", "") or path or save_as, save_as or path)
    except BadPlace as error:
        notes.problem(config.path.name, 1, f'metadata.paths: "{name}": {error}')
    return True


def _beside(entry: Entry, static: Static) -> Place:
    """Return the place of a file attached to *entry*: as it lies to the source, or else beside it."""
    folder = posixpath.dirname(entry.source.name)
    tail = posixpath.relpath(static.name, folder or ".")
    tail = posixpath.basename(static.name) if tail.startswith("../") else tail
    return static_place(posixpath.join(posixpath.dirname(entry.place.path), tail))


def _public(finished: Iterable[Finished], statics: tuple[Static, ...], config: Config) -> tuple[Static, ...]:
    """Return the static files that readers may see: none that only what is kept back shows."""
    listed = {static.name: static for static in statics}
    shown: set[str] = set()
    kept_back: set[str] = set()
    for each in finished:
        (shown if each.entry.is_out else kept_back).update(each.uses)
        for name, _ in each.statics:
            listed.setdefault(name, Static(name, config.manuscript / name))
    only_there = kept_back - shown
    only_there -= mentioned(only_there, (static.path for static in listed.values()), config)
    return tuple(listed[name] for name in sorted(listed) if name not in only_there)


def _finished(
    text: _Text,
    places: Mapping[str, Place],
    by_path: Mapping[str, str],
    links: Links,
    picture: Picture,
    memory: Memory,
) -> Finished:
    config, in_no_list = links.config, text.entry.is_out and text.entry.source.name not in links.listed
    addresses = tuple(_address(target, places) for target in text.targets)
    names = tuple(
        target.static.name if target.static else _file(target.address, text.entry, by_path, config)
        for target in text.every
    )
    # Not its ":image:", which the text need not show.
    shown = zip(names, text.targets, strict=False)
    files = tuple(name if target.link.image else "" for name, target in shown)
    pictures: dict[int, str] = {}
    if text.entry.is_out and any(files):
        pictures = _pictures(text, addresses, files, places, picture, config, memory)
    tags = tuple(pictures.items())
    # A summary of its author's is a line of metadata, whose pictures stay as they are.
    summary = filled(text.read.summary, addresses, () if text.read.is_given else tags)
    summary = summary or html_text.escape(text.entry.fields.get("summary", ""))
    # Lists and feeds show it on other pages.
    summary = summary.replace('href="#', f'href="{html_text.escape(text.entry.url)}#')
    given = _address(text.image, places) if text.image else ""
    entry = dataclasses.replace(
        text.entry,
        body=Written(text.read.row, text.read.shown, addresses, tags, memory),
        summary=summary,
        description=text.entry.description or plain(summary),
        image=given if given not in ("", _NOWHERE) else _first_image(text, addresses, config),
    )
    raw = (_file(address, text.entry, by_path, config) for address in text.read.raw)
    if in_no_list:
        entry = _linking_only_to_lists(entry, links)
    return Finished(
        read=text.read,
        entry=entry,
        by_label=in_no_list or any(is_of_label(target.link) for target in text.every),
        statics=text.statics,
        uses=tuple(sorted({*names, *raw} - {""})),
        pictures=tuple(sorted({files[index] for index in pictures})),
        problems=tuple(text.notes.problems),
        warnings=tuple(text.notes.warnings),
    )


def _linking_only_to_lists(entry: Entry, links: Links) -> Entry:
    """Return *entry*, which is in no list itself, with labels that lead only to lists that there are."""

    def shown(label: Label) -> Label:
        return (
            label
            if links.labels.get(f"{label.kind}/{label.slug}") == label.url
            else label._replace(place=None)
        )

    return dataclasses.replace(
        entry,
        category=shown(entry.category),
        tags=tuple(map(shown, entry.tags)),
        authors=tuple(map(shown, entry.authors)),
        series=entry.series and shown(entry.series),
    )


def _file(address: str, entry: Entry, by_path: Mapping[str, str], config: Config) -> str:
    """Return the name of the static file that an *address* on *entry* leads to, or nothing."""
    path = _path(address, entry, config) if by_path else ""
    return by_path[found] if path and (found := file_at(unquote(path), by_path)) else ""


def _path(address: str, entry: Entry, config: Config) -> str:
    """Return the path of what an *address* on *entry* leads to; nothing for its own page, and other sites."""
    return "" if address[:1] in ("", "#") else own_path(address, entry.url, config.site.url)


def _pictures(
    text: _Text,
    addresses: tuple[str, ...],
    files: tuple[str, ...],
    places: Mapping[str, Place],
    picture: Picture,
    config: Config,
    memory: Memory,
) -> dict[int, str]:
    """Return the tag of each image of the site's own by the number of its link."""
    found: dict[int, str] = {}
    for match in IMAGE.finditer(memory.parsed(text.read.row).html):
        index = int(match[1])
        if files[index] and index not in found:
            name = files[index]
            static = text.targets[index].static or Static(name, config.manuscript / name)
            found[index] = picture(static, places[name], filled(match[0], addresses), not found)
    return found


def _address(target: Target, places: Mapping[str, Place]) -> str:
    if target.entry:
        return target.entry.url + target.rest
    return (places[target.static.name].url if target.static else target.address) + target.rest


def _first_image(text: _Text, addresses: tuple[str, ...], config: Config) -> str:
    """Return the address of the first image that it shows of the site's own, or nothing."""
    images = (address for target, address in zip(text.targets, addresses, strict=True) if target.link.image)
    return next((address for address in images if _path(address, text.entry, config)), "")
