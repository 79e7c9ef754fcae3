"""Reading a manuscript: from files to entries and what they hold.

A source is read when it, a file that it includes, or what all reading depends on is not what it was.
"""

import dataclasses
import sys
import time
from collections.abc import Iterable
from typing import NamedTuple

from blogops.website import apart, rst
from blogops.website.apart import Lost
from blogops.website.collection import originals_of
from blogops.website.digests import digest
from blogops.website.discover import Manuscript
from blogops.website.languages import code_of, language_of, told_language
from blogops.website.links import Links, file_key, squeezed
from blogops.website.memory import TEXTS, Memory, Read, packed, unpacked
from blogops.website.metadata import NO_FIELD, Facts, entry, status_at
from blogops.website.model import Entry, Source
from blogops.website.notes import Notes
from blogops.website.report import Progress
from blogops.website.rst import Link, Message, Options, Parsed, Task
from blogops.website.slots import PLACE
from blogops.website.summary import summary_of
from blogops.website.sweep import is_within

_WARNING, _ERROR, _SEVERE = 2, 3, 4


def read(
    manuscript: Manuscript, facts: Facts, notes: Notes, memory: Memory, progress: Progress | None = None
) -> list[Read]:
    """Return every post and page; what is wrong goes to *notes*. *progress* hears of each read anew."""
    reader = _Reader(manuscript, facts, memory)
    found: dict[str, Read] = {}
    jobs = []
    for source in manuscript.sources:
        known = reader.known(source)
        if known:
            found[source.name] = known
        else:
            jobs.append(_Job(source))
    if jobs:
        # Few of them may have no code.
        rst.load(code=len(jobs) > apart.FEW)
    done = apart.each(reader.made, jobs, rst.limits())
    for number, (job, made) in enumerate(zip(jobs, done, strict=True), 1):
        found[job.source.name] = reader.kept(job, made)
        if progress:
            progress("posts", number, len(jobs))
    reads = [found[source.name] for source in manuscript.sources if source.name in found]
    notes.problems += [note for each in reads for note in each.problems]
    notes.warnings += [note for each in reads for note in each.warnings]
    memory.known.reads = {each.name: each for each in reads}
    return [each for each in reads if each.entry]


def read_one(source: Source, text: str, facts: Facts, notes: Notes) -> tuple[Entry, Parsed] | None:
    """Read *text* as if the file *source* held it; what is wrong goes to *notes*."""
    reader = _Reader(Manuscript((source,), (), frozenset(), {}, 0), facts, Memory())
    job = _Job(source, text.encode())
    rst.load()
    made = reader.kept(job, next(iter(apart.each(reader.made, [job], rst.limits()))))
    notes.problems += made.problems
    notes.warnings += made.warnings
    return (made.entry, reader.memory.parsed(made.row)) if made.entry else None


def links_of(reads: Iterable[Read], manuscript: Manuscript, facts: Facts, notes: Notes) -> Links:
    """Return all that the links of *reads* can lead to."""
    entries = entries_of(reads)
    by_name = {
        spelled: each for each in entries for spelled in (file_key(each.source.name), each.source.name)
    }
    public = (each for each in entries if each.is_out and each.status != "hidden" and not each.source.page)
    listed = originals_of(tuple(public), facts.config.site.language)
    labels = {
        (label.kind, label.slug, label.url): label for each in listed for label in each.labels if label.url
    }
    found = sorted(labels.values(), key=lambda one: one.url)
    loose = {squeezed(label.kind, label.slug): label.url for label in found}
    exact = {f"{label.kind}/{label.slug}": label.url for label in found}
    gone = (label for each in entries if each.status == "expired" for label in each.labels)
    return Links(
        facts.config,
        by_name,
        loose | exact,
        frozenset(squeezed(label.kind, label.slug) for label in gone),
        frozenset(each.source.name for each in listed),
        facts.slugs,
        _broken(manuscript, notes),
        manuscript.unbuilt,
    )


def entries_of(reads: Iterable[Read]) -> list[Entry]:
    """Return the entries that were read."""
    return [each.entry for each in reads if each.entry]


def _broken(manuscript: Manuscript, notes: Notes) -> frozenset[str]:
    files = {note.file for note in notes.problems}
    broken = (source.name for source in manuscript.sources if source.shown in files) if files else ()
    return frozenset(spelled for name in broken for spelled in (name, file_key(name)))


class _Job(NamedTuple):
    """A source to be read: what its file holds when it is, or *data*."""

    source: Source
    data: bytes | None = None


class _Made(NamedTuple):
    """What came of a job: its *links*, and *data*, the row of a text that the store had not got."""

    read: Read
    links: tuple[Link, ...] = ()
    data: bytes | None = None


class _Reader:
    """Reads the sources of one manuscript, as far as they are not known."""

    def __init__(self, manuscript: Manuscript, facts: Facts, memory: Memory) -> None:
        self.memory = memory
        self._manuscript, self._facts, self._config = manuscript, facts, facts.config
        self._included: dict[str, str] = {}

    def known(self, source: Source) -> Read | None:
        """Return what is known of *source*, if it is still true."""
        known = self.memory.known.reads.get(source.name)
        if not known:
            return None
        state = self._manuscript.states[source.name]
        found = self.memory.digest(source.name, state)
        if not found:
            try:
                data = _held(source)
            except OSError:
                return None  # Whoever reads it tells why.
            found = self.memory.note(source.name, state, self._manuscript.seen_at, digest(data))
        return known if known.digest == found and self._stands(known) else None

    def made(self, job: _Job) -> _Made:
        """Read *job*; to be called within the limits of reading."""
        source = job.source
        try:
            data = _held(source) if job.data is None else job.data
        except OSError as error:
            return _Made(_refused(source, "", _severe(1, f"cannot be read: {error.strerror}")))
        found = digest(data)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            message = _severe(line, "not UTF-8; save the file in that encoding")
            return _Made(_refused(source, found, message))
        default = told_language(source, self._config)
        language = language_of(text, default)
        row, parsed, packed = self._parsed(source, text, found, language)
        written = _written(parsed, default) if isinstance(parsed, Parsed) else language
        if written and written != language:
            # What looked like its field stood in an example, or the field where nobody looked for it.
            language = written
            row, parsed, packed = self._parsed(source, text, found, language)
        if isinstance(parsed, Message):
            return _Made(_refused(source, found, parsed))
        return _Made(self._understood(source, found, language, row, parsed), parsed.links, packed)

    def kept(self, job: _Job, made: "_Made | Lost") -> Read:
        """Return what was read, after the store has got it."""
        name = job.source.name
        if isinstance(made, Lost):
            self.memory.parsed_now += 1
            return _refused(job.source, "", rst.refusal(made))
        state = self._manuscript.states.get(name)
        if state and made.read.digest:
            self.memory.note(name, state, self._manuscript.seen_at, made.read.digest)
        self.memory.note_links(made.read.row, made.links)
        if made.data is not None:
            self.memory.parsed_now += 1
            self.memory.store.put(made.read.row, made.data)
        return made.read._replace(entry=made.read.entry and _sparing(made.read.entry, job.source))

    def _stands(self, known: Read) -> bool:
        """Tell whether *known* is still true, its own file aside."""
        now, entry = self._facts.now, known.entry
        if any(self._digest(name) != found for name, found in known.includes):
            return False
        # The row may hold it with other includes: of a build that failed later, or for a preview.
        if known.includes and self._held_with(known.row) != known.includes:
            return False
        if not entry:
            # What was never read to its end may have been refused for a file that it includes.
            return bool(known.row)
        if self._facts.is_of_now(entry):
            return False
        written = entry.fields.get("status", "").strip().lower() or "published"
        return entry.status == status_at(now, written, entry.date, entry.expires)

    def _parsed(
        self, source: Source, text: str, digested: str, language: str
    ) -> tuple[str, Parsed | Message, bytes | None]:
        task = Task(text, source.path, self._options(language))
        told = repr((self.memory.reading, source.name, task.options.told(), digested))
        row = TEXTS + digest(told)
        known = self.memory.store.get(row)
        if known:
            includes, parsed = unpacked(known)
            if all(self._digest(name) == found for name, found in includes):
                return row, parsed, None
        began = time.perf_counter()
        made = rst.parse_one(task)
        if isinstance(made, Message):
            return row, made, None
        made = dataclasses.replace(made, seconds=time.perf_counter() - began)
        return row, made, packed(self._digests(made), made)

    def _digests(self, parsed: Parsed) -> tuple[tuple[str, str], ...]:
        return tuple((name, self._digest(name)) for name in (*parsed.includes, *parsed.missing))

    def _held_with(self, row: str) -> tuple[tuple[str, str], ...]:
        """Return the includes of what the store has in *row*, with their digests."""
        data = self.memory.store.get(row)
        return unpacked(data)[0] if data else ()

    def _options(self, language: str) -> Options:
        config = self._config
        return Options(
            language=language,
            typography=config.site.typography,
            raw_html=config.build.raw_html,
            content=config.manuscript,
            code_defaults=tuple(sorted(config.build.code.items())),
        )

    def _understood(self, source: Source, digested: str, language: str, row: str, parsed: Parsed) -> Read:
        notes, made = Notes(), None
        if parsed.fields.get("status", NO_FIELD).value.strip().lower() != "skip":
            made = entry(source, parsed, language, self._facts, notes)
            _tell(parsed.messages, source, made is not None and made.status == "draft", self._facts, notes)
        given = made and made.fields.get("summary", "") and parsed.fields.get("summary")
        return Read(
            name=source.name,
            digest=digested,
            row=row,
            shown=digest(f"{parsed.headings!r}\n{parsed.html}"),
            seconds=parsed.seconds,
            summary=given.html if given else summary_of(parsed.html, self._config.lists),
            is_given=bool(given),
            raw=_raw(parsed.html) if self._config.build.raw_html else (),
            includes=self._digests(parsed),
            image_line=parsed.fields.get("image", NO_FIELD).line,
            aliases_line=parsed.fields.get("aliases", NO_FIELD).line,
            entry=made,
            problems=tuple(notes.problems),
            warnings=tuple(notes.warnings),
        )

    def _digest(self, name: str) -> str:
        """Return the digest of a file that a text includes; nothing for one that is not there."""
        if name not in self._included:
            self._included[name] = self._looked_up(name)
        return self._included[name]

    def _looked_up(self, name: str) -> str:
        state, path = self._manuscript.states.get(name), self._config.manuscript / name
        known = self.memory.digest(name, state) if state else ""
        if known:
            return known
        try:
            if not is_within(path, self._config.manuscript.resolve()):
                return ""
            data = path.read_bytes()
        except OSError:
            return ""
        found = digest(data)
        return self.memory.note(name, state, self._manuscript.seen_at, found) if state else found


def _written(parsed: Parsed, default: str) -> str:
    """Return the language that a text names; nothing where its field says none that there can be."""
    field = parsed.fields.get("lang")
    return code_of(field.value) if field else default


def _raw(html: str) -> tuple[str, ...]:
    """Return the addresses of a text that are no links of docutils: these are placeholders."""
    from blogops.website import hypertext  # which a blog without HTML of its own need not have

    found = hypertext.read(html)
    return tuple(sorted(each for each in found.leads | found.needs if not PLACE.search(each)))


def _held(source: Source) -> bytes:
    with open(source.file, "rb") as file:  # noqa: PTH123 - of thousands of files
        return file.read()


def _sparing(made: Entry, source: Source) -> Entry:
    """Return what a child made, with what other texts hold too held once, for ten thousand of them."""
    fields = {sys.intern(str(key)): sys.intern(str(value)) for key, value in made.fields.items()}
    lang, status = sys.intern(str(made.lang)), sys.intern(str(made.status))
    return dataclasses.replace(made, source=source, fields=fields, lang=lang, status=status)


def _tell(messages: Iterable[Message], source: Source, is_draft: bool, facts: Facts, notes: Notes) -> None:
    policies = {_WARNING: facts.config.build.warning, _ERROR: facts.config.build.error, _SEVERE: "stop"}
    for message in messages:
        # A draft may be as unfinished as it likes.
        policy = "tell" if is_draft else policies.get(message.level, "ignore")
        notes.tell(policy, source.shown, message.line, message.text, message.column)


def _refused(source: Source, digested: str, message: Message) -> Read:
    notes = Notes()
    notes.problem(source.shown, message.line, message.text, message.column)
    return Read(name=source.name, digest=digested, problems=tuple(notes.problems))


def _severe(line: int, text: str) -> Message:
    return Message(line, 0, text, _SEVERE)
