"""The built pages as a browser would find them: which files there are, what they link to, their anchors."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from blogops.authoring.finding import Finding, of_failure
from blogops.config import Config
from blogops.errors import Failed
from blogops.website.output import Output
from blogops.website.rst import Parsed
from blogops.website.survey import Survey

_ADDRESSES = {"href", "src", "poster", "data"}


@dataclass(frozen=True)
class Page:
    """One built page: the addresses it holds, and what a fragment can lead to."""

    output: Output
    addresses: frozenset[str]
    anchors: frozenset[str]


@dataclass
class Built:
    """Every page of a survey, rendered. What could not be is in *failures*."""

    config: Config
    seen: Survey
    failures: list[Finding] = field(default_factory=list)

    @cached_property
    def files(self) -> dict[str, Output]:
        """Every file of the site by its path."""
        return {output.place.path: output for output in self.seen.outputs}

    @cached_property
    def moved(self) -> dict[str, str]:
        """Old addresses, with where they lead."""
        return dict(self.seen.moved)

    @cached_property
    def pages(self) -> dict[str, Page]:
        """The pages by their path."""
        return {path: page for path, output in self.files.items() if (page := self._page(output))}

    @cached_property
    def kept_back(self) -> dict[str, frozenset[str]]:
        """The paths of drafts and scheduled posts, with their anchors."""
        return {entry.place.path: anchors_of(parsed) for entry, parsed in self.seen.texts if not entry.is_out}

    def find(self, path: str) -> str:
        """Return the file that nginx would find for the path of an address, or nothing."""
        name = unquote(path).strip("/")
        tries = (name, f"{name}/index.html".lstrip("/"), f"{name}.html")
        return next((each for each in tries if each in self.files), "")

    def inside(self, address: str, page: str = "/") -> tuple[str, str] | None:
        """Return the path and the fragment of an *address* on *page*; None for one of another site."""
        own = urlsplit(self.config.site.url)
        try:
            parts = urlsplit(urljoin(f"{own.scheme}://{own.netloc}{page}", address))
        except ValueError:
            return None
        is_web = (
            parts.scheme in ("http", "https") and parts.hostname == own.hostname and parts.port == own.port
        )
        return (parts.path or "/", unquote(parts.fragment)) if is_web else None

    def _page(self, output: Output) -> Page | None:
        if not output.place.path.endswith((".html", ".htm")):
            return None
        try:
            made = self.seen.rendered(output)
            html = made if isinstance(made, bytes) else made.read_bytes()
        except Failed as error:
            self.failures.append(of_failure(error))
            return None
        reader = _Reader()
        reader.feed(html.decode("utf-8", "replace"))
        return Page(output, frozenset(reader.addresses), frozenset(reader.anchors))


def anchors_of(parsed: Parsed) -> frozenset[str]:
    """Return what a fragment can lead to in a text that was read."""
    return parsed.anchors | {heading.id for heading in parsed.headings}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: set[str] = set()
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what *tag* links to and what it is called."""
        for name, value in attrs:
            if value and (name == "id" or (name == "name" and tag == "a")):
                self.anchors.add(value)
            elif value and name in _ADDRESSES:
                self.addresses.add(value)
            elif value and name == "srcset":
                self.addresses.update(_candidates(value))


def _candidates(value: str) -> Iterator[str]:
    for candidate in value.split(", "):
        yield from candidate.split()[:1]
