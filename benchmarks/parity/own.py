"""The trees of this repository: the seed post, as its author left it and published, and example/."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.parity.trees import Tree

_EXAMPLE = Path(__file__).parents[2] / "example/content"
_SEED = _EXAMPLE / "retours-pyconfr-2012.rst"
_FRENCH = 'DEFAULT_LANG = "fr"\nDEFAULT_PAGINATION = 10\nSTATIC_PATHS = ["images", "static"]\n'


def own_trees() -> Iterator[Tree]:
    """Yield the seed post as a draft beside another post, the same published, and the example."""
    text = _SEED.read_text(encoding="utf-8")
    other = "Un billet\n#########\n\n:date: 2012-09-01\n\nTexte.\n"
    yield Tree("seed-draft", _FRENCH, {_SEED.name: text, "billet.rst": other})
    yield Tree("seed-published", _FRENCH, {_SEED.name: text.replace(":status: draft", ":status: published")})
    files = {
        path.relative_to(_EXAMPLE).as_posix(): path.read_bytes()
        for path in sorted(_EXAMPLE.rglob("*"))
        if path.is_file()
    }
    yield Tree("example", _FRENCH, files)
