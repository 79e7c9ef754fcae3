"""What the suite has measured, for docs/reliability.md."""

import json
import os
import platform
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest


@dataclass
class Numbers:
    """Counts, seconds, bytes; the faults by kind."""

    requests: int = 0
    lost: int = 0
    switches: int = 0
    outages: dict[str, float] = field(default_factory=dict)
    survived: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    rollbacks: list[float] = field(default_factory=list)
    rollbacks_on_a_full_disk: list[float] = field(default_factory=list)
    at_once: dict[str, int] = field(default_factory=dict)
    nights: dict[str, float] = field(default_factory=dict)
    noticed: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.time)

    def write(self, path: Path) -> None:
        """Write them down as JSON, with where and when they were measured."""
        told = vars(self) | {
            "seconds": round(time.time() - self.began),
            "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "cores": os.cpu_count(),
            "kernel": platform.release().split("-")[0],
            "commit": _commit(),
        }
        path.write_text(json.dumps(told, indent=1) + "\n")


def place(config: pytest.Config) -> Path:
    """Return where they go: BLOGOPS_RELIABILITY, or a file in pytest's cache."""
    named = os.environ.get("BLOGOPS_RELIABILITY")
    if named:
        return Path(named)
    assert config.cache
    return config.cache.mkdir("reliability") / "numbers.json"


def _commit() -> str:
    here = Path(__file__).parent
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=here, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
