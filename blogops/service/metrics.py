"""``/_blog/metrics``: what the last attempt measured, and what the service itself has counted.

It is for the machine itself and for whoever has the token; nobody else learns that it is there.
"""

import hmac
import threading
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from blogops import __version__
from blogops.releases import Labels, Layout, Ledger, Metric, exposition, live_id

_LOOPBACK = ("127.0.0.1", "::1")
_began = time.time()
_answers: Counter[Labels] = Counter()
_one_at_a_time = threading.Lock()


def count(route: str, line: str) -> None:
    """Count an answer, by its route and status."""
    with _one_at_a_time:
        _answers[(("route", route), ("status", line[:3]))] += 1


def allowed(environ: dict[str, Any], layout: Layout) -> bool:
    """Tell whether who asks may see them. nginx says who that is; without its word it asks from here."""
    if environ.get("HTTP_X_FORWARDED_FOR", "127.0.0.1") in _LOOPBACK:
        return True
    token = _token(Path(f"/etc/blogops-{layout.root.name}.token"))
    given = environ.get("HTTP_AUTHORIZATION", "")
    return bool(token) and hmac.compare_digest(given.encode("latin-1", "replace"), b"Bearer " + token)


def _token(path: Path) -> bytes:
    try:
        return path.read_bytes().strip()
    except OSError:
        return b""


def text(layout: Layout) -> str:
    """Return the metrics as text."""
    try:
        kept = layout.metrics.read_text(encoding="utf-8")
    except OSError:
        kept = ""
    return kept + exposition(_own(layout), layout.root.name)


def _own(layout: Layout) -> list[Metric]:
    with _one_at_a_time:
        answers = dict(_answers)
    return [
        Metric(
            "blogops_service_requests_total",
            "counter",
            "What it was asked for, and answered.",
            answers,
        ),
        _gauge("blogops_service_start_timestamp_seconds", "When the service was started.", _began),
        _gauge("blogops_service_uptime_seconds", "For how long the service runs.", time.time() - _began),
        _gauge("blogops_release_age_seconds", "For how long the live release is live.", _age(layout)),
        Metric(
            "blogops_service_info", "gauge", "The version of the service.", {(("version", __version__),): 1}
        ),
    ]


def _gauge(name: str, told: str, value: float | None) -> Metric:
    return Metric(name, "gauge", told, {} if value is None else {(): value})


def _age(layout: Layout) -> float | None:
    since = Ledger(layout.ledger).since(live_id(layout))
    return time.time() - datetime.fromisoformat(since).timestamp() if since else None
