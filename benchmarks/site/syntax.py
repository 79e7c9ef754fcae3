"""One text in three spellings: reStructuredText for Pelican and blogops, another for Nikola, Markdown."""

import json
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Sequence

from benchmarks.site.post import Post

WIDTH = 95  # columns
STICKY = "\x00"  # a space at which no line is broken: before ":" and the like


def wrapped(text: str) -> str:
    """Return *text* in lines."""
    lines = textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
    return lines.replace(STICKY, " ")


def indented(text: str, by: str = "   ") -> str:
    """Return *text* with *by* before each line."""
    return textwrap.indent(text, by)


class Syntax(ABC):
    """How a post is spelled; every method returns text without a blank line at its end."""

    suffix: str
    more = ""  # what parts the summary from the rest, where the first words are not enough

    @abstractmethod
    def file(self, post: Post, body: str) -> str:
        """Return the whole file."""

    @abstractmethod
    def strong(self, text: str) -> str: ...

    @abstractmethod
    def emphasis(self, text: str) -> str: ...

    @abstractmethod
    def literal(self, text: str) -> str: ...

    @abstractmethod
    def link(self, text: str, address: str) -> str: ...

    @abstractmethod
    def named(self, text: str) -> str:
        """Return a link whose address `target` tells."""

    @abstractmethod
    def target(self, text: str, address: str) -> str: ...

    @abstractmethod
    def internal(self, text: str, post: Post) -> str:
        """Return a link to another post."""

    @abstractmethod
    def mark(self, number: int) -> str:
        """Return the mark of a footnote."""

    @abstractmethod
    def footnote(self, number: int, text: str) -> str: ...

    @abstractmethod
    def heading(self, text: str, level: int) -> str: ...

    @abstractmethod
    def code(self, language: str, text: str) -> str: ...

    @abstractmethod
    def image(self, name: str, alt: str) -> str: ...

    @abstractmethod
    def figure(self, name: str, alt: str, caption: str) -> str: ...

    @abstractmethod
    def notice(self, kind: str, title: str, text: str) -> str:
        """Return a note or a warning, as *kind* says."""

    @abstractmethod
    def quote(self, text: str) -> str: ...

    @abstractmethod
    def table(self, rows: Sequence[Sequence[str]], *, grid: bool) -> str: ...

    @abstractmethod
    def definitions(self, pairs: Sequence[tuple[str, str]]) -> str: ...

    def items(self, texts: Sequence[str], *, numbered: bool) -> str:
        """Return a list."""
        marks = [f"{number}. " if numbered else "- " for number in range(1, len(texts) + 1)]
        return "\n".join(
            mark + indented(wrapped(text), " " * len(mark)).lstrip()
            for mark, text in zip(marks, texts, strict=True)
        )


class Rst(Syntax):
    """For Pelican and blogops."""

    suffix = ".rst"

    def file(self, post: Post, body: str) -> str:
        fields = {
            "date": f"{post.date:%Y-%m-%d %H:%M}",
            "category": post.category,
            "tags": ", ".join(post.tags),
            "author" if len(post.authors) == 1 else "authors": "; ".join(post.authors),
            "slug": post.slug,
            "lang": post.lang,
        }
        if post.draft:
            fields["status"] = "draft"
        docinfo = "\n".join(f":{name}: {value}" for name, value in fields.items())
        return f"{self.heading(post.title, 1)}\n\n{docinfo}\n\n{body}\n"

    def strong(self, text: str) -> str:
        return f"**{text}**"

    def emphasis(self, text: str) -> str:
        return f"*{text}*"

    def literal(self, text: str) -> str:
        return f"``{text}``"

    def link(self, text: str, address: str) -> str:
        return f"`{text} <{address}>`__"

    def named(self, text: str) -> str:
        return f"`{text}`_"

    def target(self, text: str, address: str) -> str:
        return f".. _{text}: {address}"

    def internal(self, text: str, post: Post) -> str:
        return self.link(text, f"{{filename}}/{post.path}{self.suffix}")

    def mark(self, number: int) -> str:
        return f"[{number}]_"

    def footnote(self, number: int, text: str) -> str:
        return f".. [{number}] " + indented(wrapped(text), "   ").lstrip()

    def heading(self, text: str, level: int) -> str:
        return f"{text}\n{'#=-'[level - 1] * len(text)}"

    def code(self, language: str, text: str) -> str:
        return f".. code-block:: {language}\n\n{indented(text)}"

    def image(self, name: str, alt: str) -> str:
        return f".. image:: {{static}}/images/{name}\n   :alt: {alt}"

    def figure(self, name: str, alt: str, caption: str) -> str:
        return f".. figure:: {{static}}/images/{name}\n   :alt: {alt}\n\n{indented(wrapped(caption))}"

    def notice(self, kind: str, title: str, text: str) -> str:
        return f".. {kind}::\n\n{indented(wrapped(text))}"

    def quote(self, text: str) -> str:
        return indented(wrapped(text))

    def table(self, rows: Sequence[Sequence[str]], *, grid: bool) -> str:
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return _grid(rows, widths) if grid else _simple(rows, widths)

    def definitions(self, pairs: Sequence[tuple[str, str]]) -> str:
        return "\n".join(f"{term}\n{indented(wrapped(text))}" for term, text in pairs)


def _simple(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> str:
    rule = "  ".join("=" * width for width in widths)
    head, *rest = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join((rule, head, rule, *rest, rule))


def _grid(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> str:
    rules = ["+" + "+".join(mark * (width + 2) for width in widths) + "+" for mark in "-="]
    lines = [rules[0]]
    for number, row in enumerate(rows):
        lines.append("| " + " | ".join(map(str.ljust, row, widths)) + " |")
        lines.append(rules[number == 0])
    return "\n".join(lines)


class NikolaRst(Rst):
    """For Nikola: metadata in comments, and its own addresses of posts and images."""

    more = ".. TEASER_END"

    def file(self, post: Post, body: str) -> str:
        fields = {
            "title": post.title,
            "slug": post.slug,
            "date": f"{post.date:%Y-%m-%d %H:%M}",
            "category": post.category,
            "tags": ", ".join(post.tags),
            "author": ", ".join(post.authors),
        }
        if post.draft:
            fields["status"] = "draft"
        comments = "\n".join(f".. {name}: {value}" for name, value in fields.items())
        return f"{comments}\n\n{body}\n"

    def internal(self, text: str, post: Post) -> str:
        return self.link(text, f"link://slug/{post.slug}")

    def image(self, name: str, alt: str) -> str:
        return super().image(name, alt).replace("{static}", "")

    def figure(self, name: str, alt: str, caption: str) -> str:
        return super().figure(name, alt, caption).replace("{static}", "")


class Markdown(Syntax):
    """For Hugo."""

    suffix = ".md"
    more = "<!--more-->"

    def file(self, post: Post, body: str) -> str:
        fields = {
            "title": post.title,
            "date": f"{post.date:%Y-%m-%dT%H:%M:%S+00:00}",
            "slug": post.slug,
            "lang": post.lang,
            "draft": post.draft,
            "categories": [post.category],
            "tags": list(post.tags),
            "authors": list(post.authors),
            "languages": [post.lang],
        }
        front = "\n".join(
            f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()
        )
        return f"---\n{front}\n---\n\n{body}\n"

    def strong(self, text: str) -> str:
        return f"**{text}**"

    def emphasis(self, text: str) -> str:
        return f"*{text}*"

    def literal(self, text: str) -> str:
        return f"`{text}`"

    def link(self, text: str, address: str) -> str:
        return f"[{text}]({address})"

    def named(self, text: str) -> str:
        return f"[{text}][]"

    def target(self, text: str, address: str) -> str:
        return f"[{text}]: {address}"

    def internal(self, text: str, post: Post) -> str:
        return self.link(text, f'{{{{<{STICKY}ref{STICKY}"posts/{post.path}.md"{STICKY}>}}}}')

    def mark(self, number: int) -> str:
        return f"[^{number}]"

    def footnote(self, number: int, text: str) -> str:
        return f"[^{number}]: " + indented(wrapped(text), "    ").lstrip()

    def heading(self, text: str, level: int) -> str:
        return f"{'#' * level} {text}"

    def code(self, language: str, text: str) -> str:
        return f"```{language}\n{text}\n```"

    def image(self, name: str, alt: str) -> str:
        return f"![{alt}](/images/{name})"

    def figure(self, name: str, alt: str, caption: str) -> str:
        return f'{{{{< figure src="/images/{name}" alt="{alt}" caption="{caption}" >}}}}'

    def notice(self, kind: str, title: str, text: str) -> str:
        return self.quote(f"{self.strong(title)} {text}")

    def quote(self, text: str) -> str:
        return indented(wrapped(text), "> ")

    def table(self, rows: Sequence[Sequence[str]], *, grid: bool) -> str:
        head, *rest = (f"| {' | '.join(row)} |" for row in rows)
        return "\n".join((head, "|---" * len(rows[0]) + "|", *rest))

    def definitions(self, pairs: Sequence[tuple[str, str]]) -> str:
        return "\n\n".join(f"{term}\n: {indented(wrapped(text), '  ').lstrip()}" for term, text in pairs)
