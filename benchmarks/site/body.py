"""The text of a post, composed in any syntax: the same words, the same code, the same order."""

import math
from collections.abc import Callable, Sequence

from benchmarks.site import words
from benchmarks.site.pictures import NAMES
from benchmarks.site.post import Post
from benchmarks.site.snippets import snippet
from benchmarks.site.syntax import STICKY, Syntax, wrapped

_MEDIAN, _SPREAD = 3150, 0.55  # characters of text; of the logarithm
_SHORTEST, _LONGEST = 700, 26_000
_SITES = ("docs.example.org", "git.example.net", "wiki.example.com", "blog.example.net", "www.example.org")


class Composer:
    """Writes one post. Nothing that is drawn depends on the syntax, so each gets the same text."""

    def __init__(self, post: Post, earlier: Sequence[Post], syntax: Syntax, seed: int) -> None:
        self.post = post
        self.earlier = earlier
        self.syntax = syntax
        self.random = words.drawn("body", seed, post.number)
        self.words = words.VOCABULARIES[post.lang]
        self.own = post.own
        self.size = 0
        self.blocks: list[str] = []
        self.targets: list[str] = []
        self.notes: list[str] = []
        self.code_blocks = 0
        self.links = 0

    def body(self) -> str:
        """Return the text below the title."""
        wanted = _MEDIAN * math.exp(self.random.gauss(0, _SPREAD))
        wanted = min(max(wanted, _SHORTEST), _LONGEST)
        self.paragraph()
        if self.syntax.more:
            self.blocks.append(self.syntax.more)
        self.paragraph()
        while self.size < wanted:
            self.section()
        if self.notes:
            self.blocks.append(
                "\n".join(self.notes) if self.syntax.suffix == ".rst" else "\n\n".join(self.notes)
            )
        return "\n\n".join(self.blocks)

    def section(self) -> None:
        """Add a heading, two or three paragraphs, and what stands between them."""
        level = 3 if self.size > 2500 and self.random.random() < 0.3 else 2
        heading = f"{self.random.choice(self.words.headings)} {self.word()}"
        self.blocks.append(self.syntax.heading(heading, level))
        for _ in range(self.random.randint(1, 3)):
            self.paragraph()
        self.feature()()
        if self.random.random() < 0.5:
            self.paragraph()
            self.feature()()

    def feature(self) -> Callable[[], None]:
        """Return how to add something that is not a paragraph."""
        kinds: dict[Callable[[], None], int] = {
            self.code: 42,
            self.items: 16,
            self.table: 10,
            self.image: 7,
            self.figure: 3,
            self.notice: 9,
            self.quote: 7,
            self.definitions: 6,
        }
        [kind] = self.random.choices(list(kinds), list(kinds.values()))
        return kind

    def paragraph(self) -> None:
        """Add some sentences."""
        text = " ".join(self.sentence() for _ in range(self.random.randint(2, 5)))
        self.add(wrapped(text), len(text))

    def code(self) -> None:
        self.code_blocks += 1
        place = f"{self.own[0]} {self.post.number}, {self.code_blocks}: {self.word()}"
        language, text = snippet(self.random, self.word(), place)
        self.add(self.syntax.code(language, text), len(text))

    def items(self) -> None:
        texts = [self.sentence() for _ in range(self.random.randint(3, 6))]
        numbered = self.random.random() < 0.35
        self.add(self.syntax.items(texts, numbered=numbered), sum(map(len, texts)))

    def table(self) -> None:
        columns = self.random.randint(2, 4)
        rows = [[self.word().title() for _ in range(columns)]]
        for _ in range(self.random.randint(3, 8)):
            figures = [f"{self.random.uniform(0.1, 900):.1f}" for _ in range(columns - 1)]
            rows.append([self.random.choice(self.words.subjects), *figures])
        self.add(self.syntax.table(rows, grid=self.random.random() < 0.4), len(rows) * columns * 12)

    def image(self) -> None:
        self.add(self.syntax.image(self.random.choice(NAMES), self.plain()), 80)

    def figure(self) -> None:
        self.add(self.syntax.figure(self.random.choice(NAMES), self.plain(), f"{self.plain()}."), 160)

    def notice(self) -> None:
        kind = self.random.choice(("note", "note", "warning"))
        title = self.words.note if kind == "note" else self.words.warning
        text = f"{self.sentence()} {self.sentence()}"
        self.add(self.syntax.notice(kind, title, text), len(text))

    def quote(self) -> None:
        # A list before it would take it for its own; a paragraph parts them.
        self.paragraph()
        text = f"{self.sentence()} {self.sentence()}"
        self.add(self.syntax.quote(text), len(text))
        self.paragraph()

    def definitions(self) -> None:
        pairs = [(self.word().title(), self.sentence()) for _ in range(self.random.randint(2, 4))]
        self.add(self.syntax.definitions(pairs), sum(len(text) for _, text in pairs))

    def add(self, block: str, size: int) -> None:
        """Add a block of so many characters, counted alike in every syntax, and its links' addresses."""
        self.blocks.append(block)
        self.size += size
        if self.targets:
            self.blocks.append("\n".join(self.targets))
            self.targets.clear()

    def word(self) -> str:
        return self.random.choice(self.own)

    def plain(self) -> str:
        """Return a sentence without markup."""
        return words.clause(self.random, self.words, self.word()).capitalize()

    def sentence(self) -> str:
        """Return a sentence, some with markup."""
        own = self.word() if self.random.random() < 0.3 else ""
        text = words.sentence(self.random, self.words, own)
        if self.random.random() < 0.45:
            text += f" {self.inline()}"
        return text + self.end()

    def end(self) -> str:
        if self.random.random() < 0.9:
            return "."
        mark = self.random.choice("!?")
        return f"{STICKY}{mark}" if self.post.lang == "fr" else mark

    def inline(self) -> str:
        """Return a word or two with markup."""
        kinds: dict[Callable[[], str], int] = {
            self.strong: 14,
            self.emphasis: 18,
            self.literal: 28,
            self.quoted: 8,
            self.link: 14,
            self.named: 6,
            self.internal: 5,
            self.footnote: 5,
        }
        [kind] = self.random.choices(list(kinds), list(kinds.values()))
        return kind()

    def strong(self) -> str:
        return self.syntax.strong(self.word())

    def emphasis(self) -> str:
        return self.syntax.emphasis(self.random.choice(self.words.ends))

    def literal(self) -> str:
        return self.syntax.literal(f"{self.word()}.{self.random.choice(('py', 'conf', 'log', 'service'))}")

    def quoted(self) -> str:
        opening, closing = self.words.quotes
        return (
            (opening + self.random.choice(self.words.objects) + closing)
            .replace("« ", f"«{STICKY}")
            .replace(" »", f"{STICKY}»")
        )

    def link(self) -> str:
        return self.syntax.link(self.random.choice(self.words.objects), self.address())

    def named(self) -> str:
        self.links += 1
        name = f"{self.word()} {self.links}"
        self.targets.append(self.syntax.target(name, self.address()))
        return self.syntax.named(name)

    def address(self) -> str:
        return f"https://{self.random.choice(_SITES)}/{self.word()}/{self.random.randint(1, 999)}"

    def internal(self) -> str:
        """Return a link to an earlier post that is not a draft; the first posts have none to link to."""
        if not self.earlier:
            return self.strong()
        other = self.random.choice(self.earlier)
        return self.syntax.internal(other.title.replace(" :", f"{STICKY}:"), other)

    def footnote(self) -> str:
        number = len(self.notes) + 1
        self.notes.append(self.syntax.footnote(number, f"{self.plain()}."))
        return self.syntax.mark(number)
