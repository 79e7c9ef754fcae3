"""The WSGI application behind nginx: is the blog well, what is live, and where old addresses lead.

It only reads, and answers nothing that a reader could not know.
"""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from blogops import __version__
from blogops.releases import CONTENT_TYPE, Layout, Ledger, live_id
from blogops.service import metrics
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


METRICS = "/_blog/metrics"
ROUTES = {"/_blog/health": health, "/_blog/status": status}


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """WSGI (PEP 3333): JSON for GET and HEAD, metrics as text. nginx shows the pages of 404 and 410."""
    layout, path = Layout(Path(os.environ["BLOGOPS_ROOT"])), environ.get("PATH_INFO", "")
    reads = environ["REQUEST_METHOD"] in ("GET", "HEAD")
    if reads and path == METRICS and metrics.allowed(environ, layout):
        line, more = "200 OK", [("Content-Type", CONTENT_TYPE)]
        body = metrics.text(layout).encode()
    else:
        line, more, facts = _answer(layout, environ)
        more, body = [("Content-Type", "application/json"), *more], json.dumps(facts).encode() + b"\n"
    metrics.count(path if path in (METRICS, *ROUTES) else "moved", line)
    headers = [("Cache-Control", "no-store"), *more]
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
