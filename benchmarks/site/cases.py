"""The cases: each takes turns between the tools, and looks at what came of it."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.site import pictures
from benchmarks.site.bench import (
    Bench,
    Edit,
    Edits,
    chosen,
    new_text,
    new_title,
    new_word,
    require,
    warm,
    whole,
)
from benchmarks.site.builders import (
    Blogops,
    Builder,
    Docutils,
    Hugo,
    Nikola,
    Pelican,
    WithVariants,
    installed,
)
from benchmarks.site.corpus import PHOTOS, SEED
from benchmarks.site.measuring import Limits, run, small_memory, watched
from benchmarks.site.post import TAGS

PHOTO_COUNT = 200
COUNTING = Path(__file__).with_name("encodes.py")
TIMES = 10  # as many posts in the case "ten"
TEN_RUNS = 3  # at most, of full builds of so many posts
BARE_RUNS = 2  # at most, of docutils alone: nothing is asked of it
SMALL = 512 * 1024 * 1024  # bytes of memory of the small machine
TEMPLATE = '{{% extends "!base.html" %}}\n{{% block footer %}}{{{{ super() }}}}<!-- {} -->{{% endblock %}}\n'


def full(bench: Bench) -> None:
    """From nothing: no cache, no output."""
    tools = _tools(bench, cached=False)
    for turn in range(bench.runs):
        for tool in tools:
            bench.cold("full", tool)
        if turn < BARE_RUNS and not bench.ours_alone:
            bench.cold("full", Docutils(bench.posts))


def unchanged(bench: Bench) -> None:
    """Again, with nothing changed."""
    tools = _tools(bench, cached=True)
    with warm(tools):
        for _ in range(bench.runs):
            for tool in tools:
                bench.keep("unchanged", tool, tool.build())
                whole(tool)


def text(bench: Bench) -> None:
    """A new word at the end of one post."""
    _changed(bench, "text", new_text, _in_its_page)


def title(bench: Bench) -> None:
    """A new title of one post: the lists show it too."""
    _changed(bench, "title", new_title, _in_its_lists)


def tag(bench: Bench) -> None:
    """Another tag of one post in place of its last: it leaves one list and joins another."""
    tools = _tools(bench, cached=True)
    tools[0].clean()  # each of these texts may be known from an earlier bench
    with warm(tools):
        for turn in range(bench.runs):
            for tool in tools:
                _retag(bench, tool, turn)


def _retag(bench: Bench, tool: Builder, turn: int) -> None:
    post = chosen(tool)
    others = [name for name in TAGS if name.isascii() and name.isalpha() and name not in post.tags]
    bench.edited("tag", tool, Edit(others[turn], replace(post, tags=(*post.tags[:-1], others[turn]))))
    require(post.slug in tool.read(tool.tag(others[turn])), tool, f"{post.slug} is not in its new tag's list")
    if turn:
        before = tool.read(tool.tag(others[turn - 1]))
        require(post.slug not in before, tool, f"{post.slug} is still in the list of its old tag")


def template(bench: Bench) -> None:
    """A comment in the template that every page extends, and before it a build from nothing."""
    ours = Blogops(bench.posts)
    for _ in range(bench.runs):
        bench.cold("template", ours, "blogops, full")
        word = new_word()
        (ours.folder / "templates").mkdir()
        (ours.folder / "templates/base.html").write_text(TEMPLATE.format(word))
        bench.keep("template", ours, ours.build(), "blogops, changed")
        for page in (Path("index.html"), ours.page(ours.corpus.published[0])):
            require(word in ours.read(page), ours, f"{page} was not made by the new template")
    ours.clean()


def ten(bench: Bench) -> None:
    """Ten times the posts: full, unchanged, one post's text, and what a full build holds in memory."""
    one, many = Blogops(bench.posts), Blogops(TIMES * bench.posts)
    hugo = [] if bench.ours_alone else [Hugo(TIMES * bench.posts)]
    for _ in range(min(bench.runs, TEN_RUNS)):
        bench.cold("ten, full", one, f"blogops, {bench.posts} posts")
        for tool in (many, *hugo):
            bench.cold("ten, full", tool)
    _memory(bench, "ten", many, None)
    with warm([many]):
        for _ in range(bench.runs):
            bench.keep("ten, unchanged", many, many.build())
            whole(many)
        _edits(bench, "ten, text", [many], new_text, _in_its_page)


def photos(bench: Bench) -> None:
    """The same blog with photos and without, and nothing changed."""
    without, having = (WithVariants(bench.posts, count) for count in (0, photo_count(bench)))
    for tool in (without, having):
        tool.add_photos()
        bench.keep("photos, first", tool, tool.build(), _named(tool))
    for _ in range(bench.runs):
        for tool in (without, having):
            bench.keep("photos, unchanged", tool, tool.build(), _named(tool))
            whole(tool)
    bench.facts["photos", "encoded"] = _encoded(having)
    _prove_counting(having)


def photo_count(bench: Bench) -> int:
    """Return how many photos are shown: fewer where there are few posts to show them."""
    return min(PHOTO_COUNT, bench.posts // 2)


def _named(tool: WithVariants) -> str:
    return f"blogops, {tool.photos} photos"


def _encoded(tool: WithVariants) -> int:
    """Return how many images one more build encodes."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        _, *words = tool.task("build")
        # By its path, and without that in sys.path: the blogops that is counted is the one that is timed.
        run([str(installed() / "bin/python"), "-P", str(COUNTING), str(log), *words], tool.folder)
        return log.stat().st_size


def _prove_counting(tool: WithVariants) -> None:
    """End the bench unless another photo is counted: 0 has to mean that none was encoded."""
    photo = tool.corpus.folder / PHOTOS / "photo-000.jpg"
    before = photo.read_bytes()
    try:
        pictures.photo(photo, SEED + int(new_word()[3:], 16))
        require(_encoded(tool) > 0, tool, "another photo was not encoded, or not counted")
    finally:
        photo.write_bytes(before)


def rebuild(bench: Bench) -> None:
    """``blogops rebuild``, the whole command, where nothing is to do."""
    ours = Blogops(bench.posts)
    with warm([ours]):
        run(ours.task("rebuild"), ours.folder)
        live = (ours.folder / "var/current").resolve()
        for _ in range(bench.runs):
            bench.keep("rebuild", ours, run(ours.task("rebuild"), ours.folder))
            require((ours.folder / "var/current").resolve() == live, ours, "it published what was the same")


def small(bench: Bench) -> None:
    """One core and 512 MB: full, and one post's text."""
    ours = Blogops(bench.posts)
    with small_memory(SMALL) as group:
        limits = Limits(one_core=True, group=group)
        bench.facts["small", "enforced"] = float(group is not None)
        for _ in range(bench.runs):
            bench.cold("small, full", ours, limits=limits)
        with warm([ours]):
            _edits(bench, "small, text", [ours], new_text, _in_its_page, limits)
        _memory(bench, "small", ours, limits)


def _memory(bench: Bench, case: str, tool: Builder, limits: Limits | None) -> None:
    """Note the most that a full build holds, in bytes; it is not timed."""
    tool.clean()
    with watched() as seen:
        tool.build(limits)
    bench.facts[case, "memory"] = float(max(seen))


def _tools(bench: Bench, *, cached: bool) -> list[Builder]:
    ours: list[Builder] = [Blogops(bench.posts)]
    if bench.ours_alone:
        return ours
    pelican = Pelican(bench.posts)
    pelican.cached = cached
    return [*ours, pelican, Nikola(bench.posts), Hugo(bench.posts)]


Look = Callable[[Builder, str], bool]


def _in_its_page(tool: Builder, word: str) -> bool:
    return word in tool.read(tool.page(chosen(tool)))


def _in_its_lists(tool: Builder, word: str) -> bool:
    lists = (Path("index.html"), tool.tag(chosen(tool).tags[0]))
    return _in_its_page(tool, word) and all(word in tool.read(page) for page in lists)


def _changed(bench: Bench, case: str, edits: Edits, look: Look) -> None:
    tools = _tools(bench, cached=True)
    with warm(tools):
        _edits(bench, case, tools, edits, look)


def _edits(
    bench: Bench,
    case: str,
    tools: Sequence[Builder],
    edits: Edits,
    look: Look,
    limits: Limits | None = None,
) -> None:
    for _ in range(bench.runs):
        for tool in tools:
            edit = edits(chosen(tool))
            bench.edited(case, tool, edit, limits=limits)
            require(look(tool, edit.word), tool, f"the new {case} is not shown")


CASES: dict[str, Callable[[Bench], None]] = {
    case.__name__: case for case in (full, unchanged, text, title, tag, template, rebuild, small, photos, ten)
}
