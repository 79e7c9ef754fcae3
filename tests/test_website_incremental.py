"""The truth of a build that remembers: after every step it gives what a build from nothing gives."""

import datetime as dt
import functools
import os
import shutil
import signal
import tempfile
import time
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import brotli
import jinja2
import pytest
from editing import (
    EDITS,
    FILES,
    LINKS,
    Folder,
    Step,
    damage,
    facts_of,
    files_of,
    first,
    folders_of,
    meddle,
    numbers_of,
    png,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blogops import config, resources, website
from blogops.errors import OpsError
from blogops.website import BuildReport, apart, compress, making, store, sweep
from blogops.website import versions as versioning
from blogops.website.rst import worker
from blogops.website.tree import Tree

# More by night: BLOGOPS_SCRIPTS=2000 draws as many, other ones each time.
SCRIPTS = int(os.environ.get("BLOGOPS_SCRIPTS", "0"))

Told = dict[str, Any] | str

OWN = '{% extends "!post.html" %}\n{% block main %}{{ super() }}SHOWN{% endblock %}\n'
SHOUTED = OWN.replace("SHOWN", '{{ "always"|shout }}')

_STOCK = str(resources.templates("site"))


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    """Spare what every build from nothing would do once more, the same each time, and it does not judge.

    That is: what Jinja2 makes of the theme's own templates, the names of all time zones, the last percent
    that brotli can save, a child for a few pages.
    """
    with pytest.MonkeyPatch.context() as patch:
        compile_, zones = jinja2.Environment.compile, functools.cache(zoneinfo.available_timezones)
        parse, trees = jinja2.Environment.parse, dict[str, Any]()
        known: dict[tuple[object, ...], Any] = {}

        def compiled(self: Any, source: Any, name: Any = None, filename: Any = None, *more: Any) -> Any:
            if not str(filename).startswith(_STOCK):
                return compile_(self, source, name, filename, *more)
            key = (source, name, filename, *more)
            if key not in known:
                known[key] = compile_(self, source, name, filename, *more)
            return known[key]

        def parsed(self: Any, source: str) -> Any:
            if source not in trees:
                trees[source] = parse(self, source)
            return trees[source]

        patch.setattr(jinja2.Environment, "compile", compiled)
        patch.setattr(jinja2.Environment, "parse", parsed)
        patch.setitem(compress._WAYS, ".br", lambda data: bytes(brotli.compress(data, quality=1)))
        patch.setattr(zoneinfo, "available_timezones", zones)
        patch.setitem(cast(dict[str, Any], apart.each.__kwdefaults__), "few", 100)
        patch.setattr(making, "_FEW", 100)
        yield


class Desk:
    """A blog that is edited and built again and again, with what its builds remember."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.out, self.cache = root / "site", root / "cache"
        self.draft = first()
        self.folder = Folder(root / "blog")
        self._past = [self.draft.copy()]
        self._sound = self.draft.copy()
        self.folder.follow(self.draft)
        assert self.check()

    def play(self, step: Step) -> None:
        """Take *step*, build, and compare; what cannot be built is taken back, most times."""
        self._do(step)
        if self.check():
            self._sound = self.draft.copy()
        elif step.two % 4:
            self._follow(self._sound)
            assert self.check()

    def again(self) -> None:
        """Write down what has become of the draft, build, and compare."""
        self.folder.follow(self.draft)
        assert self.check()

    def file(self, name: str, data: str | bytes | None) -> None:
        """Write a file (None: take it away), build, and compare."""
        self.draft.files.pop(name, None)
        if data is not None:
            self.draft.files[name] = data.encode() if isinstance(data, str) else data
        self.again()

    def check(self) -> bool:
        """Build, and compare with a build from nothing; tell whether there is a site."""
        before, numbers = files_of(self.out), numbers_of(self.out)
        told, manifest = self.built(self.out, self.cache)
        clean, cleanly = self._from_nothing()
        assert told == clean
        after = files_of(self.out)
        if isinstance(told, str):
            assert (after, numbers_of(self.out)) == (before, numbers)
            return False
        fresh = self.root / "fresh/site"
        assert_same(after, files_of(fresh))
        assert folders_of(self.out) == folders_of(fresh)
        assert manifest in (None, cleanly)
        now = numbers_of(self.out)
        same = [name for name, data in before.items() if name in numbers and after.get(name) == data]
        assert {name: now[name] for name in same} == {name: numbers[name] for name in same}
        return True

    def built(self, out: Path, cache: Path, **more: Any) -> tuple[Told, object]:
        """Build the draft; return what the build tells, and the addresses."""
        now = dt.datetime.fromisoformat(self.draft.now).replace(tzinfo=dt.UTC)
        try:
            report: BuildReport = website.build(
                config.load(self.folder.path / "blog.toml"), out, now=now, cache=cache, **more
            )
        except OpsError as error:
            return str(error), None
        return dict(facts_of(report)), report.manifest

    def _from_nothing(self) -> tuple[Told, object]:
        shutil.rmtree(self.root / "fresh", ignore_errors=True)
        return self.built(self.root / "fresh/site", self.root / "fresh/cache")

    def _do(self, step: Step) -> None:
        one, two = step.one, step.two
        if step.what in EDITS:
            EDITS[step.what](self.draft, one, two)
            self._past.append(self.draft.copy())
            self.folder.follow(self.draft, keeps_times=step.what == "sneak")
        elif step.what == "undo":
            self._follow(self._past[-1 - one % len(self._past)])
        elif step.what == "touch":
            self.folder.touch(one)
        elif step.what == "wait":
            time.sleep(0.03)  # Until a change would show as another state of the file.
            self.built(self.out, self.cache)
        elif step.what == "damage":
            damage(self.cache, one, two)
        elif step.what == "meddle":
            meddle(self.out, one, two)
        elif step.what == "preview":
            self.built(
                self.root / ("preview", "else/site")[one % 2],
                self.cache,
                preview=True,
                keep_going=two % 2 == 0,
            )
        elif step.what == "move":
            self.folder.move(self.root / f"blog{one}")
        elif step.what == "meanwhile":
            self._edited_meanwhile(one, two)
        else:
            assert step.what == "again"

    def _follow(self, draft: Any) -> None:
        self.draft = draft.copy()
        self.folder.follow(self.draft)

    def _edited_meanwhile(self, one: int, two: int) -> None:
        """Edit a text while it is read, another one and all."""
        EDITS["text"](self.draft, one, two)
        self.folder.follow(self.draft)

        def edit(what: str, number: int, of: int) -> None:
            EDITS["sneak"](self.draft, one + number, two)
            self.folder.follow(self.draft, keeps_times=True)

        self.built(self.out, self.cache, progress=edit)


def assert_same(mine: dict[str, bytes], clean: dict[str, bytes]) -> None:
    """Compare two trees, and name the files first: whole sites are no help to read."""
    assert sorted(mine) == sorted(clean)
    other = [name for name in clean if mine[name] != clean[name]]
    if other:
        name = min(other, key=lambda each: (not each.endswith((".html", ".xml", ".json")), each))
        assert (name, mine[name].decode("utf-8", "replace")) == (
            name,
            clean[name].decode("utf-8", "replace"),
        ), other


@contextmanager
def desk() -> Iterator[Desk]:
    """Yield a blog in a folder of its own."""
    root = Path(tempfile.mkdtemp(prefix="blogops-truth-"))
    try:
        yield Desk(root)
    finally:
        shutil.rmtree(root)


_OTHERS = ("undo", "touch", "wait", "damage", "meddle", "preview", "move", "meanwhile", "again")
_TWICE = ("field", "field", "field", "setting", "setting", "setting", "template", "template", "link", "undo")
_NUMBERS = st.integers(0, 23)
_STEPS = st.builds(Step, st.sampled_from((*EDITS, *_OTHERS, *_TWICE)), _NUMBERS, _NUMBERS)


@settings(
    max_examples=SCRIPTS or 14,
    derandomize=not SCRIPTS,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(_STEPS, min_size=16, max_size=20))
def test_any_script_of_edits_gives_what_a_build_from_nothing_gives(script: list[Step]) -> None:
    with desk() as one:
        for step in script:
            one.play(step)


def test_a_folder_that_moves_takes_its_pictures_along() -> None:
    with desk() as one:
        one.play(Step("move", 1))


def test_what_a_filter_makes_of_a_constant_is_not_kept_when_the_filter_changes() -> None:
    with desk() as one:
        one.file("templates/post.html", SHOUTED)
        one.file("extensions/mine.py", FILES["extensions/mine.py"][1])


def test_one_moment_told_in_another_way_is_another_date() -> None:
    with desk() as one:
        one.file("templates/post.html", OWN.replace("SHOWN", "{{ older.date if older }}{{ entry.date }}"))
        for date in ("2026-02-01 09:00 +0100", "2026-02-01 08:00 +0000", "2026-02-01 13:00 +0500"):
            one.draft.posts["b.rst"].fields["date"] = date
            one.again()


def test_fields_in_another_order_are_other_fields() -> None:
    shown = "{% if older %}{% for name in older.fields %}{{ name }}{% endfor %}{% endif %}"
    with desk() as one:
        one.file("templates/post.html", OWN.replace("SHOWN", shown))
        for post in one.draft.posts.values():
            post.fields = dict(reversed(post.fields.items()))
        one.again()


def test_a_filter_that_looks_at_all_of_an_entry_shows_all_of_it() -> None:
    with desk() as one:
        one.file("templates/post.html", OWN.replace("SHOWN", "{{ older|spilled if older }}"))
        one.draft.posts["a.rst"].title = "Another"
        one.again()
        one.draft.posts["b.rst"].paragraphs[0] = "Many more words than there were before."
        one.again()


def test_an_empty_template_is_another_than_none() -> None:
    with desk() as one:
        one.file("templates/card-0.html", "Even.")
        one.file("templates/post.html", OWN.replace("SHOWN", "{% include ['note.html', 'card-0.html'] %}"))
        one.file("templates/note.html", "")
        one.file("templates/note.html", None)


def test_a_compressed_twin_of_ones_own_comes_and_goes() -> None:
    with desk() as one:
        one.draft.settings["build", "compress"] = True
        one.file("content/static/data.json", b"[1, 2, 3]" * 100)
        for data in (b"by hand", b"by another", None, b"by hand", None):
            one.file("content/static/data.json.gz", data)


def test_what_a_preview_forgot_is_read_again() -> None:
    with desk() as one:
        one.draft.posts["a.rst"].paragraphs[0] = "Another text."
        one.folder.follow(one.draft)
        one.built(one.root / "preview", one.cache, preview=True)
        one.draft = first()
        one.again()


def test_what_other_code_kept_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with desk() as one:
        with store.Store(one.cache / store.DATABASE) as kept:
            names = kept.names("")
            for name in names - kept.names("text/"):  # What these are named after tells of the code.
                kept.put(name, b"What this code does not understand.")
            kept.commit()
        monkeypatch.setattr(versioning, "_OURS", ("website",))
        versioning.versions.cache_clear()
        try:
            one.again()
        finally:
            versioning.versions.cache_clear()


def test_hidden_and_linked_templates_and_extensions_are_seen() -> None:
    with desk() as one:
        one.file("shared/note.html", "A note.")
        (one.folder.path / "templates/shared").symlink_to("../shared")
        one.file("templates/.hidden.html", "Hidden.")
        shown = "{% include '.hidden.html' %}{% include 'shared/note.html' %}"
        one.file("templates/post.html", OWN.replace("SHOWN", shown))
        for name in ("templates/.hidden.html", "shared/note.html"):
            time.sleep(0.05)  # So that the next builds may trust what they saw.
            one.again()
            one.again()
            one.file(name, f"Another {name}.")


def test_a_picture_changed_within_one_tick_of_the_clock_of_files_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two files of one size have one state where the clock stands still."""
    state = sweep._state
    monkeypatch.setattr(
        sweep,
        "_state",
        lambda found, *, is_link: state(found, is_link=is_link)._replace(modified=0, changed=_HOURS),
    )
    monkeypatch.setattr(sweep, "_TICK", 10 * _HOURS)
    monkeypatch.setattr(sweep, "_SLOW_TICK", 10 * _HOURS)
    with desk() as one:
        one.draft.settings["images", "variants"] = True
        for colour in ("blue", "green", "red"):
            one.file("content/images/a.png", png(colour))
            EDITS["sneak"](one.draft, 0, 0)
            one.again()


_HOURS = time.time_ns()


def _killed_at(number: int) -> None:
    """Let this process be killed at the *number*-th call of what writes something."""
    left = number

    def deadly(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*given, **named)

        return counted

    # Each row in a stroke of its own: more moments between them than there ever are.
    patch = pytest.MonkeyPatch()
    patch.setattr(store, "_WRITTEN_AT", 1)
    for owner, name in (
        *((Path, each) for each in ("replace", "unlink", "mkdir", "rmdir", "write_bytes")),
        *((store.Store, each) for each in ("put", "commit")),
        *((Tree, each) for each in ("lay", "settle", "abandon")),
    ):
        patch.setattr(owner, name, deadly(getattr(owner, name)))


def _killed(one: Desk, prepare: Callable[[], None], seconds: float | None = None) -> int:
    """Build in a child that is killed after *seconds*, if there are any; return how it ended."""
    child = os.fork()
    if child == 0:
        try:
            prepare()
            one.built(one.out, one.cache)
        finally:
            os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)  # One that has ended is there until it is waited for.
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _edited(one: Desk, number: int) -> None:
    """Change what many pages show; from time to time, leave nothing of before."""
    names = sorted(one.draft.posts)
    one.draft.posts[names[number % len(names)]].title = f"Title {number}"
    for step in (
        *(Step("retag", number, number), Step("link", number, number), Step("redate", number, number % 5)),
        Step("image", 2, 1 + number % 2),
    ):
        EDITS[step.what](one.draft, step.one, step.two)
    if number % 5 == 4:
        shutil.rmtree(one.out)
        shutil.rmtree(one.cache)
    one.folder.follow(one.draft)


def test_a_build_that_is_killed_at_any_call_leaves_nothing_false() -> None:
    ends = set()
    with desk() as one:
        for number in range(0, 88, 4):
            _edited(one, number)
            ends.add(_killed(one, functools.partial(_killed_at, number)))
            assert one.check()
    assert -signal.SIGKILL in ends


def test_a_build_that_is_killed_at_any_time_leaves_nothing_false() -> None:
    with desk() as one:
        began = time.monotonic()
        assert _killed(one, lambda: None, 0) in (0, -signal.SIGKILL)
        one.again()
        whole = time.monotonic() - began
        for number in range(16):
            _edited(one, number)
            _killed(one, lambda: None, whole * number / 16)
            assert one.check()


def test_a_text_that_was_refused_for_what_it_includes_is_read_when_that_is_mended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "_LARGEST_HTML", 5000)
    with desk() as one:
        preview, page = one.root / "preview", one.root / "preview/c.html"
        one.draft.posts["essays/c.rst"].fields["slug"] = "c"
        for text, is_shown in (("Short.", True), ("Long. " * 1000, False), ("Short.", True)):
            one.draft.files["content/parts/x.inc"] = text.encode()
            one.draft.posts["essays/c.rst"].paragraphs = [LINKS[9]]
            one.folder.follow(one.draft)
            told, _ = one.built(preview, one.cache, preview=True, keep_going=True)
            assert isinstance(told, dict), told
            assert page.exists() == is_shown


@pytest.mark.parametrize("elsewhere", ["in a build that fails", "in a preview"])
def test_a_text_shows_what_it_includes_now_and_not_what_it_included_elsewhere(elsewhere: str) -> None:
    with desk() as one:
        sound = one.draft.copy()
        one.draft.files["content/parts/x.inc"] = b"Included once, and elsewhere."
        if elsewhere == "in a preview":
            one.folder.follow(one.draft)
            one.built(one.root / "preview", one.cache, preview=True)
        else:
            one.draft.posts["a.rst"].fields["date"] = "never"
            one.folder.follow(one.draft)
            assert isinstance(one.built(one.out, one.cache)[0], str)
        one.draft = sound
        one.draft.posts["b.rst"].fields["slug"] = "elsewhere"  # All links are settled anew.
        one.again()
