"""Reading a manuscript: from files to entries whose HTML is ready."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes

from blogops.website import rst
from blogops.website.discover import Manuscript
from blogops.website.links import Links, file_key
from blogops.website.metadata import Facts, entry, language_of
from blogops.website.model import Entry, Source
from blogops.website.notes import Note, Notes


@dataclass(frozen=True)
class Reading:
    """Every entry, drafts too, and the static files that the published ones link to."""

    entries: tuple[Entry, ...]
    linked: dict[str, Path]


def read(manuscript: Manuscript, facts: Facts, notes: Notes) -> Reading:
    """Read every source; what is wrong goes to *notes*."""
    pairs = [pair for source in manuscript.sources if (pair := _one(source, facts, notes))]
    links = _links([each for each, _ in pairs], _broken(manuscript, notes), facts)
    linked: dict[str, Path] = {}
    entries = []
    for each, document in pairs:
        if each.status == "draft":
            entries.append(each)
            continue
        needed = links.settle(each, document, notes)
        if each.is_out:
            linked |= needed
        written = rst.write(document)
        _tell(written.messages, each.source, False, notes)
        entries.append(dataclasses.replace(each, html=written.html))
    return Reading(tuple(entries), linked)


def _broken(manuscript: Manuscript, notes: Notes) -> frozenset[str]:
    files = {note.file for note in notes.problems}
    return frozenset(file_key(source.name) for source in manuscript.sources if source.shown in files)


def _links(entries: list[Entry], broken: frozenset[str], facts: Facts) -> Links:
    by_name = {file_key(each.source.name): each for each in entries}
    listed = (each for each in entries if each.status == "published" and not each.source.page)
    found = sorted({label for each in listed for label in each.labels}, key=lambda label: label.url)
    squeezed = {f"{label.kind}/{label.slug.replace('-', '')}": label.url for label in found}
    labels = squeezed | {f"{label.kind}/{label.slug}": label.url for label in found}
    return Links(facts.config, by_name, labels, broken)


def _one(source: Source, facts: Facts, notes: Notes) -> tuple[Entry, nodes.document] | None:
    text = _text(source, notes)
    if text is None:
        return None
    default = facts.config.site.language
    language = language_of(text, default)
    parsed = rst.parse(text, source.shown, language)
    if language != default and "lang" not in parsed.fields:
        # What looked like a field stood in the text, in an example perhaps.
        language, parsed = default, rst.parse(text, source.shown, default)
    made = entry(source, parsed, language, facts, notes)
    # A draft may be as unfinished as it likes, and a skipped file is not looked at.
    is_draft = made is not None and made.status == "draft"
    is_skipped = parsed.fields.get("status", rst.Field("", 1)).value.strip().lower() == "skip"
    if not is_skipped:
        _tell(parsed.messages, source, is_draft, notes)
    return (made, parsed.document) if made else None


def _tell(messages: tuple[rst.Message, ...], source: Source, is_draft: bool, notes: Notes) -> None:
    for message in messages:
        place = notes.problems if message.broken and not is_draft else notes.warnings
        place.append(Note(source.shown, message.line, message.text))


def _text(source: Source, notes: Notes) -> str | None:
    try:
        data = source.path.read_bytes()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        notes.problem(source.shown, line, "not UTF-8; save the file in that encoding")
    except OSError as error:
        notes.problem(source.shown, 1, f"cannot be read: {error.strerror}")
    return None
