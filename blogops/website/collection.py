"""The published entries in their order, and the lists that they stand in."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urljoin

from blogops.website.model import Entry, Label
from blogops.website.notes import Notes
from blogops.website.slugs import same_name


@dataclass(frozen=True)
class Listing:
    """One tag, category or author with its posts, the newest first."""

    label: Label
    posts: tuple[Entry, ...]

    @property
    def url(self) -> str:
        """Its address."""
        return self.label.url


@dataclass(frozen=True)
class Collection:
    """What readers can see."""

    posts: tuple[Entry, ...]
    hidden: tuple[Entry, ...]
    pages: tuple[Entry, ...]
    categories: tuple[Listing, ...]
    tags: tuple[Listing, ...]
    authors: tuple[Listing, ...]
    language: str

    @property
    def listings(self) -> tuple[Listing, ...]:
        """Every list of posts that has an address."""
        return (*self.categories, *self.tags, *self.authors)

    @cached_property
    def originals(self) -> tuple[Entry, ...]:
        """The posts without those that translate another: a list shows each text once."""
        return _originals(self.posts, self.language)

    @cached_property
    def menu(self) -> tuple[Entry, ...]:
        """The pages that the menu shows."""
        shown = (page for page in self.pages if page.status == "published")
        return _originals(tuple(shown), self.language)

    def translations(self, entry: Entry) -> tuple[Entry, ...]:
        """Return the same text in other languages."""
        same = self._by_slug.get((entry.source.page, entry.slug), ())
        return tuple(each for each in same if each.lang != entry.lang)

    def around(self, entry: Entry) -> tuple[Entry | None, Entry | None]:
        """Return the next newer and the next older post."""
        return self._neighbours.get(entry.url, (None, None))

    @cached_property
    def _by_slug(self) -> dict[tuple[bool, str], list[Entry]]:
        found: dict[tuple[bool, str], list[Entry]] = {}
        for each in (*self.posts, *self.pages):
            found.setdefault((each.source.page, each.slug), []).append(each)
        return found

    @cached_property
    def _neighbours(self) -> dict[str, tuple[Entry | None, Entry | None]]:
        row = (None, *self.originals, None)
        return {each.url: (row[index], row[index + 2]) for index, each in enumerate(self.originals)}


def collect(entries: tuple[Entry, ...], language: str, notes: Notes) -> Collection:
    """Sort what is out into lists; names that differ but share an address go to *notes*."""
    posts = tuple(sorted((each for each in entries if not each.source.page and each.is_out), key=_newest))
    public = tuple(each for each in posts if each.status == "published")
    coming = (each for each in entries if not each.source.page and each.status == "scheduled")
    _tell_merging((*reversed(public), *coming), notes)
    pages = sorted((each for each in entries if each.source.page and each.is_out), key=lambda page: page.url)
    return Collection(
        posts=public,
        hidden=tuple(each for each in posts if each.status == "hidden"),
        pages=tuple(pages),
        categories=_listings("category", public, language),
        tags=_listings("tag", public, language),
        authors=_listings("author", public, language),
        language=language,
    )


def absolute(html: str, address: str) -> str:
    """Return *html* with its addresses made absolute: a feed reader knows no page that they start from."""
    parts = html.split('="')
    attributes = ("href", "src", "poster")
    for index in range(1, len(parts)):
        # docutils and Pygments write a quote in a text as &quot;, so this is always an attribute.
        if parts[index - 1].endswith(tuple(f" {name}" for name in attributes)):
            value, quote, rest = parts[index].partition('"')
            parts[index] = urljoin(address, value) + quote + rest
    return '="'.join(parts)


def _newest(entry: Entry) -> tuple[float, str]:
    return (-entry.date.timestamp() if entry.date else 0.0, entry.source.name)


def _originals(entries: tuple[Entry, ...], language: str) -> tuple[Entry, ...]:
    original = {entry.slug for entry in entries if entry.lang == language}
    return tuple(entry for entry in entries if entry.lang == language or entry.slug not in original)


def _listings(kind: str, posts: tuple[Entry, ...], language: str) -> tuple[Listing, ...]:
    found: dict[str, list[Entry]] = {}
    shown: dict[str, Label] = {}
    for post in _originals(posts, language):
        for label in dict.fromkeys(label.slug for label in post.labels if label.kind == kind):
            found.setdefault(label, []).append(post)
    for post in posts:
        shown |= {label.slug: label for label in post.labels if label.kind == kind}
    return tuple(Listing(shown[slug], tuple(found[slug])) for slug in sorted(found))


def _tell_merging(posts: tuple[Entry, ...], notes: Notes) -> None:
    first: dict[str, tuple[Label, Entry]] = {}
    for post in posts:
        for label in post.labels:
            other, where = first.setdefault(label.url, (label, post))
            if label.slug and not same_name(label.name, other.name):
                notes.problem(
                    post.source.shown,
                    1,
                    f'{label.kind} "{label.name}" and "{other.name}" of {where.source.shown} would have '
                    f"the same address {label.url}; rename one of them",
                )
