"""Pygments' lexers, quick and stock: the same tokens."""

import random
import re
from pathlib import Path
from typing import Any

import pytest
from pygments.lexer import RegexLexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token

from blogops.website.rst import lexers

ROOT = Path(__file__).parent.parent
LANGUAGES = (
    *("python", "pycon", "bash", "console", "html", "xml", "css", "scss", "javascript", "typescript", "json"),
    *("yaml", "toml", "ini", "nginx", "apacheconf", "sql", "postgresql", "c", "cpp", "java", "kotlin", "go"),
    *("rust", "ruby", "php", "perl", "lua", "haskell", "ocaml", "erlang", "elixir", "clojure", "scheme"),
    *("make", "docker", "diff", "rst", "tex", "r", "swift", "csharp", "vim", "html+jinja", "text", "awk"),
)
PLAIN = [name for name in LANGUAGES if lexers._is_plain(get_lexer_by_name(name))]
SOURCES = {
    "python": ROOT / "blogops/website/rst/tuning.py",
    "html+jinja": ROOT / "templates/site/base.html",
    "css": ROOT / "templates/site/style.css",
    "toml": ROOT / "pyproject.toml",
    "nginx": ROOT / "templates/server/nginx-site.conf.j2",
    "bash": ROOT / "tools/install",
    "make": ROOT / "Makefile",
    "rst": ROOT / "example/content/retours-pyconfr-2012.rst",
}
SOUP = (
    *(
        "if",
        "def",
        "class",
        "x",
        "1",
        "0x1f",
        "3.14e-5",
        "True",
        "NULL",
        "SELECT",
        "é",
        "ſ",
        "\u212a",
        "名",
        "\x1c",
    ),
    *(
        " ",
        "  ",
        "\n",
        "\n",
        "\t",
        "\r",
        "\f",
        ";",
        ":",
        ",",
        ".",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "<",
        ">",
        "</",
    ),
    *(
        "=",
        "==",
        "+",
        "-",
        "--",
        "*",
        "/",
        "//",
        "/*",
        "*/",
        "#",
        "!",
        "?",
        "@",
        "$",
        "${",
        "%",
        "&",
        "|",
        "^",
        "~",
    ),
    *('"', "'", "`", '"""', "\\", "\\n", "_", "\0"),
)


def soup(number: int) -> str:
    """Return a text put together by chance."""
    chance = random.Random(number)  # noqa: S311 (the same on each run)
    return "".join(chance.choices(SOUP, k=200))


def assert_same(name: str, text: str) -> None:
    """Compare what a quick lexer gives with what Pygments gives, from all states that both may be in."""
    lexer: Any = get_lexer_by_name(name)
    quick = lexers._Quick(lexer)
    states = {state: lexers._Rules(rules) for state, rules in lexer._tokens.items()}
    for state in ("root", *sorted(set(lexer._tokens) - {"root"})):
        stack = ("root", state)
        stock = list(RegexLexer.get_tokens_unprocessed(lexer, text, stack))
        assert list(lexers._tokens(lexer, states, text, stack)) == stock
        assert list(quick(text, stack)) == stock


def test_most_languages_have_a_lexer_that_can_be_quick() -> None:
    assert len(PLAIN) > len(LANGUAGES) / 2
    assert {"python", "bash", "css", "nginx", "rust"} <= set(PLAIN)


@pytest.mark.parametrize("name", PLAIN)
def test_the_tokens_are_those_of_pygments(name: str) -> None:
    for number in range(4):
        assert_same(name, soup(number))


@pytest.mark.parametrize("name", [name for name in SOURCES if name in PLAIN])
def test_real_code_is_coloured_as_by_pygments(name: str) -> None:
    text = SOURCES[name].read_text(encoding="utf-8")
    lexer: Any = get_lexer_by_name(name)
    stock = list(RegexLexer.get_tokens_unprocessed(lexer, text))
    lexers.quick(lexer)
    for _ in range(lexers._BLOCKS + 1):
        assert list(lexer.get_tokens_unprocessed(text)) == stock
    assert "".join(value for _, _, value in stock) == text
    assert any(kind is not Token.Error for _, kind, _ in stock)


@pytest.mark.parametrize("name", PLAIN)
def test_no_pattern_matches_at_another_sign(name: str) -> None:
    lexer: Any = get_lexer_by_name(name)
    patterns = {rule[0].__self__ for rules in lexer._tokens.values() for rule in rules}
    assert patterns
    tails = ("", "a", "1 b", "a(b)=c;\n", "\n\n", '"a"', "--> ]]", ": x\n  y")
    for pattern in patterns:
        for sign in lexers._EVERY - lexers._signs(pattern.pattern, pattern.flags):
            assert not any(pattern.match(f" {sign}{tail}", 1) or pattern.match(sign + tail) for tail in tails)


@pytest.mark.parametrize(
    ("pattern", "flags", "signs"),
    [
        ("a", 0, "a"),
        ("a", re.IGNORECASE, "aA"),
        (r"\b(?=b)a+?b", 0, "a"),
        ("a?b", 0, "ab"),
        ("(?:a|bc|)d", 0, "abd"),
        ("a*", 0, None),
        ("(?i:k)", 0, "kK"),
        ("[\u0100-\u017f]", re.IGNORECASE, None),
        ("[^\\S\n]", 0, " \t\r\f\v\x1c\x1d\x1e\x1f"),
        (r"(?<=x)[a-c]", 0, "abc"),
        (r"(a)\1", 0, "a"),
        (r"()\1a", 0, None),
        ("\u0101", 0, ""),
    ],
)
def test_what_a_match_begins_with(pattern: str, flags: int, signs: str | None) -> None:
    compiled = re.compile(pattern, flags)
    found = lexers._signs(compiled.pattern, compiled.flags)
    assert found == (lexers._EVERY if signs is None else set(signs))
    assert signs is None or found == set(signs)
    assert all(sign in found for sign in lexers._EVERY if compiled.match(f"{sign}x"))
