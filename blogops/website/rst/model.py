"""What goes into the reading of one file and what comes out of it: plain data that can be pickled."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

WARNING, ERROR, SEVERE = 2, 3, 4


class Options(NamedTuple):
    """What reading needs to know beside the text.

    *content* is the folder that ``include`` may read from; *code_defaults* are options of every code block,
    as Pelican's ``PYGMENTS_RST_OPTIONS``.
    """

    language: str
    typography: bool
    raw_html: bool
    content: Path
    code_defaults: tuple[tuple[str, str], ...] = ()

    def told(self) -> tuple[object, ...]:
        """Return what of it another result may come from; where the content folder lies changes nothing."""
        return (self.language, self.typography, self.raw_html, self.code_defaults)


class Field(NamedTuple):
    """A line of metadata: its plain text, its markup as HTML, and the line it starts at."""

    value: str
    html: str
    line: int


class Link(NamedTuple):
    """An address as the author wrote it; *image* when it is shown rather than followed."""

    address: str
    line: int
    image: bool


class Heading(NamedTuple):
    """A heading inside the text; level 2 is the highest. Its *html* holds no addresses."""

    level: int
    id: str
    html: str


class Message(NamedTuple):
    """Something to tell the author; *column* starts at 1 and is 0 where it is unknown.

    Levels are those of docutils: 2 a warning, 3 an error, 4 a text that could not be read at all.
    """

    line: int
    column: int
    text: str
    level: int


@dataclass(frozen=True)
class Parsed:
    """A file that was read.

    In *html* and each `Field.html` an address is the placeholder ``\\x02N\\x03``, where N counts in *links*.
    *title* is as its author typed it, for a slug; *shown_title* and *subtitle* are typeset. *words* is how
    many a reader reads, titles of sections and code among them. *includes* are the files it includes,
    *missing* those it could not. *seconds* is how long the reading took.
    """

    title: str
    shown_title: str
    subtitle: str
    fields: dict[str, Field]
    html: str
    links: tuple[Link, ...]
    headings: tuple[Heading, ...]
    anchors: frozenset[str]
    words: int
    includes: tuple[str, ...]
    messages: tuple[Message, ...]
    missing: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)
