"""The words: arguments -> resources, and refusals that name the user's line."""

import json
import shlex
import subprocess
from collections.abc import Callable
from configparser import RawConfigParser
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from blogops import config
from blogops.errors import UsageError
from blogops.provision import Require, Resource, blog, toolkit

EXAMPLE = Path(__file__).parents[1] / "example/blog.toml"


def collected(use: Callable[[Require], None]) -> list[tuple[str, str]]:
    require = Require()
    use(require)
    return [(item.kind, item.name) for item in require.collector.plan().resources]


def app(require: Require, *, command: str = "true", **options: Any) -> Resource:
    return require.supervisor.process("app", command=command, user="me", **options)


@pytest.mark.parametrize(
    ("use", "resources"),
    [
        (lambda r: r.deb.package("nginx"), [("packages", "nginx")]),
        (lambda r: r.deb.packages(["a1", "b1"]), [("packages", "a1, b1")]),
        (
            lambda r: (r.deb.package("a1"), r.deb.packages(["a1", "b1"])),
            [("packages", "a1"), ("packages", "b1")],
        ),
        (lambda r: r.service.started("cron"), [("service", "cron")]),
        (lambda r: r.group("editors"), [("group", "editors")]),
        (lambda r: r.user("me"), [("user", "me")]),
        (lambda r: r.directory("/srv/x"), [("directory", "/srv/x")]),
        (lambda r: r.file("/srv/x", "y"), [("file", "/srv/x")]),
        (lambda r: r.link("/srv/x", "y"), [("link", "/srv/x")]),
        (lambda r: r.absent("/srv/x"), [("absent", "/srv/x")]),
        (
            lambda r: r.python.locked_virtualenv("/env", lock="", fingerprint="1"),
            [("locked_virtualenv", "/env")],
        ),
        (
            lambda r: r.cron.daily("x", user="me", command="true"),
            [("packages", "cron"), ("user", "me"), ("file", "/etc/cron.d/x")],
        ),
        (
            lambda r: r.sudoer("me", ["/bin/true"]),
            [("packages", "sudo"), ("file", "/etc/sudoers.d/blogops-me")],
        ),
        (lambda r: r.logrotate("x", ["/a.log"]), [("packages", "logrotate"), ("file", "/etc/logrotate.d/x")]),
        (
            lambda r: r.supervisor.process("app", command="true", directory="/", user="me"),
            [
                ("user", "me"),
                ("packages", "supervisor"),
                ("service", "supervisor"),
                ("file", "/etc/supervisor/conf.d/app.conf"),
                ("program", "app"),
            ],
        ),
        (
            lambda r: r.nginx.site("x", "server {}"),
            [
                ("packages", "nginx"),
                ("service", "nginx"),
                ("file", "/etc/nginx/sites-available/x"),
                ("link", "/etc/nginx/sites-enabled/x"),
            ],
        ),
        (
            lambda r: r.nginx.static_site("x", docroot="/srv/x", enabled=False),
            [
                ("packages", "nginx"),
                ("service", "nginx"),
                ("file", "/etc/nginx/sites-available/x"),
                ("absent", "/etc/nginx/sites-enabled/x"),
            ],
        ),
        (
            lambda r: r.nginx.disabled("default"),
            [
                ("packages", "nginx"),
                ("service", "nginx"),
                ("absent", "/etc/nginx/sites-enabled/default"),
            ],
        ),
    ],
)
def test_words_become_resources(use: Callable[[Require], None], resources: list[tuple[str, str]]) -> None:
    assert collected(use) == resources


@pytest.mark.parametrize(
    "use",
    [
        lambda r: r.deb.package("a b"),
        lambda r: r.user("Root User"),
        lambda r: r.directory("srv"),
        lambda r: r.directory("/srv/../etc"),
        lambda r: r.file("/x", "", mode="rw"),
        lambda r: r.link("/x", ""),
        lambda r: r.cron.daily("my.task", user="me", command="true"),
        lambda r: r.cron.task("x", "often", "me", "true"),
        lambda r: r.supervisor.process("a b", command="true", directory="/", user="me"),
        lambda r: r.supervisor.process("app", command="", directory="/", user="me"),
        lambda r: r.cron.task("x", "@daily", "me", "true\n* * * * * root id"),
        lambda r: r.supervisor.process("app", command="true\nuser=root", directory="/", user="me"),
        lambda r: r.supervisor.process(
            "app", command="true", directory="/", user="me", environment={"A": '"'}
        ),
        *(partial(app, environment={"A": value}) for value in ("x'", "'x", "a'b\"c")),
        *(partial(app, environment={key: "x"}) for key in ("A B", "A=1,B", "")),
        partial(app, numprocs=2),
        partial(app, process_name="other"),
        partial(app, startsecs="soon"),
        partial(app, command="echo 'x"),
        partial(app, log="/l\nuser=root"),
        lambda r: r.user("me", extra_groups="sudo"),
        lambda r: r.authorized_keys("me", ["not a key"]),
        lambda r: r.logrotate("x", []),
        lambda r: r.logrotate("x", "/"),
        lambda r: r.logrotate("x", ['/a".log']),
        lambda r: r.sudoer("me"),
        lambda r: r.sudoer("me", ["systemctl reload nginx"]),
        lambda r: r.sudoer("me", ["/bin/true, ALL"]),
        *(lambda r, sign=sign: r.sudoer("me", [f"/usr/bin/id {sign}x"]) for sign in "#?[]^"),
        lambda r: (r.file("/x", "a"), r.file("/x", "b")),
    ],
)
def test_what_cannot_work_is_refused_with_the_line(use: Callable[[Require], None]) -> None:
    with pytest.raises(UsageError) as caught:
        use(Require())
    assert caught.value.where.startswith(f"{__file__}:")


@pytest.mark.parametrize(
    "text",
    ["tail -f x #2 --all", "sh -c 'echo a ; exec sleep 9\t#9'", "date +%s", ";x", "a#b;c", "100% ; # 5"],
)
def test_supervisor_gets_each_value_as_it_was_given(text: str) -> None:
    require = Require()
    app(require, command=text, environment={"ONE": f"{text}.", "TWO": 'say "hi" #1', "THREE": "l'heure"})
    found = require.collector.find("file", "/etc/supervisor/conf.d/app.conf")
    assert found
    parser = RawConfigParser(inline_comment_prefixes=(";", "#"))  # as supervisor reads it
    parser.read_string(found.want["contents"])
    read = {key: value % {"program_name": "app"} for key, value in parser["program:app"].items()}
    assert read["command"] == text
    lexer = shlex.shlex(read["environment"])
    lexer.wordchars += "/.+-():"
    values = [token.strip("\"'") for token in list(lexer)[2::4]]
    assert values == [f"{text}.", 'say "hi" #1', "l'heure"]


CRON_REFUSES = (
    "99 99 * * *|* 24 * * *|* * 0 * *|* * * 13 *|* * * * 8|* * * January *|*/0 * * * *|5/10 * * * *"
)
CRON_REFUSES += "|5,,6 * * * *|* * L * *|* * * *|* * * * * *|* * * * fri-sun|9-5 * * * *"
"""By crontab -n of Debian 12; the last two it takes, and never runs."""
CRON_TAKES = (
    "*/90 * * * *|0,30 9-17/2 1,31 jan-MAR mon-fri|005 23 * 12 7|*,5 * * * 5-7|0 0 * * sat,SUN|@reboot"
)


@pytest.mark.parametrize("time", CRON_REFUSES.split("|"))
def test_a_time_that_cron_cannot_read_is_refused(time: str) -> None:
    with pytest.raises(UsageError, match="is not a cron time"):
        Require().cron.task("x", time, "me", "true")


@pytest.mark.parametrize("time", CRON_TAKES.split("|"))
def test_a_time_that_cron_can_read_is_written(time: str) -> None:
    assert f"\n{time} me true\n" in Require().cron.task("x", time, "me", "true").want["contents"]


def test_backslashes_reach_the_shell_that_cron_starts() -> None:
    task = Require().cron.task("x", "@daily", "me", r"date +\%F")
    assert "@daily me date +" + r"\\" + r"\%F" in task.want["contents"]


def test_percent_is_escaped_where_it_means_something() -> None:
    require = Require()
    require.cron.daily("x", user="me", command="date +%s")
    require.supervisor.process(
        "app", command="run %s", directory="/", user="me", log="/l", environment={"A": "b"}
    )
    contents = {item.name: item.want.get("contents", "") for item in require.collector.plan().resources}
    assert r"@daily me date +\%s" in contents["/etc/cron.d/x"]
    assert "command=run %%s" in contents["/etc/supervisor/conf.d/app.conf"]
    assert 'environment=A="b"\n' in contents["/etc/supervisor/conf.d/app.conf"]
    assert all(text.endswith("\n") for name, text in contents.items() if name.startswith("/etc"))


def test_the_recipe_is_one_line_of_json_with_every_action() -> None:
    require = Require()
    blog.describe(require, config.load(EXAMPLE), key="ssh-ed25519 AAAA me")
    text = require.collector.plan().to_json()
    plan = json.loads(text)
    assert "\n" not in text
    assert set(plan["actions"]) == {
        "nginx reload",
        "supervisor update blog-service",
        "supervisor restart blog-service",
    }
    assert {name for item in plan["resources"] for name in item["notify"]} == set(plan["actions"])


@pytest.mark.parametrize("pdf", [False, True])
def test_the_lock_pins_every_requirement_by_hash(pdf: bool) -> None:
    lines = [*requirements().splitlines(), *(["weasyprint>=68"] if pdf else [])]
    names = {line.split(">=")[0].strip().lower() for line in lines if line.strip()}
    blocks = [block for block in toolkit.lock(pdf=pdf).split("\n") if "==" in block]
    pinned = {block.split("==")[0].lower() for block in blocks}
    assert names <= pinned
    assert ("weasyprint" in pinned) == pdf
    assert toolkit.lock(pdf=pdf).count("--hash=sha256:") >= len(blocks)


def test_both_locks_pin_the_same_versions() -> None:
    def pins(lock: str) -> set[str]:
        return {line.split()[0] for line in lock.splitlines() if "==" in line and line[:1].isalpha()}

    assert pins(toolkit.lock()) < pins(toolkit.lock(pdf=True))


def test_pdfs_bring_a_toolkit_of_their_own_and_their_packages() -> None:
    settings = config.load(EXAMPLE)
    with_pdf = settings._replace(build=settings.build._replace(pdf=True))
    plans = []
    for each in (settings, with_pdf):
        require = Require()
        blog.describe(require, each, key="")
        plans.append(require.collector.plan())
    toolkits = [
        {item.name: item.want["lock"] for item in plan.resources if item.kind == "locked_virtualenv"}
        for plan in plans
    ]
    assert toolkits[0].keys().isdisjoint(toolkits[1])
    assert [*toolkits[1].values()] == [toolkit.lock(pdf=True)]
    asked = [{item.name for item in plan.resources if item.kind == "packages"} for plan in plans]
    assert {", ".join(sorted(blog.PACKAGES))} <= asked[0]
    assert any(set(blog.PDF_PACKAGES) <= set(name.split(", ")) for name in asked[1])
    assert not any(set(blog.PDF_PACKAGES) & set(name.split(", ")) for name in asked[0])


@pytest.mark.parametrize(
    ("address", "key"),
    [("", False), ("https://forge.example.org/b", False), ("git@forge.example.org:b", True)],
)
def test_git_brings_its_packages_and_a_deploy_key_where_it_is_asked_by_ssh(address: str, key: bool) -> None:
    settings, require = config.load(EXAMPLE), Require()
    content = settings.content._replace(git=address)
    blog.describe(require, settings._replace(content=content), key="")
    told = [(item.kind, item.name) for item in require.collector.plan().resources]
    packages = {name for kind, names in told if kind == "packages" for name in names.split(", ")}
    assert packages.issuperset(blog.GIT_PACKAGES) == bool(address)
    assert (("directory", "/srv/blog/ssh") in told) == key
    assert any(kind == "command" for kind, _ in told) == key


def requirements() -> str:
    path = Path(toolkit.__file__).with_name("server.in")
    return "\n".join(line for line in path.read_text().splitlines() if not line.startswith("#"))


def test_the_wheel_holds_the_templates() -> None:
    import io
    import zipfile

    names = zipfile.ZipFile(io.BytesIO(toolkit.wheel())).namelist()
    assert "blogops/templates/server/nginx-site.conf.j2" in names
    assert "blogops/provision/server.lock" in names
    assert any(name.startswith("blogops/templates/site/") for name in names)


def test_two_blogs_on_one_host_have_their_logs_apart(tmp_path: Path) -> None:
    settings, require = config.load(EXAMPLE), Require()
    blog.remove(require, settings)
    command = next(item.want for item in require.collector.plan().resources if item.kind == "command")
    mine = ("blogops/blog-rebuild.log.2.gz", "blogops/blog-service.log", "nginx/blog.access.log.1")
    others = {"blogops/blog-two-rebuild.log", "nginx/access.log", "nginx/blog-two.error.log"}
    for name in (*mine, *others):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    def sh(what: str) -> int:
        line = command[what].replace("/var/log", str(tmp_path))
        return subprocess.run(["sh", "-c", line], check=False).returncode

    assert (sh("unless"), sh("command"), sh("unless")) == (1, 0, 0)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.glob("*/*")} == others
    (tmp_path / "blogops/blog-two-rebuild.log").unlink()
    assert (sh("unless"), sh("command"), sh("unless")) == (1, 0, 0)
    assert not (tmp_path / "blogops").exists()


def test_logrotate_is_told_of_this_blog_alone() -> None:
    require = Require()
    blog.describe(require, config.load(EXAMPLE), key="")
    rotated = require.collector.find("file", "/etc/logrotate.d/blogops-blog")
    assert rotated
    assert "/var/log/blogops/blog-rebuild.log /var/log/blogops/blog-service.log {" in rotated.want["contents"]


def test_a_log_whose_path_has_a_blank_is_one_path_to_logrotate() -> None:
    rotated = Require().logrotate("x", ["/a/*.log", "/a b/c.log"])
    assert '\n/a/*.log "/a b/c.log" {\n' in rotated.want["contents"]


def test_the_page_for_people_names_every_file_in_etc() -> None:
    require = Require()
    blog.describe(require, config.load(EXAMPLE), key="ssh-ed25519 AAAA me")
    page = (EXAMPLE.parents[1] / "docs/server.md").read_text(encoding="utf-8")
    written = [item.name for item in require.collector.plan().resources if item.kind == "file"]
    assert [name for name in written if name.startswith("/etc/") and name not in page] == []
    assert [
        name for name in (*blog.PACKAGES, *blog.PDF_PACKAGES, *blog.GIT_PACKAGES) if name not in page
    ] == []
