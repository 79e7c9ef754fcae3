"""What a build accepts and a reader would stumble over: tags, translations, slugs, unused files."""

from collections.abc import Iterator

from blogops.authoring.finding import ERROR, WARNING, Finding
from blogops.config import Config
from blogops.website.discover import shown
from blogops.website.fields import by_path
from blogops.website.mentions import mentioned
from blogops.website.model import Entry
from blogops.website.rst import Parsed
from blogops.website.slugs import Slugs, same_name
from blogops.website.survey import Survey

_FIELDS = {"tag": "tags", "category": "category", "author": "authors", "series": "series"}


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
    images = {entry.image for entry in seen.entries}
    places = {static.name: place for static, place in seen.statics}
    left = [
        static
        for static in seen.manuscript.statics
        if static.name not in used and shown(static.path, config) not in used
    ]
    named = mentioned([each.name for each in left], (each.path for each in seen.manuscript.statics), config)
    for static in left:
        place = places.get(static.name)
        if static.name in named or (place and place.url in images) or by_path(static.name, config.metadata):
            continue
        yield Finding(shown(static.path, config), 0, 0, WARNING, "unused", "no text links to this file")
