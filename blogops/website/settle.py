"""Putting real addresses into what was read: links, pictures, and the static files they need."""

import dataclasses
import html as html_text
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from blogops.config import Config
from blogops.website.addresses import BadPlace, place
from blogops.website.fields import by_path
from blogops.website.links import Dead, Links, Static, Target, scheme_of, static_place
from blogops.website.model import Entry, Place
from blogops.website.notes import Notes
from blogops.website.rst import Link, Parsed
from blogops.website.summary import plain, summary_of

_SLOT = re.compile("\x02(\\d+)\x03")
_IMAGE = re.compile('<img\\b[^>]*?\\bsrc="\x02(\\d+)\x03"[^>]*>')

# Given a picture's static file, its place, its tag and whether it is the first: the tag to show it by.
Picture = Callable[[Static, Place, str, bool], str]


@dataclass(frozen=True)
class Text:
    """An entry and what was read of it, and what each of its links leads to."""

    entry: Entry
    parsed: Parsed
    targets: tuple[Target, ...]
    image: Target | None


@dataclass(frozen=True)
class Settled:
    """The finished entries, and the static files that readers may see with their places."""

    entries: tuple[Entry, ...]
    statics: tuple[tuple[Static, Place], ...]


def settle(
    read: Iterable[tuple[Entry, Parsed]],
    statics: tuple[Static, ...],
    links: Links,
    picture: Picture,
    notes: Notes,
) -> Settled:
    """Resolve every link; what leads nowhere goes to *notes* as blog.toml's ``build.link`` has it."""
    texts = [_aimed(entry, parsed, links, notes) for entry, parsed in read]
    places = _places(texts, statics, links.config, notes)
    by_url = {where.url: name for name, where in places.items()}
    entries = tuple(_finished(text, places, by_url, links.config, picture) for text in texts)
    public = _public(texts, {static.name: static for static in statics}, by_url)
    return Settled(entries, tuple((static, places[static.name]) for static in public))


def _aimed(entry: Entry, parsed: Parsed, links: Links, notes: Notes) -> Text:
    targets = tuple(_target(entry, link, links, notes) for link in parsed.links)
    given = Link(entry.image, 1, image=True) if entry.image else None
    return Text(entry, parsed, targets, _target(entry, given, links, notes) if given else None)


def _target(entry: Entry, link: Link, links: Links, notes: Notes) -> Target:
    try:
        target = links.target(entry, link)
    except Dead as dead:
        # A draft may be as unfinished as it likes.
        unsafe = bool(scheme_of(link.address))
        policy = "stop" if unsafe else links.config.build.link
        notes.tell("tell" if entry.status == "draft" else policy, entry.source.shown, link.line, str(dead))
        return Target(link, address="#")
    if link.image and scheme_of(target.address) and entry.is_out:
        message = f"the image {link.address} is not the site's own, and browsers are told to load no other"
        notes.warning(entry.source.shown, link.line, message)
    return target


def _places(texts: list[Text], statics: tuple[Static, ...], config: Config, notes: Notes) -> dict[str, Place]:
    """Return the place of each static file: as blog.toml has it, beside its post if attached, or its own."""
    linked = (target.static for text in texts for target in text.targets if target.static)
    places = {each.name: static_place(each.name) for each in (*statics, *linked)}
    fixed = {name for name in places if _told_place(name, places, config, notes)}
    fixed |= {
        target.static.name
        for text in texts
        for target in text.targets
        if target.static and not target.attached
    }
    for text in texts:
        for target in text.targets:
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


def _public(
    texts: list[Text], statics: Mapping[str, Static], by_url: Mapping[str, str]
) -> tuple[Static, ...]:
    """Return the static files that readers may see: none that only kept back texts show."""

    def used(text: Text) -> set[str]:
        every = (*text.targets, *((text.image,) if text.image else ()))
        found = {target.static.name for target in every if target.static}
        plain_ones = (by_url.get(urlsplit(target.address).path, "") for target in every if target.address)
        return found | {name for name in plain_ones if name}

    shown = {name for text in texts if text.entry.is_out for name in used(text)}
    kept_back = {name for text in texts if not text.entry.is_out for name in used(text)} - shown
    linked = {target.static.name: target.static for text in texts for target in text.targets if target.static}
    every = {**linked, **statics}
    return tuple(every[name] for name in sorted(every) if name not in kept_back)


def _finished(
    text: Text, places: Mapping[str, Place], by_url: Mapping[str, str], config: Config, picture: Picture
) -> Entry:
    addresses = tuple(_address(target, places) for target in text.targets)
    shown = 0

    def image(match: re.Match[str]) -> str:
        nonlocal shown
        index = int(match[1])
        target, tag = text.targets[index], _filled(match[0], addresses)
        name = target.static.name if target.static else by_url.get(urlsplit(addresses[index]).path, "")
        if not name or not text.entry.is_out:
            return tag
        shown += 1
        static = target.static or Static(name, config.manuscript / name)
        return picture(static, places[name], tag, shown == 1)

    html = _filled(_IMAGE.sub(image, text.parsed.html), addresses)
    given = text.entry.fields.get("summary", "") and text.parsed.fields.get("summary")
    summary = _filled(given.html, addresses) if given else summary_of(html, config.lists)
    summary = summary or html_text.escape(text.entry.fields.get("summary", ""))
    # Lists and feeds show it on other pages.
    summary = summary.replace('href="#', f'href="{html_text.escape(text.entry.url)}#')
    return dataclasses.replace(
        text.entry,
        html=html,
        summary=summary,
        description=text.entry.description or plain(summary),
        image=_address(text.image, places) if text.image else _first_image(text, addresses),
    )


def _address(target: Target, places: Mapping[str, Place]) -> str:
    if target.entry:
        return target.entry.url + target.rest
    return (places[target.static.name].url if target.static else target.address) + target.rest


def _filled(html: str, addresses: tuple[str, ...]) -> str:
    return _SLOT.sub(lambda match: html_text.escape(addresses[int(match[1])]), html)


def _first_image(text: Text, addresses: tuple[str, ...]) -> str:
    images = (address for link, address in zip(text.parsed.links, addresses, strict=True) if link.image)
    return next((address for address in images if address.startswith("/")), "")
