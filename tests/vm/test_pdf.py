"""The PDFs of a blog, made on a real server: WeasyPrint from the lock, Pango from Debian."""

import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import Driver, write_example

from blogops import vm

pytestmark = pytest.mark.vm


@pytest.mark.parametrize("debian", [13])
def test_a_post_is_published_as_a_pdf_too(
    workshop: Callable[[int], vm.Machine], tmp_path: Path, debian: int
) -> None:
    folder = tmp_path / "blog"
    write_example(folder)
    toml = folder / "blog.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("pdf = false", "pdf = true"), encoding="utf-8")
    blog = Driver(workshop(debian), folder)
    try:
        blog.done("setup")
        blog.done("deploy")
        made = blog.ssh("cd /srv/blog/current/public && find . -name '*.pdf' | sort").split()
        posts = blog.ssh(
            "cd /srv/blog/current/public && grep -l application/pdf -r --include=*.html . | sort"
        )
        assert made == [name.removesuffix(".html") + ".pdf" for name in posts.split()]
        assert made
        url = f"http://127.0.0.1:{blog.machine.http_port}{made[0][1:]}"
        request = urllib.request.Request(url, headers={"Host": "blog.example.org"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.headers["Content-Type"] == "application/pdf"
            assert answer.headers["Cache-Control"] == "no-cache"
            assert answer.read().startswith(b"%PDF-")
    finally:
        blog.done("purge", "--yes")
