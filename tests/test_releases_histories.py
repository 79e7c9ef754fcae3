"""Where a rollback goes, over histories written by hand and at random, beside a model of a few lines."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blogops.errors import Refused
from blogops.releases import (
    Attempt,
    Keep,
    Layout,
    Ledger,
    Outcome,
    Run,
    attempt,
    finished,
    live_id,
    prune,
    roll_back,
    rollback,
    switch,
)

ME = Run(who="me", reason="by hand")


@dataclass
class Blog:
    """A blog whose releases are made in a word each: what they hold does not matter here."""

    layout: Layout
    count: int = 0
    names: dict[str, str] = field(default_factory=dict)

    def make(self, letter: str) -> str:
        """Make a whole release, as a stage leaves it, and return its id."""
        self.count += 1
        name = f"{self.count:06d}-20260101T000000Z-{self.count:08x}"
        self.layout.public(name).mkdir(parents=True)
        (self.layout.release(name) / "release.json").write_text(json.dumps({"id": name, "content": letter}))
        self.names[letter] = name
        return name

    def write(self, outcome: Outcome, **facts: str) -> None:
        line = {"time": "2026-01-01T00:00:00Z", "task": "t", "who": "me", "reason": "r", "outcome": outcome}
        Ledger(self.layout.ledger).append(Attempt.from_json(json.dumps(line | facts), 0))

    def act(self, word: str) -> None:
        """Do what *word* says: a letter deploys, "-a" is a build that failed, "!a" a release that was not
        healthy, "?a" one that waits, "<" a rollback, "<a" one to *a*, "xa" a release that was pruned, "~a" a
        deploy that was killed after its switch, "@a" a touch that makes *a* the newest by its time.
        """
        sign, letter = word[0], word[1:]
        if sign != "<":
            with attempt(self.layout, "rebuild", ME) as journal:
                finished(journal)  # as every run begins
        live = live_id(self.layout)
        if sign == "-":
            self.write(Outcome.FAILED, before=live)
        elif sign == "!":
            self.write(Outcome.REVERTED, before=live, release=self.make(letter))
        elif sign == "?":
            self.write(Outcome.WAITING, before=live, release=self.make(letter))
        elif sign == "<":
            roll_back(self.layout, ME, to=self.names[letter] if letter else "")
        elif sign == "x":
            for path in sorted(self.layout.release(self.names[letter]).rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            self.layout.release(self.names[letter]).rmdir()
        elif sign == "@":
            (self.layout.release(self.names[letter]) / "touched").touch()
        elif sign == "~":
            switch(self.layout, self.make(letter))
        else:
            name = self.make(word)
            switch(self.layout, name)
            self.write(Outcome.PUBLISHED, before=live, release=name)

    def live(self) -> str:
        """Return the letter of the live release."""
        return next((letter for letter, name in self.names.items() if name == live_id(self.layout)), "")


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(_layout(tmp_path))


def _layout(root: Path) -> Layout:
    layout = Layout(root)
    layout.prepare()
    return layout


# What happened, and which release is live after one more rollback; "" where it is refused.
HISTORIES = (
    ("", ""),
    ("a", ""),
    ("a b", "a"),
    ("a b c", "b"),
    ("a b c <", "a"),
    ("a b c < <", ""),
    ("a b c <a", ""),
    ("a b c <a <b", "a"),
    ("a b c <a <c", "b"),
    ("a b < c", "a"),
    ("a b < c d", "c"),
    ("a b < c <", ""),
    ("a b c < d", "b"),
    ("a b c < d <", "a"),
    ("a b c < < d", "a"),
    # What failed, was not healthy, or waits, was never live.
    ("a b -", "a"),
    ("a - b", "a"),
    ("a !b", ""),
    ("a b !c", "a"),
    ("a !b c", "a"),
    ("a !b !c d", "a"),
    ("a ?b", ""),
    ("a ?b c", "a"),
    ("a b < ?c", ""),
    ("a b < ?c d", "a"),
    ("a b < ?c <c", "a"),
    # What was pruned is not there; file times say nothing.
    ("a b c xb", "a"),
    ("a b c xa xb", ""),
    ("a b c @a", "b"),
    ("a b c @a < @c", "a"),
    # A run that was killed between its switch and its line.
    ("a ~b", "a"),
    ("a b ~c", "b"),
    ("a b < ~c", "a"),
    ("~a", ""),
    ("~a ~b", "a"),
    # Forward, and back again.
    ("a b c < <c", "b"),
    ("a b c d <b <d", "c"),
    ("a b c d <b <", ""),
)


@pytest.mark.parametrize(("history", "expected"), HISTORIES)
def test_a_rollback_goes_where_it_should(blog: Blog, history: str, expected: str) -> None:
    check_history(blog, history, expected)


def check_history(blog: Blog, history: str, expected: str) -> None:
    for word in history.split():
        blog.act(word)
    before, names = blog.live(), set(blog.layout.releases.iterdir())
    if expected:
        blog.act("<")
        assert blog.live() == expected
    else:
        with pytest.raises(Refused):
            blog.act("<")
        assert blog.live() == before
    assert set(blog.layout.releases.iterdir()) == names  # nothing was deleted


def deployers_choice(layout: Layout, ledger: Ledger, *, live: str, to: str = "", steps: int = 1) -> str:
    """Return the entry before the live one in the list of all releases, finished or not, as Deployer does."""
    there = sorted(path.name for path in layout.releases.iterdir())
    before = there[: there.index(live)] if live in there else there
    if not before:
        raise Refused("no earlier release")
    return to or before[-1]


def minas_choice(layout: Layout, ledger: Ledger, *, live: str, to: str = "", steps: int = 1) -> str:
    """Return the second newest by number (``ls -1A | sort -n | tail -n 2 | head -n 1``)."""
    return to or sorted(path.name for path in layout.releases.iterdir())[-2:][0]


def capistranos_choice(layout: Layout, ledger: Ledger, *, live: str, to: str = "", steps: int = 1) -> str:
    """Return the second newest by file time (``ls -xt``)."""
    there = sorted(layout.releases.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return to or there[1].name


@pytest.mark.parametrize("choice", [deployers_choice, minas_choice, capistranos_choice])
def test_the_choice_of_others_is_found_out(tmp_path: Path, choice: object) -> None:
    found = []
    with patch.object(rollback, "rollback_target", choice):
        for number, (history, expected) in enumerate(HISTORIES):
            try:
                check_history(Blog(_layout(tmp_path / str(number))), history, expected)
            except (AssertionError, Exception, pytest.fail.Exception):
                found.append(history)
    assert len(found) >= 3, found


@dataclass
class Model:
    """All that a rollback has to know, and nothing else."""

    way: list[str] = field(default_factory=list)  # what went live, the last last
    bad: set[str] = field(default_factory=set)
    there: set[str] = field(default_factory=set)

    def target(self) -> str:
        live = self.way[-1] if self.way else ""
        earlier = self.way[: self.way.index(live)] if live else []
        good = [name for name in earlier if name in self.there and name not in self.bad and name != live]
        return good[-1] if good else ""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.sampled_from("deploy fail sick wait back prune kill".split()), max_size=14))
def test_random_histories_go_where_the_model_does(
    tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    blog, model = Blog(_layout(tmp_path_factory.mktemp("history"))), Model()
    letters = _letters()
    for word in words:
        _play(blog, model, word, letters)
        assert blog.live() == (model.way[-1] if model.way else "")
    target = model.target()
    if target:
        blog.act("<")
        assert blog.live() == target
    else:
        with pytest.raises(Refused):
            blog.act("<")


def _letters() -> Iterator[str]:
    yield from (f"r{number}" for number in range(100))


def _play(blog: Blog, model: Model, word: str, letters: Iterator[str]) -> None:
    live = model.way[-1] if model.way else ""
    if word in ("deploy", "kill", "sick", "wait"):
        letter = next(letters)
        blog.act({"deploy": "", "kill": "~", "sick": "!", "wait": "?"}[word] + letter)
        model.there.add(letter)
        if word in ("deploy", "kill"):
            model.way.append(letter)
        elif word == "sick":
            model.bad.add(letter)
    elif word == "fail":
        blog.act("-")
    elif word == "back" and (target := model.target()):
        blog.act("<")
        model.bad.add(live)
        model.way.append(target)
    elif word == "prune":
        prune(
            blog.layout,
            Ledger(blog.layout.ledger),
            live=live_id(blog.layout),
            keep=Keep(by_hand=2, scheduled=1),
        )
        model.there = {name for name in model.there if blog.layout.release(blog.names[name]).is_dir()}
        assert not live or live in model.there
