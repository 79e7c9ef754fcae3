"""A small server in nginx's place: it serves the live release, names it, and can be made sick."""

import http.server
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from blogops.releases import Layout, live_id

Answer = Callable[[bytes], tuple[int, bytes]]


def well(body: bytes) -> tuple[int, bytes]:
    """Answer with what lies there."""
    return 200, body


def sick_with(*texts: str) -> Answer:
    """Answer home pages that say one of *texts* with status 500."""
    sick = [page_of(text).encode() for text in texts]
    return lambda body: (500 if body in sick else 200, body)


@contextmanager
def served(layout: Layout, answer: Answer = well, *, named: str = "") -> Iterator[Layout]:
    """Serve what is live at *layout*, and return the layout of a blog that nginx serves.

    Each release names itself, unless it is *named* otherwise.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            live = live_id(layout)
            path = layout.public(live) / self.path.lstrip("/")
            path = path / "index.html" if path.is_dir() else path
            status, body = answer(path.read_bytes()) if path.is_file() else (404, b"")
            self.send_response(status)
            self.send_header("X-Release", named or live)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        told, pid = Path(f"{layout.root}.vhost.json"), Path(f"{layout.root}.pid")
        pid.write_text(f"{os.getpid()}\n")
        facts = {"host": "b.example.org", "port": server.server_port, "daemons": {"nginx": str(pid)}}
        told.write_text(json.dumps(facts))
        yield Layout(layout.root, told)
        server.shutdown()


ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"/>'
WHOLE = {
    "404.html": "<html><title>Nothing here</title></html>",
    "sitemap.xml": '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>',
    "feeds/all.atom.xml": ATOM,
    "feeds/all.rss.xml": "<rss/>",
    "feeds/all.json": '{"items": []}',
}


def write_site(out: Path, word: str) -> None:
    """Write the smallest site that may be published; *word* is all its home page says."""
    for name, text in {**WHOLE, "index.html": page_of(word)}.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text() != text:
            path.write_text(text)


def page_of(word: str) -> str:
    """Return the home page that says *word*."""
    return f"<html><title>{word}</title></html>"
