"""Which files make the site, the static ones aside, and what each is made from. Nothing is rendered here."""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from blogops.config import Config
from blogops.errors import Failed
from blogops.website import structured
from blogops.website.addresses import place
from blogops.website.archives import archives
from blogops.website.collection import Collection
from blogops.website.extensions import Extensions, Page
from blogops.website.feeds import feeds
from blogops.website.frame import Frame
from blogops.website.lists import index, labelled, overviews
from blogops.website.model import Entry
from blogops.website.notes import Notes
from blogops.website.output import Output, Paper, Sheet
from blogops.website.papers import paper_place
from blogops.website.rst import Heading
from blogops.website.sitemap import sitemap
from blogops.website.theme import Theme
from blogops.website.words import words

_FEWEST_HEADINGS = 3


class Branch(NamedTuple):
    """A heading in a table of contents, and those below it."""

    heading: Heading
    below: tuple["Branch", ...]


def plan(config: Config, found: Collection, theme: Theme, extensions: Extensions) -> Iterator[Output]:
    """Say which files make the site.

    Raises `Failed` where a post asks for a template that is nowhere.
    """
    frame = Frame(config, found)
    yield from theme.assets()
    for entry in (*found.posts, *found.hidden, *found.pages):
        yield _entry(entry, frame, theme)
        if printed := paper_place(entry, config):
            yield Output(printed, entry.source.shown, Paper(entry))
    yield from index(frame)
    for listing in found.listings:
        yield from labelled(listing, frame)
    yield from overviews(frame)
    yield from archives(frame)
    yield from _missing(frame)
    extra = [_extra(page, frame) for pages in extensions.pages for page in pages(found, config)]
    yield from extra
    yield from sitemap(frame, [each.place.url for each in extra if isinstance(each.body, Sheet)])
    yield Output(place("robots.txt"), "robots.txt of the theme", Sheet("robots.txt", tuple, dict))
    yield from feeds(config, found, icon=theme.icon, logo=theme.logo)


def _entry(entry: Entry, frame: Frame, theme: Theme) -> Output:
    page = _Page(entry, frame)
    return Output(
        entry.place, entry.source.shown, Sheet(template_of(entry, theme), page.inputs, page.context)
    )


class _Page:
    """What the page of an entry shows."""

    def __init__(self, entry: Entry, frame: Frame) -> None:
        self._entry, self._frame = entry, frame

    def inputs(self) -> tuple[object, ...]:
        """Return what it is made from."""
        return (self._frame.shared, self._entry, self._others)

    def context(self) -> Mapping[str, Any]:
        """Return what its template gets."""
        entry, frame, others = self._entry, self._frame, self._others
        return frame.context(
            entry.url,
            entry.title,
            language=entry.lang,
            description=entry.description,
            image=structured.absolute(entry.image, frame.root),
            indexed=entry.status == "published",
            alternates=structured.alternates(entry, others["translations"], frame.config.site.language),
            data=(structured.posting(entry, frame.config, frame.root), frame.way(_way(entry))),
            entry=entry,
            contents=_contents(entry),
            part=next((number for number, each in enumerate(others["parts"], 1) if each is entry), 0),
            **others,
        )

    @cached_property
    def _others(self) -> Mapping[str, Any]:
        entry, found = self._entry, self._frame.found
        newer, older = found.around(entry)
        printed = paper_place(entry, self._frame.config)
        return {
            "translations": found.translations(entry),
            "parts": found.parts(entry),
            "newer": newer,
            "older": older,
            "related": found.related(entry),
            "pdf": printed.url if printed else "",
        }


def template_of(entry: Entry, theme: Theme) -> str:
    """Return the template of *entry*: as with Pelican, :template: names it without its ending.

    Raises `Failed` where there is no such one.
    """
    if not entry.template:
        return "page.html" if entry.source.page else "post.html"
    name = entry.template if "." in entry.template else f"{entry.template}.html"
    if not theme.has(name):
        raise Failed(
            f':template: there is no "{name}", neither yours nor the theme\'s',
            where=entry.source.shown,
            hint="Nothing was built. Write that template, or take the field away.",
        )
    return name


def _way(entry: Entry) -> Iterator[tuple[str, str]]:
    if not entry.source.page and entry.category.url:
        yield entry.category.name, entry.category.url
    yield entry.title, entry.url


def _contents(entry: Entry) -> tuple[Branch, ...]:
    """Return the headings as a tree; nothing for a short text, or one that has a table of its own."""
    if len(entry.headings) < _FEWEST_HEADINGS or 'role="doc-toc"' in entry.html:
        return ()
    return _branches(list(entry.headings))


def _branches(headings: list[Heading]) -> tuple[Branch, ...]:
    if not headings:
        return ()
    top = headings[0].level
    # A later heading may be higher than the first, as in a text that skips a level.
    starts = [index for index, heading in enumerate(headings) if heading.level <= top]
    ends = [*starts[1:], len(headings)]
    return tuple(
        Branch(headings[start], _branches(headings[start + 1 : end]))
        for start, end in zip(starts, ends, strict=True)
    )


def _missing(frame: Frame) -> Iterator[Output]:
    word = words(frame.config.site.language)
    for path, template, title in (
        ("404.html", "404.html", word["lost"]),
        ("410.html", "gone.html", word["gone"]),
    ):
        yield frame.page(place(path), f"the page {path} of the theme", template, title, indexed=False)


def _extra(page: Page, frame: Frame) -> Output:
    if page.template:
        return frame.page(page.place, page.origin, page.template, **{"title": "", **page.context})
    return Output(page.place, page.origin, page.content)


def claims(entry: Entry, config: Config) -> list[tuple[str, str]]:
    """Return the files that *entry* is published as, each with the name of its source."""
    places = (entry.place, paper_place(entry, config))
    return [(each.path, entry.source.shown) for each in places if each]


def check_addresses(outputs: Iterable[Output], withheld: Iterable[tuple[str, str]], notes: Notes) -> None:
    """Tell in *notes* of two sources that want one file; scheduled posts claim theirs already (*withheld*).

    A file may not be the folder of another either.
    """
    # Case does not tell two files apart on every machine.
    claimed = [(output.place.path.casefold(), output.place.path, output.origin) for output in outputs]
    claimed += [(path.casefold(), path, origin) for path, origin in withheld]
    first: dict[str, str] = {}
    for folded, path, origin in claimed:
        if folded in first:
            _tell(path, origin, first[folded], notes)
        else:
            first[folded] = origin
    folders = {posixpath.dirname(folded) for folded, _, _ in claimed}
    for folder in first.keys() & folders.union(*map(_folders, folders)):
        for folded, _, origin in claimed:
            if folded.startswith(f"{folder}/"):
                _tell(folder, first[folder], origin, notes)


def _folders(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _tell(path: str, origin: str, other: str, notes: Notes) -> None:
    file, rival = (origin, other) if origin.endswith(".rst") else (other, origin)
    advice = "give it another :slug:" if file.endswith(".rst") else "rename it"
    notes.problem(file, 1, f"wants the address /{path}, and so does {rival}; {advice}")
