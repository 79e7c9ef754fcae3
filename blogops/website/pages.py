"""The files of a site as they were made, and whether they still show what they would show now."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from blogops.errors import Failed
from blogops.website import compress, watching, words
from blogops.website.digests import digest, digest_of_value
from blogops.website.output import Output, Paper, Part, Recipe, Sheet
from blogops.website.store import Damaged
from blogops.website.survey import Survey
from blogops.website.sweep import State, state_of
from blogops.website.tree import Tree
from blogops.website.watching import Identities, Reads


class Page(NamedTuple):
    """A file as it was made: from what (*key* and *reads*), its bytes' *digest*, and its state in the tree.

    *twins* are its compressed twins by their endings, None where none were wanted.
    """

    key: str
    reads: Reads
    digest: str
    state: State | None
    twins: Mapping[str, State | None] | None


class Made(NamedTuple):
    """What came of an output: what it read, the digest of its bytes, the endings of its compressed twins.

    *laid* tells where its file and theirs were laid aside; not those that had their bytes already. What came
    into `words.WORDED` meanwhile is *worded*.
    """

    reads: Reads
    digest: str
    laid: Mapping[str, str]
    twins: tuple[str, ...] | None
    worded: Mapping[tuple[object, ...], object]


class Broken(NamedTuple):
    """A `Failed` on its way out of a child."""

    problem: str
    where: str
    hint: str


class Pages:
    """Compares what a site shows with what it was made from, and makes what is not the same any more.

    *pages* are those of the build before; *cache* is where compressed twins are kept, None where the site
    needs none.
    """

    def __init__(self, seen: Survey, pages: Mapping[str, Page], tree: Tree, cache: Path | None) -> None:
        self._seen, self._pages, self._tree, self._cache = seen, pages, tree, cache
        self._own = {output.place.path for output in seen.outputs}
        self._identities = Identities()

    def key(self, output: Output) -> str:
        """Return digests of what *output* is made from, the entries' fields aside; nothing if none tells."""
        name, body = output.place.path, output.body
        template = self._seen.theme.digest(body.template) if isinstance(body, Sheet) else ""
        if self._seen.as_before and isinstance(body, Sheet | Recipe) and name in self._pages:
            told = self._pages[name].key.rpartition("/")[2]
        else:
            told = self._told(body)
            # A compressed twin that the author made is not made.
            own = [ending for ending in compress.ENDINGS if name + ending in self._own]
            told = digest_of_value((told, own)) if told and own else told
        return f"{template}/{told}" if told else ""

    def _told(self, body: Sheet | Recipe | Paper | Path | bytes) -> str:
        if isinstance(body, bytes):
            return digest(body)
        if isinstance(body, Path):
            return self._of_file(body)
        if isinstance(body, Paper):
            return ""  # The press knows what it is made from.
        inputs = body.inputs() if isinstance(body, Sheet) else body.inputs
        try:
            told = (self._seen.memory.reading, self._identities.of(inputs))
        except TypeError:
            return ""  # An author's page with things of its own.
        return digest_of_value(told)

    def prepare(self, output: Output) -> None:
        """Work out what *output* is made from, or that would count as something that it shows."""
        if isinstance(output.body, Sheet):
            output.body.inputs()

    def forget(self) -> None:
        """Hold no longer what was told of inputs: all keys are known."""
        self._identities = Identities()

    def fresh(self, output: Output, key: str) -> Page | None:
        """Return the page of *output* if it is there and shows what it would show if it were made now."""
        page = self._pages.get(output.place.path)
        if not key or not page or page.key != key or not self._is_whole(output.place.path, page):
            return None
        changes, reads = self._seen.changes, page.reads
        return None if any(changes[name] & reads[name] for name in changes.keys() & reads.keys()) else page

    def made(self, output: Output) -> Made | Broken | OSError | None:
        """Make *output*, which is no `Paper`; None where what was read of a text is gone from the store."""
        worded = len(words.WORDED)
        try:
            with watching.Noting() as reads:
                data = self._seen.rendered(output)
            made = self.finished(output, data, reads)
            return made._replace(worded=dict(itertools.islice(words.WORDED.items(), worded, None)))
        except Damaged:
            return None
        except Failed as error:
            return Broken(error.problem, error.where, error.hint)
        except OSError as error:
            return error

    @staticmethod
    def part(part: Part) -> bytes | None:
        """Make *part*; None as above."""
        try:
            return part.made()
        except Damaged:
            return None

    def finished(self, output: Output, data: bytes | Path, reads: Reads) -> Made:
        """Lay *data*, which *output* is, aside, and its compressed twins."""
        name, was = output.place.path, self._held(output.place.path)
        held = data.read_bytes() if isinstance(data, Path) else data
        told, twins = digest(held), None
        files = {} if was == told else {name: data}
        if self._cache and compress.is_text(name):
            made = compress.twins(held, self._cache)
            # One that the author made stays.
            twins = tuple(ending for ending in made if name + ending not in self._own)
            files |= {name + ending: made[ending] for ending in twins}
        # Compressed, another text is other bytes, too: nothing is read to be compared.
        is_other = bool(was) and was != told
        laid = {
            each: self._tree.lay(held)
            for each, held in files.items()
            if is_other or not self._tree.has(each, held)
        }
        return Made(reads, told, laid, twins, {})

    def _held(self, name: str) -> str:
        """Return the digest of what the file *name* holds; nothing where that is not known."""
        page = self._pages.get(name)
        return page.digest if page and page.state and self._tree.states.get(name) == page.state else ""

    def _is_whole(self, name: str, page: Page) -> bool:
        if not self._held(name):
            return False
        if (self._cache is None or not compress.is_text(name)) != (page.twins is None):
            return False
        return all(self._tree.states.get(name + ending) == was for ending, was in (page.twins or {}).items())

    def _of_file(self, path: Path) -> str:
        state = state_of(path)
        settled = state and state.is_settled(self._seen.manuscript.seen_at)
        return digest(repr((str(path), state))) if settled else ""


def names(pages: Mapping[str, Page]) -> Iterator[str]:
    """Yield the files of *pages*, compressed twins among them."""
    for name, page in pages.items():
        yield name
        yield from (name + ending for ending in page.twins or ())


def placed(name: str, page: Page, tree: Tree) -> Page:
    """Return *page* with the states that its files have in *tree*."""
    twins = page.twins
    if twins is not None:
        twins = {ending: tree.states.get(name + ending) for ending in twins}
    return page._replace(state=tree.states.get(name), twins=twins)


def digests(pages: Iterable[Page]) -> Iterator[str]:
    """Yield the digests of the texts that have compressed twins."""
    return (page.digest for page in pages if page.twins is not None)
