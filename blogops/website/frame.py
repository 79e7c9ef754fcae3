"""What the pages of a site share, worked out once, and how a page is made with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from blogops.config import Config
from blogops.website import structured
from blogops.website.addresses import Addresses
from blogops.website.collection import Collection, Listing
from blogops.website.digests import digest
from blogops.website.feeds import FeedLink, links
from blogops.website.model import Place
from blogops.website.output import Output, Sheet
from blogops.website.watching import Identities
from blogops.website.words import words

OVERVIEWS = ("archives", "categories", "tags", "authors")


@dataclass(frozen=True)
class Frame:
    """One site on its way to be planned."""

    config: Config
    found: Collection

    @cached_property
    def addresses(self) -> Addresses:
        """The patterns of blog.toml."""
        return Addresses(self.config)

    @cached_property
    def places(self) -> dict[str, Place]:
        """The places of the front page and of the lists of everything; one without a pattern is absent."""
        found = {name: self.addresses.of(name, {}) for name in ("index", *OVERVIEWS)}
        return {name: place for name, place in found.items() if place}

    @cached_property
    def root(self) -> str:
        """The address of the site, without the last slash."""
        return self.config.site.url.rstrip("/")

    def feeds(self, listing: Listing | None = None) -> tuple[FeedLink, ...]:
        """Return the feeds that a head names."""
        return links(self.config, self.found, listing) if listing else self._site_feeds

    def way(self, steps: Iterable[tuple[str, str]]) -> structured.Data:
        """Return the way from the front page over *steps*, each a name and an address."""
        home = words(self.config.site.language)["home"]
        return structured.breadcrumbs([(home, "/"), *steps], self.root)

    def page(self, place: Place, origin: str, template: str, title: str, **more: Any) -> Output:
        """Return the page at *place*, made of *template* with *more*."""
        inputs = partial(self._inputs, place.url, title, more)
        return Output(place, origin, Sheet(template, inputs, partial(self.context, place.url, title, **more)))

    def _inputs(self, *own: object) -> tuple[object, ...]:
        return (self.shared, *own)

    def context(self, url: str, title: str, language: str = "", **more: Any) -> Mapping[str, Any]:
        """Return what the template of a page gets."""
        language = language or self.config.site.language
        own = {"url": url, "title": title, "language": language, "words": words(language)}
        return {**self._common, **own, **more}

    @cached_property
    def shared(self) -> str:
        """A digest of what all pages are given, and of the settings that they are made by."""
        return digest(repr((self.config.site, Identities().of(self._common))).encode())

    @cached_property
    def _site_feeds(self) -> tuple[FeedLink, ...]:
        return links(self.config, self.found)

    @cached_property
    def _common(self) -> Mapping[str, Any]:
        return {
            "menu": self.found.menu,
            "lists": {name: place.url for name, place in self.places.items()},
            "feeds": self.feeds(),
            "description": "",
            "image": "",
            "indexed": True,
            "alternates": (),
            "data": (),
            "pager": None,
        }
