"""A report of an import in words: what came over, and above all what did not."""

from collections.abc import Iterator
from itertools import groupby

from blogops.pelican.model import Left, Line
from blogops.pelican.reading import Puzzle

_SHOWN = 10  # files that are not built


def sentences(
    file: str,
    lines: tuple[Line, ...],
    left: tuple[Left, ...],
    puzzles: tuple[Puzzle, ...],
    plugins: tuple[tuple[str, str], ...],
    unbuilt: tuple[str, ...],
) -> Iterator[str]:
    """Yield the lines of the report."""
    yield f"{file}: {len(lines)} keys"
    for table, group in groupby(lines, lambda line: line.table):
        yield f"  [{table}] {', '.join(line.key for line in group)}"
    yield from _listed("Does not come over:", (f"{_at(one.where)}{one.setting}: {one.why}" for one in left))
    yield from _listed("Not understood, look at it yourself:", (_puzzle(puzzle) for puzzle in puzzles))
    yield from _listed("Plugins:", (f"{name}: {instead}" for name, instead in plugins))
    more = [f"… and {len(unbuilt) - _SHOWN} more"] if len(unbuilt) > _SHOWN else []
    yield from _listed("Not built, for they are not reStructuredText:", [*unbuilt[:_SHOWN], *more])


def _listed(title: str, items: Iterator[str] | list[str]) -> Iterator[str]:
    found = [f"  {item}" for item in items]
    if found:
        yield from ("", title, *found)


def _puzzle(puzzle: Puzzle) -> str:
    names = f" ({', '.join(puzzle.names)})" if puzzle.names else ""
    return f"{_at(puzzle.where)}{puzzle.text}{names}"


def _at(where: str) -> str:
    return f"{where}: " if where else ""
