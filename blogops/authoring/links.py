"""Links that lead nowhere: those of the texts, by file and line, and those of the templates."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from blogops.authoring.finding import ERROR, WARNING, Finding
from blogops.authoring.pages import Built, Page, anchors_of
from blogops.website.links import Dead, Target, scheme_of
from blogops.website.model import Entry
from blogops.website.rst import Link, Parsed
from blogops.website.served import SERVICE, known_as, target_of

_LEVELS = {"stop": ERROR, "tell": WARNING, "ignore": ""}
_TOP = ("", "top")  # what means the page itself


@dataclass(frozen=True)
class Outside:
    """A link to another site, and where it stands."""

    address: str
    file: str
    line: int


@dataclass
class LinkCheck:
    """Looks at every link; *outside* are those that it cannot judge, *used* the files that others lead to."""

    built: Built
    outside: list[Outside] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    _told: set[tuple[tuple[str, str], str]] = field(default_factory=set)

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong, first with the texts."""
        for entry, parsed in self.built.seen.texts:
            for link in parsed.links:
                yield from self._of_text(entry, parsed, link)
        for entry, (_, parsed) in zip(self.built.seen.entries, self.built.seen.texts, strict=True):
            yield from self._of_image(entry, parsed)
        yield from self._of_pages()

    def _of_text(self, entry: Entry, parsed: Parsed, link: Link) -> Iterator[Finding]:
        try:
            target = self.built.seen.links.target(entry, link)
        except Dead:
            return  # The build tells of it.
        if target.static:
            self.used.add(target.static.name)
            return
        address = self._address(target)
        inside = self.built.inside(address, entry.url)
        if not address or not inside:
            if scheme_of(address) in ("http", "https") or address.startswith("//"):
                self.outside.append(Outside(address, entry.source.shown, link.line))
            return
        own = address.startswith("#") or (inside[0] == entry.url and not entry.is_out)
        problem, level = (
            (_own(parsed, inside[1]), ERROR) if own else self._problem(*inside, is_out=entry.is_out)
        )
        level = self._level(entry, level, needed=link.image)
        if problem and level:
            if entry.is_out:
                self._told.add((inside, level))
            kind = "image" if link.image else "link"
            yield Finding(entry.source.shown, link.line, 0, level, kind, f'"{link.address}" {problem}')

    def _of_image(self, entry: Entry, parsed: Parsed) -> Iterator[Finding]:
        given = parsed.fields.get("image")
        inside = self.built.inside(entry.image) if given else None
        problem, level = self._problem(*inside, is_out=entry.is_out) if inside else ("", "")
        level = self._level(entry, level)
        if given and problem and level:
            message = f'":image: {given.value}" {problem}'
            yield Finding(entry.source.shown, given.line, 0, level, "image", message)

    def _address(self, target: Target) -> str:
        return target.entry.url + target.rest if target.entry else target.address + target.rest

    def _level(self, entry: Entry, level: str, *, needed: bool = False) -> str:
        # A draft may be as unfinished as it likes, and a release never lacks what a page needs.
        told = ERROR if needed else _LEVELS[self.built.config.build.link]
        return WARNING if told and (entry.status == "draft" or level == WARNING) else told

    def _problem(self, path: str, fragment: str, *, is_out: bool) -> tuple[str, str]:
        """Return what is wrong with an address of the site, or nothing, and how bad it is.

        *is_out* tells whether readers see the link: it must not lead to what is kept back from them.
        """
        found = self.built.find(path) or (None if is_out else self.built.find_kept_back(path))
        if not found:
            return self._missing(path)
        self.used.add(found.origin)
        if fragment in _TOP or found.anchors is None or fragment in found.anchors:
            return "", ""
        return f'leads to a page where nothing is called "{fragment}"', ERROR

    def _missing(self, path: str) -> tuple[str, str]:
        """Return what is wrong with an address where no file is found."""
        target = target_of(unquote(path), self.built.seen.moves)
        end = self.built.inside(target) if target else None
        if end and not end[0].startswith(SERVICE) and not self.built.find(end[0]):
            return f"is an old address and leads on to {target}, which leads nowhere", ERROR
        if target:
            return f"is an old address and leads on to {target}; write that one", WARNING
        if target is None and known_as(unquote(path), self.built.seen.expired):
            return "is gone: it has expired", WARNING
        if target is None:
            return "is gone: the redirects file says 410", ERROR
        if path.startswith(SERVICE):
            return "", ""
        held = self.built.find_kept_back(path)
        if held:
            return f"leads to {held.origin}, which readers cannot reach: it is kept back", ERROR
        return "leads nowhere: there is no such page and no such file", ERROR

    def _of_pages(self) -> Iterator[Finding]:
        """Yield what is wrong with links that no text holds: those of a template, a menu, an extension."""
        wrong: dict[tuple[tuple[str, str], str], tuple[str, str, list[Page]]] = {}
        for page in self.built.pages.values():
            for address, level in self._addresses(page):
                inside = self.built.inside(address, page.output.place.url)
                if not inside or (inside, level) in self._told:
                    continue
                problem, found = self._problem(*inside, is_out=True)
                if problem and found == ERROR and level:
                    wrong.setdefault((inside, level), (address, problem, []))[2].append(page)
        for (_, level), (address, problem, pages) in wrong.items():
            file, line = self._writer(address, pages[0])
            more = f", and on {len(pages) - 1} more" if len(pages) > 1 else ""
            where = f"(on {pages[0].output.place.url}{more})"
            yield Finding(file, line, 0, level, "link", f'"{address}" {problem} {where}')

    def _addresses(self, page: Page) -> Iterator[tuple[str, str]]:
        """Yield what a page leads to and what it needs, each with how bad it is if it is not there."""
        for address in sorted(page.leads | page.needs):
            yield address, ERROR if address in page.needs else _LEVELS[self.built.config.build.link]

    def _writer(self, address: str, page: Page) -> tuple[str, int]:
        """Return the file and line that *address* was likely written in."""
        config = self.built.config
        kind = Path(page.output.place.path).suffix
        own = sorted((config.folder / config.content.templates).rglob(f"*{kind}"))
        source = config.folder / page.output.origin
        for path in (config.path, *own, *([source] if source.suffix in (".rst", ".css") else [])):
            line = _line_with(address, path)
            if line:
                return path.relative_to(config.folder).as_posix(), line
        return page.output.origin, 0


def _own(parsed: Parsed, fragment: str) -> str:
    if fragment in _TOP or fragment in anchors_of(parsed):
        return ""
    return f'leads nowhere: nothing in this text is called "{fragment}"'


def _line_with(text: str, path: Path) -> int:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return 0
    return next((number for number, line in enumerate(lines, 1) if text in line), 0)
