"""What is kept of the last build of one tree: what was known of its texts, and its pages."""

import dataclasses

from blogops.website import words
from blogops.website.memory import PIECES, TEXTS, File, Finished, Known, Memory, Read
from blogops.website.model import Entry
from blogops.website.pages import Page
from blogops.website.settle import Written
from blogops.website.shelf import Shelf
from blogops.website.store import Store, recalled, remember


class Past:
    """The last build of the *tree*, out of the *store* and back into it."""

    def __init__(self, store: Store, tree: str) -> None:
        self._store, self._tree = store, tree
        self._texts: Shelf[tuple[File | None, Read, Finished | None]] = Shelf(store, f"texts/{tree}")
        self._pages: Shelf[tuple[Page]] = Shelf(store, f"pages/{tree}")
        self._finals = f"final/{tree}/"
        self.memory = Memory(store, self._known(), self._finals)
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
        rows |= {entry.body.row for entry in _entries(known) if isinstance(entry.body, Written)}
        with self._store.at_once():
            self._texts.keep(texts)
            self._pages.keep({name: (page,) for name, page in pages.items()})
            head = dataclasses.replace(known, files=others, reads={}, finished={}, worded=words.WORDED)
            remember(self._store, f"known/{self._tree}", head)
            stored = self._store.names(TEXTS) | self._store.names(self._finals)
            self._store.commit(forget=(stored - rows) | self._of_gone(known))

    def _of_gone(self, known: Known) -> set[str]:
        """Return the pieces (FORMAT/NAME) of texts that are gone."""
        prefix = f"{PIECES}{self._finals}"
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
