"""Measurements as Prometheus reads them (https://prometheus.io/docs/instrumenting/exposition_formats/)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Labels = tuple[tuple[str, str], ...]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Metric:
    """One metric: its name and kind ("gauge" or "counter"), what it means, and its values by label."""

    name: str
    kind: str
    help: str
    values: Mapping[Labels, float] = field(default_factory=dict)


def exposition(metrics: Iterable[Metric], blog: str) -> str:
    """Return *metrics* as text, each value with the name of its *blog*; one without a value is left out."""
    return "".join(_family(metric, blog) for metric in metrics if metric.values)


def _family(metric: Metric, blog: str) -> str:
    head = f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} {metric.kind}\n"
    lines = (
        f"{metric.name}{{{_labels((('blog', blog), *labels))}}} {value:.15g}\n"
        for labels, value in sorted(metric.values.items())
    )
    return head + "".join(lines)


def _labels(labels: Labels) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
