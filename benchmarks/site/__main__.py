"""``make bench-site``: the builder beside Pelican, Nikola and Hugo, on the same text.

``.venv/bin/python -m benchmarks.site --cases full,text --runs 2`` measures some of it, ``--ours`` leaves the
others out, ``--json FILE`` writes the same as JSON. Trees and virtualenvs are kept in
``~/.cache/blogops/bench``.
"""

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from benchmarks.site.bench import Bench
from benchmarks.site.builders import install_hugo
from benchmarks.site.cases import CASES, TEN_RUNS
from benchmarks.site.report import aims_table, as_json, timings_table, told
from blogops.console import table


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.site", description=__doc__)
    parser.add_argument(
        "--posts", type=int, default=1000, help="how many; the case ten has ten times as many"
    )
    parser.add_argument(
        "--runs", type=int, default=5, help=f"of each; of full builds in ten {TEN_RUNS} at most"
    )
    parser.add_argument("--cases", default=",".join(CASES), help="which, parted by commas")
    parser.add_argument("--json", type=Path, help="a file that gets the same as JSON")
    parser.add_argument("--ours", action="store_true", help="leave the others out")
    given = parser.parse_args(words)
    if unknown := set(given.cases.split(",")) - set(CASES):
        parser.error(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    return given


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print, and write the JSON."""
    given = _arguments(words)
    load = os.getloadavg()[0]
    if not given.ours:
        install_hugo()
    bench = Bench(given.posts, given.runs, ours_alone=given.ours)
    for name in given.cases.split(","):
        CASES[name](bench)
    about = told(bench, load)
    _show(bench, about)
    if given.json:
        given.json.write_text(json.dumps(as_json(bench, about), indent=2, ensure_ascii=False) + "\n")


def _show(bench: Bench, about: dict[str, object]) -> None:
    corpus = cast(dict[str, Any], about["corpus"])
    sizes = [f"{name}: {size:,} bytes" for name, size in corpus["bytes"].items()]
    print(f"{about['machine']}, Python {about['python']}")
    print(", ".join(cast(list[str], about["versions"])))
    print(
        f"{corpus['french']} posts in French, {corpus['english']} in English; {corpus['drafts']} are drafts"
    )
    print("; ".join(sizes) + "\n")
    table(timings_table(bench))
    print()
    table(aims_table(bench))


if __name__ == "__main__":
    main()
