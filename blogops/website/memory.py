"""What one build knows of the one before: what was read and settled, and of which state of the files.

It is plain data in a `Store`, and nothing but a shortcut: what is missing or does not fit is made again.
"""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from blogops.website.model import Entry, Place
from blogops.website.notes import Note
from blogops.website.rst import Link, Parsed
from blogops.website.slots import filled
from blogops.website.store import Damaged, Store, keep, kept
from blogops.website.sweep import State

# Rows of texts as they were read, whatever tree is made of them.
TEXTS = "text/"

# A file's state when it was read, whether a change would have shown in it, and the digest of its bytes.
File = tuple[State, bool, str]


class Read(NamedTuple):
    """One source as it was read.

    *digest* is that of its bytes, *row* where the store keeps its `Parsed`, *shown* the digest of HTML and
    headings in it. *summary* is HTML with the placeholders of its addresses; *is_given* when its author
    wrote it. *raw* are the addresses in HTML of its own. *includes* are the files it includes, or would if
    they were there, with their digests. *seconds* is how long docutils took. *image_line* and *aliases_line*
    are where these fields stand: they can be found wrong only when all is read. *entry* is None for a text
    that is skipped or has problems.
    """

    name: str
    digest: str
    row: str = ""
    shown: str = ""
    summary: str = ""
    is_given: bool = False
    raw: tuple[str, ...] = ()
    seconds: float = 0.0
    includes: tuple[tuple[str, str], ...] = ()
    image_line: int = 1
    aliases_line: int = 1
    entry: Entry | None = None
    problems: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()


class Finished(NamedTuple):
    """What was *read*, with its links settled.

    *by_label* tells whether one of them is to a tag, a category or an author, or its own labels may have no
    list. *statics* are the files it links to, each with whether it is attached; *uses* the names of all files
    that it shows, and *pictures* those shown as pictures.
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
    *parsed_now* counts the texts that docutils had to read since `begin`. What feeds say of each text is kept
    for *tree*; without one, it is of nobody's interest later.
    """

    def __init__(self, store: Store | None = None, known: Known | None = None, tree: str = "") -> None:
        self.store = store or Store()
        self.known = known or Known()
        self._tree = tree
        self.reading = ""
        self.parsed_now = 0
        self._links = dict[str, tuple[Link, ...]]()
        self._parsed = lru_cache(maxsize=256)(self._loaded)
        self._html = lru_cache(maxsize=8)(self._filled)

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

    def html(self, row: str, addresses: tuple[str, ...], pictures: tuple[tuple[int, str], ...]) -> str:
        """Return the text that was read under *row* as `slots.filled` has it."""
        return self._html(row, addresses, pictures)

    def piece(self, name: str, key: str) -> bytes | None:
        """Return what `keep_piece` kept under *name*, if it was made from the same *key*."""
        return kept(self.store, f"{pieces_of(self._tree)}{name}", key) if self._tree else None

    def keep_piece(self, name: str, key: str, data: bytes) -> None:
        """Keep *data*, made from what the digest *key* tells, in place of what *name* was."""
        if self._tree:
            keep(self.store, f"{pieces_of(self._tree)}{name}", key, data)

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

    def _filled(self, row: str, addresses: tuple[str, ...], pictures: tuple[tuple[int, str], ...]) -> str:
        return filled(self.parsed(row).html, addresses, pictures)

    def _row(self, name: str) -> bytes:
        data = self.store.get(name)
        if data is None:
            raise Damaged
        return data


def pieces_of(tree: str) -> str:
    """Return what the rows of what feeds of *tree* say of each text begin with."""
    return f"piece/{tree}/"


def packed(includes: tuple[tuple[str, str], ...], parsed: Parsed) -> bytes:
    """Return a row of the store: what was read, with the digests of the files that it includes."""
    return pickle.dumps((includes, parsed), pickle.HIGHEST_PROTOCOL)


def unpacked(row: bytes) -> tuple[tuple[tuple[str, str], ...], Parsed]:
    """Return what `packed` got."""
    found: tuple[tuple[tuple[str, str], ...], Parsed] = pickle.loads(row)  # noqa: S301 (ours, and sealed)
    return found
