"""What builds remember: rows that are whole, or none."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_website_build import Blog

from blogops.website import store as storing
from blogops.website.store import DATABASE, Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / DATABASE


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    made = Blog(tmp_path)
    for number in range(4):
        made.post(f"p{number}.rst", f":date: 2026-01-0{number + 1}")
    return made


@pytest.fixture
def held(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold the database as another process does that is in the middle of writing it."""
    kept(path, one=b"1")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield other
    other.close()


def kept(path: Path, **rows: bytes) -> None:
    """Write *rows*."""
    with Store(path) as store:
        for name, data in rows.items():
            store.put(name, data)
        store.commit()


def found(path: Path, *names: str) -> list[bytes | None]:
    """Return what a new process finds."""
    with Store(path) as store:
        return [store.get(name) for name in names]


def harm(path: Path, change: str, *values: object) -> None:
    """Change the database behind the store's back."""
    with sqlite3.connect(path) as connection:
        connection.execute(change, values)
    connection.close()


def test_what_is_put_is_there_from_the_next_commit_on(path: Path) -> None:
    with Store(path) as store:
        store.put("a", b"1")
        assert (store.get("a"), found(path, "a")) == (b"1", [None])
        store.commit()
        assert found(path, "a") == [b"1"]
        store.put("a", b"2")
    assert found(path, "a") == [b"1"]


def test_much_is_written_before_it_fills_the_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "_WRITTEN_AT", 100)
    with Store(path) as store:
        store.put("a", b"x" * 60)
        assert found(path, "a") == [None]
        store.put("b", b"x" * 60)
        assert found(path, "a", "b") == [b"x" * 60, b"x" * 60]


def test_rows_are_forgotten_with_the_same_stroke(path: Path) -> None:
    kept(path, a=b"1", b=b"2")
    with Store(path) as store:
        store.put("c", b"3")
        store.commit(forget=["a", "nowhere"])
    assert found(path, "a", "b", "c") == [None, b"2", b"3"]


def test_names_are_those_with_the_prefix(path: Path) -> None:
    kept(path, **{"text/a": b"", "text/ü": b"", "textile": b"", "page": b""})
    with Store(path) as store:
        store.put("text/new", b"")
        assert store.names("text/") == {"text/a", "text/ü", "text/new"}


def test_without_a_file_it_lasts_as_long_as_the_object() -> None:
    with Store() as store:
        store.put("a", b"1")
        store.commit()
        assert store.get("a") == b"1"


@pytest.mark.parametrize("number", [0, 8, 15, 16, 40, -1])
def test_a_row_with_another_bit_is_missing_and_the_others_stay(path: Path, number: int) -> None:
    kept(path, a=b"some bytes that matter " * 2, b=b"2")
    with sqlite3.connect(path) as connection:
        data = bytearray(connection.execute("SELECT data FROM kept WHERE name = 'a'").fetchone()[0])
        data[number] ^= 1
        connection.execute("UPDATE kept SET data = ? WHERE name = 'a'", (bytes(data),))
    connection.close()
    assert found(path, "a", "b") == [None, b"2"]
    kept(path, a=b"again")
    assert found(path, "a", "b") == [b"again", b"2"]


@pytest.mark.parametrize("row", [b"", b"short", "text", 7])
def test_what_is_no_row_of_ours_is_missing(path: Path, row: object) -> None:
    kept(path, a=b"1", b=b"2")
    harm(path, "UPDATE kept SET data = ? WHERE name = 'a'", row)
    assert found(path, "a", "b") == [None, b"2"]


def test_the_row_of_another_name_is_missing(path: Path) -> None:
    kept(path, a=b"1", b=b"2")
    harm(path, "UPDATE kept SET data = (SELECT data FROM kept WHERE name = 'b')")
    assert found(path, "a", "b") == [None, b"2"]


@pytest.mark.parametrize("data", [b"", b"no database, whatever its name says " * 99, bytes(8192), b"SQLite"])
def test_a_file_that_is_no_database_is_made_anew(path: Path, data: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(data)
    assert found(path, "a") == [None]
    kept(path, a=b"1")
    assert found(path, "a") == [b"1"]


def test_another_table_of_that_name_is_made_anew(path: Path) -> None:
    kept(path, a=b"1")
    harm(path, "ALTER TABLE kept RENAME COLUMN data TO other")
    assert found(path, "a") == [None]
    kept(path, a=b"2")
    assert found(path, "a") == [b"2"]


def test_whatever_bytes_are_harmed_nothing_false_is_found_and_it_heals(path: Path) -> None:
    rows = {f"row {number}": bytes([number]) * (20 + 40 * number) for number in range(60)}
    kept(path, **rows)
    good = path.read_bytes()
    # Behind the header, one of whose bytes makes a file read-only: that is slow for ever, and true.
    for start in range(100, len(good), 1009):
        path.write_bytes(
            good[:start] + bytes(byte ^ 0xFF for byte in good[start : start + 5]) + good[start + 5 :]
        )
        assert all(one in (None, rows[name]) for name, one in zip(rows, found(path, *rows), strict=True))
        for _ in range(3):
            kept(path, new=b"new")
        assert found(path, "new") == [b"new"], start


@pytest.mark.parametrize("part", [0.01, 0.3, 0.5, 0.99])
def test_a_file_that_was_cut_gives_nothing_false_and_heals(path: Path, part: float) -> None:
    rows = {f"row {number}": bytes([number]) * (20 + 40 * number) for number in range(60)}
    kept(path, **rows)
    os.truncate(path, int(path.stat().st_size * part))
    assert all(one in (None, rows[name]) for name, one in zip(rows, found(path, *rows), strict=True))
    for _ in range(3):
        kept(path, new=b"new")
    assert found(path, "new") == [b"new"]


def test_clear_leaves_nothing(path: Path) -> None:
    with Store(path) as store:
        store.put("a", b"1")
        store.commit()
        store.put("b", b"2")
        store.clear()
        assert (store.get("a"), store.get("b")) == (None, None)
        store.put("c", b"3")
        store.commit()
    assert found(path, "a", "b", "c") == [None, None, b"3"]


def test_a_child_reads_it_and_leaves_it_as_it_is(path: Path) -> None:
    kept(path, a=b"1")
    with Store(path) as store:
        store.put("waiting", b"2")
        child = os.fork()
        if child == 0:
            seen = (store.get("a"), store.get("waiting"), store.get("b"))
            store.close()
            os._exit(0 if seen == (b"1", b"2", None) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        store.commit()
        assert (store.get("a"), store.get("waiting")) == (b"1", b"2")


def test_a_child_that_finds_it_damaged_leaves_it_to_its_parent(path: Path) -> None:
    kept(path, a=b"1")
    with Store(path) as store:
        child = os.fork()
        if child == 0:
            store.get("a")
            store.clear()
            os._exit(0 if store.get("a") is None else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert store.get("a") == b"1"
    assert found(path, "a") == [b"1"]


def test_a_database_of_another_process_is_waited_for_and_left_alone(
    path: Path, held: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "_BUSY", 0.01)
    with Store(path) as store:
        assert store.get("one") is None
        store.put("two", b"2")
        store.commit()
        assert store.get("two") == b"2"
        store.clear()
    held.execute("COMMIT")
    assert found(path, "one", "two") == [b"1", None]


def test_a_build_beside_another_process_is_whole(
    blog: Blog, path: Path, held: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "_BUSY", 0.01)
    cache = blog.folder / "out.cache"
    path.parent.rename(cache)
    assert blog.build().work.parsed == 4
    assert blog.build().work.parsed == 4
    held.execute("COMMIT")
    assert found(cache / DATABASE, "one") == [b"1"]


@pytest.mark.parametrize("setting", ["query_only = ON", "max_page_count = 1"])
def test_a_full_or_read_only_place_is_read_and_stops_no_build(
    blog: Blog, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog.build()
    connect = storing._connect

    def limited(path: Path | None) -> sqlite3.Connection:
        made = connect(path)
        # Smaller than it is cannot be had; then no page may come.
        made.execute(f"PRAGMA {setting}")
        made.execute("PRAGMA cache_size = 0")
        return made

    monkeypatch.setattr(storing, "_connect", limited)
    blog.post("p1.rst", ":date: 2026-01-02", "Other. " * 5000)
    assert blog.build().work.parsed == 1
    assert "Other." in blog.page("p1.html")


def test_a_place_that_is_none_stops_no_build(blog: Blog) -> None:
    (blog.folder / "out.cache" / DATABASE).mkdir(parents=True)
    assert blog.build().work.parsed == 4
    blog.post("p1.rst", ":date: 2026-01-02", "Other.")
    assert blog.build().posts == 4
    assert "Other." in blog.page("p1.html")
