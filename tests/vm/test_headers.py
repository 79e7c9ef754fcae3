"""Headers of single paths behind the real nginx: they come and go with their release, and open no door."""

import json
import subprocess
from collections.abc import Callable, Iterator

import pytest
from driving import Driver, write_example

from blogops import vm

pytestmark = pytest.mark.vm

PROGRAM = "/usr/local/lib/blogops-blog/headers"
MAPS = "/etc/nginx/blogops-blog"
AS_BLOG = "runuser -u blog -- "
FIRST = """# Whoever may frame it
/*
  Referrer-Policy: no-referrer
  X-Frame-Options: DENY

/tags/*
  X-Robots-Tag: noindex
/
  X-Frame-Options:
  Content-Security-Policy: default-src 'self'; frame-ancestors https://example.org
"""
SECOND = "/*\n  referrer-policy: same-origin\n"


class Blog(Driver):
    """The example behind the real nginx."""

    def headers(self, path: str, *options: str) -> dict[str, str]:
        url = f"http://127.0.0.1:{self.machine.http_port}{path}"
        command = ["curl", "-sS", "-I", "-m", "15", "-H", "Host: blog.example.org", *options, url]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        pairs = [line.partition(": ")[::2] for line in text.splitlines() if ": " in line]
        assert len({name.lower() for name, _ in pairs}) == len(pairs), text
        return {name.lower(): value for name, value in pairs}

    def workers(self) -> str:
        return self.ssh("pgrep -P $(cat /run/nginx.pid) | sort")

    def live(self) -> str:
        return self.ssh("readlink /srv/blog/current").strip()

    def all_there(self) -> str:
        return self.bytes_of(f"{MAPS}/*.map") + self.ssh("ls /srv/blog/releases /srv/blog/work") + self.live()

    def run_program(self) -> "tuple[int, str]":
        """Run the program as the blog's user does; return its exit code and what it said."""
        told = self.ssh(f"{AS_BLOG} sudo -n {PROGRAM} 2>&1; echo $?", check=False).strip()
        said, _, code = told.rpartition("\n")
        return int(code), said


@pytest.fixture(scope="module")
def blog(workshop: Callable[[int], vm.Machine], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blog]:
    folder = tmp_path_factory.mktemp("headers") / "blog"
    write_example(folder)
    (folder / "headers").unlink(missing_ok=True)
    blog = Blog(workshop(13), folder)
    blog.done("setup")
    yield blog
    blog.done("purge", "--yes")
    assert blog.ssh("ls -d /etc/nginx/blogops-* /usr/local/lib/blogops-* 2>/dev/null", check=False) == ""


def test_01_without_a_headers_file_nginx_is_left_alone(blog: Blog) -> None:
    workers = blog.workers()
    blog.done("deploy")
    assert (blog.workers(), blog.ssh(f"ls -A {MAPS}")) == (workers, "")
    plain = blog.headers("/")
    assert (plain["x-frame-options"], plain["referrer-policy"]) == ("DENY", "strict-origin-when-cross-origin")
    assert "default-src 'none'" in plain["content-security-policy"]
    assert "link" not in plain and "x-robots-tag" not in plain


def test_02_a_header_comes_with_a_deploy(blog: Blog) -> None:
    (blog.folder / "headers").write_text(FIRST)
    planned = blog.fab("deploy", "--plan")
    assert (planned.returncode, "+ /tags/* X-Robots-Tag: noindex" in planned.stdout) == (10, True)
    assert blog.ssh(f"ls -A {MAPS}") == ""
    blog.done("deploy")
    home = blog.headers("/")
    assert ("x-frame-options" in home, home["referrer-policy"]) == (False, "no-referrer")
    assert home["content-security-policy"] == "default-src 'self'; frame-ancestors https://example.org"
    assert blog.headers("/index.html")["content-security-policy"] == home["content-security-policy"]
    other = blog.headers("/feeds/all.atom.xml")
    assert (other["referrer-policy"], other["x-frame-options"]) == ("no-referrer", "DENY")
    assert blog.headers("/no-such-page")["referrer-policy"] == "no-referrer"  # the 404 page is below /, too


def test_03_two_releases_and_no_reload_at_a_rollback(blog: Blog) -> None:
    (blog.folder / "headers").write_text(SECOND)
    blog.done("deploy")
    assert blog.headers("/")["referrer-policy"] == "same-origin"
    assert blog.headers("/")["x-frame-options"] == "DENY"
    workers = blog.workers()
    blog.done("rollback")
    assert blog.headers("/")["referrer-policy"] == "no-referrer"
    blog.done("rollback")
    assert blog.headers("/")["referrer-policy"] == "strict-origin-when-cross-origin"
    assert blog.workers() == workers


def test_04_a_preview_has_none(blog: Blog) -> None:
    with_headers = blog.ssh("ls /srv/blog/releases | tail -1").strip()
    shown = json.loads(blog.done("preview", "--id", with_headers, "--json"))[0]
    seen = blog.headers("/", "-b", f"blogops_blog_preview={shown['token']}")
    assert (seen["x-release"], seen["referrer-policy"]) == ("preview", "strict-origin-when-cross-origin")
    assert "noindex" in seen["x-robots-tag"]


def test_05_the_program_takes_no_argument_and_does_nothing_twice(blog: Blog) -> None:
    workers = blog.workers()
    assert blog.run_program() == (0, "")
    assert blog.workers() == workers
    for words in ("x", "--root /tmp"):
        assert "password is required" in blog.ssh(f"{AS_BLOG} sudo -n {PROGRAM} {words} 2>&1", check=False)
    assert blog.ssh(f"stat -c '%U %a' {MAPS} {PROGRAM}").split("\n")[:2] == ["root 755", "root 755"]


VALUE = '"; } server { listen 8081; }'


@pytest.mark.parametrize(
    "made",
    [
        f"printf '%s' '{json.dumps([['/', 'Link', VALUE]])}' >",
        f"printf '%s' '{json.dumps([['/', 'Link', 'a' + chr(10) + 'b']])}' >",
        f"printf '%s' '{json.dumps([['/', 'X-Mine', 'a']])}' >",
        "head -c 1000000 /dev/zero >",
        "ln -s /etc/shadow ",
        "ln -s headers.json ",
        "mkfifo ",
        "mkdir ",
    ],
)
def test_06_what_the_blogs_user_writes_there_is_judged_again(blog: Blog, made: str) -> None:
    release = f"/srv/blog/releases/{blog.ssh('ls /srv/blog/releases | head -1').strip()}"
    before, workers = blog.bytes_of(MAPS), blog.workers()
    script = f"chmod u+w {release}; {made}{release}/headers.json"
    blog.ssh(f"cat >/tmp/made.sh <<'END'\n{script}\nEND\n{AS_BLOG} sh /tmp/made.sh")
    try:
        code, said = blog.run_program()
        assert (code, f"{release}/headers.json" in said) == (4, True), said
        assert not any(word in said for word in ("root:", "server {", "Traceback"))
        assert (blog.bytes_of(MAPS), blog.workers()) == (before, workers)
    finally:
        blog.ssh(f"rm -rf {release}/headers.json")
    assert blog.run_program() == (0, "")


def test_07_a_link_in_place_of_the_releases_is_not_followed(blog: Blog) -> None:
    before = blog.bytes_of(MAPS)
    blog.ssh(f"cd /srv/blog && {AS_BLOG} mv releases aside && {AS_BLOG} ln -s aside releases")
    try:
        assert blog.run_program()[0] == 4
    finally:
        blog.ssh("cd /srv/blog && rm releases && mv aside releases")
    assert blog.bytes_of(MAPS) == before


def test_08_where_nginx_refuses_nothing_is_left(blog: Blog) -> None:
    (blog.folder / "headers").write_text("/*\n  Referrer-Policy: origin\n")
    blog.ssh("echo 'nonsense;' >/etc/nginx/conf.d/broken.conf")
    before, workers, served = blog.all_there(), blog.workers(), blog.headers("/")["referrer-policy"]
    try:
        ended = blog.fab("deploy", "--unpin")
        assert ended.returncode == 4, ended.stdout + ended.stderr
        assert "nonsense" in ended.stderr and "What was live is live still." in ended.stderr
        assert (blog.workers(), blog.headers("/")["referrer-policy"]) == (workers, served)
        assert blog.all_there() == before
    finally:
        blog.ssh("rm /etc/nginx/conf.d/broken.conf")
    blog.done("deploy", "--unpin")
    assert blog.headers("/")["referrer-policy"] == "origin"


def test_09_they_go_as_they_came(blog: Blog) -> None:
    (blog.folder / "headers").unlink()
    blog.done("deploy")
    assert blog.headers("/")["referrer-policy"] == "strict-origin-when-cross-origin"
