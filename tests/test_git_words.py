"""``require.git.working_copy``: refusals, and the agent against real repositories."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from looking import Remembering, snapshot

from blogops.agent.finding import Finding, ResourceError
from blogops.agent.git import look_git_working_copy
from blogops.agent.host import Host
from blogops.errors import UsageError
from blogops.provision import Require

URL = "https://git.example.org/team/myapp.git"
ME = "root" if os.geteuid() == 0 else os.environ.get("USER", "")


@pytest.mark.parametrize(
    ("use", "titles"),
    [
        (lambda r: r.git.working_copy(URL, "/srv/app"), ["packages git", "git_working_copy /srv/app"]),
        (
            lambda r: r.git.working_copy(URL, user="me"),
            ["packages git", "user me", "git_working_copy /home/me/myapp"],
        ),
        (
            lambda r: r.git.working_copy("git@git.example.org:myapp", user="root"),
            ["packages git", "git_working_copy /root/myapp"],
        ),
        (
            lambda r: (r.user("me", home="/srv/me"), r.git.working_copy(URL, user="me")),
            ["user me", "packages git", "git_working_copy /srv/me/myapp"],
        ),
        (
            lambda r: r.git.working_copy(URL, "/home/me/x/"),
            ["packages git", "user me", "git_working_copy /home/me/x"],
        ),
    ],
)
def test_a_working_copy_brings_git_and_its_user(use: Callable[[Require], object], titles: list[str]) -> None:
    require = Require()
    use(require)
    assert [item.title for item in require.collector.plan().resources] == titles


@pytest.mark.parametrize(
    ("use", "problem"),
    [
        (lambda r: r.git.working_copy(URL), "needs a path"),
        (lambda r: r.git.working_copy(URL, "app"), "not an absolute path"),
        (lambda r: r.git.working_copy(URL, "/"), "cannot be a working copy"),
        (lambda r: r.git.working_copy("", "/srv/app"), "not the address"),
        (lambda r: r.git.working_copy("--upload-pack=x", "/srv/app"), "not the address"),
        (lambda r: r.git.working_copy("ext::sh -c id", "/srv/app"), "not the address"),
        (lambda r: r.git.working_copy("https://me:pw@git.example.org/a", "/srv/app"), "password"),
        (lambda r: r.git.working_copy("/", user="me"), "no name"),
        (lambda r: r.git.working_copy(URL, "/srv/app", branch="-f"), "cannot be a branch"),
        (lambda r: r.git.working_copy(URL, "/srv/app", branch="a..b"), "cannot be a branch"),
        (lambda r: r.git.working_copy(URL, "/srv/app", user="A B"), "cannot be a user"),
    ],
)
def test_what_cannot_work_is_refused_with_the_line(use: Callable[[Require], object], problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as caught:
        use(Require())
    assert caught.value.where.startswith(f"{__file__}:")


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=me", "-c", "user.email=me@example.org")
    done = subprocess.run(
        ["git", *identity, "-C", str(folder), *words], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    git(folder, "add", name)
    git(folder, "commit", "--quiet", "-m", name)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "a.txt", "one\n")
    git(folder, "branch", "stable")
    return folder


@pytest.fixture
def host(tmp_path: Path) -> Remembering:
    (tmp_path / "root").mkdir()
    return Remembering(tmp_path / "root")


def asked(host: Remembering) -> int:
    """Return how often another host was asked."""
    words = [word for argv in host.ran for word in argv]
    return sum(words.count(word) for word in ("ls-remote", "fetch", "clone"))


def look(host: Host, origin: Path, **changes: object) -> Finding:
    wanted = {"remote_url": str(origin), "branch": "main", "update": True, "user": ME, **changes}
    return look_git_working_copy(host, "/srv/app", wanted)


def bring(host: Host, origin: Path, **changes: object) -> str:
    finding = look(host, origin, **changes)
    if finding.act:
        finding.act()
    return finding.why


def test_a_clone_is_made_once(host: Remembering, origin: Path) -> None:
    assert bring(host, origin) == "cloned, branch main"
    app = host.root / "srv/app"
    assert (app / "a.txt").read_text() == "one\n"
    assert [path.name for path in app.parent.iterdir()] == ["app"]
    before = snapshot(host.root)
    host.ran.clear()
    finding = look(host, origin)
    assert finding.act is None
    assert asked(host) == 1
    assert finding.why.startswith("main is at ")
    assert snapshot(host.root) == before


def test_without_update_nobody_is_asked(host: Remembering, origin: Path) -> None:
    bring(host, origin)
    commit(origin, "a.txt", "two\n")
    host.ran.clear()
    assert look(host, origin, update=False).act is None
    assert asked(host) == 0


def test_it_goes_forward_to_the_newest_commit(host: Remembering, origin: Path) -> None:
    bring(host, origin)
    newest = commit(origin, "a.txt", "two\n")
    app = host.root / "srv/app"
    before = snapshot(host.root)
    assert f"→ {newest[:7]}" in look(host, origin).why
    assert snapshot(host.root) == before
    bring(host, origin)
    assert git(app, "rev-parse", "HEAD") == newest
    assert look(host, origin).act is None


def test_branch_and_address_are_brought_back(host: Remembering, origin: Path, tmp_path: Path) -> None:
    bring(host, origin)
    app = host.root / "srv/app"
    assert bring(host, origin, branch="stable") == "branch stable (was main)"
    assert git(app, "branch", "--show-current") == "stable"
    assert bring(host, origin, branch="main", update=False) == "branch main (was stable)"
    moved = tmp_path / "moved"
    origin.rename(moved)
    assert bring(host, moved) == f"address {origin}"
    assert git(app, "remote", "get-url", "origin") == str(moved)
    assert look(host, moved).act is None


def test_a_new_branch_of_the_remote_is_found(host: Remembering, origin: Path) -> None:
    bring(host, origin)
    git(origin, "branch", "later")
    bring(host, origin, branch="later", update=False)
    assert look(host, origin, branch="later").act is None


def test_local_changes_are_kept_and_told(host: Remembering, origin: Path) -> None:
    bring(host, origin)
    changed = host.root / "srv/app/a.txt"
    changed.write_text("mine\n")
    assert look(host, origin).act is None  # nothing to bring, nothing to lose
    commit(origin, "a.txt", "two\n")
    with pytest.raises(ResourceError, match=r"local changes in a\.txt; they stay\.\n.*git -C /srv/app stash"):
        bring(host, origin)
    assert changed.read_text() == "mine\n"


def test_commits_of_its_own_are_kept(host: Remembering, origin: Path) -> None:
    bring(host, origin)
    app = host.root / "srv/app"
    own = commit(app, "b.txt", "mine\n")
    assert look(host, origin).act is None  # it holds all that the remote has
    commit(origin, "a.txt", "two\n")
    with pytest.raises(ResourceError, match="has commits that"):
        bring(host, origin)
    assert git(app, "rev-parse", "HEAD") == own


def test_commits_on_no_branch_are_kept(host: Remembering, origin: Path) -> None:
    bring(host, origin)
    app = host.root / "srv/app"
    git(app, "checkout", "--quiet", "--detach")
    own = commit(app, "b.txt", "mine\n")
    with pytest.raises(ResourceError, match="on no branch"):
        bring(host, origin)
    assert git(app, "rev-parse", "HEAD") == own


def test_a_missing_branch_is_named_with_those_there_are(host: Remembering, origin: Path) -> None:
    with pytest.raises(ResourceError, match="has no branch master; it has main, stable"):
        bring(host, origin, branch="master")
    assert not (host.root / "srv").exists()


def test_a_failed_clone_leaves_nothing(host: Remembering, tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="does not appear to be a git repository"):
        bring(host, tmp_path)
    assert list(host.root.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_no_working_copy_stays(host: Remembering, origin: Path, kind: str) -> None:
    path = host.root / "srv/app"
    path.parent.mkdir()
    if kind == "file":
        path.write_text("precious")
    elif kind == "link":
        path.symlink_to(origin)
    else:
        path.mkdir()
        (path / "precious").touch()
    before = snapshot(host.root)
    with pytest.raises(ResourceError, match="is not a git working copy; move it away"):
        look(host, origin)
    assert snapshot(host.root) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes folders of others")
def test_one_of_somebody_else_is_left_alone(host: Remembering, origin: Path) -> None:
    bring(host, origin)
    with pytest.raises(ResourceError, match='belongs to root, not to www-data; say user="root"'):
        look(host, origin, user="www-data")


def test_the_plan_says_what_the_look_reads() -> None:
    require = Require()
    require.git.working_copy(URL, "/srv/app")
    item = json.loads(require.collector.plan().to_json())["resources"][-1]
    assert item["want"] == {"remote_url": URL, "branch": "main", "update": True, "user": "root"}
    assert item["after"] == ["packages git"]
