"""Old addresses on a real server: moved, gone, rolled back, and while the service is down."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from driving import Driver, write_example

from blogops import vm

pytestmark = pytest.mark.vm

POST = "{title}\n#######\n\n:date: 2026-11-{day} 09:00\n:slug: {slug}\n:tags: test\n\nThe text of {title}.\n"
HELD = ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy")


@dataclass(frozen=True)
class Reply:
    """What curl got: the status, the headers by small name, the body."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    def header(self, name: str) -> str:
        """Return the one header of this name; twice the same would be a fault."""
        found = self.headers.get(name.lower(), [""])
        assert len(found) == 1, found
        return found[0]


class Blog(Driver):
    """A blog of two posts behind the real nginx."""

    def get(self, path: str, *options: str) -> Reply:
        """Ask for *path* as it stands: curl neither tidies nor follows it."""
        url = f"http://127.0.0.1:{self.machine.http_port}{path}"
        command = [
            "curl",
            "-sS",
            "-i",
            "--path-as-is",
            "-m",
            "15",
            "-H",
            "Host: blog.example.org",
            *options,
            url,
        ]
        done = subprocess.run(command, capture_output=True, check=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in lines:
            name, _, value = line.partition(": ")
            headers.setdefault(name.lower(), []).append(value)
        return Reply(int(first.split()[1]), headers, body)

    def write(self, name: str, text: str | bytes) -> None:
        path = self.folder / "content" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)


@pytest.fixture(scope="module", params=[13, 12], ids=["debian13", "debian12"])
def blog(
    request: pytest.FixtureRequest,
    workshop: Callable[[int], vm.Machine],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Blog]:
    folder = tmp_path_factory.mktemp("moves") / "blog"
    write_example(folder)
    blog = Blog(workshop(request.param), folder)
    blog.done("setup")
    yield blog
    blog.done("purge", "--yes")


def write_posts(blog: Blog, **slugs: str) -> None:
    for day, (title, slug) in enumerate(slugs.items(), 10):
        blog.write(f"{title}.rst", POST.format(title=title, slug=slug, day=day))


def test_01_before_the_first_deploy_there_is_nothing(blog: Blog) -> None:
    assert [blog.get(path).status for path in ("/x.html", "/feeds/x.json", "/theme/x.css")] == [404] * 3


def test_02_two_posts(blog: Blog) -> None:
    write_posts(blog, first="old-name", second="to-be-deleted")
    blog.write("static/note.txt", "plain text " * 200)
    blog.write("static/note.txt.br", b"made by hand: brotli")
    blog.write("static/note.txt.gz", b"made by hand: gzip")
    blog.done("deploy")
    assert [blog.get(path).status for path in ("/old-name.html", "/to-be-deleted.html")] == [200, 200]
    assert blog.ssh("nginx -t -q 2>&1") == ""


def test_03_one_is_renamed_and_one_deleted(blog: Blog) -> None:
    write_posts(blog, first="new-name")
    (blog.folder / "content/second.rst").unlink()
    workers = blog.ssh("pgrep -P $(cat /run/nginx.pid) | sort")
    assert "old addresses: 1 moved, 1 gone" in blog.done("deploy")
    assert blog.ssh("pgrep -P $(cat /run/nginx.pid) | sort") == workers  # no reload


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/old-name.html", "/new-name.html"),
        ("/old-name", "/new-name.html"),
        ("/old%2Dname.html?a=1&b=%0d%0aX:%20y", "/new-name.html?a=1&b=%0d%0aX:%20y"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_04_the_renamed_one_leads_on(blog: Blog, path: str, location: str, method: str) -> None:
    answer = blog.get(path, *(["-I"] if method == "HEAD" else []))
    assert (answer.status, answer.header("Location")) == (301, location)
    assert answer.header("Cache-Control") == "no-cache"  # a rollback may bring it back
    assert all(answer.header(name) for name in HELD)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_05_the_deleted_one_is_gone(blog: Blog, method: str) -> None:
    answer = blog.get("/to-be-deleted.html", *(["-I"] if method == "HEAD" else []))
    assert (answer.status, answer.header("Content-Type")) == (410, "text/html; charset=utf-8")
    assert answer.header("Cache-Control") == "no-store"
    assert (b"<html" in answer.body) == (method == "GET")
    assert all(answer.header(name) for name in HELD)


@pytest.mark.parametrize(
    "path",
    [
        "/no-such-page.html",
        "/theme/missing.css",
        "/media/missing.avif",
        "/feeds/missing.atom.xml",
        "/feeds/missing.rss.xml",
        "/moves.json",
        "/manifest.json",
        "/.git/config",
        "//blog.example.com/%2e%2e/moves.json",
        "/images/..%2fmoves.json",
        "/" + "long/" * 1000,
        "/%ff%fe",
        "/%0d%0aX-Broken:%20yes",
    ],
)
def test_06_all_else_is_a_plain_404(blog: Blog, path: str) -> None:
    answer = blog.get(path)
    assert (answer.status, b"<html" in answer.body) == (404, True)
    assert answer.header("Cache-Control") == "no-store"
    assert "x-broken" not in answer.headers
    assert all(answer.header(name) for name in HELD)


def test_07_only_reading_is_answered(blog: Blog) -> None:
    assert [blog.get(path, "-d", "x").status for path in ("/", "/old-name.html", "/nothing")] == [405] * 3
    assert blog.get("/nothing", "-d", "x" * 5000).status == 413


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("br", "br", b"made by hand: brotli"),
        ("gzip", "gzip", b"made by hand: gzip"),
        ("gzip, br", "br", b"made by hand: brotli"),
        ("identity", "", b"plain text " * 200),
    ],
)
def test_08_what_is_compressed_already_is_sent_so(
    blog: Blog, accepted: str, encoding: str, body: bytes
) -> None:
    answer = blog.get("/static/note.txt", "-H", f"Accept-Encoding: {accepted}")
    assert (answer.status, answer.header("Content-Encoding"), answer.body) == (200, encoding, body)
    assert answer.header("Vary") == "Accept-Encoding"
    assert answer.header("Content-Type") == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("name", "kind", "remembered"),
    [
        ("feeds/tested.json", "application/feed+json", "no-cache"),
        ("feeds/tested.rss", "application/rss+xml", "no-cache"),
        ("feeds/tested.rss.xml", "application/rss+xml", "no-cache"),
        ("feeds/tested.atom.xml", "application/atom+xml", "no-cache"),
        ("media/tested.webp", "image/webp", "public, max-age=31536000, immutable"),
        ("media/tested.avif", "image/avif", "public, max-age=31536000, immutable"),
        ("theme/tested.css", "text/css", "public, max-age=31536000, immutable"),
        ("tested.svg", "image/svg+xml", "no-cache"),
    ],
)
def test_09_kinds_and_how_long_they_are_remembered(blog: Blog, name: str, kind: str, remembered: str) -> None:
    blog.ssh(f"install -D -m 644 /etc/hostname /srv/blog/current/public/{name}")
    answer = blog.get(f"/{name}")
    assert (answer.status, answer.header("Content-Type").split(";")[0]) == (200, kind)
    assert answer.header("Cache-Control") == remembered
    again = blog.get(f"/{name}", "-H", f"If-None-Match: {answer.header('ETag')}")
    assert (again.status, again.header("Cache-Control")) == (304, remembered)


def test_10_while_the_service_is_down_pages_are_well_and_the_rest_is_404(blog: Blog) -> None:
    blog.ssh("supervisorctl stop blog-service")
    try:
        assert blog.get("/new-name.html").status == 200
        for path in ("/no-such-page.html", "/old-name.html", "/to-be-deleted.html"):
            answer = blog.get(path)
            assert (answer.status, b"<html" in answer.body) == (404, True)
            assert answer.header("Cache-Control") == "no-store"
    finally:
        blog.ssh("supervisorctl start blog-service")


def test_11_a_rollback_brings_both_back(blog: Blog) -> None:
    blog.done("rollback")
    assert [blog.get(path).status for path in ("/old-name.html", "/to-be-deleted.html")] == [200, 200]
    assert blog.get("/new-name.html").status == 404
    assert blog.get("/_blog/health").header("Cache-Control") == "no-store"


def test_12_the_next_deploy_moves_them_again(blog: Blog) -> None:
    write_posts(blog, first="third-name")
    blog.done("deploy", "--unpin")
    assert blog.get("/old-name.html").header("Location") == "/third-name.html"
    assert blog.get("/to-be-deleted.html").status == 410
    assert blog.get("/new-name.html").status == 404  # not in the release that was live


DRAFT = "Not yet\n#######\n\n:date: 2026-11-20 09:00\n:slug: not-yet\n:status: draft\n\nNobody knows.\n"


def assert_secure(answer: Reply, referrer: str) -> None:
    assert (answer.header("X-Frame-Options"), answer.header("Referrer-Policy")) == ("DENY", referrer)
    assert answer.header("X-Content-Type-Options") == "nosniff" and answer.header("X-Release")
    assert "default-src 'none'" in answer.header("Content-Security-Policy")


def cookie_of(blog: Blog, url: str) -> str:
    """Open the address of a preview, and return the cookie it sets."""
    answer = blog.get(url.removeprefix("https://blog.example.org").removeprefix("http://blog.example.org"))
    assert (answer.status, answer.header("Location"), answer.header("Cache-Control")) == (
        302,
        "/",
        "no-store",
    )
    assert_secure(answer, "no-referrer")
    cookie = answer.header("Set-Cookie")
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    return cookie.partition(";")[0]


def test_13_an_earlier_release_can_be_looked_at(blog: Blog) -> None:
    live = blog.ssh("basename $(readlink /srv/blog/current)").strip()
    earlier = json.loads(blog.done("releases", "--json"))[-1]["id"]
    shown = json.loads(blog.done("preview", "--id", earlier, "--json"))[0]
    cookie = cookie_of(blog, shown["url"])
    assert blog.get("/third-name.html").status == 200
    seen = blog.get("/old-name.html", "-b", cookie)
    assert (seen.status, seen.header("X-Release"), seen.header("Cache-Control")) == (
        200,
        "preview",
        "private, no-store",
    )
    assert "noindex" in seen.header("X-Robots-Tag")
    assert blog.get("/third-name.html", "-b", cookie).status == 404
    without = blog.get("/third-name.html")
    assert (without.header("X-Release"), "x-robots-tag" in without.headers) == (live, False)
    assert "set-cookie" not in without.headers
    assert_secure(without, "strict-origin-when-cross-origin")
    ended = blog.get("/_preview/end", "-b", cookie)
    assert "Max-Age=0" in ended.header("Set-Cookie")
    assert (ended.status, ended.header("Location"), ended.header("Cache-Control")) == (
        302,
        "/",
        "private, no-store",
    )
    assert_secure(ended, "no-referrer")


def test_14_drafts_are_seen_by_whoever_has_the_address_and_nobody_else(blog: Blog) -> None:
    blog.write("draft.rst", DRAFT)
    before = blog.state_of("/srv/blog/source", "/srv/blog/releases", "/srv/blog/ledger.jsonl")
    shown = json.loads(blog.done("preview", "--draft", "--json"))[0]
    assert blog.state_of("/srv/blog/source", "/srv/blog/releases", "/srv/blog/ledger.jsonl") == before
    cookie = cookie_of(blog, shown["url"])
    pages = blog.ssh(
        f"cd /srv/blog/previews/{shown['token']}/public && grep -rl 'Nobody knows' --include='*.html' ."
    ).split()
    page = next(name[1:] for name in pages if "not-yet" in name)
    assert b"Nobody knows" in blog.get(page, "-b", cookie).body
    for wrong in ("", f"{cookie[:-1]}_", "blogops_blog_preview=../../work/preview", "blogops_blog_preview=-"):
        assert blog.get(page, "-b", wrong).status == 404
        assert blog.get("/", "-b", wrong).status == 200
    assert blog.get(f"/_preview/{'x' * 43}").status == 404
    assert blog.get("/_preview/").status == 404
    assert "Permission denied" in blog.ssh("runuser -u www-data -- ls /srv/blog/previews 2>&1", check=False)
    assert shown["token"] not in blog.ssh("cat /var/log/nginx/blog.*.log /srv/blog/ledger.jsonl")


def test_15_a_preview_goes_on_demand_and_by_age(blog: Blog) -> None:
    found = json.loads(blog.done("preview", "--list", "--json"))
    assert sorted(each["what"] == "drafts" for each in found) == [False, True]
    gone, old = (each["token"] for each in found)
    blog.done("preview", "--remove", gone[:8])
    assert blog.fab("preview", "--remove", gone[:8]).returncode == 3
    blog.ssh(f'sed -i \'s/"until": [0-9.]*/"until": 1.0/\' /srv/blog/previews/{old}/preview.json')
    blog.done("rebuild")  # as each night
    assert blog.ssh("ls /srv/blog/previews") == ""
    assert blog.get("/", "-b", f"blogops_blog_preview={old}").header("X-Release") != "preview"
    assert blog.fab("preview").returncode == 2
    assert blog.fab("preview", "--id", "../work").returncode == 3


def test_16_the_plan_is_what_happens(blog: Blog) -> None:
    write_posts(blog, first="fourth-name")
    places = ("/srv/blog/source", "/srv/blog/releases", "/srv/blog/ledger.jsonl", "/srv/blog/current", "/etc")
    before = blog.state_of(*places)
    toml = blog.folder / "blog.toml"
    text = toml.read_text()
    toml.write_text(text.replace('domains = ["blog', 'domains = ["www.example.org", "blog'))
    planned = blog.fab("deploy", "--plan", "--diff")
    assert (planned.returncode, blog.state_of(*places)) == (10, before), planned.stdout + planned.stderr
    assert "  + /fourth-name.html" in planned.stdout
    assert "+ /third-name.html -> /fourth-name.html" in planned.stdout
    assert re.search(r"\+ +server_name www\.example\.org blog", planned.stdout), planned.stdout
    toml.write_text(text)
    content = json.loads(blog.fab("deploy", "--plan", "--json").stdout)["content"]
    blog.done("deploy")
    assert json.loads(blog.ssh("cat /srv/blog/current/release.json"))["content"] == content
    again = blog.done("deploy", "--plan")
    assert ("nothing would change" in again, "fab setup" in again) == (True, False), again
