"""Scheduled rebuilds by the real cron: posts on time, failures told once, pins and suspensions kept."""

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator

import pytest
from driving import Driver, write_example

from blogops import vm

pytestmark = pytest.mark.vm

CHECK = "runuser -u blog -- /usr/local/lib/blogops-blog/due"  # what cron runs, and how
ALERTS = """
[alerts]
mail = ["owner@blog.example.org"]
webhook = "env:TEST_HOOK"
ping = "env:TEST_PING"
"""
# What the owner has elsewhere: it keeps what it is sent, a line each.
ELSEWHERE = r"""
import http.server, json
class Heard(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told = json.loads(body) if body else {"kind": "ping"}
        open("/root/heard", "a").write(json.dumps(told) + "\n")
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    do_POST = do_GET
http.server.HTTPServer(("127.0.0.1", 9999), Heard).serve_forever()
"""


class Blog(Driver):
    """A blog, and what its owner hears of it."""

    def write(self, name: str, *fields: str, text: str = "A text.") -> None:
        title = name.title()
        lines = [title, "#" * len(title), "", *fields, "", text, ""]
        (self.folder / f"content/{name}.rst").write_text("\n".join(lines), encoding="utf-8")

    def until(self, what: str, is_so: Callable[[], bool], seconds: float = 130) -> None:
        """Wait for cron's next minute, or the one after it."""
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, what + self.ssh(
                "cat /var/log/blogops/blog-rebuild.log /srv/blog/work/due.json;"
                "tail -n 3 /srv/blog/ledger.jsonl; journalctl -u cron -n 5"
            )
            time.sleep(0.5)

    def heard(self, *kinds: str) -> list[dict[str, str]]:
        """Return the messages of these kinds that the webhook got."""
        lines = self.ssh("cat /root/heard 2>/dev/null || true").splitlines()
        return [each for each in map(json.loads, lines) if each["kind"] in (kinds or ("failed", "recovered"))]

    def mails(self) -> list[str]:
        """Return the subjects of the owner's mails."""
        found = self.ssh("grep ^Subject: /var/mail/owner 2>/dev/null || true")
        return found.replace("Subject: blog.example.org: ", "").splitlines()

    def check(self, code: int = 0) -> None:
        """Do what cron does each minute."""
        assert self.ssh(f"{CHECK}; echo $?").splitlines()[-1] == str(code)

    def ledger(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.ssh("cat /srv/blog/ledger.jsonl").splitlines()]


def minute(blog: Blog, ahead: int) -> dt.datetime:
    """Return the full minute of the machine that is at least *ahead* seconds away."""
    now = int(blog.ssh("date +%s"))
    return dt.datetime.fromtimestamp(-(-(now + ahead) // 60) * 60, dt.UTC)


def told(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%SZ}"


@pytest.fixture(scope="module")
def blog(
    vm_host: None, tmp_path_factory: pytest.TempPathFactory, workshop: Callable[[int], vm.Machine]
) -> Iterator[Blog]:
    folder = tmp_path_factory.mktemp("time") / "blog"
    write_example(folder)
    toml = folder / "blog.toml"
    toml.write_text(toml.read_text().partition("\n[alerts]")[0] + ALERTS)
    blog = Blog(workshop(13), folder)
    blog.ssh("useradd --create-home owner")
    blog.ssh(f"cat >/root/elsewhere.py <<'END'{ELSEWHERE}END")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_HOOK", "http://127.0.0.1:9999/a-secret")
        patch.setenv("TEST_PING", "http://127.0.0.1:9999/another")
        yield blog
    blog.ssh("pkill -f '[e]lsewhere.py'")
    blog.ssh("rm -f /root/heard /root/elsewhere.py; userdel --remove owner 2>/dev/null || true")
    blog.done("purge", "--yes")


def test_01_setup_keeps_the_secrets(blog: Blog) -> None:
    said = blog.done("setup")
    blog.background("exec python3 /root/elsewhere.py")
    assert "a-secret" not in said
    assert blog.ssh("stat -c '%a %U:%G' /etc/blogops-blog.alerts.json") == "640 root:blog\n"
    assert "a-secret" not in blog.ssh(
        "grep -rl a-secret /etc /var/lib/blogops /var/log /srv || true"
    ).replace("/etc/blogops-blog.alerts.json", "")
    assert "changed, " not in blog.done("setup").splitlines()[-1] or ", 0 changed" in blog.done("setup")
    blog.done("deploy")
    tested = blog.done("alert-test")
    assert tested.count("taken") == 3
    blog.until("the test's mail", lambda: blog.mails() == ["a test"], 20)
    assert [each["kind"] for each in blog.heard("test", "ping")] == ["test", "ping"]


def test_02_posts_come_and_go_in_their_minute(blog: Blog) -> None:
    due = minute(blog, 25)
    blog.write("comes", f":date: {told(due)}", ":slug: comes")
    blog.write("goes", ":date: 2026-11-20", ":slug: goes", f":expires: {told(due)}")
    blog.done("deploy")
    assert (blog.code("/comes.html"), blog.code("/goes.html")) == (404, 200)
    shown = json.loads(blog.done("schedule", "--json"))["coming"]
    assert {(each["title"], each["what"]) for each in shown} >= {("Comes", "appears"), ("Goes", "expires")}
    blog.until("the post", lambda: blog.code("/comes.html") == 200)
    last = blog.ledger()[-1]
    assert (last["who"], last["reason"], last["outcome"]) == ("blog", "schedule", "published")
    assert dt.datetime.fromisoformat(last["time"]) - due < dt.timedelta(minutes=1)
    assert blog.code("/goes.html") == 410
    assert blog.ssh("cat /var/log/blogops/blog-rebuild.log") == ""
    assert blog.heard() == []
    blog.until("the ping", lambda: len(blog.heard("ping")) > 1, 20)


def test_03_a_post_that_is_due_during_a_deploy(blog: Blog) -> None:
    lines = len(blog.ledger())
    blog.ssh("rm /srv/blog/work/due.json")
    blog.background("exec runuser -u blog -- flock /srv/blog/lock sleep 15")
    blog.ssh("until ! runuser -u blog -- flock -n /srv/blog/lock true; do sleep 0.1; done")
    blog.check(75)
    assert len(blog.ledger()) == lines
    blog.ssh("runuser -u blog -- flock /srv/blog/lock true")
    blog.check()
    assert len(blog.ledger()) > lines
    assert blog.heard() == []


def test_04_what_fails_is_told_once_though_the_mail_server_is_down(blog: Blog) -> None:
    mails = len(blog.mails())
    blog.ssh("systemctl stop postfix")
    blog.ssh(
        "cd /srv/blog/source/content;"
        "printf 'Broken\\n######\\n\\n:date: 2026-11-20\\n\\n.. nosuch::\\n' >broken.rst"
    )
    blog.ssh("rm /srv/blog/work/due.json")
    failures = [line for line in blog.ledger() if line["outcome"] == "failed"]
    blog.until(
        "two tries", lambda: sum(x["outcome"] == "failed" for x in blog.ledger()) >= len(failures) + 2, 200
    )
    [only] = blog.heard("failed")
    assert "content/broken.rst:6" in only["error"]
    assert blog.ledger()[-1]["before"] == only["live"]
    assert "fab status" in only["text"]
    blog.ssh("systemctl start postfix; postqueue -f")
    blog.until("the mail", lambda: blog.mails()[mails:] == ["the scheduled rebuild failed"], 60)


def test_05_a_deploy_that_goes_well_ends_it(blog: Blog) -> None:
    blog.done("deploy")
    blog.until("the good news", lambda: bool(blog.heard("recovered")))
    assert [each["kind"] for each in blog.heard()] == ["failed", "recovered"]
    blog.until("its mail", lambda: blog.mails()[-1] == "scheduled rebuilds go well again", 20)


def test_06_a_lost_toolkit_is_told_and_its_return(blog: Blog) -> None:
    before = len(blog.heard())
    blog.ssh("mv /srv/blog/toolkit /srv/blog/away; rm /srv/blog/work/due.json")
    blog.check(1)
    blog.check()  # not yet again
    blog.ssh("mv /srv/blog/away /srv/blog/toolkit")
    blog.until("the good news", lambda: len(blog.heard()) == before + 2)
    assert "is not there" in blog.heard()[before]["error"]


def test_07_what_is_due_while_pinned_waits(blog: Blog) -> None:
    due = minute(blog, 40)
    blog.write("later", f":date: {told(due)}", ":slug: later")
    blog.done("deploy")
    blog.write("goes", ":date: 2026-11-20", ":slug: goes", text="Another text.")
    blog.done("deploy")
    blog.done("rollback")
    blog.until("the message", lambda: bool(blog.heard("waiting")))
    assert blog.code("/later.html") == 404
    [only] = blog.heard("waiting")
    assert "Later (later.rst) appears at" in only["text"]
    assert "is ready and not published" in only["text"]
    blog.ssh("rm /srv/blog/work/due.json")
    blog.check()
    assert len(blog.heard("waiting")) == 1
    blog.done("unpin")
    blog.until("the post", lambda: blog.code("/later.html") == 200)


def test_08_suspended_nothing_comes_by_itself(blog: Blog) -> None:
    said = blog.done("cron", "suspend", "--why", "on holiday")
    assert "on holiday" in said
    assert "on holiday" in blog.done("cron", "list")
    assert "on holiday" in blog.done("status")
    lines = len(blog.ledger())
    blog.ssh("rm /srv/blog/work/due.json")
    blog.check()
    assert len(blog.ledger()) == lines
    blog.done("cron", "run")  # whoever wants it, gets it
    assert len(blog.ledger()) == lines + 1
    assert "resumed" in blog.done("cron", "resume")
    told_of = json.loads(blog.done("cron", "list", "--json"))
    assert (told_of["installed"], told_of["suspended"], told_of["failing"]) == (True, "", "")


def test_09_idle_it_writes_nothing(blog: Blog) -> None:
    state = blog.state_of("/srv/blog/work", "/srv/blog/releases", "/var/log/blogops")
    blog.check()
    assert blog.state_of("/srv/blog/work", "/srv/blog/releases", "/var/log/blogops") == state


def test_10_wrong_words_are_told(blog: Blog) -> None:
    ended = blog.fab("cron", "pause")
    assert (ended.returncode, "list, suspend, resume or run" in ended.stderr) == (2, True)
