"""A text as it is, or as it would be with other bytes or another name."""

import dataclasses
from dataclasses import dataclass
from functools import cached_property

from blogops.authoring.fieldlist import set_field
from blogops.authoring.manuscript import Text
from blogops.errors import Refused
from blogops.website.metadata import Facts
from blogops.website.model import Entry, Source
from blogops.website.notes import Notes
from blogops.website.read import read_one
from blogops.website.slots import filled


@dataclass(frozen=True)
class Version:
    """What a file holds, or would hold."""

    source: Source
    data: bytes
    facts: Facts

    @cached_property
    def text(self) -> Text:
        """What it would be to a build. Raises `Refused` where it would be refused."""
        notes = Notes()
        found = read_one(self.source, self.data.decode("utf-8-sig"), self.facts, notes)
        if not found:
            problems = "; ".join(note.message for note in notes.problems) or "it cannot be read"
            raise Refused(problems, where=self.source.shown, hint="Nothing was changed.")
        return found

    @property
    def entry(self) -> Entry:
        """The post or page."""
        return self.text[0]

    @property
    def html(self) -> str:
        """Its text, with the addresses of its links."""
        return self._filled(self.text[1].html)

    @property
    def fields(self) -> dict[str, tuple[str, str]]:
        """Its fields, as text and as HTML; those without HTML stand elsewhere."""
        own = {name: self._filled(field.html) for name, field in self.text[1].fields.items()}
        return {name: (value, own.get(name, "")) for name, value in self.entry.fields.items()}

    def _filled(self, html: str) -> str:
        return filled(html, [link.address for link in self.text[1].links])

    def having(self, name: str, value: str) -> "Version":
        """Return the same with a field set."""
        among = tuple(field.line for field in self.text[1].fields.values())
        return self.holding(set_field(self.data, name, value, among, self.source.shown))

    def holding(self, data: bytes) -> "Version":
        """Return the same with other bytes."""
        return dataclasses.replace(self, data=data)
