"""The built pages as a browser would find them: which files there are, what they link to, their anchors."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple
from urllib.parse import unquote

from blogops.authoring.finding import Finding, of_failure
from blogops.config import Config
from blogops.errors import Failed
from blogops.website import hypertext, served
from blogops.website.discover import shown
from blogops.website.output import Output
from blogops.website.rst import Parsed
from blogops.website.survey import Survey


@dataclass(frozen=True)
class Page:
    """One built page, or style sheet: where it leads, what a browser needs to show it, its anchors."""

    output: Output
    leads: frozenset[str]
    needs: frozenset[str]
    anchors: frozenset[str] | None


class File(NamedTuple):
    """What stands at an address: what it was made from, and what a fragment can lead to if it is a page."""

    origin: str
    anchors: frozenset[str] | None


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
    def pages(self) -> dict[str, Page]:
        """The pages and style sheets by their path."""
        return {path: page for path, output in self.files.items() if (page := self._page(output))}

    @cached_property
    def kept_back(self) -> dict[str, File]:
        """What drafts and scheduled posts will be, and the files that they alone show, by path."""
        public, content = {static.name for static, _ in self.seen.statics}, self.config.manuscript
        files = {
            place.path: File(shown(content / name, self.config), None)
            for name, place in self.seen.memory.known.places.items()
            if name not in public
        }
        texts = {
            entry.place.path: File(entry.source.shown, anchors_of(parsed))
            for entry, parsed in self.seen.texts
            if not entry.is_out
        }
        return files | texts

    def find(self, path: str) -> File | None:
        """Return the file that nginx would find for the path of an address."""
        name = served.file_at(unquote(path), self.files)
        page = self.pages.get(name)
        return File(self.files[name].origin, page.anchors if page else None) if name else None

    def find_kept_back(self, path: str) -> File | None:
        """Return what nginx would find for the path of an address, if all were out."""
        name = served.file_at(unquote(path), self.kept_back)
        return self.kept_back[name] if name else None

    def inside(self, address: str, page: str = "/") -> tuple[str, str] | None:
        """Return the path and the fragment of an *address* on *page*; None for one of another site."""
        found = served.inside(address, page, self.config.site.url)
        return (found[0], unquote(found[1])) if found else None

    def _page(self, output: Output) -> Page | None:
        if not output.place.path.endswith((*hypertext.ENDINGS, ".css")):
            return None
        try:
            made = self.seen.rendered(output)
            data = made if isinstance(made, bytes) else made.read_bytes()
        except Failed as error:
            self.failures.append(of_failure(error))
            return None
        text = data.decode("utf-8", "replace")
        if output.place.path.endswith(".css"):
            return Page(output, frozenset(), hypertext.of_style(text), None)
        page = hypertext.read(text)
        return Page(output, page.leads, page.needs, page.anchors)


def anchors_of(parsed: Parsed) -> frozenset[str]:
    """Return what a fragment can lead to in a text that was read."""
    return parsed.anchors | {heading.id for heading in parsed.headings}
