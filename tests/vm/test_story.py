"""The whole road on a blank Debian 13 and 12, through the real commands, seen from outside."""

import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from driving import FAB, Driver, environment, write_example

from blogops import vm

pytestmark = pytest.mark.vm


@dataclass(frozen=True)
class Response:
    """What a reader's browser gets."""

    status: int
    body: str
    headers: dict[str, str]


class Story(Driver):
    """One blank VM, one blog folder, and the commands a person would type."""

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `fab` without -S and -H."""
        # A home without known_hosts: only what ssh_config names may be used.
        return subprocess.run(
            [str(FAB), *words],
            cwd=self.folder,
            env=environment(self.folder.parent),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def get(self, path: str, **headers: str) -> Response:
        url = f"http://127.0.0.1:{self.machine.http_port}{path}"
        request = urllib.request.Request(url, headers={"Host": "blog.example.org", **headers})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return Response(answer.status, answer.read().decode(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Response(error.code, error.read().decode(), dict(error.headers))

    def write(self, name: str, text: str) -> None:
        (self.folder / "content" / name).write_text(text, encoding="utf-8")


POST = """A word from the test
####################

:date: 2026-11-21 09:00
:tags: test
:category: Tests

{text}
"""

# What `fab setup` has touched or could touch; the second run must leave every inode and mtime.
TOUCHED = (
    "/etc /srv /home /usr/lib/systemd /var/lib/dpkg /var/lib/apt /var/lib/blogops/agent /var/log/blogops"
)


@pytest.fixture(scope="module", params=[13, 12], ids=["debian13", "debian12"])
def story(
    request: pytest.FixtureRequest, vm_host: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("blog") / "blog"
    write_example(folder)
    name = f"t{request.param}0-{os.getpid()}"
    try:
        yield Story(vm.up(name, debian=request.param), folder)
    finally:
        vm.down(name)


def test_01_rollback_before_anything_is_refused(story: Story) -> None:
    ended = story.fab("status")
    assert ended.returncode != 0
    assert "fab setup" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_02_check_on_a_blank_host_changes_nothing(story: Story) -> None:
    before = story.state_of("/etc", "/usr", "/var/lib", "/srv", "/home")
    ended = story.fab("setup", "--check")
    assert ended.returncode == 10, ended.stdout + ended.stderr
    assert "would" in ended.stdout
    assert story.state_of("/etc", "/usr", "/var/lib", "/srv", "/home") == before


def test_03_setup(story: Story) -> None:
    told = story.done("setup")
    assert "python3: installed" in told
    assert story.ssh("systemctl is-active nginx supervisor cron").split() == ["active"] * 3


def test_04_setup_again_changes_nothing(story: Story) -> None:
    pids = (
        "systemctl show -p MainPID nginx supervisor cron; cat /run/nginx.pid; supervisorctl pid blog-service"
    )
    before = story.state_of(TOUCHED), story.ssh(pids)
    told = story.done("setup")
    assert re.search(r"\b0 changed", told), told
    assert (story.state_of(TOUCHED), story.ssh(pids)) == before
    assert re.search(r"\b0 would change", story.done("setup", "--check"))


def test_05_check_shows_a_diff(story: Story) -> None:
    story.ssh("sed -i 's/weekly/monthly/' /etc/logrotate.d/blogops-blog")
    ended = story.fab("setup", "--check")
    assert ended.returncode == 10
    assert "-    monthly" in ended.stdout
    assert "+    weekly" in ended.stdout
    assert "monthly" in story.ssh("cat /etc/logrotate.d/blogops-blog")
    assert re.search(r"\b1 changed", story.done("setup"))


def test_06_rollback_with_nothing_to_go_back_to(story: Story) -> None:
    ended = story.fab("rollback")
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_07_deploy(story: Story) -> None:
    story.write("word.rst", POST.format(text="The first wording."))
    story.done("deploy")
    home = story.get("/")
    assert home.status == 200
    assert "A word from the test" in home.body
    assert "Retours sur PyconFR 2012" not in home.body  # a draft
    assert "The first wording." in story.get("/feeds/all.atom.xml").body
    missing = story.get("/no-such-page.html")
    assert (missing.status, "<html" in missing.body) == (404, True)
    assert "Content-Security-Policy" in home.headers
    assert json.loads(story.get("/_blog/health").body)["ok"] is True


def test_08_an_edit_changes_its_pages_only(story: Story) -> None:
    about, word = story.get("/pages/about.html"), story.get("/a-word-from-the-test.html")
    assert about.status == word.status == 200
    story.write("word.rst", POST.format(text="The second wording."))
    story.done("deploy")
    edited = story.get("/a-word-from-the-test.html")
    assert "The second wording." in edited.body
    assert edited.headers["ETag"] != word.headers["ETag"]
    assert story.get("/pages/about.html").headers["ETag"] == about.headers["ETag"]
    assert story.get("/pages/about.html", **{"If-None-Match": about.headers["ETag"]}).status == 304


def test_09_a_broken_post_stops_the_release(story: Story) -> None:
    live = story.ssh("readlink /srv/blog/current")
    story.write(
        "broken.rst", POST.format(text=".. image::\n\n`unclosed").replace("A word from", "No word of")
    )
    ended = story.fab("deploy")
    assert ended.returncode == 4, ended.stdout + ended.stderr
    assert re.search(r"content/broken\.rst:\d+", ended.stdout + ended.stderr)
    assert "Traceback" not in ended.stderr
    assert story.ssh("readlink /srv/blog/current") == live
    assert "The second wording." in story.get("/a-word-from-the-test.html").body
    (story.folder / "content/broken.rst").unlink()


def test_10_rollback(story: Story) -> None:
    story.done("deploy")  # the mended manuscript; the same bytes, so no release
    left = story.ssh("readlink /srv/blog/current")
    story.done("rollback")
    assert story.ssh("readlink /srv/blog/current") != left
    assert "The first wording." in story.get("/a-word-from-the-test.html").body
    listed = json.loads(story.done("releases", "--json"))
    assert [item["state"] for item in listed].count("live") == 1
    unknown = story.fab("rollback", "--to", "000099-20260101T000000Z-00000000")
    assert unknown.returncode == 3
    assert "Traceback" not in unknown.stderr


def test_11_cron_rebuilds_and_does_not_undo_the_rollback(story: Story) -> None:
    story.ssh("rm -f /srv/blog/work/due.json")  # nothing is known: a rebuild is due
    lines = int(story.ssh("wc -l </srv/blog/ledger.jsonl"))
    deadline = time.monotonic() + 100
    while int(story.ssh("wc -l </srv/blog/ledger.jsonl")) == lines:
        assert time.monotonic() < deadline, story.ssh(
            "cat /var/log/blogops/blog-rebuild.log; journalctl -u cron -n 20"
        )
        time.sleep(2)
    line = json.loads(story.ssh("tail -n 1 /srv/blog/ledger.jsonl"))
    assert (line["who"], line["reason"]) == ("blog", "schedule")
    assert line["outcome"] in ("waiting", "unchanged")
    assert "The first wording." in story.get("/a-word-from-the-test.html").body


def test_12_status_tells_all_of_it(story: Story) -> None:
    told = json.loads(story.done("status", "--json"))
    assert told["live"]["id"] == Path(story.ssh("readlink /srv/blog/current").strip()).name
    assert told["pinned"]
    assert "pinned" in story.done("status")


def test_13_the_next_deploy_publishes_again(story: Story) -> None:
    story.write("word.rst", POST.format(text="The third wording."))
    refused = story.fab("deploy")
    assert (refused.returncode, "--unpin" in refused.stderr) == (3, True), refused.stdout + refused.stderr
    assert "The first wording." in story.get("/a-word-from-the-test.html").body
    story.done("deploy", "--unpin")
    assert "The third wording." in story.get("/a-word-from-the-test.html").body


def test_14_readers_cannot_be_written_to_and_drafts_are_private(story: Story) -> None:
    assert story.ssh("stat -c '%a %U' /srv/blog/source /srv/blog/work").split() == ["700", "blog"] * 2
    owners = story.ssh("find /srv/blog/current/ -user www-data -o -perm -o=w ! -type l")
    assert owners == ""
    assert story.ssh("ps -o user= -C gunicorn | sort -u").split() == ["www-data"]


def test_15_logs_rotate(story: Story) -> None:
    story.ssh("logrotate --force /etc/logrotate.d/blogops-blog")
    assert "blog-service.log.1" in story.ssh("ls /var/log/blogops")


def test_16_deploy_through_a_gateway(story: Story) -> None:
    """The machine is its own gateway: both connections take their settings from ssh_config."""
    name, home = story.machine.name, story.folder.parent
    known = home / "known_hosts"
    key = story.ssh("cat /etc/ssh/ssh_host_ed25519_key.pub").split()[:2]
    known.write_text(f"127.0.0.1 {' '.join(key)}\n")
    identity = story.machine.folder / "id_ed25519"
    config = home / "ssh_config"
    config.write_text(
        f"{story.machine.ssh_config.read_text()}\n"
        f"Host inner\n  HostName 127.0.0.1\n  User root\n  ProxyJump {name}\n  IdentityFile {identity}\n"
        f"  IdentitiesOnly yes\n  UserKnownHostsFile {known}\n  StrictHostKeyChecking yes\n"
    )
    story.write("word.rst", POST.format(text="The fourth wording, by a detour."))
    ended = story.fab("deploy", host="inner", config=config)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "by a detour" in story.get("/a-word-from-the-test.html").body


def test_17_without_a_host_it_goes_to_those_of_blog_toml(story: Story) -> None:
    toml = story.folder / "blog.toml"
    toml.write_text(toml.read_text().replace("root@blog.example.org", f"root@{story.machine.name}"))
    ended = story.run("-S", str(story.machine.ssh_config), "status", "--json")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert json.loads(ended.stdout)["live"]
