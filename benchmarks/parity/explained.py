"""The differences that docs/pelican.md explains, each by one rule. What no rule knows is a fault."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from benchmarks.parity import presence, wording
from benchmarks.parity.both import Both
from benchmarks.parity.compare import Difference

RULES: Mapping[str, Callable[[Difference, Both], bool]] = MappingProxyType(
    {
        "drafts and future posts leave nothing": presence.draft,
        "a warning loses no post": presence.saved,
        "lists, but for such posts": presence.lists,
        "files of Pelican's theme": presence.theme,
        "files that blogops adds": presence.ours,
        "hidden files stay hidden": presence.hidden_file,
        "partial dates are the first": presence.partial_date,
        "dates are to the second": wording.whole_second,
        "pictures are cleaned": presence.pictures,
        "a link that Pelican left as written": wording.dead_link,
        "a link with spaces": wording.spaces,
        "the front page is /": wording.front,
        "a derived summary leaves headings out": wording.summary,
        "no links back to the table of contents": wording.contents,
        "feeds begin with the newest": presence.newest_first,
        "a linked file is copied": presence.copied,
        "spaces around marks": wording.marks,
        "labels in the language of the post": wording.labels,
        "language codes have dashes": wording.dashed,
        "math is MathML": wording.math,
        "no post twice in a list": presence.twice,
    }
)


def rule(found: Difference, both: Both) -> str:
    """Return the name of the rule that explains *found*, or nothing."""
    return next((name for name, explains in RULES.items() if explains(found, both)), "")


def sorted_out(every: Iterable[Difference], both: Both) -> tuple[list[Difference], dict[str, int]]:
    """Return what is not explained, and how often each rule explained something."""
    faults: list[Difference] = []
    counts: dict[str, int] = {}
    for found in every:
        if name := rule(found, both):
            counts[name] = counts.get(name, 0) + 1
        else:
            faults.append(found)
    return faults, counts
