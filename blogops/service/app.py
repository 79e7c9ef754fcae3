"""The WSGI application behind nginx: is the blog well, what is live, and where old addresses lead.

It only reads, and answers nothing that a reader could not know.
"""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from blogops import __version__
from blogops.releases import Layout, Ledger, live_id
from blogops.service.moved import location, moves, target_of

Answer = tuple[str, list[tuple[str, str]], dict[str, Any]]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


def health(layout: Layout) -> tuple[str, dict[str, Any]]:
    """Answer whether the live release can be read."""
    live = live_id(layout)
    whole = not live or (layout.public(live) / "index.html").is_file()
    return ("200 OK" if whole else "503 Service Unavailable"), {"ok": whole, "live": live}


def status(layout: Layout) -> tuple[str, dict[str, Any]]:
    """Answer what is live, since when, and whether it is pinned."""
    ledger, live = Ledger(layout.ledger), live_id(layout)
    facts = {
        "live": live,
        "since": ledger.since(live),
        "pinned": ledger.pin() is not None,
        "version": __version__,
    }
    return "200 OK", facts


ROUTES = {"/_blog/health": health, "/_blog/status": status}


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """WSGI (PEP 3333): JSON for GET and HEAD. nginx shows the pages that go with 404 and 410."""
    line, more, facts = _answer(Layout(Path(os.environ["BLOGOPS_ROOT"])), environ)
    body = json.dumps(facts).encode() + b"\n"
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), *more]
    start_response(line, [*headers, ("Content-Length", str(len(body)))])
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]


def _answer(layout: Layout, environ: dict[str, Any]) -> Answer:
    path = environ.get("PATH_INFO", "")
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return "405 Method Not Allowed", [("Allow", "GET, HEAD")], {"error": "only GET and HEAD"}
    if path in ROUTES:
        line, facts = ROUTES[path](layout)
        return line, [], facts
    # WSGI gives the bytes of a path as if they were latin-1.
    return _moved(layout, path.encode("latin-1").decode("utf-8", "replace"), environ.get("QUERY_STRING", ""))


def _moved(layout: Layout, path: str, query: str) -> Answer:
    target = target_of(moves(layout), path)
    if target == "":
        return "404 Not Found", [], {"error": "there is nothing here"}
    if target is None:
        return "410 Gone", [], {"error": "it is gone"}
    address = location(target, query)
    return "301 Moved Permanently", [("Location", address)], {"moved": address}
