"""The published entries in their order, and the lists that they stand in."""

import datetime as dt
import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from blogops.config import Config
from blogops.website.addresses import Addresses
from blogops.website.digests import digest_of_value
from blogops.website.memory import Memory
from blogops.website.model import Entry, Label, Place, moment
from blogops.website.notes import Notes
from blogops.website.related import related
from blogops.website.slugs import same_name

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_SPANS = (("year", "%Y"), ("month", "%Y-%m"), ("day", "%Y-%m-%d"))


class Listing(NamedTuple):
    """One tag, category, author or series with its posts in their order."""

    label: Label
    posts: tuple[Entry, ...]

    @property
    def url(self) -> str:
        """Its address, or nothing."""
        return self.label.url


class Period(NamedTuple):
    """A year, a month or a day (its *span*) of the site's zone with its posts; *date* lies in it."""

    span: str
    date: dt.datetime
    place: Place
    posts: tuple[Entry, ...]


@dataclass(frozen=True)
class Collection:
    """What readers can see. Lists hold each text once, in the site's language where it exists in it."""

    posts: tuple[Entry, ...]
    hidden: tuple[Entry, ...]
    pages: tuple[Entry, ...]
    config: Config
    memory: Memory = field(default_factory=Memory, repr=False)

    @cached_property
    def originals(self) -> tuple[Entry, ...]:
        """The posts without those that translate another."""
        return originals_of(self.posts, self.config.site.language)

    @cached_property
    def newest_first(self) -> tuple[Entry, ...]:
        """The same posts by date, whatever the order of the lists."""
        return tuple(sorted(self.originals, key=_newest))

    @cached_property
    def zone(self) -> ZoneInfo:
        """The site's zone: a date is shown in it, whatever zone it was written in."""
        return ZoneInfo(self.config.site.timezone)

    @cached_property
    def dated(self) -> tuple[tuple[dt.datetime, Entry], ...]:
        """The same posts with their dates in that zone."""
        return tuple((post.date.astimezone(self.zone), post) for post in self.newest_first if post.date)

    @cached_property
    def menu(self) -> tuple[Entry, ...]:
        """The pages that the menu shows."""
        shown = tuple(page for page in self.pages if page.status != "hidden")
        return originals_of(shown, self.config.site.language)

    @cached_property
    def categories(self) -> tuple[Listing, ...]:
        """The categories by slug."""
        return self._listings.get("category", ())

    @cached_property
    def tags(self) -> tuple[Listing, ...]:
        """The tags by slug."""
        return self._listings.get("tag", ())

    @cached_property
    def authors(self) -> tuple[Listing, ...]:
        """The authors by slug."""
        return self._listings.get("author", ())

    @cached_property
    def series(self) -> tuple[Listing, ...]:
        """The series by slug, each from its first part on."""
        found = self._listings.get("series", ())
        return tuple(Listing(each.label, tuple(sorted(each.posts, key=_part))) for each in found)

    @property
    def listings(self) -> tuple[Listing, ...]:
        """Every list of posts that has an address."""
        every = (*self.categories, *self.tags, *self.authors, *self.series)
        return tuple(listing for listing in every if listing.url)

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The years, months and days that have an address, the newest first."""
        addresses = Addresses(self.config)
        wanted = [(span, form) for span, form in _SPANS if addresses.has(span)]
        return tuple(period for span, form in wanted for period in _periods(span, form, self, addresses))

    @cached_property
    def languages(self) -> dict[str, tuple[Entry, ...]]:
        """The posts by their language."""
        codes = sorted({post.lang for post in self.posts})
        return {code: tuple(post for post in self.posts if post.lang == code) for code in codes}

    def translations(self, entry: Entry) -> tuple[Entry, ...]:
        """Return the same text in other languages."""
        same = self._by_slug.get((entry.source.page, entry.slug), ())
        return tuple(each for each in same if each.lang != entry.lang)

    def around(self, entry: Entry) -> tuple[Entry | None, Entry | None]:
        """Return the next newer and the next older post."""
        return self._neighbours.get(entry.url, (None, None))

    def parts(self, entry: Entry) -> tuple[Entry, ...]:
        """Return the posts of the series of *entry*, itself among them, from the first part on."""
        return self._parts.get(entry.series.slug, ()) if entry.series else ()

    def related(self, entry: Entry) -> tuple[Entry, ...]:
        """Return the posts that share the rarest tags with *entry*."""
        return self._related.get(entry.url, ())

    @cached_property
    def _listings(self) -> dict[str, tuple[Listing, ...]]:
        return _listings(self.originals)

    @cached_property
    def _parts(self) -> dict[str, tuple[Entry, ...]]:
        return {each.label.slug: each.posts for each in self.series}

    @cached_property
    def _related(self) -> dict[str, tuple[Entry, ...]]:
        """The related posts by address: as they were, where no post came or went or has other tags."""
        posts, count, known = self.originals, self.config.lists.related, self.memory.known
        tags = [(post.source.name, [tag.slug for tag in post.tags]) for post in posts]
        key = digest_of_value((count, tags))
        if known.related[0] != key:
            known.related = (key, related(posts, count))
        return {
            post.url: tuple(posts[other] for other in near)
            for post, near in zip(posts, known.related[1], strict=True)
        }

    @cached_property
    def _by_slug(self) -> dict[tuple[bool, str], list[Entry]]:
        found: dict[tuple[bool, str], list[Entry]] = {}
        # Of what is hidden nothing else tells; it may tell of others.
        for each in (*self.posts, *(page for page in self.pages if page.status != "hidden")):
            found.setdefault((each.source.page, each.slug), []).append(each)
        return found

    @cached_property
    def _neighbours(self) -> dict[str, tuple[Entry | None, Entry | None]]:
        row = (None, *self.newest_first, None)
        return {each.url: (row[index], row[index + 2]) for index, each in enumerate(row[1:-1]) if each}


def collect(
    entries: tuple[Entry, ...], config: Config, notes: Notes, memory: Memory | None = None
) -> Collection:
    """Sort what is out into lists; names that differ but share an address go to *notes*."""
    posts = tuple(each for each in entries if not each.source.page and each.is_out)
    public = _ordered(tuple(each for each in posts if each.status != "hidden"), config.lists.order)
    coming = (each for each in entries if not each.source.page and not each.is_out)
    _tell_merging((*reversed(public), *(each for each in coming if each.status == "scheduled")), notes)
    _tell_twins(entries, notes)
    pages = (each for each in entries if each.source.page and each.is_out)
    return Collection(
        posts=public,
        hidden=tuple(each for each in posts if each.status == "hidden"),
        pages=_ordered(tuple(sorted(pages, key=lambda page: page.url)), config.lists.page_order),
        config=config,
        memory=memory or Memory(),
    )


def _ordered(entries: tuple[Entry, ...], order: str) -> tuple[Entry, ...]:
    """Sort as Pelican's ``*_ORDER_BY``: equals stay in the order of their slugs."""
    field, is_reversed = order.removeprefix("reversed-"), order.startswith("reversed-")

    def key(entry: Entry) -> tuple[bool, object]:
        if field == "date":
            return (entry.date is None, moment(entry))
        if field == "basename":
            return (False, posixpath.basename(entry.source.name))
        value = {"title": entry.title, "slug": entry.slug}.get(field) or entry.fields.get(field, "")
        return (not value, value)

    return tuple(sorted(sorted(entries, key=lambda entry: entry.slug), key=key, reverse=is_reversed))


def _newest(entry: Entry) -> tuple[float, str]:
    return (-moment(entry), entry.slug)


def _part(entry: Entry) -> tuple[float, float, str]:
    number = entry.fields.get("series_index", "").strip().replace(",", ".")
    return (float(number) if _NUMBER.fullmatch(number) else float("inf"), moment(entry), entry.slug)


def originals_of(entries: tuple[Entry, ...], language: str) -> tuple[Entry, ...]:
    """Return *entries* without those that translate another: where there is one, that in *language* stays."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.slug, []).append(entry)
    kept: set[str] = set()
    for group in groups.values():
        candidates = [entry for entry in group if not entry.translation] or group
        native = [entry for entry in candidates if entry.lang == language]
        kept |= {entry.url for entry in native or candidates}
    return tuple(entry for entry in entries if entry.url in kept)


def _listings(posts: Iterable[Entry]) -> dict[str, tuple[Listing, ...]]:
    """Return the listings of *posts* by their kinds, each kind's by slug."""
    found: dict[tuple[str, str], list[Entry]] = {}
    shown: dict[tuple[str, str], Label] = {}
    for post in posts:
        for key, label in {(label.kind, label.slug): label for label in reversed(post.labels)}.items():
            found.setdefault(key, []).append(post)
            # The newest post's spelling is the one shown, as with Pelican.
            shown.setdefault(key, label)
    by_kind: dict[str, list[Listing]] = {}
    for key in sorted(found):
        by_kind.setdefault(key[0], []).append(Listing(shown[key], tuple(found[key])))
    return {kind: tuple(listings) for kind, listings in by_kind.items()}


def _periods(span: str, form: str, found: Collection, addresses: Addresses) -> Iterable[Period]:
    groups: dict[str, list[tuple[dt.datetime, Entry]]] = {}
    for date, post in found.dated:
        groups.setdefault(date.strftime(form), []).append((date, post))
    for dated in groups.values():
        date = dated[0][0]
        place = addresses.of(span, {"date": date})
        if place:
            yield Period(span, date, place, tuple(post for _, post in dated))


def _tell_twins(entries: Iterable[Entry], notes: Notes) -> None:
    first: dict[str, Entry] = {}
    for entry in entries:
        other = first.setdefault(entry.identity, entry)
        if other is not entry:
            message = f"has the :id: {entry.identity}, and so has {other.source.shown}; feed readers show one"
            notes.problem(entry.source.shown, 1, message)


def _tell_merging(posts: Iterable[Entry], notes: Notes) -> None:
    first: dict[tuple[str, str], tuple[Label, Entry]] = {}
    sound: set[int] = set()
    for post in posts:
        for label in post.labels:
            if id(label) in sound:
                continue  # Ten thousand posts share a few dozen.
            other, where = first.setdefault((label.kind, label.slug), (label, post))
            if same_name(label.name, other.name):
                sound.add(id(label))
            else:
                notes.problem(
                    post.source.shown,
                    1,
                    f'{label.kind} "{label.name}" and "{other.name}" of {where.source.shown} would both be '
                    f'"{label.slug}" in addresses; rename one of them, or give metadata.{label.kind}_rules',
                )
