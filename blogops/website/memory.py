"""What one build knows of the one before: what was read and settled, and of which state of the files.

It is plain data in a `Store`, and nothing but a shortcut: what is missing or does not fit is made again.
"""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from blogops.website.digests import digest
from blogops.website.model import Entry, Place
from blogops.website.notes import Note
from blogops.website.rst import Heading, Link, Parsed
from blogops.website.store import Damaged, Store, keep, kept
from blogops.website.sweep import State
from blogops.website.versions import versions

# Rows of texts as they were read, whatever tree is made of them, and of what feeds say of each.
TEXTS = "text/"
PIECES = "piece/"

# A file's state when it was read, whether a change would have shown in it, and the digest of its bytes.
File = tuple[State, bool, str]


class Text(NamedTuple):
    """A text as it is shown: its HTML, its addresses settled, and the headings in it."""

    html: str
    headings: tuple[Heading, ...]


class Read(NamedTuple):
    """One source as it was read.

    *digest* is that of its bytes, *row* where the store keeps its `Parsed`. *summary* is HTML with the
    placeholders of its addresses; *is_given* when its author wrote it. *includes* are the files it includes,
    or would if they were there, with their digests. *seconds* is how long docutils took. *entry* is None for
    a text that is skipped or has problems.
    """

    name: str
    digest: str
    row: str = ""
    summary: str = ""
    is_given: bool = False
    seconds: float = 0.0
    includes: tuple[tuple[str, str], ...] = ()
    entry: Entry | None = None
    problems: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()


class Finished(NamedTuple):
    """What was *read*, with its links settled.

    *by_label* tells whether one of them is to a tag, a category or an author. *statics* are the files it
    links to, each with whether it is attached; *uses* the names of all files that it shows, and *pictures*
    those shown as pictures.
    """

    read: Read
    entry: Entry
    by_label: bool
    statics: tuple[tuple[str, bool], ...]
    uses: tuple[str, ...]
    pictures: tuple[str, ...]
    problems: tuple[Note, ...]
    warnings: tuple[Note, ...]


@dataclass(kw_only=True)
class Known:
    """What is remembered of one survey. *basis* is all that it depends on beside the files of the content.

    *files* has the state of each file that was read, whether that state can be trusted, and its digest.
    *book* is the digest of all that a link can lead to but labels, *labels* that of these; *places* are
    where the static files are. *related* are the places of the posts related to each, and the digest of what
    they were worked out from. *plan* is the digest of what pages are made from beside texts and files.
    *references* are the templates that one refers to, by its source's digest. *worded* is `words.WORDED`.
    """

    basis: str = ""
    files: dict[str, File] = field(default_factory=dict)
    reads: dict[str, Read] = field(default_factory=dict)
    book: str = ""
    labels: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)
    finished: dict[str, Finished] = field(default_factory=dict)
    related: tuple[str, list[tuple[int, ...]]] = ("", [])
    plan: str = ""
    references: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    worded: dict[tuple[object, ...], Any] = field(default_factory=dict)


class Memory:
    """The store, and what is known of the last survey of one tree.

    *reading* is what the reading of any text depends on: our code, the libraries, the author's extensions.
    *parsed_now* counts the texts that docutils had to read since `begin`. Final texts go into rows that begin
    with *finals*; without that, they are of nobody's interest later, and stay in memory.
    """

    def __init__(self, store: Store | None = None, known: Known | None = None, finals: str = "") -> None:
        self.store = store or Store()
        self.known = known or Known()
        self._finals, self._kept = finals, dict[str, Text]()
        # Other code might not understand what this one keeps.
        self._rows = f"{finals}{versions()}/" if finals else ""
        self.reading = ""
        self.parsed_now = 0
        self._links = dict[str, tuple[Link, ...]]()
        self._parsed = lru_cache(maxsize=256)(self._loaded)
        self._text = lru_cache(maxsize=8)(self._final)

    def begin(self, *, basis: str, reading: str) -> None:
        """Begin a survey; what was settled by other code, settings or extensions is forgotten."""
        self.reading, self.parsed_now = reading, 0
        if self.known.basis != basis:
            self.known = Known(basis=basis, files=self.known.files, references=self.known.references)

    def parsed(self, row: str) -> Parsed:
        """Return what was read under *row*."""
        return self._parsed(row)

    def links(self, row: str) -> tuple[Link, ...]:
        """Return the links of what was read under *row*."""
        return self._links[row] if row in self._links else self.parsed(row).links

    def note_links(self, row: str, links: tuple[Link, ...]) -> None:
        """Hold the *links* of what was read under *row*: all are followed before a text is looked at."""
        self._links[row] = links

    def let_go(self) -> None:
        """Hold no text any more: once all are settled, hardly any is asked for."""
        self._links.clear()
        self._parsed.cache_clear()

    def keep(self, text: Text) -> str:
        """Return the row that holds *text* from now on."""
        headings = repr(text.headings) if text.headings else ""
        row = self._rows + digest(f"{headings}\n{text.html}")
        if not self._finals:
            self._kept[row] = text
        elif self.store.get(row) is None:
            self.store.put(row, pickle.dumps(text, pickle.HIGHEST_PROTOCOL))
        return row

    def text(self, row: str) -> Text:
        """Return what `keep` kept in *row*."""
        return self._kept[row] if row in self._kept else self._text(row)

    def piece(self, name: str, key: str) -> bytes | None:
        """Return what `keep_piece` kept under *name*, if it was made from the same *key*."""
        return kept(self.store, f"{PIECES}{self._finals}{name}", key) if self._finals else None

    def keep_piece(self, name: str, key: str, data: bytes) -> None:
        """Keep *data*, made from what the digest *key* tells, in place of what *name* was."""
        if self._finals:
            keep(self.store, f"{PIECES}{self._finals}{name}", key, data)

    def digest(self, name: str, state: State) -> str:
        """Return the digest of the file *name* if it is known for sure in this *state*, or nothing."""
        known = self.known.files.get(name)
        return known[2] if known and known[1] and known[0] == state else ""

    def note(self, name: str, state: State, seen_at: int, found: str) -> str:
        """Return the digest *found* of what the file *name* held in *state*, and remember it."""
        self.known.files[name] = (state, state.is_settled(seen_at), found)
        return found

    def _loaded(self, row: str) -> Parsed:
        return unpacked(self._row(row))[1]

    def _final(self, row: str) -> Text:
        found: Text = pickle.loads(self._row(row))  # noqa: S301 (we wrote it, and it is sealed)
        return found

    def _row(self, name: str) -> bytes:
        data = self.store.get(name)
        if data is None:
            raise Damaged
        return data


def packed(includes: tuple[tuple[str, str], ...], parsed: Parsed) -> bytes:
    """Return a row of the store: what was read, with the digests of the files that it includes."""
    return pickle.dumps((includes, parsed), pickle.HIGHEST_PROTOCOL)


def unpacked(row: bytes) -> tuple[tuple[tuple[str, str], ...], Parsed]:
    """Return what `packed` got."""
    found: tuple[tuple[tuple[str, str], ...], Parsed] = pickle.loads(row)  # noqa: S301 (ours, and sealed)
    return found
