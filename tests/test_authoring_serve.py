"""``fab serve``, as a browser and its author meet it: over HTTP and the socket that pages listen to."""

import contextlib
import http.client
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from previewing import PATIENCE, Served, started

HOUSE = Path(__file__).parents[1]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    shutil.copytree(HOUSE / "example", tmp_path / "blog", ignore=shutil.ignore_patterns("var"))
    running = started(tmp_path / "blog")
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()
        if running.process.stdout:
            running.process.stdout.close()


POST = "Neuf\n####\n\n:date: 2026-11-01\n{fields}\n{body}\n"


def test_a_save_is_seen(served: Served) -> None:
    assert served.get("/neuf.html")[0] == 404
    seconds = served.save("content/neuf.rst", POST.format(fields="", body="Premier jet."))
    assert "Premier jet." in served.page("/neuf.html") and "Neuf" in served.page("/")
    assert seconds < PATIENCE
    served.save("content/neuf.rst", POST.format(fields="", body="Second jet."))
    assert "Second jet." in served.page("/neuf.html")
    served.save("templates/404.html", '{% extends "!404.html" %}{% block main %}Perdu.{% endblock %}')
    assert "Perdu." in served.page("/rien")
    served.save(
        "blog.toml", (served.folder / "blog.toml").read_text().replace("Carnet d'atelier", "Autre nom")
    )
    assert "<title>Autre nom</title>" in served.page("/")


def test_a_file_that_is_saved_in_two_steps_is_shown_whole(served: Served) -> None:
    half, rest = POST.format(fields="", body="Jusqu"), " au bout."
    deadline = time.monotonic() + PATIENCE
    with (served.folder / "content/neuf.rst").open("w", encoding="utf-8") as file:
        file.write(half)
        file.flush()
        while "Jusqu" not in served.page("/neuf.html") and time.monotonic() < deadline:
            pass
        assert "au bout." not in served.page("/neuf.html")
        file.write(rest)
    while "au bout." not in served.page("/neuf.html") and time.monotonic() < deadline:
        pass
    assert "au bout." in served.page("/neuf.html")


SAVING = """
from blogops.authoring.preview import Preview
renew = Preview.renew
def renew_and_save(self, now):
    renew(self, now)
    self.blog_toml.with_name("manuscript").joinpath("neuf.rst").write_text(%r)
    Preview.renew = renew
Preview.renew = renew_and_save
"""


@pytest.mark.parametrize("is_there", [True, False])
def test_what_is_saved_during_the_first_build_is_seen(tmp_path: Path, is_there: bool) -> None:
    shutil.copytree(HOUSE / "example", tmp_path / "blog", ignore=shutil.ignore_patterns("var"))
    (tmp_path / "blog/content").rename(tmp_path / "blog/manuscript")
    toml = tmp_path / "blog/blog.toml"
    toml.write_text(toml.read_text().replace('path = "content"', 'path = "manuscript"'))
    if is_there:
        (tmp_path / "blog/manuscript/neuf.rst").write_text(POST.format(fields="", body="Avant."))
    running = started(tmp_path / "blog", SAVING % POST.format(fields="", body="Entretemps."))
    try:
        deadline = time.monotonic() + PATIENCE
        while "Entretemps." not in running.page("/neuf.html") and time.monotonic() < deadline:
            pass
        assert "Entretemps." in running.page("/neuf.html")
    finally:
        running.end()


def test_drafts_and_scheduled_posts_have_a_banner(served: Served) -> None:
    served.save(
        "content/plus-tard.rst", POST.format(fields=":slug: plus-tard\n", body="x").replace("2026-", "2999-")
    )
    assert 'class="banner"' in served.page("/plus-tard.html")
    assert 'class="banner"' in served.page("/retours-sur-pyconfr-2012.html")
    assert not (served.folder / "var/preview/index.html").exists()


def test_what_a_browser_is_told(served: Served) -> None:
    status, page, headers = served.get("/")
    assert status == 200 and 'src="/_preview/reload.js" data-version="' in page
    assert headers["Cache-Control"] == "no-store" and "Etag" not in headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    style = re.search(r'href="(/theme/style[^"]*)"', page)
    assert style
    for path, kind in {
        style[1]: "text/css; charset=utf-8",
        "/feeds/all.atom.xml": "application/atom+xml; charset=utf-8",
        "/sitemap.xml": ("application/xml; charset=utf-8", "text/xml; charset=utf-8"),
        "/images/bascule.svg": "image/svg+xml; charset=utf-8",
        "/2026/10": "text/html; charset=utf-8",
        "/_preview/reload.js": "text/javascript; charset=utf-8",
    }.items():
        status, body, headers = served.get(path)
        assert status == 200 and headers["Content-Type"] in kind, path
        assert ("reload.js" in body) == (path == "/2026/10")
    status, page, _ = served.get("/rien.html")
    assert status == 404 and "reload.js" in page and "<main" in page


def test_what_nginx_would_find_is_found_and_nothing_else(served: Served) -> None:
    served.save("redirects", "/fini/ 410\n/tour.html /tour\n")
    served.save(
        "content/neuf.rst", POST.format(fields=":aliases: /vieux/ /%C3%A9t%C3%A9.html\n", body="Ici.")
    )
    for path in ("/neuf.html", "/neuf", "//neuf", "/vieux/", "/vieux", "/%C3%A9t%C3%A9"):
        status, page, _ = served.get(path)
        assert status == 200 and "Ici." in page, path
    nowhere = ("/neuf/", "/neuf.html/", "/vieux.html", "/theme/style", "/feeds/all.atom", "/.neuf.html")
    for path in (*nowhere, "/tour"):
        assert served.get(path)[0] == 404, path
    assert served.get("/2026/10/")[0] == 200
    assert served.get("/fini")[0] == 410


def test_only_this_machine_may_ask(served: Served) -> None:
    assert served.get("/", Host="blog.example.org")[0] == 403
    assert served.get("/", Host="localhost:1")[0] == 200
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    upgrade |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "http://evil.example"}
    for more in ({}, {"Host": "evil.example"}):
        # urllib does not let go of its own "Connection: close".
        connection = http.client.HTTPConnection(served.root.removeprefix("http://"), timeout=PATIENCE)
        connection.request("GET", "/_preview/changes", headers=upgrade | more)
        assert connection.getresponse().status == 403
        connection.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", int(served.root.rpartition(":")[2])))


def test_a_broken_post_is_told_over_what_was_there(served: Served) -> None:
    served.save("content/neuf.rst", POST.format(fields="", body="Bon."))
    served.save("content/neuf.rst", POST.format(fields=":date: demain\n", body="Casse."))
    page = served.page("/neuf.html")
    assert "Bon." in page and "<code>content/neuf.rst:5</code>" in page and "is not a date" in page
    assert 'id="_troubles"' in served.page("/")
    served.save("content/neuf.rst", POST.format(fields="", body="Mieux."))
    assert "Mieux." in served.page("/neuf.html") and 'id="_troubles"' not in served.page("/")


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("blog.toml", "[site]\ntitel = 'x'\n", "blog.toml"),
        ("blog.toml", "[site\n", "blog.toml"),
        (
            "templates/post.html",
            "{% extends '!post.html' %}\n{% block main %}{{ x }}",
            "templates/post.html:2",
        ),
        ("templates/style.css", "{{ nobody }}", "templates/style.css:1"),
        ("extensions/mine.py", "def setup(blog):\n    1 / 0\n", "extensions/mine.py:2"),
        ("content/neuf.rst", "\udcff", "content/neuf.rst:1"),
        ("content/neuf.rst", "#" * 5_000_001, "content/neuf.rst:1"),
    ],
)
def test_nothing_ends_it_and_the_last_good_site_stays(
    served: Served, name: str, text: str, where: str
) -> None:
    path = "/retours-sur-pyconfr-2012.html"
    assert "Circus" in served.page(path)
    good = (served.folder / name).read_text() if (served.folder / name).exists() else None
    (served.folder / name).parent.mkdir(exist_ok=True)
    served.save(name, "")
    (served.folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    deadline = time.monotonic() + PATIENCE
    while where not in served.page(path) and time.monotonic() < deadline:
        pass
    page = served.page(path)
    assert f"{where}</code>" in page and "Traceback" not in page
    if good is None:
        (served.folder / name).unlink()
    else:
        (served.folder / name).write_text(good)
    while '_troubles"' in served.page(path) and time.monotonic() < deadline:
        pass
    assert served.get(path)[0] == 200 and "Circus" in served.page(path)
    code, said = served.end()
    assert code == 0 and said.endswith("stopped\n") and "Traceback" not in said


def test_a_blog_that_was_never_sound_is_a_page_too(tmp_path: Path) -> None:
    (tmp_path / "blog.toml").write_text("[site\n")
    running = started(tmp_path)
    try:
        status, page, _ = running.get("/")
        assert status == 500 and "not valid TOML" in page and "reload.js" in page
    finally:
        running.end()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_and_leaves_nothing(served: Served, number: int) -> None:
    code, said = served.end(number)
    assert code == 0 and said.endswith("stopped\n") and "Traceback" not in said
    left = subprocess.run(
        ["ps", "-s", str(served.process.pid), "-o", "pid="], capture_output=True, text=True, check=False
    )
    assert left.stdout == ""
    with pytest.raises(urllib.error.URLError):
        served.get("/")


@pytest.mark.parametrize("turn", range(6))
def test_it_ends_in_the_midst_of_answers(served: Served, turn: int) -> None:
    answered = threading.Semaphore(0)

    def reader() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            while served.get("/")[0] == 200:
                answered.release()

    readers = [threading.Thread(target=reader) for _ in range(4)]
    for each in readers:
        each.start()
    for _ in range(20 + turn):
        assert answered.acquire(timeout=PATIENCE)
    assert served.end((signal.SIGINT, signal.SIGTERM)[turn % 2]) == (0, "stopped\n")
    for each in readers:
        each.join()


def test_a_taken_port_is_a_sentence(tmp_path: Path) -> None:
    shutil.copytree(HOUSE / "example", tmp_path / "blog")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        fab = Path(sys.executable).with_name("fab")
        command = [str(fab), "-r", str(HOUSE), "serve", "--no-open", "--port", port, "--config", "blog"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 4 and f"port {port} cannot be had" in done.stderr and "--port" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["serve", "--no-open", "--port=99999"], "99999 is not a port"),
        (["serve", "--no-open", "--port=-1"], "-1 is not a port"),
        (["serve", "--no-open", "--port=80x"], "--port 80x: not a whole number"),
        (["rollback", "--steps=two"], "--steps two: not a whole number"),
        (["setup", "--explain", "--lock-timeout", "1.5"], "--lock-timeout 1.5: not a whole number"),
    ],
)
def test_a_number_that_is_none_is_refused(tmp_path: Path, words: list[str], told: str) -> None:
    shutil.copytree(HOUSE / "example", tmp_path / "blog")
    fab = Path(sys.executable).with_name("fab")
    command = [str(fab), "-r", str(HOUSE), *words, "--config", "blog"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=PATIENCE
    )
    assert done.returncode == 2 and told in done.stderr
