"""The tables, and the same as JSON: seconds of each case, and which aims were met."""

import os
import platform
from dataclasses import asdict, dataclass

from benchmarks.site.bench import Bench
from benchmarks.site.builders import versions
from benchmarks.site.cases import TIMES, photo_count
from benchmarks.tools import python_version

OURS = "blogops"

# Of the issue that asked for the bench: at most so many times the seconds of the other.
_BESIDE = (
    ("full", "Pelican", 0.35),
    ("full", "Nikola -n 2", 0.25),
    ("full", "Hugo", 1.3),
    ("unchanged", "Pelican", 0.10),
    ("text", "Pelican", 0.15),
    ("title", "Pelican", 0.25),
    ("tag", "Pelican", 0.25),
)
_WORDS = {
    "full": "full build, from nothing",
    "unchanged": "nothing changed",
    "text": "one post's text changed",
    "title": "one post's title changed",
    "tag": "one post's tag changed",
    "template": "template of all pages changed",
    "rebuild": "rebuild, nothing to do",
    "small, full": "1 core, 512 MB: full",
    "small, text": "1 core, 512 MB: one post's text",
    "photos, first": "pictures made, as far as not kept",
    "photos, unchanged": "photos: nothing changed",
    "ten, full": "{many} posts: full",
    "ten, unchanged": "{many} posts: nothing changed",
    "ten, text": "{many} posts: one post's text",
}


@dataclass(frozen=True)
class Aim:
    """Something to reach: what was measured, and what it may be at most, both in *unit*."""

    what: str
    measured: float
    at_most: float
    unit: str

    @property
    def met(self) -> bool:
        return self.measured <= self.at_most


def aims(bench: Bench) -> list[Aim]:
    """Return the aims of the cases that were measured."""
    found = [
        _ratio(bench, words(case, bench), (case, OURS), (case, peer), limit, peer)
        for case, peer, limit in _BESIDE
    ]
    found += [*_own(bench), *_tens(bench), *_photos(bench), *_memory(bench)]
    return [aim for aim in found if aim]


def _ratio(
    bench: Bench, what: str, ours: tuple[str, str], base: tuple[str, str], limit: float, peer: str
) -> Aim | None:
    mine, its = bench.seconds(*ours), bench.seconds(*base)
    return _aim(f"{what}, to {peer}", mine / its if mine and its else None, limit, "x")


def _aim(what: str, measured: float | None, at_most: float, unit: str) -> Aim | None:
    return None if measured is None else Aim(what, measured, at_most, unit)


def _own(bench: Bench) -> list[Aim | None]:
    case = "template"
    changed = (case, "blogops, changed"), (case, "blogops, full")
    return [
        _ratio(bench, words(case, bench), *changed, 0.15, "its own full build"),
        _aim(f"{words('rebuild', bench)}, the whole command", bench.seconds("rebuild", OURS), 0.25, "s"),
    ]


def _tens(bench: Bench) -> list[Aim | None]:
    many, one = bench.seconds("ten, full", OURS), bench.seconds("ten, full", f"blogops, {bench.posts} posts")
    grown = f"{words('ten, full', bench)}, to {TIMES} times that of {bench.posts}"
    text = words("ten, text", bench)
    return [
        _aim(grown, many / (TIMES * one) if many and one else None, 1.05, "x"),
        _aim(text, bench.seconds("ten, text", OURS), 1.5, "s"),
        _ratio(bench, text, ("ten, text", OURS), ("ten, full", "Hugo"), 1.0, "Hugo's full build"),
    ]


def _photos(bench: Bench) -> list[Aim | None]:
    case = "photos, unchanged"
    without, having = (bench.seconds(case, f"blogops, {count} photos") for count in (0, photo_count(bench)))
    added = having - without if having and without else None
    what = f"{photo_count(bench)} photos, unchanged"
    return [
        _aim(f"{what}: added", added, 0.1, "s"),
        _aim(f"{what}: encoded", bench.facts.get(("photos", "encoded")), 0, "images"),
    ]


def _memory(bench: Bench) -> list[Aim | None]:
    held = "memory of all processes"
    proof = "" if bench.facts.get(("small", "enforced"), 1) else " (measured: no control group to be had)"
    return [
        _aim(f"{words('ten, full', bench)}, {held}", bench.megabytes("ten"), 400, "MB"),
        _aim(f"{words('small, full', bench)}, {held}{proof}", bench.megabytes("small"), 512, "MB"),
    ]


def words(case: str, bench: Bench) -> str:
    """Return what *case* is, for people."""
    return _WORDS[case].format(many=TIMES * bench.posts)


def timings_table(bench: Bench) -> list[tuple[str, ...]]:
    """Return the table of seconds; the last column is ours divided by theirs."""
    rows: list[tuple[str, ...]] = [
        ("seconds", "tool", "median", "from", "to", "CPU", "runs", "pages", "blogops to it")
    ]
    for (case, tool), timings in bench.timings.items():
        walls = [one.wall for one in timings.spent]
        ours = bench.seconds(case, OURS)
        beside = f"{ours / timings.seconds:.2f}" if ours else ""
        figures = [f"{one:.2f}" for one in (timings.seconds, min(walls), max(walls), timings.cpu)]
        rows.append((words(case, bench), tool, *figures, str(len(walls)), str(timings.pages), beside))
    return rows


def aims_table(bench: Bench) -> list[tuple[str, ...]]:
    """Return the table of aims."""
    rows: list[tuple[str, ...]] = [("aim", "measured", "at most", "unit", "met")]
    for aim in aims(bench):
        met = "yes" if aim.met else "no"
        rows.append((aim.what, f"{aim.measured:.2f}", f"{aim.at_most:g}", aim.unit, met))
    return rows


def told(bench: Bench, load: float) -> dict[str, object]:
    """Return what was measured on what."""
    tools = [tool for _, tool in sorted(bench.shown.items())]
    sizes = {f"{tool.name}, {tool.posts} posts": tool.corpus.bytes for tool in tools}
    [posts] = {tool.corpus.posts for tool in tools if tool.posts == bench.posts}
    french = sum(post.lang == "fr" for post in posts)
    return {
        "machine": f"{platform.platform()}, {os.cpu_count()} cores, load before {load:.1f}",
        "python": python_version(),
        "versions": versions(tools),
        "corpus": {
            "posts": len(posts),
            "drafts": sum(post.draft for post in posts),
            "french": french,
            "english": len(posts) - french,
            "bytes": sizes,
        },
    }


def as_json(bench: Bench, about: dict[str, object]) -> dict[str, object]:
    """Return everything, every run too."""
    timings = [{**asdict(one), "seconds": one.seconds, "cpu": one.cpu} for one in bench.timings.values()]
    facts = {f"{case}: {name}": value for (case, name), value in bench.facts.items()}
    reached = [{**asdict(aim), "met": aim.met} for aim in aims(bench)]
    return {**about, "timings": timings, "facts": facts, "aims": reached}
