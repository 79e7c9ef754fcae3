"""Building one tree with each of the two, in a folder of its own, with templates that tell facts."""

import datetime as dt
import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.parity.environment import pelican
from benchmarks.parity.reading import Built, read
from blogops import config, website
from blogops.errors import OpsError
from blogops.pelican import toml, translated

_HERE = Path(__file__).parent
_WIDE = "400"  # columns: Pelican's log breaks its lines at the width of the terminal


def by_pelican(settings: Path, out: Path, site: str) -> Built:
    """Build what *settings* describes with Pelican, as it is published."""
    publish = settings.with_name("publishconf.py")
    command = [str(pelican()), "-s", str(publish if publish.is_file() else settings), "-o", str(out)]
    command += ["-t", str(_HERE / "pelican_theme"), "-e", f'SITEURL="{site}"']
    environment = {**os.environ, "COLUMNS": _WIDE, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=settings.parent, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode or "CRITICAL" in done.stdout + done.stderr:
        raise OpsError(f"Pelican gave up:\n{done.stdout}{done.stderr}", where=str(settings))
    return read(out, site, done.stdout + done.stderr)


def by_blogops(settings: Path, folder: Path, out: Path, site: str, now: dt.datetime) -> Built:
    """Build the same with blogops: *folder* gets a copy of the manuscript, and an imported blog.toml.

    What is better than Pelican on purpose and would hide everything else is off: typography, pictures made
    smaller, and compressed copies.
    """
    draft = translated(settings)
    manuscript = str(draft.tables["content"]["path"])
    shutil.copytree(settings.parent / manuscript, folder / manuscript, symlinks=True)
    shutil.copytree(_HERE / "blogops_theme", folder / "parity-templates")
    for table, key, value in (
        ("site", "url", site),
        ("site", "typography", False),
        ("content", "templates", "parity-templates"),
        ("images", "variants", False),
        ("build", "compress", False),
    ):
        draft.note(table, key, value, "parity")
    lines = sorted(draft.lines.values(), key=lambda line: line.table)
    path = folder / config.FILE_NAME
    path.write_text(toml.written(lines, settings.name), encoding="utf-8")
    report = website.build(config.load(path), out, now=now)
    return read(out, site, "\n".join(report.warnings))
