"""What an author says about a post, cleaned as Pelican does."""

import datetime as dt
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from blogops.config import Config
from blogops.website import dates
from blogops.website.model import Entry, Label, Source
from blogops.website.notes import Notes
from blogops.website.rst import Field, Parsed
from blogops.website.slugs import slugify

STATUSES = ("published", "draft", "hidden", "skip")
_KNOWN = (
    *("author", "authors", "category", "date", "lang", "modified"),
    *("slug", "status", "summary", "tags", "title"),
)
_NAMED_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SAFE_SLUG = re.compile(r"[A-Za-z0-9_-][\w.~-]*(/[A-Za-z0-9_-][\w.~-]*)*", re.ASCII)
_WORDS_OF_A_SUMMARY = 50


@dataclass(frozen=True)
class Facts:
    """What the reading of one file needs to know besides the file."""

    config: Config
    now: dt.datetime

    @property
    def zone(self) -> ZoneInfo:
        """The zone of dates without an offset."""
        return ZoneInfo(self.config.site.timezone)


def language_of(text: str, default: str) -> str:
    """Return the language that the head of *text* names: docutils must know it before it reads."""
    head = "\n".join(text.splitlines()[:40])
    found = re.search(r"^:lang:[ \t]*([A-Za-z]{2,3}(?:[-_][A-Za-z]{2})?)[ \t]*$", head, re.MULTILINE)
    return found[1].replace("_", "-") if found else default


def names(value: str) -> tuple[str, ...]:
    """Split a list of tags or authors: on ``;`` where there is one, else on ``,``."""
    parts = value.split(";" if ";" in value else ",")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def entry(source: Source, parsed: Parsed, language: str, facts: Facts, notes: Notes) -> Entry | None:
    """Return the post or page, or None with the reasons in *notes*. A skipped one is None without any."""
    found = len(notes.problems)
    status = _status(source, parsed, notes)
    if status == "skip":
        return None
    _tell_typos(source, parsed, notes)
    _check_language(source, parsed, language, notes)
    title = _value(parsed, "title") or parsed.title
    if not title:
        notes.problem(source.shown, 1, "no title; underline the first line, or write :title:")
    date = _dated(source, parsed, status, facts, notes)
    modified = _date("modified", source, parsed, facts, notes)
    labels = tuple(_labels(source, parsed, facts.config, notes))
    slug = _slug(source, parsed, title, notes)
    if len(notes.problems) > found:
        return None
    return Entry(
        source=source,
        title=title,
        subtitle=parsed.subtitle,
        slug=slug,
        lang=language,
        status="scheduled" if date and date > facts.now and status != "draft" else status,
        date=date,
        modified=modified,
        category=next(label for label in labels if label.kind == "category"),
        tags=tuple(label for label in labels if label.kind == "tag"),
        authors=tuple(label for label in labels if label.kind == "author"),
        summary=_value(parsed, "summary") or _first_words(parsed),
        url=_url(source, slug, language, facts.config.site.language),
    )


def _value(parsed: Parsed, name: str) -> str:
    field = parsed.fields.get(name)
    return field.value.strip() if field else ""


def _line(parsed: Parsed, name: str) -> int:
    field = parsed.fields.get(name)
    return field.line if field else 1


def _status(source: Source, parsed: Parsed, notes: Notes) -> str:
    status = _value(parsed, "status").lower() or "published"
    if status not in STATUSES:
        near = difflib.get_close_matches(status, STATUSES, n=1)
        advice = f'did you mean "{near[0]}"?' if near else f"write one of {', '.join(STATUSES)}"
        message = f':status: "{status}" is unknown; {advice}'
        notes.problem(source.shown, _line(parsed, "status"), message)
    return status


def _tell_typos(source: Source, parsed: Parsed, notes: Notes) -> None:
    for name, field in parsed.fields.items():
        near = difflib.get_close_matches(name, _KNOWN, n=1, cutoff=0.8)
        if name not in _KNOWN and near and near[0] not in parsed.fields:
            notes.warning(source.shown, field.line, f':{name}: is unknown; did you mean ":{near[0]}:"?')


def _check_language(source: Source, parsed: Parsed, language: str, notes: Notes) -> None:
    given = _value(parsed, "lang")
    if given and given.replace("_", "-") != language:
        message = f':lang: "{given}" is not a language code; write one like "fr" or "en"'
        notes.problem(source.shown, _line(parsed, "lang"), message)


def _dated(source: Source, parsed: Parsed, status: str, facts: Facts, notes: Notes) -> dt.datetime | None:
    named = _NAMED_DATE.match(source.path.name)
    if "date" not in parsed.fields and named and not source.page:
        parsed.fields["date"] = Field(named[0], 1)
    if not _value(parsed, "date") and status != "draft" and not source.page:
        message = 'no date; write a line like ":date: 2026-11-20 09:00"'
        notes.problem(source.shown, _line(parsed, "date"), message)
    return _date("date", source, parsed, facts, notes)


def _date(name: str, source: Source, parsed: Parsed, facts: Facts, notes: Notes) -> dt.datetime | None:
    text, line = _value(parsed, name), _line(parsed, name)
    if not text:
        return None
    try:
        date = dates.parse(text, facts.zone)
    except (ValueError, OverflowError):
        message = f':{name}: "{text}" is not a date; write one like "2026-11-20 09:00"'
        notes.problem(source.shown, line, message)
        return None
    if date.partial:
        day = date.moment.date().isoformat()
        notes.warning(source.shown, line, f':{name}: "{text}" is not a whole date; taken as {day}')
    return date.moment


def _labels(source: Source, parsed: Parsed, config: Config, notes: Notes) -> Iterator[Label]:
    folder = source.path.parent
    at_root = folder == config.folder / config.content.path
    author = _value(parsed, "author")
    wanted = {
        "category": (_value(parsed, "category") or ("misc" if at_root else folder.name),),
        "tag": names(_value(parsed, "tags")),
        "author": ((author,) if author else names(_value(parsed, "authors"))) or (config.site.author,),
    }
    fields = {"category": "category", "tag": "tags", "author": "author" if author else "authors"}
    for kind, values in wanted.items():
        for value in values:
            if not slugify(value):
                message = f'{kind} "{value}" has no letter or digit that an address can hold'
                notes.problem(source.shown, _line(parsed, fields[kind]), message)
            yield Label(kind, value, slugify(value))


def _slug(source: Source, parsed: Parsed, title: str, notes: Notes) -> str:
    given = _value(parsed, "slug")
    slug = given or slugify(title)
    if title and not slug:
        notes.problem(source.shown, 1, "no letter of the title can stand in an address; write :slug:")
    elif given and not _SAFE_SLUG.fullmatch(given):
        message = f':slug: "{given}" cannot be an address; write letters without accents, digits and dashes'
        notes.problem(source.shown, _line(parsed, "slug"), message)
    return slug


def _url(source: Source, slug: str, language: str, default: str) -> str:
    name = slug if language == default else f"{slug}-{language}"
    return f"/{'pages/' if source.page else ''}{name}.html"


def _first_words(parsed: Parsed) -> str:
    words = parsed.opening.split()
    return " ".join(words[:_WORDS_OF_A_SUMMARY]) + (" …" if len(words) > _WORDS_OF_A_SUMMARY else "")
