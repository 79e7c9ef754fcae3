"""``--explain``: every kind has its commands, a shell can read them, and no secret is among them."""

import shlex
import subprocess
from pathlib import Path

import pytest

from blogops import config
from blogops.agent.kinds import KINDS
from blogops.provision import Require, Secret, blog, explain_host, explain_software, reload, restart
from blogops.provision.explain import explain

EXAMPLE = Path(__file__).parents[1] / "example/blog.toml"
CLEAR = "s3cret 'word'"


def lines(require: Require) -> list[str]:
    return explain(require.collector.plan())


def everything(folder: Path) -> Require:
    """Return a plan with a resource of each kind and each shape."""
    large = folder / "large"
    large.write_bytes(b"\0" * 10)
    key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n"
    require = Require()
    blog.describe(require, config.load(EXAMPLE), key="ssh-ed25519 AAAA me")
    _system(require)
    require.deb.uptodate_index()
    require.deb.source("mine", "https://deb.example.org/", "trixie", "main", key=key)
    require.deb.preseed("db", {"db/password": ("password", CLEAR), "db/name": ("string", "it's")})
    require.deb.package("postgresql-17", version="17.1-1")
    require.deb.nopackages(["apache2"], purge=True)
    require.file("/etc/it's", "no newline at the end")
    require.file("/etc/empty", "")
    require.file("/etc/marked", "END\nEND_\n$HOME `id`\n", owner="me", group="adm", mode="0600")
    require.file("/etc/large", source=large)
    require.file("/etc/token", Secret(CLEAR))
    require.file("/etc/other-token", CLEAR, secret=True)
    require.absent("/srv/old", tree=True)
    _people(require)
    with require.only_if("test -e '/dev/vda2'"), require.notify(restart("nginx")):
        require.directory("/srv/media", owner="me")
    _programs(require)
    return require


def _system(require: Require) -> None:
    require.system.hostname("web1.example.com")
    require.system.default_locale("fr_FR.UTF-8")
    require.system.timezone("Europe/Paris")
    require.system.sysctl("net.core.somaxconn", 4096)
    require.postfix.server("example.com", settings={"smtpd_banner": "it's $myhostname"})
    require.service.restarted("cron", since=["/etc/environment"])
    require.service.stopped("apache2")
    require.service.enabled("fstrim.timer")


def _people(require: Require) -> None:
    require.group("editors", gid=2000)
    require.user("me", comment="it's me", extra_groups=["editors"], uid=2001)
    require.nouser("you")
    require.authorized_keys("me", ["ssh-ed25519 AAAA it's me"], exclusive=True)


def _programs(require: Require) -> None:
    require.command(
        "make 'it' && it",
        unless="it's ready || false",
        creates="/srv/it",
        user="me",
        environment={"TOKEN": Secret(CLEAR)},
    )
    require.git.working_copy("https://git.example.org/app.git", "/home/me/app", user="me")
    require.python.virtualenv("/home/me/env", user="me")
    require.python.package("pyramid>=2", virtualenv="/home/me/env")
    require.python.requirements("/home/me/app/requirements.txt", virtualenv="/home/me/env")
    require.postgres.user("me", CLEAR)
    require.postgres.user("other", Secret(CLEAR), createdb=True)
    require.postgres.database("app", "me")
    require.supervisor.absent("gone")


def test_every_kind_has_an_explanation() -> None:
    assert explain_host.KINDS.keys() | explain_software.KINDS.keys() == KINDS.keys()


def test_a_shell_reads_the_whole_plan_of_every_word(tmp_path: Path) -> None:
    require = everything(tmp_path)
    kinds = {item.kind for item in require.collector.plan().resources}
    assert kinds == KINDS.keys() - {"dpkg"}  # the agent adds that one itself
    text = "\n".join(lines(require)) + "\n"
    read = subprocess.run(["sh", "-n"], input=text, capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")
    assert "s3cret" not in text
    assert text.count("«secret»") >= 6


def test_each_resource_stands_below_its_line(tmp_path: Path) -> None:
    require = everything(tmp_path)
    said = lines(require)
    for item in require.collector.plan().resources:
        after = said.index(f"# {item.where}: {item.title}") + 1
        assert said[after] and not said[after].startswith("#"), item.title


def test_notifications_come_once_at_the_end() -> None:
    require = Require()
    require.file("/a", "", notify=[reload("nginx"), reload("ssh")])
    require.file("/b", "", notify=[reload("ssh"), restart("nginx")])
    assert lines(require)[-2:] == ["systemctl reload ssh.service", "systemctl restart nginx.service"]


def test_without_notifications_nothing_is_said_of_them() -> None:
    require = Require()
    require.directory("/a")
    assert lines(require)[-1] == "install -m 755 -d /a"


@pytest.mark.parametrize(
    ("contents", "mode"),
    [("END\nit's $HOME\\n`id`\n\n", "640"), ("no newline", "600"), ("", "644"), ("é\n", "755")],
)
def test_a_file_comes_out_as_it_was_given(tmp_path: Path, contents: str, mode: str) -> None:
    path = tmp_path / "it's a file"
    require = Require()
    with require.only_if("true"), require.only_if("test 'a' = a"):
        require.file(str(path), contents, mode=mode)
    with require.only_if("false"):
        require.file(f"{path} not", contents)
    subprocess.run(["sh", "-eu"], input="\n".join(lines(require)) + "\n", text=True, check=True)
    assert path.read_text() == contents
    assert f"{path.stat().st_mode & 0o777:o}" == mode
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_command_runs_unless_it_has_done_its_work(tmp_path: Path) -> None:
    require = Require()
    require.command(
        'echo "$A" >>out', creates=f"{tmp_path}/out", directory=str(tmp_path), environment={"A": "it's"}
    )
    for _ in range(2):
        subprocess.run(["sh", "-eu"], input="\n".join(lines(require)) + "\n", text=True, check=True)
    assert (tmp_path / "out").read_text() == "it's\n"


def test_what_is_pasted_is_one_word_each() -> None:
    require = Require()
    require.link("/srv/it's", "a b")
    assert shlex.split(lines(require)[-1]) == ["ln", "-sfn", "a b", "/srv/it's"]
