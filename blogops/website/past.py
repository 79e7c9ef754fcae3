"""What is kept of the last build of one tree: what was known of its texts, and its pages."""

import dataclasses

from blogops.website import words
from blogops.website.memory import TEXTS, File, Finished, Known, Memory, Read, pieces_of
from blogops.website.model import Entry
from blogops.website.pages import Page
from blogops.website.settle import Written
from blogops.website.shelf import Shelf
from blogops.website.store import Store, recalled, remember

# Which texts each tree is made of: several trees share them.
_ROWS = "rows/"


class Past:
    """The last build of the *tree*, out of the *store* and back into it."""

    def __init__(self, store: Store, tree: str) -> None:
        self._store, self._tree = store, tree
        self._texts: Shelf[tuple[File | None, Read, Finished | None]] = Shelf(store, f"texts/{tree}")
        self._pages: Shelf[tuple[Page]] = Shelf(store, f"pages/{tree}")
        self.memory = Memory(store, self._known(), tree)
        for entry in _entries(self.memory.known):
            _attach(entry, self.memory)

    def pages(self) -> dict[str, Page]:
        """Return the pages as they were made."""
        return {name: page for name, (page,) in self._pages.all().items()}

    def keep(self, pages: dict[str, Page]) -> None:
        """Make this build the last one, all at once."""
        known = self.memory.known
        texts = {
            name: (known.files.get(name), read, known.finished.get(name))
            for name, read in known.reads.items()
        }
        others = {name: file for name, file in known.files.items() if name not in known.reads}
        rows = {each.row for each in known.reads.values()}
        with self._store.at_once():
            self._texts.keep(texts)
            self._pages.keep({name: (page,) for name, page in pages.items()})
            head = dataclasses.replace(known, files=others, reads={}, finished={}, worded=words.WORDED)
            remember(self._store, f"known/{self._tree}", head)
            self._store.commit(forget=self._unused(rows) | self._of_gone(known))

    def _unused(self, rows: set[str]) -> set[str]:
        """Remember that this tree is made of the texts *rows*; return those that no tree is made of."""
        own = f"{_ROWS}{self._tree}"
        if recalled(self._store, own) != rows:
            remember(self._store, own, rows)
        left = self._store.names(TEXTS) - rows
        for tree in self._store.names(_ROWS) - {own} if left else ():
            left -= recalled(self._store, tree) or set()
        return left

    def _of_gone(self, known: Known) -> set[str]:
        """Return the pieces (FORMAT/NAME) of texts that are gone."""
        prefix = pieces_of(self._tree)
        names = self._store.names(prefix)
        return {name for name in names if name[len(prefix) :].partition("/")[2] not in known.finished}

    def _known(self) -> Known:
        known: Known = recalled(self._store, f"known/{self._tree}") or Known()
        words.WORDED.update(known.worded)
        for name, (file, read, finished) in self._texts.all().items():
            known.reads[name] = read
            if file:
                known.files[name] = file
            if finished:
                known.finished[name] = finished
        return known


def _entries(known: Known) -> list[Entry]:
    return [each.entry for each in known.finished.values()]


def _attach(entry: Entry, memory: Memory) -> None:
    if isinstance(entry.body, Written):
        entry.body.attach(memory)
