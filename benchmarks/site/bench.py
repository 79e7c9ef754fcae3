"""What was measured, and how the tools take turns."""

import secrets
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from benchmarks.site.builders import Builder
from benchmarks.site.measuring import Limits, Spent
from benchmarks.site.post import Post

_MEGABYTE = 1024 * 1024
FROM_THE_NEWEST = 5  # which post is changed: one on the front page, and in the feeds


@dataclass
class Timings:
    """The runs of one tool in one case, and how many HTML pages its site has."""

    case: str
    tool: str
    spent: list[Spent] = field(default_factory=list)
    pages: int = 0

    @property
    def seconds(self) -> float:
        """The median, by the clock."""
        return statistics.median(one.wall for one in self.spent)

    @property
    def cpu(self) -> float:
        """The median, of processors."""
        return statistics.median(one.cpu for one in self.spent)


@dataclass(frozen=True)
class Edit:
    """What is changed about the post: another title or other tags, or a last paragraph; and its new word."""

    word: str
    as_post: Post | None = None
    end: str = ""


class Bench:
    """All timings and facts so far, and progress on stderr."""

    def __init__(self, posts: int, runs: int, *, ours_alone: bool) -> None:
        self.posts = posts
        self.runs = runs
        self.ours_alone = ours_alone
        self.timings: dict[tuple[str, str], Timings] = {}
        self.facts: dict[tuple[str, str], float] = {}
        self.shown: dict[tuple[str, int], Builder] = {}

    def keep(self, case: str, tool: Builder, spent: Spent, name: str = "") -> None:
        """Keep one run of *tool*, shown as *name*."""
        key = case, name or tool.name
        timings = self.timings.setdefault(key, Timings(*key))
        timings.spent.append(spent)
        timings.pages = tool.pages()
        self.shown[tool.name, tool.posts] = tool
        print(f"{case}: {key[1]}: {spent.wall:.2f} s, {spent.cpu:.2f} s of CPU", file=sys.stderr)

    def seconds(self, case: str, tool: str) -> float | None:
        """Return the median of *tool* in *case*, if it was measured."""
        timings = self.timings.get((case, tool))
        return timings.seconds if timings else None

    def megabytes(self, case: str) -> float | None:
        """Return the most that a full build held in *case*, if it was looked at."""
        held = self.facts.get((case, "memory"))
        return held / _MEGABYTE if held else None

    def cold(self, case: str, tool: Builder, name: str = "", limits: Limits | None = None) -> None:
        """Time one build from nothing."""
        tool.clean()
        self.keep(case, tool, tool.build(limits), name)
        whole(tool)

    def edited(self, case: str, tool: Builder, edit: Edit, limits: Limits | None = None) -> None:
        """Time the build after an edit of `chosen`."""
        tool.corpus.rewrite(chosen(tool), edit.as_post, edit.end)
        self.keep(case, tool, tool.build(limits))


def chosen(tool: Builder) -> Post:
    """Return the post that is changed."""
    return tool.corpus.published[-FROM_THE_NEWEST]


@contextmanager
def warm(tools: Sequence[Builder]) -> Iterator[None]:
    """Build each of *tools*, so that what they keep is filled; and put the text back in the end."""
    for tool in tools:
        tool.corpus.rewrite(chosen(tool))
        tool.build()
        whole(tool)
    try:
        yield
    finally:
        for tool in tools:
            tool.corpus.rewrite(chosen(tool))


def whole(tool: Builder) -> None:
    """End the bench unless each post has its page, and the newest is in its own."""
    newest = tool.corpus.published[-1]
    missing = [post.slug for post in tool.corpus.published if not (tool.site / tool.page(post)).is_file()]
    require(not missing, tool, f"{len(missing)} posts have no page: {', '.join(missing[:3])}")
    require(newest.own[0] in tool.read(tool.page(newest)).lower(), tool, f"{newest.slug} lacks its text")


def require(holds: bool, tool: Builder, otherwise: str) -> None:
    """End the bench with *otherwise* unless the tool did what is measured."""
    if not holds:
        sys.exit(f"{tool.name} in {tool.folder}: {otherwise}")


def new_word() -> str:
    """Return a word that no text has and no cache knows."""
    return f"mot{secrets.token_hex(5)}"


def new_text(post: Post) -> Edit:
    word = new_word()
    return Edit(word, end=f"Un mot de plus {word}.")


def new_title(post: Post) -> Edit:
    word = new_word()
    return Edit(word, as_post=replace(post, title=f"{post.title} {word}"))


Edits = Callable[[Post], Edit]
