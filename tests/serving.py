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
    """Answer pages with one of *texts* with status 500."""
    return lambda body: (500 if body.decode() in texts else 200, body)


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
