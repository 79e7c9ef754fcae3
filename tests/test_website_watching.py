"""Which fields of an entry are read while a page is made."""

import copy
import dataclasses
import datetime as dt

import pytest

from blogops.website import watching
from blogops.website.model import Entry, Label, Place, Plain, Source


def entry() -> Entry:
    return Entry(
        source=Source("/blog/content/a.rst", "a.rst", "content/a.rst", page=False),
        title="A",
        subtitle="",
        slug="a",
        lang="en",
        status="published",
        is_out=True,
        date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        modified=None,
        expires=None,
        category=Label("category", "misc", "misc", None),
        tags=(),
        authors=(),
        series=None,
        place=Place("/a.html", "a.html"),
        identity="urn:a",
        translation=False,
        template="",
        fields={},
        aliases=(),
        words=1,
        minutes=1,
        body=Plain(),
    )


def read(made: Entry, *names: str) -> set[str]:
    """Return which fields were read when *names* were asked for."""
    with watching.watched([made]), watching.Noting() as reads:
        for name in names:
            getattr(made, name)
    bits = reads.get("a.rst", 0)
    return {name for name, bit in watching._BITS.items() if bits & bit}


def test_each_field_that_is_read_is_noted() -> None:
    made = entry()
    for field in dataclasses.fields(Entry):
        assert read(made, field.name) == {field.name}
    assert read(made) == set()


def test_what_is_worked_out_of_fields_counts_as_these() -> None:
    assert read(entry(), "url") == {"place"}
    assert read(entry(), "html") == {"body"}
    assert read(entry(), "changed") == {"modified", "date"}
    assert read(entry(), "labels") == {"category", "tags", "authors", "series"}


@pytest.mark.parametrize("look", [vars, copy.copy, lambda made: made.__dict__])
def test_whoever_looks_at_all_of_it_reads_all(look: object) -> None:
    assert callable(look)
    made = entry()
    with watching.watched([made]), watching.Noting() as reads:
        look(made)
    assert reads == {"a.rst": -1}


def test_an_entry_stays_what_it_is() -> None:
    made = entry()
    before = dict(vars(made))
    with watching.watched([made]):
        assert isinstance(made, Entry)
        assert dict(vars(made)) == before
        assert vars(dataclasses.replace(made, title="B")) == {**before, "title": "B"}
        with pytest.raises(dataclasses.FrozenInstanceError):
            made.title = "C"  # type: ignore[misc]
    assert type(made) is Entry
    assert dict(vars(made)) == before


def test_what_is_read_inside_counts_outside_too() -> None:
    made = entry()
    with watching.watched([made]), watching.Noting() as outer:
        with watching.Noting() as inner:
            made.title  # noqa: B018
        made.lang  # noqa: B018
    assert inner == {"a.rst": watching._BITS["title"]}
    assert outer["a.rst"] & watching._BITS["title"]
    assert outer["a.rst"] & watching._BITS["lang"]
