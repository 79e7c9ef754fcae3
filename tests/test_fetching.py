"""The manuscript from git: real git, whose ssh runs what it is told on this machine."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blogops import jobs
from blogops.errors import Failed, UsageError
from blogops.jobs import Place
from blogops.releases import Attempt, Ledger, Outcome, Release, Run, live_id

DEPLOY = Run(who="me", reason="deploy")
TOML = '[site]\ntitle = "B"\nurl = "http://blog.example.org"\nauthor = "A"\n[images]\nvariants = false\n'
CONTENT = '[content]\ngit = "git@forge.example.org:{bare}"\nbranch = "{branch}"\n{more}'
# What stands for ssh runs git's own command here; it notes its words, and fails as it is told to.
SSH = """#!/bin/sh
echo "$@" >>{told}
test -e {fails} && {{ cat {fails} >&2; exit 255; }}
for last; do :; done
exec sh -c "$last"
"""


class Forge:
    """A repository, a clone to commit in, and a server's folder of the blog."""

    def __init__(self, folder: Path) -> None:
        self.bare, self.clone, self.root = folder / "blog.git", folder / "clone", folder / "srv"
        self.told, self.fails = folder / "told", folder / "fails"
        for part in ("source", "work", "ssh", "releases"):
            (self.root / part).mkdir(parents=True)
        (self.root / "ssh/deploy_key").write_text("private")
        (self.root / "ssh/deploy_key.pub").write_text("ssh-ed25519 AAAApublic blogops-blog\n")
        (folder / "bin").mkdir()
        (folder / "bin/ssh").write_text(SSH.format(told=self.told, fails=self.fails))
        (folder / "bin/ssh").chmod(0o755)
        git("init", "--quiet", "--bare", "--initial-branch=main", str(self.bare))
        git("clone", "--quiet", str(self.bare), str(self.clone))
        git("-C", str(self.clone), "checkout", "--quiet", "-b", "main")
        self.send()

    def toml(self, *, branch: str = "main", more: str = "") -> str:
        return TOML + CONTENT.format(bare=self.bare, branch=branch, more=more)

    def send(self, *, branch: str = "main", more: str = "") -> None:
        (self.root / "source/blog.toml").write_text(self.toml(branch=branch, more=more))

    def write(self, name: str, text: str) -> None:
        path = self.clone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def push(self, why: str = "Why", *options: str) -> str:
        git("-C", str(self.clone), "add", "--all")
        git("-C", str(self.clone), "commit", "--quiet", "--allow-empty", "-m", why, *options)
        git("-C", str(self.clone), "push", "--quiet", "--force", "origin", "HEAD:main")
        return git("-C", str(self.clone), "rev-parse", "HEAD").strip()

    @property
    def at(self) -> Place:
        return jobs.place(str(self.root))

    @property
    def tree(self) -> Path:
        return self.at.layout.checkout

    def rebuild(self) -> Outcome:
        return jobs.rebuild(self.at, DEPLOY).outcome

    def fails_to_rebuild(self, reason: str) -> None:
        """Rebuild; it fails for that reason, and nothing else changes."""
        live, files = live_id(self.at.layout), held(self.tree)
        with pytest.raises(Failed, match=reason):
            self.rebuild()
        assert (live_id(self.at.layout), held(self.tree)) == (live, files)
        assert self.last.outcome is Outcome.FAILED
        assert [name for name, _ in self.last.steps] == ["preflight", "fetch"]

    @property
    def last(self) -> Attempt:
        return Ledger(self.at.layout.ledger).attempts[-1]

    def page(self, slug: str) -> str:
        return (self.at.layout.current / "public" / f"{slug}.html").read_text()


def git(*words: str) -> str:
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in WHO.items()}
    environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": "/dev/null"}
    done = subprocess.run(["git", *words], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


WHO = {"NAME": "Rémy", "EMAIL": "r@example.org"}


def held(tree: Path) -> dict[str, tuple[int, int]]:
    """Return inode and time of every file below *tree*."""
    every = ((path, path.lstat()) for path in sorted(tree.rglob("*")) if not path.is_dir())
    return {path.relative_to(tree).as_posix(): (told.st_ino, told.st_mtime_ns) for path, told in every}


def post(text: str) -> str:
    return f"A title\n#######\n\n:date: 2026-11-01\n\n{text}\n"


@pytest.fixture
def forge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Forge:
    made = Forge(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    made.write("content/a.rst", post("First."))
    made.write("content/b.rst", post("Other.").replace("A title", "B title"))
    made.push("The first post")
    return made


def test_a_commit_is_published_and_told(forge: Forge) -> None:
    commit = forge.push("A post\x1b[31m, red")
    assert forge.rebuild() is Outcome.PUBLISHED
    assert "First." in forge.page("a-title")
    assert (forge.last.revision, forge.last.change) == (commit, "Rémy: A post [31m, red")
    made = Release.read(forge.at.layout, forge.last.release)
    assert made
    assert (made.revision, made.change) == (forge.last.revision, forge.last.change)
    words = forge.told.read_text()
    assert "BatchMode=yes" in words
    assert "StrictHostKeyChecking=accept-new" in words
    assert f"-i {forge.root}/ssh/deploy_key" in words


def test_the_same_revision_touches_nothing(forge: Forge) -> None:
    forge.rebuild()
    before = held(forge.tree)
    assert forge.rebuild() is Outcome.UNCHANGED
    assert held(forge.tree) == before
    assert forge.last.revision


def test_only_what_has_changed_is_written(forge: Forge) -> None:
    forge.rebuild()
    before = held(forge.tree)
    forge.write("content/a.rst", post("Second."))
    forge.push()
    assert forge.rebuild() is Outcome.PUBLISHED
    assert "Second." in forge.page("a-title")
    after = held(forge.tree)
    assert {name for name in after if after[name] != before[name]} == {"content/a.rst"}


def test_a_renamed_file_goes_and_a_force_push_is_taken(forge: Forge) -> None:
    forge.rebuild()
    (forge.clone / "content/b.rst").rename(forge.clone / "content/c.rst")
    forge.push("Another past", "--amend")
    forge.rebuild()
    assert sorted(held(forge.tree)) == ["blog.toml", "content/a.rst", "content/c.rst"]
    assert forge.last.change == "Rémy: Another past"
    assert git("--git-dir", str(forge.at.layout.git), "rev-list", "--count", "refs/blogops/fetched") == "1\n"


def test_the_blog_toml_of_the_repository_wins(forge: Forge) -> None:
    forge.rebuild()
    assert (forge.tree / "blog.toml").read_text() == forge.toml()
    forge.write("blog.toml", forge.toml().replace('title = "B"', 'title = "Theirs"'))
    forge.push()
    forge.rebuild()
    assert "Theirs" in forge.page("index")
    (forge.clone / "blog.toml").unlink()
    forge.push()
    forge.rebuild()
    assert "Theirs" not in forge.page("index")


def test_a_broken_blog_toml_is_mended_by_the_next_commit(forge: Forge) -> None:
    forge.write("blog.toml", "[")
    forge.push()
    with pytest.raises(UsageError, match="not valid TOML"):
        forge.rebuild()
    forge.write("blog.toml", forge.toml())
    forge.push()
    assert forge.rebuild() is Outcome.PUBLISHED


def test_two_blog_tomls_must_name_one_repository(forge: Forge) -> None:
    forge.write("blog.toml", forge.toml(branch="other"))
    forge.push()
    with pytest.raises(UsageError, match=r'content.branch is "other" in the repository, and "main" in the'):
        forge.rebuild()


@pytest.mark.parametrize(
    ("says", "reason", "hint"),
    [
        ("git@x: Permission denied (publickey).", "Permission denied", "ssh-ed25519 AAAApublic"),
        ("Host key verification failed.", "Host key verification failed", "ssh/known_hosts"),
        ("ssh: connect to host x port 22: Connection refused", "port 22: Connection refused", "tries again"),
    ],
)
def test_why_ssh_fails(forge: Forge, says: str, reason: str, hint: str) -> None:
    forge.rebuild()
    forge.fails.write_text(f"{says}\n")
    forge.push()
    forge.fails_to_rebuild(f"cannot be fetched: .*{reason}")
    assert hint in forge.last.error
    forge.fails.unlink()
    assert forge.rebuild() is Outcome.UNCHANGED


def test_no_such_branch_and_nothing_pushed(forge: Forge) -> None:
    forge.rebuild()
    forge.send(branch="nope")
    forge.fails_to_rebuild("couldn't find remote ref refs/heads/nope")
    assert 'Is anything pushed, and to "nope"?' in forge.last.error
    shutil.rmtree(forge.bare)
    git("init", "--quiet", "--bare", str(forge.bare))
    forge.send()
    forge.fails_to_rebuild("couldn't find remote ref refs/heads/main")


def test_without_the_key_or_git(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    (forge.root / "ssh/deploy_key").unlink()
    forge.fails_to_rebuild("there is no .*deploy_key\n.*fab setup")
    monkeypatch.setenv("PATH", "/nowhere")
    forge.fails_to_rebuild("there is no git")


def test_pinned_host_keys(forge: Forge) -> None:
    forge.send(more='git_host_keys = ["forge.example.org ssh-ed25519 AAAA"]\n')
    forge.rebuild()
    assert "StrictHostKeyChecking=yes" in forge.told.read_text()
    assert (forge.root / "work/git-hosts").read_text() == "forge.example.org ssh-ed25519 AAAA\n"


def test_a_link_out_of_the_repository_is_refused(forge: Forge) -> None:
    (forge.clone / "content/c.rst").symlink_to("a.rst")
    (forge.clone / "redirects").symlink_to("../../ssh/deploy_key")
    forge.push()
    with pytest.raises(Failed, match="redirects is a link that leads out"):
        forge.rebuild()
    (forge.clone / "redirects").unlink()
    (forge.clone / "content/c.rst").unlink()
    (forge.clone / "content/c.inc").symlink_to("a.rst")
    forge.push()
    assert forge.rebuild() is Outcome.PUBLISHED


def test_no_hook_and_no_filter_runs(forge: Forge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forge.rebuild()
    ran = tmp_path / "ran"
    hook = forge.at.layout.git / "hooks/post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    (tmp_path / ".gitconfig").write_text(f'[filter "lfs"]\n\tsmudge = touch {ran}; cat\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / ".gitconfig"))
    forge.write(".gitattributes", "*.rst filter=lfs\n")
    forge.write("content/a.rst", post("Filtered?"))
    forge.push()
    forge.rebuild()
    assert not ran.exists()


def _stale(forge: Forge) -> None:
    for name in ("shallow.lock", "index.checkout.lock", "refs/blogops/fetched.lock"):
        (forge.at.layout.git / name).write_text("")


def _no_index(forge: Forge) -> None:
    (forge.at.layout.git / "index.checkout").write_text("torn")


def _no_objects(forge: Forge) -> None:
    shutil.rmtree(forge.at.layout.git / "objects")


def _torn_objects(forge: Forge) -> None:
    for path in (forge.at.layout.git / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_text("")


def _no_head(forge: Forge) -> None:
    (forge.at.layout.git / "HEAD").unlink()


def _meddled(forge: Forge) -> None:
    (forge.tree / "content/a.rst").write_text("half")
    (forge.tree / "content/b.rst").unlink()
    (forge.tree / "content/new.rst").write_text("unknown")
    (forge.tree / "empty/.git").mkdir(parents=True)


@pytest.mark.parametrize("harm", [_stale, _no_index, _no_objects, _torn_objects, _no_head, _meddled])
@pytest.mark.parametrize("news", [False, True])
def test_what_a_kill_or_a_power_cut_leaves_is_healed(
    forge: Forge, harm: Callable[[Forge], None], news: bool
) -> None:
    forge.rebuild()
    harm(forge)
    if news:
        forge.write("content/a.rst", post("News."))
        forge.push()
    assert forge.rebuild() is (Outcome.PUBLISHED if news else Outcome.UNCHANGED)
    assert ("News." in forge.page("a-title")) is news
    assert sorted(held(forge.tree)) == ["blog.toml", "content/a.rst", "content/b.rst"]
    assert not (forge.tree / "empty").exists()


SLOW = "#!/bin/sh\nmkdir -p {mark}; echo $$ >{mark}/pid; sleep 60\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_git_ends_with_a_run_that_is_stopped(forge: Forge, tmp_path: Path, number: signal.Signals) -> None:
    forge.rebuild()
    real = (tmp_path / "bin/ssh").read_text()
    (tmp_path / "bin/ssh").write_text(SLOW.format(mark=tmp_path / "slow"))
    words = [sys.executable, "-m", "blogops", "rebuild", "--root", str(forge.root)]
    running = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    while not (tmp_path / "slow/pid").exists():
        time.sleep(0.02)
    running.send_signal(number)
    _, errors = running.communicate(timeout=10)
    assert "Traceback" not in errors
    assert running.returncode == (4 if number is signal.SIGTERM else -number)
    assert not list(_running(f"GIT_DIR={forge.at.layout.git}", "git"))
    (tmp_path / "bin/ssh").write_text(real)
    assert forge.rebuild() is Outcome.UNCHANGED


def _running(variable: str, name: str) -> list[str]:
    """Return the processes called *name* with that in their environment, once they had a moment to end."""
    time.sleep(0.2)
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if (path / "comm").read_text().strip() == name and variable in (path / "environ").read_text():
                found.append(path.name)
        except OSError:
            continue
    return found


def test_a_plan_and_a_preview_fetch_aside(forge: Forge) -> None:
    forge.rebuild()
    before = held(forge.tree)
    forge.write("content/c.rst", post("Planned.").replace("A title", "C title"))
    forge.push()
    aside = forge.root / "work/plan-source"
    aside.mkdir()
    shutil.copy(forge.root / "source/blog.toml", aside)
    found = jobs.plan(jobs.place(str(forge.root), str(aside)), DEPLOY)
    assert found.added == ("/c-title.html",)
    assert held(forge.tree) == before
    shown = jobs.share(jobs.place(str(forge.root), str(aside)), DEPLOY, draft=True)
    assert list((forge.at.layout.previews / shown.token).rglob("c-title.html"))
    assert held(forge.tree) == before
    assert forge.rebuild() is Outcome.PUBLISHED


def test_a_folder_with_a_blog_toml_is_never_fetched(forge: Forge) -> None:
    forge.write("blog.toml", forge.toml())
    made = jobs.rebuild(jobs.place(str(forge.clone)), DEPLOY)
    assert (made.outcome, made.revision) == (Outcome.PUBLISHED, "")
    assert not forge.told.exists()


def test_without_git_nothing_is_told_of_a_revision(forge: Forge) -> None:
    shutil.copytree(forge.clone / "content", forge.root / "source/content")
    (forge.root / "source/blog.toml").write_text(TOML)
    assert forge.rebuild() is Outcome.PUBLISHED
    assert (forge.last.revision, forge.last.change) == ("", "")
    assert not forge.tree.exists()
