"""What is measured after every attempt, from the ledger and the disk: a file for Prometheus, and statsd.

Neither can fail the attempt. docs/metrics.md lists each metric.
"""

import contextlib
import json
import os
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from blogops.releases.exposition import Labels, Metric, exposition
from blogops.releases.health import vhost_of
from blogops.releases.layout import Layout
from blogops.releases.ledger import Attempt, Ledger, Outcome, is_deploy, succeeded
from blogops.releases.stage import Release
from blogops.releases.switch import live_id

_PATIENCE = 1.0  # seconds in which statsd's name must be found
_BAD = (Outcome.FAILED, Outcome.REVERTED)
Steps = Sequence[tuple[str, float]]


def measure(layout: Layout, ledger: Ledger, task: str, steps: Steps) -> None:
    """Write and send what is measured, once an attempt at *task* has ended after these *steps*.

    On a laptop nobody has made the folder, and nothing is written.
    """
    with contextlib.suppress(OSError, ValueError):
        metrics = measured(layout, ledger, {task: steps})
        if layout.metrics.parent.is_dir():
            _write(layout, exposition(metrics, layout.root.name))
        vhost = vhost_of(layout)
        if vhost and vhost.statsd:
            _send(vhost.statsd, statsd(metrics, layout.root.name))


def _write(layout: Layout, text: str) -> None:
    """Write aside and rename, for it is read at any time; a power cut may take it."""
    aside = layout.metrics.with_name(f".{layout.metrics.name}.{os.urandom(6).hex()}")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.chmod(0o644)
        aside.replace(layout.metrics)
    finally:
        aside.unlink(missing_ok=True)


def measured(layout: Layout, ledger: Ledger, latest: Mapping[str, Steps] | None = None) -> list[Metric]:
    """Return what the ledger and the disk tell; *latest* are steps that it does not know whole."""
    return [*_attempts(ledger, latest or {}), *_site(layout), *_release(layout, ledger), *_disk(layout)]


def task_of(attempt: Attempt) -> str:
    """Return what an attempt was, with deploys apart from other rebuilds."""
    return "deploy" if is_deploy(attempt) else attempt.task


def _attempts(ledger: Ledger, latest: Mapping[str, Steps]) -> list[Metric]:
    lines = [each for each in ledger.attempts if _seconds(each.time)]
    tries = Counter(_labels(task=task_of(each), outcome=str(each.outcome)) for each in lines)
    causes = Counter(_labels(task=task_of(each), step=_cause(each)) for each in lines if each.outcome in _BAD)
    last = {task_of(each): each for each in lines}
    steps: dict[str, Steps] = {task: each.steps for task, each in last.items()}
    steps |= {task: told for task, told in latest.items() if told}
    well = {_labels(task=task_of(each)): _seconds(each.time) for each in lines if succeeded(each)}
    return [
        Metric("blogops_attempts_total", "counter", "Attempts, by task and outcome.", dict(tries)),
        Metric(
            "blogops_failures_total",
            "counter",
            "Attempts that failed, by step.",
            dict(causes),
        ),
        Metric(
            "blogops_step_duration_seconds",
            "gauge",
            "How long each step of the last attempt took.",
            {_labels(task=t, step=name): taken for t, told in steps.items() for name, taken in told},
        ),
        Metric(
            "blogops_attempt_duration_seconds",
            "gauge",
            "How long the last attempt took.",
            {_labels(task=task): each.seconds for task, each in last.items()},
        ),
        Metric(
            "blogops_attempt_timestamp_seconds",
            "gauge",
            "When the last attempt ended.",
            {_labels(task=task): _seconds(each.time) for task, each in last.items()},
        ),
        Metric(
            "blogops_last_success_timestamp_seconds",
            "gauge",
            "When a rebuild or deploy last went well.",
            well,
        ),
    ]


def _cause(attempt: Attempt) -> str:
    """Return the step at which it failed: the last one it took."""
    return attempt.steps[-1][0] if attempt.steps else "start"


def _site(layout: Layout) -> list[Metric]:
    try:
        counts = {str(key): float(value) for key, value in json.loads(layout.counts.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        counts = {}
    pages: dict[Labels, float] = {(): counts.pop("pages")} if "pages" in counts else {}
    posts = {_labels(state=state): count for state, count in counts.items()}
    return [
        Metric("blogops_posts", "gauge", "Posts that the last build found, by state.", posts),
        Metric("blogops_pages", "gauge", "Pages that the last build made.", pages),
    ]


def _release(layout: Layout, ledger: Ledger) -> list[Metric]:
    live = live_id(layout)
    release, since = Release.read(layout, live) if live else None, _seconds(ledger.since(live))
    kept = sum(1 for path in layout.releases.iterdir() if path.is_dir()) if layout.releases.is_dir() else 0
    toolkit = layout.toolkit.readlink().name if layout.toolkit.is_symlink() else ""
    found: dict[str, tuple[str, float | None]] = {
        "blogops_release_timestamp_seconds": (
            "Since when the live release is live.",
            since if live else None,
        ),
        "blogops_release_size_bytes": ("Size of the live release.", release.bytes if release else None),
        "blogops_release_files": ("Files of the live release.", release.files if release else None),
        "blogops_releases": ("Releases that lie on the server.", kept),
        "blogops_pinned": ("1 while the site is pinned since a rollback.", ledger.pin() is not None),
        "blogops_suspended": ("1 while scheduled rebuilds are suspended.", layout.suspended.exists()),
    }
    return [
        *_gauges(found),
        Metric(
            "blogops_toolkit_info",
            "gauge",
            "The toolkit in use, by the hash of its sources.",
            {_labels(hash=toolkit): 1} if toolkit else {},
        ),
    ]


def _disk(layout: Layout) -> list[Metric]:
    disk = os.statvfs(layout.root)
    found: dict[str, tuple[str, float | None]] = {
        "blogops_disk_free_bytes": ("What is free on the blog's disk.", disk.f_bavail * disk.f_frsize),
        "blogops_disk_size_bytes": ("Size of the blog's disk.", disk.f_blocks * disk.f_frsize),
        "blogops_disk_inodes_free": ("Inodes free on the blog's disk.", disk.f_favail),
        "blogops_disk_inodes": ("Inodes of the blog's disk; 0 where none are counted.", disk.f_files),
    }
    return _gauges(found)


def _gauges(found: Mapping[str, tuple[str, float | None]]) -> list[Metric]:
    return [
        Metric(name, "gauge", told, {} if value is None else {(): float(value)})
        for name, (told, value) in found.items()
    ]


def _labels(**labels: str) -> Labels:
    return tuple(labels.items())


def _seconds(moment: str) -> float:
    """Return *moment* (RFC 3339) in seconds since 1970; 0 if it is none."""
    try:
        return datetime.fromisoformat(moment).timestamp()
    except ValueError:
        return 0.0


def statsd(metrics: Iterable[Metric], blog: str) -> list[str]:
    """Return gauges, and timers in milliseconds, as statsd reads them; its counters would count twice."""
    lines = []
    for metric in metrics:
        for labels, value in metric.values.items() if metric.kind == "gauge" else ():
            name = ".".join(_plain(part) for part in (metric.name, blog, *(word for _, word in labels)))
            took = metric.name.endswith("_duration_seconds")
            lines.append(f"{name}:{value * 1000:.0f}|ms" if took else f"{name}:{value:.15g}|g")
    return lines


def _plain(word: str) -> str:
    return "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in word)


def _send(address: str, lines: Sequence[str]) -> None:
    """Send *lines*, one a packet. Nobody waits long for a name server that is silent."""
    thread = threading.Thread(target=_sent, args=(address, lines), daemon=True)
    thread.start()
    thread.join(_PATIENCE)


def _sent(address: str, lines: Sequence[str]) -> None:
    import socket  # not for a rebuild with nothing to do

    host, _, port = address.rpartition(":")
    with contextlib.suppress(OSError, ValueError):
        kind, _, _, _, to = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)[0]
        with socket.socket(kind, socket.SOCK_DGRAM) as channel:
            for line in lines:
                channel.sendto(line.encode(), to)
