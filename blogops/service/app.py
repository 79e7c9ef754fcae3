"""The WSGI application behind nginx: is the blog well, and what is live.

It only reads, and answers nothing that a reader could not know.
"""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from blogops import __version__
from blogops.releases import Layout, Ledger, live_id

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
    """WSGI (PEP 3333): JSON for GET and HEAD."""
    layout = Layout(Path(os.environ["BLOGOPS_ROOT"]))
    answer = ROUTES.get(environ.get("PATH_INFO", ""))
    method = environ["REQUEST_METHOD"]
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
    if answer is None:
        line, facts = "404 Not Found", {"error": "there is nothing here"}
    elif method not in ("GET", "HEAD"):
        headers.append(("Allow", "GET, HEAD"))
        line, facts = "405 Method Not Allowed", {"error": "only GET and HEAD"}
    else:
        line, facts = answer(layout)
    body = json.dumps(facts).encode() + b"\n"
    start_response(line, [*headers, ("Content-Length", str(len(body)))])
    return [b"" if method == "HEAD" else body]
