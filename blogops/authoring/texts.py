"""What a build accepts and a reader would stumble over: tags, translations, slugs, unused files."""

from collections.abc import Iterable, Iterator

from blogops.authoring.finding import ERROR, WARNING, Finding
from blogops.config import Config
from blogops.website.discover import shown
from blogops.website.fields import by_path
from blogops.website.model import Entry
from blogops.website.rst import Parsed
from blogops.website.slugs import Slugs, same_name
from blogops.website.survey import Survey

_FIELDS = {"tag": "tags", "category": "category", "author": "authors", "series": "series"}
_READ = (".css", ".html", ".htm", ".js", ".svg", ".xml", ".txt", ".json", ".webmanifest")


def findings_of(seen: Survey, config: Config, used: set[str]) -> Iterator[Finding]:
    """Yield what is wrong; *used* are the names and origins of files that links lead to."""
    yield from _spellings(seen)
    yield from _translations(seen, config)
    yield from _slugs(seen)
    yield from _unused(seen, config, used)


def _spellings(seen: Survey) -> Iterator[Finding]:
    """Yield the tags (categories, …) whose names differ in case, accents or spaces alone."""
    groups: dict[tuple[str, str], dict[str, list[tuple[Entry, Parsed]]]] = {}
    for entry, parsed in seen.texts:
        for label in entry.labels:
            names = groups.setdefault((label.kind, Slugs().of(label.name).replace("-", "")), {})
            names.setdefault(label.name, []).append((entry, parsed))
    for (kind, _), names in groups.items():
        # The most used spelling is the one that is meant; of several, the first by the alphabet.
        usual = min(names, key=lambda name: (-len(names[name]), name))
        for name in sorted(names):
            if name != usual and same_name(name, usual):
                yield from _spelled(kind, name, usual, names)


def _spelled(
    kind: str, name: str, usual: str, names: dict[str, list[tuple[Entry, Parsed]]]
) -> Iterator[Finding]:
    for entry, parsed in names[name]:
        field = parsed.fields.get(_FIELDS[kind]) or parsed.fields.get(kind)
        other = names[usual][0][0].source.shown
        message = f'the {kind} "{name}" is "{usual}" in {other}; spell both alike'
        yield Finding(entry.source.shown, field.line if field else 1, 0, WARNING, "spelling", message)


def _translations(seen: Survey, config: Config) -> Iterator[Finding]:
    """Yield the translations of nothing: texts that claim a slug which no text of the site's language has."""
    native = {(each.source.page, each.slug) for each in seen.entries if each.lang == config.site.language}
    for entry, parsed in seen.texts:
        slug = parsed.fields.get("slug")
        if entry.lang == config.site.language or (entry.source.page, entry.slug) in native:
            continue
        # Without a slug of its own it is no translation, but a text in another language.
        if slug or entry.translation:
            message = (
                f'no text in "{config.site.language}" has the slug "{entry.slug}", so nothing is translated '
                f"here; write that slug in the original, or take :slug: away"
            )
            yield Finding(entry.source.shown, slug.line if slug else 1, 0, WARNING, "translation", message)


def _slugs(seen: Survey) -> Iterator[Finding]:
    first: dict[tuple[bool, str, str], Entry] = {}
    for entry in seen.entries:
        other = first.setdefault((entry.source.page, entry.lang, entry.slug), entry)
        if other is entry or (entry.place == other.place and entry.is_out and other.is_out):
            continue  # The build tells of two that want one address.
        level = WARNING if "draft" in (entry.status, other.status) else ERROR
        message = f'the slug "{entry.slug}" is that of {other.source.shown} too; give it another :slug:'
        yield Finding(entry.source.shown, 1, 0, level, "slug", message)


def _unused(seen: Survey, config: Config, used: set[str]) -> Iterator[Finding]:
    told = {config.theme.logo, config.theme.icon}
    images = {entry.image for entry in seen.entries}
    texts = "\n".join(_readable(seen, config))
    places = {static.name: place for static, place in seen.statics}
    for static in seen.manuscript.statics:
        file = shown(static.path, config)
        place = places.get(static.name)
        if static.name in used or file in used or static.name in told or (place and place.url in images):
            continue
        if static.path.name not in texts and not by_path(static.name, config.metadata):
            yield Finding(file, 0, 0, WARNING, "unused", "no text links to this file")


def _readable(seen: Survey, config: Config) -> Iterable[str]:
    """Yield the author's templates, and the static files that may name others."""
    own = (config.folder / config.content.templates).rglob("*")
    for path in (*own, *(static.path for static in seen.manuscript.statics)):
        if path.suffix.lower() in _READ and path.is_file():
            yield path.read_text(encoding="utf-8", errors="replace")
