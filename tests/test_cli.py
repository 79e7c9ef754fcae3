"""``blogops`` as a person or cron types it, on a folder: exit codes, words, and what is left live."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from invoke.exceptions import Exit
from running import blogops, command
from serving import served

from blogops import jobs
from blogops.errors import Reverted
from blogops.jobs import Place
from blogops.releases import Layout, Ledger, Outcome, Run, held, live_id
from blogops.rollback import asker
from blogops.tasks import friendly

EXAMPLE = Path(__file__).parents[1] / "example"
TOML = '[site]\ntitle = "T"\nurl = "http://b.example.org"\nauthor = "A"\n'
NOBODY = (65534, 65534)
POST = "Word\n####\n\n:date: 2026-01-01\n\n{text}\n"


@pytest.fixture
def blog(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "blog", ignore=shutil.ignore_patterns("var"))
    return tmp_path / "blog"


def write(blog: Path, text: str) -> None:
    (blog / "content/word.rst").write_text(POST.format(text=text), encoding="utf-8")


def live(blog: Path) -> str:
    return live_id(Layout(blog / "var"))


def test_the_whole_life_of_a_blog(blog: Path) -> None:
    assert "nothing yet" in blogops(blog, "status")
    assert "no release yet" in blogops(blog, "releases")
    told = blogops(blog, "rebuild")
    assert all(step in told for step in ("build", "stage", "switch", "record", "prune"))
    first = live(blog)
    assert "nothing changed" in blogops(blog, "rebuild")
    assert live(blog) == first
    write(blog, "one")
    blogops(blog, "rebuild")
    second = live(blog)
    assert f"{first} is live again" in blogops(blog, "rollback")
    assert f"{second} has these bytes" in blogops(blog, "rebuild", "--reason", "schedule")
    write(blog, "two")
    assert "is ready and not published" in blogops(blog, "rebuild", "--reason", "schedule")
    assert live(blog) == first
    assert "pinned" in blogops(blog, "status")
    assert "--unpin" in blogops(blog, "rebuild", "--reason", "deploy", code=3)
    assert "unpins" in blogops(blog, "rebuild", "--reason", "deploy", "--unpin")
    assert live(blog) not in (first, second)
    listed = json.loads(blogops(blog, "releases", "--json"))
    assert [item["state"] for item in listed].count("live") == 1
    assert json.loads(blogops(blog, "status", "--json"))["live"]["id"] == live(blog)


def test_a_name_that_is_no_utf_8_stops_nothing(blog: Path) -> None:
    for text in ("1", "2"):
        write(blog, text)
        blogops(blog, "rebuild", "--who", "a\udcff", "--reason", "b\udcfe", "--unpin")
    blogops(blog, "rollback", "--who", "R\udce9my é")
    blogops(blog, "unpin", "--who", "a\udcff")
    blogops(blog, "cron", "suspend", "--who", "a\udcff", "--why", "c\udcfd")
    tried = json.loads(blogops(blog, "log", "--json"))
    assert [each["who"] for each in tried] == ["a\ufffd", "a\ufffd", "R\ufffdmy é", "a\ufffd"]
    assert tried[0]["reason"] == "b\ufffd"
    assert "by a\ufffd: c\ufffd" in blogops(blog, "schedule")


def test_nights_after_a_rollback_publish_nothing_and_pile_up_nothing(blog: Path) -> None:
    blogops(blog, "rebuild")
    write(blog, "one")
    blogops(blog, "rebuild")
    blogops(blog, "rollback")
    before = live(blog)
    write(blog, "two")
    for _ in range(3):
        blogops(blog, "rebuild", "--reason", "schedule", "--quiet")
    assert live(blog) == before
    assert len(json.loads(blogops(blog, "releases", "--json"))) == 3
    assert "unpinned" in blogops(blog, "unpin")
    assert "nothing was pinned" in blogops(blog, "unpin")
    blogops(blog, "rebuild", "--reason", "schedule")
    assert live(blog) != before


def test_a_lost_work_tree_changes_nothing(blog: Path) -> None:
    blogops(blog, "rebuild")
    first = live(blog)
    shutil.rmtree(blog / "var/work")
    assert f"nothing changed: {first}" in blogops(blog, "rebuild")
    write(blog, "one")
    shutil.rmtree(blog / "var/work")
    blogops(blog, "rebuild")
    old, new = ((blog / "var/releases" / name / "public") for name in (first, live(blog)))
    same = [path for path in old.rglob("*") if path.is_file() and path.stat().st_nlink == 2]
    assert len(same) > 50
    assert all(path.samefile(new / path.relative_to(old)) for path in same)


def test_what_was_tried_is_told_step_by_step(blog: Path) -> None:
    blogops(blog, "rebuild")
    write(blog, ".. image::")
    blogops(blog, "rebuild", "--reason", "deploy", code=4)
    told = blogops(blog, "log")
    assert [line.split()[2] for line in told.splitlines()[1:]] == ["rebuild", "rebuild"]
    assert "content/word.rst:" in blogops(blog, "log", "--id", "2")
    whole = json.loads(blogops(blog, "log", "--json", "--id", live(blog)))
    assert [name for name, _ in whole[0]["steps"]] == "preflight build gate stage switch verify".split()
    assert "knows no attempt" in blogops(blog, "log", "--id", "99", code=3)


STEPS = """
import time
from blogops import console
console.Steps._LONG = 0.1
steps = console.Steps()
steps.begin("build")
time.sleep(0.35)
steps.end("build", 0.35)
time.sleep(0.3)
"""


def test_a_long_step_says_that_it_goes_on() -> None:
    done = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=True)
    assert done.stdout == "  build       0.35 s\n"
    assert re.fullmatch(r"(  build: 0 s so far\n){2,4}", done.stderr)


def test_build_and_release_are_the_two_halves(blog: Path) -> None:
    assert "nothing was built yet" in blogops(blog, "release", code=3)
    blogops(blog, "build")
    assert live(blog) == ""
    blogops(blog, "release")
    assert live(blog)


def test_quiet_says_nothing(blog: Path) -> None:
    assert blogops(blog, "rebuild", "--quiet") == ""


def test_a_broken_post_leaves_the_old_site(blog: Path) -> None:
    blogops(blog, "rebuild")
    before = live(blog)
    (blog / "content/broken.rst").write_text("Broken\n######\n\n:date: 2026-01-01\n\n`no target`_ here\n")
    told = blogops(blog, "rebuild", code=4)
    assert "content/broken.rst:6" in told
    assert live(blog) == before
    last = Ledger(blog / "var/ledger.jsonl").attempts[-1]
    assert (last.outcome, last.before) == (Outcome.FAILED, before)
    assert "broken.rst:6" in blogops(blog, "status")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["rollback"], 3, "no earlier release"),
        (["rollback", "--to", "x"], 3, "there is no release x"),
        (["rebuild", "--root", "/nowhere"], 2, "there is no folder /nowhere"),
        (["rebuild", "--root", "/"], 2, "there is no blog in /"),
        (["rebuild", "--wait", "abc"], 2, "--wait abc: not a whole number"),
        (["rollback", "--steps", "x"], 2, "not a whole number"),
        (["preview", "--draft", "--days", "1.5"], 2, "--days 1.5: not a whole number"),
    ],
)
def test_refusals(blog: Path, words: list[str], code: int, sentence: str) -> None:
    assert sentence in blogops(blog, *words, code=code)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return the folder of a blog of one post."""
    folder = tmp_path / "small"
    (folder / "content").mkdir(parents=True)
    (folder / "blog.toml").write_text(TOML)
    write(folder, "one")
    return folder


@pytest.fixture
def anothers(tmp_path: Path, small: Path) -> Path:
    """Return a blog as it lies on a server, once published, that is not ours."""
    if os.geteuid() != 0:
        pytest.skip("only root can give folders away")
    server = tmp_path / "server"
    server.mkdir()
    small.rename(server / "source")
    blogops(server, "rebuild")
    for path in (server, *server.rglob("*")):
        os.chown(path, *NOBODY, follow_symlinks=False)
    return server


def owners(folder: Path) -> dict[Path, int]:
    return {path: path.lstat().st_uid for path in folder.rglob("*")}


CHANGING = (
    *("rebuild", "build", "build --preview", "release", "plan", "rollback", "unpin", "preview --draft"),
    *("preview --remove x", "cron suspend", "cron resume", "cron run", "check"),
)


def test_root_leaves_nothing_in_the_blog_of_another(anothers: Path) -> None:
    before = owners(anothers)
    for words in CHANGING:
        assert "Say `runuser -u nobody --` before it." in blogops(anothers, *words.split(), code=2), words
    assert owners(anothers) == before


def test_root_may_look_at_the_blog_of_another(anothers: Path) -> None:
    before = owners(anothers)
    for words in ("releases", "log", "schedule", "cron list", "rollback --list", "preview --list"):
        blogops(anothers, *words.split())
    assert "nothing is pinned" in blogops(anothers, "unpin", "--check")
    assert live_id(Layout(anothers)) in command(anothers, "status").stdout
    assert owners(anothers) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
def test_root_may_build_anybodys_folder_on_a_laptop(small: Path) -> None:
    os.chown(small, *NOBODY)
    blogops(small, "rebuild")


def test_a_preview_for_too_long_is_refused_and_one_that_is_there_is_listed(small: Path) -> None:
    blogops(small, "rebuild")
    preview = ["preview", "--id", live(small)]
    assert "Write --days 3650 or less." in blogops(small, *preview, "--days", "3651", code=2)
    assert "no preview" in blogops(small, "preview", "--list")
    blogops(small, *preview, "--days", "3650")
    (facts,) = (small / "var/previews").glob("*/preview.json")
    facts.write_text(json.dumps(json.loads(facts.read_text()) | {"until": 1e13}))
    assert "until 9999-12-31T23:59:59Z" in blogops(small, "preview", "--list")


def test_the_preview_that_goes_is_told_as_json(small: Path) -> None:
    blogops(small, "rebuild")
    made = json.loads(blogops(small, "preview", "--id", live(small), "--json"))
    assert json.loads(blogops(small, "preview", "--remove", made[0]["token"][:9], "--json")) == made


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EACCES, "Run it as the user who owns that."),
        (errno.ENOSPC, "Make room: see `df -h` and `df -i`."),
        (errno.EROFS, "Is the disk mounted read-only?"),
    ],
)
def test_what_the_system_refuses_is_a_sentence(
    number: int, advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @friendly
    def look() -> None:
        raise OSError(number, os.strerror(number), "/srv/blog/previews")

    with pytest.raises(Exit) as ended:
        look()
    assert ended.value.code == 4
    told = f"error: [Errno {number}] {os.strerror(number)}: '/srv/blog/previews'\n  {advice}\n"
    assert capsys.readouterr().err == told


def test_a_fault_of_ours_is_no_sentence() -> None:
    @friendly
    def look() -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file", "made-up")

    with pytest.raises(FileNotFoundError):
        look()


# Another user, who has imported all that root alone may read here.
ANOTHER = """
import os, sys
import blogops.cli
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
sys.argv[:] = ["blogops", *"WORDS".split(), "--root", "."]
blogops.cli.main()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another")
@pytest.mark.parametrize("words", ["preview --list", "cron suspend", "rebuild"])
def test_another_user_is_told_who_may(small: Path, words: str) -> None:
    blogops(small, "preview", "--draft")
    with tempfile.TemporaryDirectory() as folder:  # which pytest's own are not: passed by everybody
        Path(folder).chmod(0o755)
        shared = shutil.copytree(small, Path(folder, "small"))
        done = subprocess.run(
            [sys.executable, "-c", ANOTHER.replace("WORDS", words)],
            cwd=shared,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, "Traceback" in done.stderr) == (4, False), done.stderr
    assert "Run it as the user who owns" in done.stderr


# Ctrl-C comes as MODULE is imported, or as Invoke reads the line.
PRESSED = """
import os, runpy, signal, sys
class Finder:
    def find_spec(self, name, *_more):
        if name == "MODULE":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
sys.argv[:] = ["blogops", "releases"]
PREPARE
runpy.run_module("blogops", run_name="__main__", alter_sys=True)
"""
READING = """
from invoke.program import Program
Program.parse_collection = lambda _self: os.kill(os.getpid(), signal.SIGINT)
"""


@pytest.mark.parametrize(
    ("module", "prepare"), [("blogops.late", ""), ("blogops.jobs.awaiting", ""), ("", READING)]
)
def test_ctrl_c_before_anything_began_ends_quietly(small: Path, module: str, prepare: str) -> None:
    code = PRESSED.replace("MODULE", module).replace("PREPARE", prepare)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=small, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (130, "")


def test_a_wrong_blog_toml(blog: Path) -> None:
    (blog / "blog.toml").write_text("[site]\ntitel = 'x'\n")
    assert 'did you mean "site.title"?' in blogops(blog, "rebuild", code=2)


def test_another_run_at_work(blog: Path) -> None:
    layout = Layout(blog / "var")
    layout.prepare()
    with held(layout.lock, task="rollback", who="somebody"):
        assert "rollback by somebody" in blogops(blog, "rebuild", code=75)
    blogops(blog, "rebuild")


def test_a_full_disk_is_a_sentence(blog: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    (blog / "var").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(blog / "var")], check=True)
    try:
        blogops(blog, "rebuild")
        before = live(blog)
        write(blog, "A long line of text.\n" * 90_000)
        told = blogops(blog, "rebuild", code=4)
        assert "No space left" in told
        assert live(blog) == before
        assert (blog / "var/current/public/index.html").is_file()
        (blog / "content/word.rst").unlink()
    finally:
        subprocess.run(["umount", str(blog / "var")], check=True)


def test_an_unhealthy_release_is_taken_back(blog: Path) -> None:
    layout = Layout(blog / "var")
    jobs.rebuild(Place(layout=layout, manuscript=blog), Run(who="me", reason="deploy"))
    before = live_id(layout)
    write(blog, "one")
    home = (layout.current / "public/index.html").read_bytes()

    def stuck_at_home(body: bytes) -> tuple[int, bytes]:
        return 200, body if live_id(layout) == before else home

    with served(layout, stuck_at_home) as stuck:
        sick = Place(layout=stuck, manuscript=blog)
        with pytest.raises(Reverted, match="serves another /"):
            jobs.rebuild(sick, Run(who="me", reason="deploy"))
    assert live_id(layout) == before
    last = Ledger(layout.ledger).attempts[-1]
    assert last.outcome is Outcome.REVERTED
    assert Ledger(layout.ledger).states()[last.release] == "bad"


def test_rollback_needs_neither_docutils_nor_jinja(blog: Path) -> None:
    code = (
        "import sys, blogops.cli; sys.exit(any(m in sys.modules for m in ('docutils', 'jinja2', 'fabric')))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# What takes longer to import than a rebuild with nothing to do takes.
LIGHT = """
import sys
from blogops.__main__ import cli
sys.argv[:] = ["blogops", "rebuild", "--quiet"]
try:
    cli.main()
except SystemExit as end:
    assert not end.code, end.code
heavy = {"asyncio", "ssl", "email", "unittest", "babel", "brotli", "dateutil", "docutils", "jinja2", "PIL"}
found = heavy & {name.partition(".")[0] for name in sys.modules}
found |= {"invoke.vendor.yaml", "blogops.website.gate"} & sys.modules.keys()
sys.exit(", ".join(found) or 0)
"""


def test_a_rebuild_with_nothing_to_do_imports_nothing_heavy(blog: Path) -> None:
    subprocess.run([sys.executable, "-m", "blogops", "rebuild", "--quiet"], cwd=blog, check=True)
    time.sleep(0.1)  # until a change of what was just written would show
    subprocess.run([sys.executable, "-m", "blogops", "rebuild", "--quiet"], cwd=blog, check=True)
    done = subprocess.run(
        [sys.executable, "-c", LIGHT], cwd=blog, check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("command", "module"),
    [("-m blogops build", "blogops/website/making"), ("-m fabric --list", "blogops/remote/connection")],
)
def test_python_keeps_what_it_compiles(blog: Path, tmp_path: Path, command: str, module: str) -> None:
    kept = tmp_path / "kept"
    if "fabric" in command:
        shutil.copy(Path(__file__).parents[1] / "fabfile.py", blog)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(kept)
    words = [sys.executable, *command.split()]
    subprocess.run(words, cwd=blog, env=environment, check=True, capture_output=True)
    assert list(kept.glob(f"**/{module}.*.pyc"))
    shutil.rmtree(kept)
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    subprocess.run(words, cwd=blog, env=environment, check=True, capture_output=True)
    assert not kept.exists()


def test_a_listener_that_went_away_stops_nothing(blog: Path) -> None:
    command = f"{sys.executable} -m blogops rebuild | true"
    subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], cwd=blog, check=True, capture_output=True)
    assert live(blog)


@pytest.mark.parametrize("stdout", [">/dev/full", ">&-", ">/dev/full 2>&1", ">&- 2>&-"])
def test_a_log_that_cannot_be_written_stops_nothing(blog: Path, stdout: str) -> None:
    command = f"{sys.executable} -m blogops rebuild {stdout}"
    done = subprocess.run(["bash", "-c", command], cwd=blog, check=True, capture_output=True, text=True)
    # A build that takes its time tells how far it is.
    assert [line for line in done.stderr.splitlines() if not line.endswith(" left")] == []
    assert live(blog)


def test_a_terminal_that_hangs_up_stops_nothing(blog: Path) -> None:
    command = [sys.executable, "-c", HANGS_UP]
    done = subprocess.run(command, cwd=blog, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert live(blog)


# SIGHUP comes as the build begins.
HANGS_UP = """
import os, signal, sys
from blogops import website
from blogops.cli import main
real = website.build
def build(*words, **more):
    os.kill(os.getpid(), signal.SIGHUP)
    return real(*words, **more)
website.build = build
sys.argv[:] = ["blogops", "rebuild"]
main()
"""


def test_a_user_without_an_account_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert asker("") == "user 54321"
