"""``blogops plan``: what a deploy would change, and nothing changed by asking."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from running import blogops, ended

from blogops.releases import Layout, live_id
from blogops.releases.changes import files_in

EXAMPLE = Path(__file__).parents[1] / "example"
POST = "A word\n######\n\n:date: 2026-11-21 09:00\n:slug: {slug}\n\n{text}\n"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan") / "blog"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("var"))
    write(folder, "word", "The first wording.")
    write(folder, "other", "Some other post.")
    blogops(folder, "rebuild")
    return folder


@pytest.fixture
def blog(published: Path, tmp_path: Path) -> Path:
    shutil.copytree(published, tmp_path / "blog", symlinks=True)
    return tmp_path / "blog"


def write(blog: Path, slug: str, text: str) -> None:
    (blog / f"content/{slug}.rst").write_text(POST.format(slug=slug, text=text))


def planned(blog: Path, *words: str, code: int = 10) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ended(blog, "plan", "--json", *words, code=code).stdout)
    return found


def everything(blog: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return inode, time and bytes of all that is no work of builds, nor the lock."""
    ours = ("var/work/", "var/lock")
    paths = [path for path in blog.rglob("*") if path.is_file()]
    paths = [path for path in paths if not path.relative_to(blog).as_posix().startswith(ours)]
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes()) for path in paths}


def test_nothing_to_do(blog: Path) -> None:
    assert "nothing would change: 000001-" in blogops(blog, "plan")
    assert planned(blog, code=0)["content"] == ""


def test_what_is_planned_is_what_happens(blog: Path) -> None:
    write(blog, "word", "The second wording.")
    write(blog, "new", "A new post.")
    (blog / "content/other.rst").unlink()
    (blog / "redirects").write_text("/elsewhere.html /word.html\n")
    (blog / "headers").write_text("/word.html\n  Link: </new.html>; rel=next\n")
    before = everything(blog)
    found = planned(blog, "--diff")
    assert everything(blog) == before
    assert "/new.html" in found["added"]
    assert {"/", "/word.html"} <= set(found["changed"])
    assert "/other.html" in found["removed"]
    redirects = {("/other.html", "gone"), ("/elsewhere.html", "/word.html")}
    assert {tuple(pair) for pair in found["redirects"]} == redirects
    assert found["headers"] == [["/word.html", "Link", "</new.html>; rel=next"]]
    diff = dict(found["diffs"])["/word.html"]
    assert re.search(r"^-The first wording\.$", diff, re.M)
    assert re.search(r"^\+The second wording\.$", diff, re.M)
    blogops(blog, "rebuild", "--reason", "deploy")
    layout = Layout(blog / "var")
    release = json.loads((layout.current / "release.json").read_text())
    assert release["content"] == found["content"]
    old, new = (set(files_in(layout.public(name))) for name in (found["before"], release["id"]))
    pages = {name for name in new - old if name.endswith(".html")}
    assert {f"/{name.removesuffix('index.html')}" for name in pages} == set(found["added"])
    assert planned(blog, code=0)["same_as"] == release["id"]


def test_a_person_reads_it(blog: Path) -> None:
    write(blog, "word", "The second wording.")
    told = blogops(blog, "plan", "--diff", code=10)
    assert "  ~ /word.html" in told
    assert "      +The second wording." in told
    assert "a deploy would publish" in told


def test_a_change_of_looks_alone_shows_the_source(blog: Path) -> None:
    toml = blog / "blog.toml"
    toml.write_text(toml.read_text().replace('accent = ""', 'accent = "#123456"'))
    diff = dict(planned(blog, "--diff")["diffs"])["/word.html"]
    assert re.search(r"^\+.*/theme/style", diff, re.M)


def test_another_manuscript_is_planned_without_touching_the_blogs_own(blog: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(blog, other, ignore=shutil.ignore_patterns("var"))
    write(other, "word", "The second wording.")
    assert "/word.html" in planned(blog, "--source", str(other))["changed"]
    assert planned(blog, code=0)["same_as"] == live_id(Layout(blog / "var"))
    assert "no blog.toml" in blogops(blog, "plan", "--source", str(tmp_path), code=2)


def test_what_would_be_refused(blog: Path) -> None:
    toml = blog / "blog.toml"
    toml.write_text(toml.read_text().replace("shrink = 20", "shrink = 0"))
    (blog / "content/other.rst").unlink()
    found = planned(blog, code=4)
    assert any("pages, and the live one has" in problem for problem in found["refused"])
    assert "the live one has" in blogops(blog, "rebuild", "--reason", "deploy", code=4)
    assert planned(blog, "--force")["refused"] == []
    told = blogops(blog, "rebuild", "--reason", "deploy", "--force")
    assert "overridden by --force: the site would have" in told


def test_a_pin_is_told(blog: Path) -> None:
    write(blog, "word", "The second wording.")
    blogops(blog, "rebuild")
    blogops(blog, "rollback")
    write(blog, "word", "The third wording.")
    assert "pinned since" in planned(blog, code=4)["refused"][0]
    assert planned(blog, "--unpin")["refused"] == []


def test_bytes_that_were_left_by_a_rollback(blog: Path) -> None:
    write(blog, "word", "The second wording.")
    blogops(blog, "rebuild")
    blogops(blog, "rollback")
    found = blogops(blog, "plan", code=4)
    assert "`fab deploy --unpin --force` insists" in found
    assert re.search(r"^000002-\S+ has these bytes already, and 000001-\S+ is live$", found, re.M)
    assert "would be refused: the site is pinned since" in found
    assert "nothing would change" not in found
    blogops(blog, "rebuild", "--reason", "deploy", "--force", code=3)
    assert "say --unpin --force; `fab rollback" in blogops(
        blog, "rebuild", "--reason", "deploy", "--unpin", code=3
    )
    blogops(blog, "rebuild", "--reason", "deploy", "--unpin", "--force")
    assert live_id(Layout(blog / "var")).startswith("000003-")


def test_a_pin_is_told_where_nothing_changes_too(blog: Path) -> None:
    write(blog, "word", "The second wording.")
    blogops(blog, "rebuild")
    blogops(blog, "rollback")
    write(blog, "word", "The first wording.")
    found = blogops(blog, "plan", code=4)
    assert "nothing would change: 000001-" in found
    assert "would be refused: the site is pinned since" in found


def test_a_broken_post_is_told_and_nothing_is_written_down(blog: Path) -> None:
    before = everything(blog)
    write(blog, "word", ".. image::")
    assert "content/word.rst:" in blogops(blog, "plan", code=4)
    (blog / "content/word.rst").write_bytes(before[str(blog / "content/word.rst")][2])
    assert everything(blog).keys() == before.keys()
    assert (blog / "var/ledger.jsonl").read_bytes() == before[str(blog / "var/ledger.jsonl")][2]
