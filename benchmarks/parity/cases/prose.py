"""Blogs as people write them: many posts of many paragraphs, in French and in English."""

import random
from collections.abc import Iterator

from benchmarks.parity.trees import Tree, post

_WORDS = {
    "fr": (
        "le la les un une des de du nous vous avons avez conférence sprint serveur paquet déployer "
        "réseau mémoire"
        " été où déjà là-bas aujourd’hui python fichier dossier « guillemets » c’est-à-dire œuvre "
        "10 000 100 % l'idée"
    ).split(),
    "en": (
        "the a an of to we you have had talk sprint server package deploy network memory file "
        "folder where already"
        " \"quoted\" it's don't well-known e.g. etc. 1,000 100% idea"
    ).split(),
}
_TAGS = ("python", "afpy", "Pycon FR", "déploiement", "web", "rst", "notes")
_CATEGORIES = ("Conférences", "Outils", "Carnet")


def trees() -> Iterator[Tree]:
    """Yield a blog in French and one in English, sixty posts each."""
    for language in ("fr", "en"):
        settings = f'DEFAULT_LANG = "{language}"\nDEFAULT_PAGINATION = 10\n'
        chance = random.Random(language)  # noqa: S311 -- the same blog each time
        files = {f"{n % 5 or 'root'}/{n:02}.rst": _post(n, language, chance) for n in range(60)}
        yield Tree(f"blog-{language}", settings, files)


def _post(number: int, language: str, chance: random.Random) -> str:
    paragraphs = [_paragraph(language, chance) for _ in range(chance.randint(2, 8))]
    body = "\n\n".join(
        f"Section {index}\n----------\n\n{text}" if index % 3 == 2 else text
        for index, text in enumerate(paragraphs)
    )
    other = "en" if language == "fr" else "fr"
    return post(
        f"{_paragraph(language, chance)[:40].replace('*', '').strip()} {number}",
        body,
        date=f"20{10 + number % 12}-{1 + number % 12:02}-{1 + number % 28:02} {number % 24:02}:{number:02}",
        tags=", ".join(chance.sample(_TAGS, chance.randint(0, 3))),
        category=_CATEGORIES[number % 3] if number % 4 else "",
        lang=other if number % 11 == 10 else "",
        status="draft" if number % 13 == 12 else "",
    )


def _paragraph(language: str, chance: random.Random) -> str:
    words = [chance.choice(_WORDS[language]) for _ in range(chance.randint(12, 60))]
    marked = [f"*{word}*" if index % 17 == 9 and word.isalpha() else word for index, word in enumerate(words)]
    return " ".join(marked).capitalize().replace('"', "") + "."
