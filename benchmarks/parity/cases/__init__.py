"""The generated trees: every point of Pelican's semantics that an RST author can meet."""

from collections.abc import Iterator

from benchmarks.parity.cases import fields, layout, links, lists, markup, naming, prose
from benchmarks.parity.trees import Tree


def trees() -> Iterator[Tree]:
    """Yield every generated tree; the same ones each time."""
    for subject in (fields, naming, layout, links, markup, lists, prose):
        yield from subject.trees()
