"""Compression once and for all: right, smaller, the same everywhere, and counted."""

import hashlib
import random
import subprocess
import sys
import zlib
from pathlib import Path

import brotli
import pytest

from blogops.website import compress
from blogops.website.compress import LEAST
from blogops.website.digests import digest

WORDS = "the goat eats what the gardener planted in the morning sun élevage".split()


def text(seed: int, words: int = 400) -> bytes:
    chosen = random.Random(seed)  # noqa: S311
    return " ".join(chosen.choice(WORDS) for _ in range(words)).encode()


def compressed(site: dict[str, bytes], cache: Path | None) -> dict[str, bytes]:
    """Return the compressed twins of a *site*, as a build makes them."""
    texts = {name: data for name, data in site.items() if compress.is_text(name)}
    found = {name: compress.twins(data, cache) for name, data in texts.items()}
    if cache:
        compress.forget(cache, map(digest, texts.values()))
    return {name + ending: data for name, twins in found.items() for ending, data in twins.items()}


def entries(cache: Path) -> dict[str, int]:
    """Return each file of *cache* and its inode: another inode is another writing."""
    return {path.name: path.stat().st_ino for path in cache.rglob("*") if path.is_file()}


SITE = {f"post-{number}.html": text(number) for number in range(8)}


def test_each_text_is_there_twice_and_is_itself() -> None:
    found = compressed(SITE, None)
    assert sorted(found) == sorted(name + ending for name in SITE for ending in (".gz", ".br"))
    for name, data in SITE.items():
        assert (
            zlib.decompress(found[f"{name}.gz"], wbits=31) == data == brotli.decompress(found[f"{name}.br"])
        )
        assert len(found[f"{name}.br"]) < len(found[f"{name}.gz"]) < len(data)


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        *(
            (f"a.{kind}", text(1), True)
            for kind in ("html", "css", "js", "xml", "json", "svg", "txt", "HTML")
        ),
        *(
            (f"a.{kind}", text(1), False)
            for kind in ("jpg", "png", "webp", "avif", "woff2", "pdf", "ico", "gz")
        ),
        ("html", text(1), False),
        ("small.html", text(1)[: LEAST - 1], False),
        ("enough.html", text(1)[:LEAST], True),
        ("noise.txt", random.Random(1).randbytes(4000), False),  # noqa: S311
        ("empty.html", b"", False),
    ],
)
def test_what_is_worth_it(name: str, data: bytes, wanted: bool) -> None:
    assert bool(compressed({name: data}, None)) is wanted


def test_the_header_of_gzip_names_no_machine_and_no_time() -> None:
    # RFC 1952: deflate, no flags, no time, best compression, Unix; Python 3.13's gzip.compress ends in 255.
    assert compressed({"a.html": text(1)}, None)["a.html.gz"][:10] == b"\x1f\x8b\x08\0\0\0\0\0\x02\x03"


def test_bytes_as_measured_on_debian_12_and_13() -> None:
    """zlib 1.2.13 and 1.3.1 agree; another one (zlib-ng) would be seen here."""
    found = compressed({"a.html": text(1, 20_000)}, None)
    digests = {name: hashlib.sha256(data).hexdigest()[:16] for name, data in found.items()}
    assert digests == {"a.html.gz": "880f690774c771fb", "a.html.br": "fee69ff0ec1d3435"}


def test_only_what_changed_is_compressed_again(tmp_path: Path) -> None:
    first = compressed(SITE, tmp_path)
    before = entries(tmp_path)
    assert len(before) == 2 * len(SITE)
    assert compressed(SITE, tmp_path) == first == compressed(SITE, None)
    assert entries(tmp_path) == before
    compressed(SITE | {"post-3.html": text(99)}, tmp_path)
    after = entries(tmp_path)
    assert len(after) == len(before)
    assert len(set(after.items()) - set(before.items())) == 2


def test_the_same_text_at_two_addresses_is_kept_once(tmp_path: Path) -> None:
    found = compressed({"a.html": text(1), "b.html": text(1)}, tmp_path)
    assert len(found) == 4
    assert len(entries(tmp_path)) == 2


def test_what_would_grow_is_remembered_too(tmp_path: Path) -> None:
    noise = {"noise.txt": random.Random(1).randbytes(4000)}  # noqa: S311
    assert compressed(noise, tmp_path) == {}
    before = entries(tmp_path)
    assert len(before) == 2
    assert compressed(noise, tmp_path) == {}
    assert entries(tmp_path) == before


def test_what_is_needed_no_more_is_removed(tmp_path: Path) -> None:
    compressed(SITE, tmp_path)
    compressed({"post-3.html": SITE["post-3.html"]}, tmp_path)
    assert len(entries(tmp_path)) == 2
    compressed({}, tmp_path)
    assert entries(tmp_path) == {}


@pytest.mark.parametrize("harm", ["cut", "change", "empty"])
def test_a_damaged_entry_is_made_again(tmp_path: Path, harm: str) -> None:
    first = compressed(SITE, tmp_path)
    whole = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for path, data in whole.items():
        damaged = {"cut": data[:-1], "change": data[:40] + b"!!!" + data[43:], "empty": b""}
        path.write_bytes(damaged[harm])
    assert compressed(SITE, tmp_path) == first
    assert {path: path.read_bytes() for path in whole} == whole


def test_a_cache_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    from blogops.errors import Failed

    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Failed, match="cannot be kept"):
        compressed(SITE, tmp_path / "file" / "cache")


def test_other_processes_give_the_same_bytes() -> None:
    code = (
        "import hashlib, test_website_compress as t;"
        "found = sorted(t.compressed(t.SITE, None).items());"
        "print(hashlib.sha256(repr(found).encode()).hexdigest())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parent,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[1])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
