"""What is known of a post before its text: title, date, tags, and where its file lies."""

import datetime as dt
from dataclasses import dataclass
from random import Random

from benchmarks.site.words import VOCABULARIES, coined, drawn, slug

OWN_WORDS = 12  # coined words of one post
MAX_POSTS = 160_000 // OWN_WORDS
_FIRST, _LAST = dt.datetime(2010, 1, 4, 9, 30), dt.datetime(2026, 6, 30, 9, 30)
CATEGORIES = ("Serveurs", "Python", "Web", "Bases de données", "Outils", "Réseau", "Libre", "Carnet")
AUTHORS = ("Rémy Hubscher", "Ana Silva", "Chloé Martin", "John Carter", "Élodie Dubois")
TAGS = tuple(
    """Ansible|Apache|API|Archive|Bash|Cache|CI|CSS|Debian|Déploiement|Django|DNS|Docker|Emacs|Fabric|Flask|
    Git|HTML|HTTP|IPv6|JavaScript|JSON|Kernel|Linux|Logiciel libre|Markdown|Nginx|PostgreSQL|Pelican|Redis|
    reST|Sauvegarde|Sécurité|SQL|SSH|systemd|Tests|TLS|Vim|YAML""".replace("\n", "")
    .replace("    ", "")
    .split("|")
)
_WEIGHTS = [1 / (rank + 4) for rank in range(len(TAGS))]  # few tags are used much, most are used little


@dataclass(frozen=True)
class Post:
    """One post; *path* is where its file lies in the manuscript, without suffix."""

    number: int
    title: str
    slug: str
    date: dt.datetime
    lang: str
    category: str
    tags: tuple[str, ...]
    authors: tuple[str, ...]
    draft: bool

    @property
    def path(self) -> str:
        return f"{self.date:%Y}/{self.slug}"

    @property
    def own(self) -> list[str]:
        """Words that no other post has."""
        return [coined(self.number * OWN_WORDS + turn) for turn in range(OWN_WORDS)]


def all_posts(count: int, seed: int) -> list[Post]:
    """Return *count* posts, the oldest first, evenly from 2010 to 2026."""
    if not 0 < count <= MAX_POSTS:
        raise ValueError(f"1 to {MAX_POSTS} posts, not {count}")
    random = drawn("posts", seed)
    step = (_LAST - _FIRST) / count
    return [_post(random, number, _FIRST + number * step) for number in range(count)]


def _post(random: Random, number: int, date: dt.datetime) -> Post:
    lang = "fr" if random.random() < 0.7 else "en"
    subject = coined(number * OWN_WORDS).title()
    title = random.choice(VOCABULARIES[lang].titles).format(subject)
    tags = tuple(dict.fromkeys(random.choices(TAGS, _WEIGHTS, k=random.randint(1, 5))))
    return Post(
        number=number,
        title=title,
        slug=slug(title),
        date=date.replace(second=0, microsecond=0),
        lang=lang,
        category=random.choice(CATEGORIES),
        tags=tags,
        authors=tuple(random.sample(AUTHORS, 2 if random.random() < 0.08 else 1)),
        draft=random.random() < 0.03,
    )
