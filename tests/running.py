"""``blogops`` as a person or cron types it, in a folder, without colours."""

import os
import subprocess
import sys
from pathlib import Path


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run it, and return how it ended."""
    return subprocess.run(
        [sys.executable, "-m", "blogops", *words],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def ended(folder: Path, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run it; it must end with *code*, and without a traceback."""
    done = command(folder, *words)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == code, done.stdout + done.stderr
    return done


def blogops(folder: Path, *words: str, code: int = 0) -> str:
    """Do the same, and return all it said."""
    done = ended(folder, *words, code=code)
    return done.stdout + done.stderr
