"""What is measured: the text that Prometheus reads, the page that lists it, and what cannot fail a job."""

import json
import re
import socket
from pathlib import Path

import pytest

from blogops.errors import Failed
from blogops.releases import Attempt, Layout, Ledger, Metric, Outcome, Run, attempt, exposition
from blogops.releases.measuring import measured, statsd
from blogops.service import metrics as service

REPO = Path(__file__).parents[1]


def line(outcome: Outcome, reason: str = "schedule", **facts: object) -> Attempt:
    base = {"time": "2026-11-01T00:00:00Z", "task": "rebuild", "who": "w", "reason": reason}
    return Attempt(**{**base, "outcome": outcome, **facts})  # type: ignore[arg-type]


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path / "blog")
    made.prepare()
    made.metrics.parent.mkdir()
    return made


@pytest.fixture
def full(layout: Layout) -> Layout:
    """Return a blog of which everything there is can be measured."""
    ledger = Ledger(layout.ledger)
    name = "000001-20260101T000000Z-00000000"
    steps = (("preflight", 0.1), ("build", 1.5))
    ledger.append(line(Outcome.PUBLISHED, "deploy", release=name, steps=steps, seconds=2.0))
    ledger.append(line(Outcome.FAILED, steps=steps))
    ledger.append(line(Outcome.FAILED))
    layout.public(name).mkdir(parents=True)
    (layout.release(name) / "release.json").write_text(
        json.dumps({"id": name, "content": "c", "files": 7, "bytes": 4096})
    )
    layout.current.symlink_to(f"releases/{name}")
    layout.counts.write_text('{"published": 3, "draft": 2, "scheduled": 1, "pages": 20}')
    layout.toolkit.parent.mkdir()
    layout.toolkit.symlink_to("abc")
    return layout


@pytest.mark.parametrize(
    "told",
    [
        'blogops_attempts_total{blog="blog",task="deploy",outcome="published"} 1',
        'blogops_attempts_total{blog="blog",task="rebuild",outcome="failed"} 2',
        'blogops_failures_total{blog="blog",task="rebuild",step="build"} 1',
        'blogops_failures_total{blog="blog",task="rebuild",step="start"} 1',
        'blogops_step_duration_seconds{blog="blog",task="deploy",step="build"} 1.5',
        'blogops_attempt_duration_seconds{blog="blog",task="deploy"} 2',
        'blogops_last_success_timestamp_seconds{blog="blog",task="deploy"} 1793491200',
        'blogops_posts{blog="blog",state="scheduled"} 1',
        'blogops_pages{blog="blog"} 20',
        'blogops_release_size_bytes{blog="blog"} 4096',
        'blogops_release_files{blog="blog"} 7',
        'blogops_releases{blog="blog"} 1',
        'blogops_pinned{blog="blog"} 0',
        'blogops_suspended{blog="blog"} 0',
        'blogops_toolkit_info{blog="blog",hash="abc"} 1',
    ],
)
def test_what_is_told(full: Layout, told: str) -> None:
    assert told in exposition(measured(full, Ledger(full.ledger)), "blog").splitlines()


def test_before_anything_was_tried(layout: Layout) -> None:
    told = exposition(measured(layout, Ledger(layout.ledger)), "blog")
    assert "blogops_attempts_total" not in told
    assert 'blogops_releases{blog="blog"} 0' in told


def test_labels_are_escaped() -> None:
    metric = Metric("a", "gauge", "A.", {(("b", 'c"\\\n'),): 1})
    assert exposition([metric], "x").splitlines()[-1] == r'a{blog="x",b="c\"\\\n"} 1'


def test_an_attempt_leaves_the_file_be_it_failed_or_not(layout: Layout) -> None:
    with attempt(layout, "rebuild", Run(who="w", reason="schedule")) as journal, journal.step("build"):
        pass
    assert 'step="build"' in layout.metrics.read_text()
    assert f"{layout.metrics.stat().st_mode & 0o777:o}" == "644"
    run = Run(who="w", reason="schedule")
    with pytest.raises(Failed), attempt(layout, "rebuild", run) as journal, journal.step("gate"):
        raise Failed("x")
    assert 'blogops_failures_total{blog="blog",task="rebuild",step="gate"} 1' in layout.metrics.read_text()
    assert [path.name for path in layout.metrics.parent.iterdir()] == ["blogops.prom"]


def test_a_file_that_cannot_be_written_fails_nothing(layout: Layout) -> None:
    layout.metrics.mkdir()
    with attempt(layout, "rebuild", Run(who="w", reason="schedule")) as journal:
        journal.record(Outcome.UNCHANGED)
    assert [path.name for path in layout.metrics.parent.iterdir()] == ["blogops.prom"]


def test_statsd_gets_gauges_and_timers(full: Layout, tmp_path: Path) -> None:
    lines = statsd(measured(full, Ledger(full.ledger)), "blog")
    assert "blogops_posts.blog.draft:2|g" in lines
    assert "blogops_step_duration_seconds.blog.deploy.build:1500|ms" in lines
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        told = {"host": "x", "port": 80, "daemons": {}, "statsd": f"127.0.0.1:{receiver.getsockname()[1]}"}
        (tmp_path / "vhost.json").write_text(json.dumps(told))
        with attempt(Layout(full.root, tmp_path / "vhost.json"), "build", Run(who="w", reason="by hand")):
            pass
        assert b"blogops_" in receiver.recv(1000)


def test_the_page_lists_every_metric_and_no_other(full: Layout) -> None:
    code = {metric.name for metric in [*measured(full, Ledger(full.ledger)), *service._own(full)]}
    page = set(re.findall(r"^\| `(blogops_\w+)", (REPO / "docs/metrics.md").read_text(), re.MULTILINE))
    assert page == code
    rules = (REPO / "example/prometheus/blogops.rules.yml").read_text()
    assert set(re.findall(r"blogops_\w+", rules)) <= code


OUTSIDE = {"HTTP_X_FORWARDED_FOR": "192.0.2.1"}


@pytest.mark.parametrize(
    ("environ", "ok"),
    [
        ({}, True),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, True),
        ({"HTTP_X_FORWARDED_FOR": "::1"}, True),
        ({"HTTP_X_FORWARDED_FOR": ""}, False),
        (OUTSIDE, False),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1, 192.0.2.1"}, False),
        ({**OUTSIDE, "HTTP_AUTHORIZATION": "Bearer s3cret"}, True),
        ({**OUTSIDE, "HTTP_AUTHORIZATION": "Bearer s3cre"}, False),
        ({**OUTSIDE, "HTTP_AUTHORIZATION": "Bearer "}, False),
    ],
)
def test_who_may_see_them(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], ok: bool
) -> None:
    monkeypatch.setattr(service, "_token", lambda _path: b"s3cret")
    assert service.allowed(environ, layout) is ok


def test_without_a_token_nobody_else_sees_them(layout: Layout) -> None:
    assert not service.allowed({**OUTSIDE, "HTTP_AUTHORIZATION": "Bearer "}, layout)
