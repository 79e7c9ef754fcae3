"""Sentences in French and English, and words that no other post has."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from random import Random

_SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi zo ka le mi no pu ra".split()
_LENGTH = 4  # syllables of a coined word
_ALL = len(_SYLLABLES) ** _LENGTH
_STRIDE = 70_001  # prime to _ALL: neighbours do not look alike


@dataclass(frozen=True)
class Vocabulary:
    """What sentences of one language are made of."""

    subjects: tuple[str, ...]
    verbs: tuple[str, ...]
    objects: tuple[str, ...]
    ends: tuple[str, ...]
    openers: tuple[str, ...]
    joints: tuple[str, ...]
    titles: tuple[str, ...]
    headings: tuple[str, ...]
    quotes: tuple[str, str]
    note: str
    warning: str


def _vocabulary(table: dict[str, str]) -> Vocabulary:
    phrases = {name: tuple(" ".join(one.split()) for one in text.split("|")) for name, text in table.items()}
    note, warning = table["note"], table["warning"]
    opening, closing = table["quotes"].split("|")
    return Vocabulary(**{**phrases, "quotes": (opening, closing), "note": note, "warning": warning})  # type: ignore[arg-type]


VOCABULARIES = {
    lang: _vocabulary(table)
    for lang, table in tomllib.loads(
        Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8")
    ).items()
}


def drawn(*of: object) -> Random:
    """Return what draws the same for the same *of*, on any machine."""
    return Random(" ".join(map(str, of)))  # noqa: S311 - nothing secret


def coined(number: int) -> str:
    """Return the word of *number*: no two numbers below 160,000 share one."""
    left = number * _STRIDE % _ALL
    word = ""
    for _ in range(_LENGTH):
        left, digit = divmod(left, len(_SYLLABLES))
        word += _SYLLABLES[digit]
    return word


def slug(text: str) -> str:
    """Return *text* as it may stand in an address."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def clause(random: Random, words: Vocabulary, own: str) -> str:
    """Return a clause, with the coined word *own* after its subject, if there is one."""
    subject = random.choice(words.subjects)
    named = f"{subject} {own}" if own else subject
    return f"{named} {random.choice(words.verbs)} {random.choice(words.objects)} {random.choice(words.ends)}"


def sentence(random: Random, words: Vocabulary, own: str) -> str:
    """Return a sentence of one to three clauses, without its end."""
    text = clause(random, words, own)
    if random.random() < 0.4:
        text = f"{random.choice(words.openers)}, {text}"
    for _ in range(random.choice((0, 0, 1, 1, 2))):
        text += f" {random.choice(words.joints)} {clause(random, words, '')}"
    return text[0].upper() + text[1:]
