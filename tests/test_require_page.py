"""docs/require.md lists every word with its signature; the example in each docstring runs."""

import inspect
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from vocabulary import WORDS

from blogops import provision
from blogops.provision import Require, Secret

PAGE = (Path(__file__).parents[1] / "docs/require.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")] for line in PAGE.splitlines() if line[:2] == "| "
]


def signature(method: Callable[..., Any]) -> str:
    """Return the parameters as the page writes them: names and defaults, no types."""
    plain = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in inspect.signature(method).parameters.values()
    ]
    text = str(inspect.Signature(plain))
    return re.sub(r"'([^']*)'", r'"\1"', text)


@pytest.mark.parametrize("word", WORDS)
def test_each_word_has_its_row(word: str) -> None:
    rows = [row for row in ROWS if row[0] == f"`{word}`"]
    assert len(rows) == 1, f"docs/require.md has no row for {word}"
    name = word.rpartition(".")[2]
    assert rows[0][2] == f"`{name}{signature(WORDS[word])}`"
    assert rows[0][3]


def test_each_row_is_a_word_or_says_what_stands_for_it() -> None:
    for row in ROWS:
        if row[0] != "word" and not row[0].startswith("-"):
            assert row[0].strip("`") in WORDS or row[2].startswith("–") or "`" in row[2], row


@pytest.mark.parametrize("word", WORDS)
def test_each_example_can_be_pasted(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    doc = inspect.getdoc(WORDS[word]) or ""
    assert "::\n\n" in doc, f"{word} has no example"
    code = textwrap.dedent(doc.partition("::\n\n")[2])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DB_PASSWORD", "s3cr3t")
    (tmp_path / "lock.txt").write_text("")
    (tmp_path / "myapp.asc").write_text("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")
    code = code.replace("…", "x")
    names = {
        "require": Require(),
        "provision": provision,
        "Secret": Secret,
        "Path": Path,
        "reload": provision.reload,
    }
    exec(code, names)  # noqa: S102 -- our own docstrings
    assert names["require"].collector.plan().resources  # type: ignore[attr-defined]
