"""A blog whose manuscript comes from git, by a real sshd with a deploy key that may only read."""

import json
import os
import shutil
import time
from collections.abc import Iterator

import pytest
from driving import REPO, Driver

from blogops import vm

pytestmark = pytest.mark.vm

FORGE = "/home/forge"
TOML = """[site]
title = "A blog from git"
url = "http://blog.example.org"
author = "Ada"

[content]
git = "{git}"
branch = "{branch}"
git_host_keys = {keys}
"""
# An sshd of its own, whose key can change and which can be down. It serves one repository, to read only.
SET_UP = r"""
useradd --create-home --shell /bin/bash forge
runuser -u forge -- sh -ec '
  cd ~; mkdir -m 700 .ssh
  git config --global user.name Ada; git config --global user.email ada@example.org
  git init -q --bare -b main blog.git; git clone -q blog.git clone 2>/dev/null
  git -C clone checkout -q -b main
  printf "#!/bin/sh\n[ ! -e slow ] || sleep 60\nexec git-upload-pack /home/forge/blog.git\n" >serve
  chmod 755 serve
  ssh-keygen -q -t ed25519 -N "" -f first; ssh-keygen -q -t ed25519 -N "" -f second
'
"""
# The same repository over HTTPS, by git's own CGI program; another address asks for a password.
HTTPS = """
import os, ssl, subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer

class Forge(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/private"):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="forge"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        asked = {
            "GIT_PROJECT_ROOT": "/home/forge", "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": query, "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        words, environment = ["git", "http-backend"], {**os.environ, **asked}
        told = subprocess.run(words, input=body, env=environment, stdout=subprocess.PIPE)
        head, _, rest = told.stdout.partition(b"\\r\\n\\r\\n")
        length = b"Content-Length: %d" % len(rest)
        self.wfile.write(b"\\r\\n".join([b"HTTP/1.0 200 OK", head, length, b"", rest]))
    do_POST = do_GET

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/home/forge/tls.pem", "/home/forge/tls.key")
server = HTTPServer(("127.0.0.1", 8443), Forge)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""
CERTIFY = f"""
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \\
  -keyout {FORGE}/tls.key -out {FORGE}/tls.pem 2>/dev/null
chown forge {FORGE}/tls.key
cp {FORGE}/tls.pem /usr/local/share/ca-certificates/forge.crt && update-ca-certificates >/dev/null 2>&1
cat >{FORGE}/https.py <<'END'
{HTTPS}
END
systemd-run --quiet --collect --uid=forge --setenv=HOME={FORGE} --unit=https python3 {FORGE}/https.py
until openssl s_client -connect localhost:8443 </dev/null >/dev/null 2>&1; do sleep 0.1; done
"""
BY_SSH = f"ssh://forge@127.0.0.1:2222{FORGE}/blog.git"


class Story(Driver):
    """The machine, with a forge on it."""

    def toml(self, *, git: str = BY_SSH, branch: str = "main", keys: tuple[str, ...] = ()) -> None:
        text = TOML.format(git=git, branch=branch, keys=json.dumps(keys))
        (self.folder / "blog.toml").write_text(text)

    def serve(self, key: str = "first") -> None:
        """Start the forge's sshd, which shows that host key."""
        self.stop()
        line = f"/usr/sbin/sshd -D -p 2222 -o HostKey={FORGE}/{key} -o PidFile=none"
        self.ssh(f"systemd-run --quiet --collect --unit=forge {line}")
        self.ssh("until ssh-keyscan -p 2222 127.0.0.1 2>/dev/null | grep -q ed25519; do sleep 0.1; done")

    def stop(self) -> None:
        self.ssh("systemctl stop forge.service 2>/dev/null", check=False)

    def admit(self) -> None:
        """Give the forge the deploy key, as a person does with what `fab setup` told."""
        self.ssh(
            f"{{ printf 'command=\"{FORGE}/serve\",restrict '; cat /srv/blog/ssh/deploy_key.pub; }} "
            f">{FORGE}/.ssh/authorized_keys; chown forge {FORGE}/.ssh/authorized_keys"
        )

    def push(self, change: str, why: str, options: str = "") -> str:
        """Do *change* in the clone, commit it and push; return the commit."""
        lines = (
            f"cd ~/clone; {change}; git add --all; git commit -q --allow-empty {options} -m '{why}'; "
            "git push -q --force origin HEAD:main; git rev-parse HEAD"
        )
        script = lines.replace('"', '\\"').replace("$", "\\$")
        return self.ssh(f'runuser -u forge -- sh -ec "{script}"').strip()

    def post(self, name: str, text: str) -> str:
        """Return the shell's words that write a post."""
        head = f"{name}\\n#####\\n\\n:date: 2026-11-01"
        return f'mkdir -p content; printf "{head}\\n\\n{text}\\n" >content/{name}.rst'

    def live(self) -> tuple[str, str]:
        return self.ssh("readlink /srv/blog/current").strip(), self.bytes_of("/srv/blog/current/")

    def last(self) -> dict[str, object]:
        told: dict[str, object] = json.loads(self.ssh("tail -n 1 /srv/blog/ledger.jsonl"))
        return told

    def fails(self, *reasons: str, task: str = "rebuild") -> None:
        """Run a task, which fails for that reason in a sentence, and what is live stays."""
        before = self.live()
        ended = self.fab(task)
        assert ended.returncode == 4, ended.stdout + ended.stderr
        for reason in reasons:
            assert reason in ended.stderr, ended.stderr
        assert self.live() == before
        assert self.last()["outcome"] == "failed"


@pytest.fixture(scope="module")
def story(vm_host: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("blog") / "blog"
    folder.mkdir()
    shutil.copy(REPO / "fabfile.py", folder)
    name = f"t138-{os.getpid()}"
    try:
        story = Story(vm.up(name, debian=13), folder)
        story.toml()
        yield story
    finally:
        vm.down(name)


def test_01_setup_makes_a_deploy_key_and_tells_it(story: Story) -> None:
    told = story.done("setup")
    public = story.ssh("cat /srv/blog/ssh/deploy_key.pub").strip()
    assert public.endswith(" blogops-blog")
    assert public in told
    assert "read only" in told
    assert story.ssh("stat -c '%a %U' /srv/blog/ssh/deploy_key").strip() == "600 blog"
    key = story.ssh("cat /srv/blog/ssh/deploy_key")
    assert key.splitlines()[1] not in told
    assert not story.ssh("grep -rl 'OPENSSH PRIVATE' /var/lib/blogops /var/log/blogops || true")
    again = story.done("setup")
    assert " 0 changed" in again
    assert public in again
    assert story.ssh("cat /srv/blog/ssh/deploy_key") == key


def test_02_a_deploy_before_the_key_is_known_tells_the_key(story: Story) -> None:
    story.ssh(SET_UP)
    story.serve()
    ended = story.fab("deploy")
    assert ended.returncode == 4, ended.stdout + ended.stderr
    assert "Permission denied" in ended.stderr
    assert story.ssh("cat /srv/blog/ssh/deploy_key.pub").strip() in ended.stderr


def test_03_nothing_pushed(story: Story) -> None:
    story.admit()
    ended = story.fab("deploy")
    assert ended.returncode == 4, ended.stdout + ended.stderr
    assert "couldn't find remote ref refs/heads/main" in ended.stderr
    assert "Is anything pushed" in ended.stderr


def test_04_a_deploy_publishes_the_revision(story: Story) -> None:
    commit = story.push(story.post("one", "First.") + "; " + story.post("two", "Other."), "Two posts")
    told = story.done("deploy")
    assert f"revision {commit[:10]}, Ada: Two posts" in told
    assert "  fetch " in told
    assert "First." in story.ssh("cat /srv/blog/current/public/one.html")
    assert (story.last()["revision"], story.last()["change"]) == (commit, "Ada: Two posts")
    assert json.loads(story.ssh("cat /srv/blog/current/release.json"))["revision"] == commit
    assert "Ada: Two posts" in story.done("log", "--id", "000001")
    assert story.ssh("ls -A /srv/blog/source").split() == ["blog.toml"]


def test_05_the_key_may_only_read(story: Story) -> None:
    key = "ssh -F none -i /srv/blog/ssh/deploy_key -o StrictHostKeyChecking=no -o BatchMode=yes"
    push = (
        f"cd /tmp && export GIT_SSH_COMMAND='{key}' && rm -rf w && "
        f"git clone -q ssh://forge@127.0.0.1:2222{FORGE}/blog.git w && "
        "git -C w push origin HEAD:refs/heads/evil"
    )
    story.ssh(f'runuser -u blog -- sh -c "{push}"', check=False)
    assert story.ssh(f"runuser -u forge -- git -C {FORGE}/blog.git branch --list evil") == ""


def test_06_the_same_revision_makes_no_release(story: Story) -> None:
    live, files = story.live(), story.state_of("/srv/blog/work/checkout")
    story.done("rebuild")
    assert (story.live(), story.state_of("/srv/blog/work/checkout")) == (live, files)
    assert story.last()["outcome"] == "unchanged"


def test_07_a_commit_is_published_by_a_rebuild(story: Story) -> None:
    commit = story.push(f"git mv content/two.rst content/three.rst; {story.post('one', 'Second.')}", "News")
    story.done("rebuild")
    assert story.last()["revision"] == commit
    assert "Second." in story.ssh("cat /srv/blog/current/public/one.html")
    assert story.ssh("ls /srv/blog/work/checkout/content").split() == ["one.rst", "three.rst"]


def test_08_a_force_push_is_taken(story: Story) -> None:
    commit = story.push(
        f"git reset -q --hard HEAD~1; {story.post('one', 'Another past.')}", "Past", "--amend"
    )
    story.done("deploy")
    assert story.last()["revision"] == commit
    assert "Another past." in story.ssh("cat /srv/blog/current/public/one.html")
    assert story.ssh("ls /srv/blog/work/checkout/content").split() == ["one.rst", "two.rst"]


def test_09_what_fails_is_told_and_nothing_changes(story: Story) -> None:
    story.push(story.post("four", "Waits."), "Waits")
    story.stop()
    story.fails("Connection refused", "what was live is live still")
    story.serve("second")
    story.fails("Host key verification failed", "/srv/blog/ssh/known_hosts")
    story.serve()
    story.toml(branch="nope")
    story.fails("couldn't find remote ref refs/heads/nope", task="deploy")
    second = story.ssh(f"cut -d' ' -f1,2 {FORGE}/second.pub").strip()
    story.toml(keys=(f"[127.0.0.1]:2222 {second}",))
    story.fails("Host key verification failed", "content.git_host_keys", task="deploy")
    story.serve("second")
    story.done("deploy")
    assert "Waits." in story.ssh("cat /srv/blog/current/public/four.html")
    story.ssh(f"rm {FORGE}/.ssh/authorized_keys")
    story.fails("Permission denied", "ssh-ed25519 ")
    story.admit()
    story.done("rebuild")


def test_10_a_run_killed_while_it_fetches_is_healed(story: Story) -> None:
    story.push(story.post("five", "Five."), "Five")
    story.ssh(f"touch {FORGE}/slow")
    started = story.start("rebuild")
    story.ssh("until pgrep -u forge -x sleep >/dev/null; do sleep 0.05; done")
    story.ssh("pkill -9 -u blog -f '[b]logops rebuild'")
    started.communicate(timeout=60)
    time.sleep(0.5)
    assert story.ssh("pgrep -u blog -a 'git|ssh$' || true") == ""
    story.ssh(f"rm {FORGE}/slow")
    story.done("rebuild")
    assert "Five." in story.ssh("cat /srv/blog/current/public/five.html")


def test_11_a_run_killed_while_it_checks_out_is_healed(story: Story) -> None:
    story.push(
        "mkdir -p content/static; "
        'for i in $(seq 4000); do echo "$i" >content/static/$i.txt; done; '
        f"{story.post('six', 'Six.')}",
        "Many files",
    )
    started = story.start("rebuild")
    story.ssh(
        "until test -e /srv/blog/work/checkout/content/static; do :; done; "
        "pkill -9 -u blog -f '[b]logops rebuild'"
    )
    started.communicate(timeout=60)
    assert int(story.ssh("ls /srv/blog/work/checkout/content/static | wc -l")) < 4000
    story.push("git rm -q -r content/static", "Not so many")
    story.done("rebuild")
    assert "Six." in story.ssh("cat /srv/blog/current/public/six.html")
    assert story.ssh("ls /srv/blog/work/checkout/content").split() == [
        "five.rst",
        "four.rst",
        "one.rst",
        "six.rst",
        "two.rst",
    ]


def test_12_a_plan_fetches_aside(story: Story) -> None:
    story.push(story.post("seven", "Seven."), "Seven")
    live, files = story.live(), story.state_of("/srv/blog/work/checkout")
    ended = story.fab("deploy", "--plan")
    assert ended.returncode == 10, ended.stdout + ended.stderr
    assert "/seven.html" in ended.stdout
    assert (story.live(), story.state_of("/srv/blog/work/checkout")) == (live, files)


def test_13_by_https(story: Story) -> None:
    story.ssh(CERTIFY)
    commit = story.push(story.post("eight", "Eight."), "Eight")
    story.toml(git="https://localhost:8443/blog.git")
    story.done("deploy")
    assert story.last()["revision"] == commit
    assert "Eight." in story.ssh("cat /srv/blog/current/public/eight.html")
    story.toml(git="https://localhost:8443/private.git")
    story.fails("could not read Username", "Set content.git to its address by ssh", task="deploy")
    story.ssh(
        "rm /usr/local/share/ca-certificates/forge.crt && update-ca-certificates --fresh >/dev/null 2>&1"
    )
    story.toml(git="https://localhost:8443/blog.git")
    story.fails("certificate", task="deploy")


def test_14_purge_removes_the_key(story: Story) -> None:
    story.done("purge", "--yes")
    assert story.ssh("ls -d /srv/blog 2>/dev/null || true") == ""
