"""From the fields of a post to the post: dates, labels, slug and address, cleaned as Pelican does."""

import datetime as dt
import difflib
import posixpath
import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from blogops.config import Config
from blogops.website import dates
from blogops.website.addresses import Addresses, BadPlace, place
from blogops.website.fields import KNOWN, Fields, gathered
from blogops.website.identity import identity
from blogops.website.languages import canonical
from blogops.website.model import Entry, Label, Place, Source, minutes
from blogops.website.notes import Notes
from blogops.website.rst import Field, Parsed
from blogops.website.slugs import Slugs, slugs_for, stripped

STATUSES = ("published", "draft", "hidden", "scheduled", "skip")
NO_FIELD = Field(value="", html="", line=1)
_NOT_IN_A_SLUG = re.compile(r"[\x00-\x1f\x7f\\?#%<>\"]|^[./]|(^|/)\.\.?(/|$)|//|/$")


@dataclass(frozen=True)
class Facts:
    """What the reading of one file needs to know besides the file."""

    config: Config
    now: dt.datetime
    preview: bool = False

    @cached_property
    def addresses(self) -> Addresses:
        """The places of the blog."""
        return Addresses(self.config)

    @cached_property
    def slugs(self) -> dict[str, Slugs]:
        """How each kind of slug is made."""
        kinds = ("slug", "tag", "category", "author", "series")
        return {kind: slugs_for(kind, self.config) for kind in kinds}

    def is_of_now(self, entry: Entry) -> bool:
        """Tell whether *entry* shows the moment of the build: it has no date, and something asks for one."""
        if entry.fields.get("date", "").strip():
            return False
        urls = self.config.urls
        kinds = ("page", "page_lang") if entry.source.page else ("post", "post_lang")
        patterns = (getattr(urls, f"{kind}{which}") for kind in kinds for which in ("", "_save_as"))
        return "{date" in "".join(patterns) or (
            entry.is_out and (entry.status == "draft" or not entry.source.page)
        )

    @cached_property
    def known(self) -> tuple[str, ...]:
        """The fields that mean something in this blog."""
        told = self.config.metadata
        named = re.findall(r"\(\?P<(\w+)>", told.file_name + told.file_path)
        given = (name for fields in told.paths.values() for name in fields)
        return (*KNOWN, *told.known, *told.defaults, *named, *given)


def status_at(now: dt.datetime, written: str, date: dt.datetime | None, expires: dt.datetime | None) -> str:
    """Return the status at *now* of a text whose author wrote the status *written*.

    At its very date it is out, and at the very moment it expires it is not.
    """
    if written == "draft":
        return written
    if expires and expires <= now:
        return "expired"
    if date and date > now:
        return "scheduled"
    return "published" if written == "scheduled" and date else written


def names(value: str) -> tuple[str, ...]:
    """Split a list of tags or authors: on ``;`` where there is one, else on ``,``."""
    parts = value.split(";" if ";" in value else ",")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def entry(source: Source, parsed: Parsed, language: str, facts: Facts, notes: Notes) -> Entry | None:
    """Return the post or page, or None with the reasons in *notes*. A skipped one is None without any."""
    fields = gathered(source, parsed, facts.config)
    made = _Reader(source, parsed, fields, language, facts, notes)
    return None if made.status == "skip" else made.entry()


class _Reader:
    """Reads the fields of one file."""

    def __init__(
        self, source: Source, parsed: Parsed, fields: Fields, language: str, facts: Facts, notes: Notes
    ) -> None:
        self.source, self.parsed, self.fields = source, parsed, fields
        self.facts, self.notes, self.language = facts, notes, language
        self._begun = len(notes.problems)
        self.status = self._status()

    def entry(self) -> Entry | None:
        """Return the post or page, or None when there are problems."""
        self._tell_unknown()
        self._check_language()
        given = self._value("title")
        raw_title = given or self.parsed.title
        if not raw_title:
            self._problem("title", "no title; underline the first line, or write :title:")
        date = self._dated()
        modified = self._modified(date)
        expires = self._expires(date)
        labels = tuple(self._labels())
        slug = self._slug(raw_title)
        if len(self.notes.problems) > self._begun:
            return None
        where = self._place(slug, date, labels)
        if not where:
            return None
        status = status_at(self.facts.now, self.status, date, expires)
        return Entry(
            source=self.source,
            title=self._typeset(given) or self.parsed.shown_title,
            subtitle=self.parsed.subtitle,
            slug=slug,
            lang=self.language,
            status=status,
            is_out=self.facts.preview or status in ("published", "hidden"),
            date=date or (self.facts.now if status == "draft" or self._is_shown_early else None),
            modified=modified,
            expires=expires,
            category=next(label for label in labels if label.kind == "category"),
            tags=tuple(label for label in labels if label.kind == "tag"),
            authors=tuple(label for label in labels if label.kind == "author"),
            series=next((label for label in labels if label.kind == "series"), None),
            place=where,
            identity=identity(
                self._value("id"),
                self.source,
                date.date().isoformat() if date else "",
                where,
                self.facts.config,
            ),
            translation=self._value("translation").lower() not in ("", "false"),
            template=self._value("template"),
            fields={name: field.value for name, field in self.fields.items()},
            aliases=tuple(re.sub("[,;]", " ", self._value("aliases")).split()),
            words=self.parsed.words,
            minutes=minutes(self.parsed.words),
            description=self._typeset(self._value("description")),
            image=self._value("image"),
        )

    @property
    def _is_shown_early(self) -> bool:
        """Whether this is a post that only a preview shows, so that its lists need a date."""
        return self.facts.preview and not self.source.page

    def _value(self, name: str) -> str:
        return self.fields.get(name, NO_FIELD).value.strip()

    def _line(self, name: str) -> int:
        return self.fields.get(name, NO_FIELD).line

    def _problem(self, name: str, message: str) -> None:
        self.notes.problem(self.source.shown, self._line(name), message)

    def _warning(self, name: str, message: str) -> None:
        self.notes.tell(self.facts.config.build.metadata, self.source.shown, self._line(name), message)

    def _typeset(self, text: str) -> str:
        if not text or not self.facts.config.site.typography:
            return text
        from blogops.website.typography import typeset

        return typeset(text, self.language)

    def _status(self) -> str:
        status = self._value("status").lower() or "published"
        if status not in STATUSES:
            near = difflib.get_close_matches(status, STATUSES, n=1)
            advice = f'did you mean "{near[0]}"?' if near else f"write one of {', '.join(STATUSES)}"
            self._problem("status", f':status: "{status}" is unknown; {advice}')
        return status

    def _tell_unknown(self) -> None:
        for name in self.parsed.fields:
            if name not in self.facts.known:
                near = difflib.get_close_matches(name, self.facts.known, n=1, cutoff=0.7)
                own = "if it is yours, name it in metadata.known"
                advice = f'did you mean ":{near[0]}:"?' if near else own
                self._warning(name, f":{name}: is unknown; {advice}")

    def _check_language(self) -> None:
        given = self._value("lang")
        if given and canonical(given) != self.language:
            self._problem("lang", f':lang: "{given}" is not a language code; write one like "fr" or "en"')

    def _dated(self) -> dt.datetime | None:
        if self._value("date"):
            return self._date("date")
        if self.status == "scheduled":
            self._warning("status", ":status: scheduled needs a :date:; it is kept back until it has one")
        elif self.status != "draft" and not self.source.page:
            self._problem("date", 'no date; write a line like ":date: 2026-11-20 09:00"')
        return None

    def _modified(self, date: dt.datetime | None) -> dt.datetime | None:
        # What was changed before it came out is new to its readers.
        modified = self._date("modified")
        return modified if modified and not (date and modified <= date) else None

    def _expires(self, date: dt.datetime | None) -> dt.datetime | None:
        expires = self._date("expires")
        if expires and date and expires <= date:
            wrong = f"{expires.isoformat(' ', 'minutes')} is not after its :date:"
            self._problem("expires", f":expires: {wrong}, {date.isoformat(' ', 'minutes')}; mend one of them")
        return expires

    def _date(self, name: str) -> dt.datetime | None:
        text = self._value(name).replace("_", " ")
        if not text:
            return None
        try:
            date = dates.parse(text, self._zone())
        except ValueError:
            self._problem(name, f':{name}: "{text}" is not a date; write one like "2026-11-20 09:00"')
            return None
        taken = f"taken as {date.moment.isoformat(' ', 'minutes')}"
        if date.partial:
            day = date.moment.date().isoformat()
            self._warning(name, f':{name}: "{text}" is not a whole date; taken as {day}')
        if date.ambiguous:
            self._warning(name, f':{name}: the clocks showed "{text}" twice or never; {taken}')
        if date.zone_name:
            self._warning(name, f':{name}: "{date.zone_name}" is not read, write an offset; {taken}')
        return date.moment

    def _zone(self) -> zoneinfo.ZoneInfo:
        given = self._value("timezone")
        if given and given not in zoneinfo.available_timezones():
            near = difflib.get_close_matches(given, zoneinfo.available_timezones(), n=1)
            advice = f'did you mean "{near[0]}"?' if near else 'write one like "Europe/Paris"'
            self._problem("timezone", f':timezone: "{given}" is not a time zone; {advice}')
            given = ""
        return zoneinfo.ZoneInfo(given or self.facts.config.site.timezone)

    def _labels(self) -> Iterator[Label]:
        # docutils gives a list of several :author: lines as "authors".
        author, several = self._value("author"), names(self._value("authors"))
        wanted = {
            "category": ("category", (self._value("category"),)),
            "tag": ("tags", names(self._value("tags"))),
            "author": ("authors" if several else "author", several or (author or self._config.site.author,)),
            "series": ("series", (self._value("series"),) if self._value("series") else ()),
        }
        for kind, (field, values) in wanted.items():
            for value in values:
                yield self._label(kind, field, value)

    @property
    def _config(self) -> Config:
        return self.facts.config

    def _label(self, kind: str, field: str, name: str) -> Label:
        slug = self.facts.slugs[kind].of(stripped(name))
        if not slug:
            self._problem(field, f'{kind} "{name}" has no letter or digit that an address can hold')
            return Label(kind, name, slug, None)
        try:
            return Label(kind, name, slug, self.facts.addresses.of(kind, {"slug": slug, "name": name}))
        except BadPlace as error:
            self._problem(field, str(error))
            return Label(kind, name, slug, None)

    def _slug(self, title: str) -> str:
        given = self._value("slug")
        stem = posixpath.splitext(posixpath.basename(self.source.name))[0]
        title = stripped(title) if self._value("title") else title
        wanted = title if self._config.metadata.slug_from == "title" else stem
        slug = given or self.facts.slugs["slug"].of(wanted)
        if title and not slug:
            self._problem("slug", "no letter of the title can stand in an address; write :slug:")
        elif _NOT_IN_A_SLUG.search(slug):
            advice = "write letters without accents, digits and dashes"
            self._problem("slug", f':slug: "{slug}" cannot be an address; {advice}')
        return slug

    def _place(self, slug: str, date: dt.datetime | None, labels: tuple[Label, ...]) -> Place | None:
        kind = "page" if self.source.page else "post"
        native = self.language == self._config.site.language
        try:
            found = self._overridden() or self.facts.addresses.of(
                kind if native else f"{kind}_lang", self._values(slug, date, labels)
            )
        except BadPlace as error:
            self._problem("save_as" if self._value("save_as") else "slug", str(error))
            return None
        if not found:
            self._problem("slug", f"no address: urls.{kind} is empty")
        return found

    def _overridden(self) -> Place | None:
        url, save_as = self._value("url"), self._value("save_as")
        return place(url or save_as, save_as) if url or save_as else None

    def _values(self, slug: str, date: dt.datetime | None, labels: tuple[Label, ...]) -> dict[str, Any]:
        first = {label.kind: label.slug for label in reversed(labels)}
        path = self._value("path") or self.source.name
        return {
            **{name: field.value for name, field in self.fields.items()},
            "path": path,
            "path_no_ext": path.rsplit(".", 1)[0],
            "slug": slug,
            "lang": self._value("lang") or self.language,
            "date": date or self.facts.now,
            "author": first.get("author", ""),
            "category": first.get("category", ""),
        }
