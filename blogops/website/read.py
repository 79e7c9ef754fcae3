"""Reading a manuscript: from files to entries and what they hold."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from blogops.website import rst
from blogops.website.discover import Manuscript
from blogops.website.languages import language_of, told_language
from blogops.website.links import Links, file_key
from blogops.website.metadata import Facts, entry
from blogops.website.model import Entry, Source
from blogops.website.notes import Notes
from blogops.website.rst import Field, Message, Options, Parsed, Task

_WARNING, _ERROR, _SEVERE = 2, 3, 4

# As `rst.parse_all`.
ParseAll = Callable[[Sequence[Task]], Iterator[Parsed | Message]]


def read(
    manuscript: Manuscript, facts: Facts, notes: Notes, parse_all: ParseAll = rst.parse_all
) -> list[tuple[Entry, Parsed]]:
    """Read every source by *parse_all*; what is wrong goes to *notes*."""
    texts = [(source, text) for source in manuscript.sources if (text := _text(source, notes)) is not None]
    tasks = [_first_task(source, text, facts) for source, text in texts]
    found = []
    for (source, text), task, parsed in zip(texts, tasks, parse_all(tasks), strict=True):
        made = _entry(source, text, task, parsed, facts, notes)
        if made:
            found.append(made)
    return found


def read_one(source: Source, text: str, facts: Facts, notes: Notes) -> tuple[Entry, Parsed] | None:
    """Read *text* as if the file *source* held it; what is wrong goes to *notes*."""
    task = _first_task(source, text, facts)
    return _entry(source, text, task, next(iter(rst.parse_all([task]))), facts, notes)


def links_of(
    read: Iterable[tuple[Entry, Parsed]], manuscript: Manuscript, facts: Facts, notes: Notes
) -> Links:
    """Return all that the links of *read* can lead to."""
    entries = [each for each, _ in read]
    by_name = {
        spelled: each for each in entries for spelled in (file_key(each.source.name), each.source.name)
    }
    listed = (each for each in entries if each.is_out and each.status != "hidden" and not each.source.page)
    found = sorted({label for each in listed for label in each.labels if label.url}, key=lambda one: one.url)
    squeezed = {f"{label.kind}/{label.slug.replace('-', '')}": label.url for label in found}
    labels = squeezed | {f"{label.kind}/{label.slug}": label.url for label in found}
    return Links(facts.config, by_name, labels, facts.slugs, _broken(manuscript, notes))


def _broken(manuscript: Manuscript, notes: Notes) -> frozenset[str]:
    files = {note.file for note in notes.problems}
    broken = (source.name for source in manuscript.sources if source.shown in files)
    return frozenset(spelled for name in broken for spelled in (name, file_key(name)))


def _first_task(source: Source, text: str, facts: Facts) -> Task:
    """Return the reading of *text* in the language that its head seems to name."""
    return _task(source, text, language_of(text, told_language(source, facts.config)), facts)


def _task(source: Source, text: str, language: str, facts: Facts) -> Task:
    config = facts.config
    options = Options(
        language=language,
        typography=config.site.typography,
        raw_html=config.build.raw_html,
        content=config.manuscript,
        code_defaults=tuple(sorted(config.build.code.items())),
    )
    return Task(text, source.path, options)


def _entry(
    source: Source, text: str, task: Task, parsed: Parsed | Message, facts: Facts, notes: Notes
) -> tuple[Entry, Parsed] | None:
    if isinstance(parsed, Message):
        notes.problem(source.shown, parsed.line, parsed.text, parsed.column)
        return None
    language, default = task.options.language, told_language(source, facts.config)
    if language != default and "lang" not in parsed.fields:
        # What looked like a field stood in the text, in an example perhaps.
        again = _task(source, text, default, facts)
        return _entry(source, text, again, next(iter(rst.parse_all([again]))), facts, notes)
    if parsed.fields.get("status", Field("", "", 1)).value.strip().lower() == "skip":
        return None
    made = entry(source, parsed, language, facts, notes)
    _tell(parsed.messages, source, made is not None and made.status == "draft", facts, notes)
    return (made, parsed) if made else None


def _tell(messages: Iterable[Message], source: Source, is_draft: bool, facts: Facts, notes: Notes) -> None:
    policies = {_WARNING: facts.config.build.warning, _ERROR: facts.config.build.error, _SEVERE: "stop"}
    for message in messages:
        # A draft may be as unfinished as it likes.
        policy = "tell" if is_draft else policies.get(message.level, "ignore")
        notes.tell(policy, source.shown, message.line, message.text, message.column)


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
