"""``python -m benchmarks.parity [PATH …] [--json]``: Pelican and blogops side by side, URL by URL.

Without a PATH (the folder of a pelicanconf.py) it builds the generated trees, the seed post and example/.
"""

import argparse
import datetime as dt
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.parity import builds, compare, explained
from benchmarks.parity.both import Both
from benchmarks.parity.cases import trees
from benchmarks.parity.own import own_trees
from benchmarks.parity.trees import SITE
from blogops.errors import OpsError

_SHOWN = 40  # differences of one tree


@dataclass
class Result:
    """What came of one tree."""

    tree: str
    urls: int = 0
    faults: list[compare.Difference] = field(default_factory=list)
    explained: dict[str, int] = field(default_factory=dict)
    trouble: str = ""

    @property
    def is_good(self) -> bool:
        """Whether everything is the same, or explained."""
        return not self.faults and not self.trouble


def compared(name: str, settings: Path, work: Path, now: dt.datetime) -> Result:
    """Build the tree of *settings* twice below *work* and compare."""
    result = Result(name)
    folder = work / "blogops"
    folder.mkdir()
    try:
        old = builds.by_pelican(settings, work / "by-pelican", SITE)
        new = builds.by_blogops(settings, folder, work / "by-blogops", SITE, now)
    except OpsError as error:
        result.trouble = str(error)
        return result
    both = Both(old, new, SITE, now)
    result.urls = len(old.paths | new.paths)
    result.faults, result.explained = explained.sorted_out(compare.differences(old, new, SITE), both)
    return result


def main(words: Sequence[str] | None = None) -> int:
    """Compare, print, and return 1 where something differs that is not explained."""
    parser = argparse.ArgumentParser(prog="pelican_parity", description=__doc__)
    parser.add_argument("path", nargs="*", type=Path, help="folders with a pelicanconf.py")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--only", default="", help="generated trees whose name begins so")
    given = parser.parse_args(words)
    results: list[Result] = []
    for result in _results(given.path, given.only, dt.datetime.now(dt.UTC)):
        results.append(result)
        if not given.json:
            _show(result)
    if given.json:
        json.dump([_plain(result) for result in results], sys.stdout, indent=2, ensure_ascii=False)
    else:
        _sum(results)
    return 0 if all(result.is_good for result in results) else 1


def _results(paths: Sequence[Path], only: str, now: dt.datetime) -> Iterator[Result]:
    for path in paths:
        with tempfile.TemporaryDirectory() as work:
            settings = path / "pelicanconf.py" if path.is_dir() else path
            yield compared(str(path), settings.resolve(), Path(work), now)
    if paths:
        return
    for tree in (*own_trees(), *trees()):
        if tree.name.startswith(only):
            with tempfile.TemporaryDirectory() as work:
                source = Path(work, "source")
                source.mkdir()
                yield compared(tree.name, tree.write(source), Path(work), now)


def _show(result: Result) -> None:
    known = f", {sum(result.explained.values())} explained" if result.explained else ""
    print(f"{result.tree}: {result.urls} URLs, {len(result.faults)} differences{known}")
    for fault in result.faults[:_SHOWN]:
        print(f"  {fault}")
    if len(result.faults) > _SHOWN:
        print(f"  … and {len(result.faults) - _SHOWN} more")
    if result.trouble:
        print("  " + result.trouble.replace("\n", "\n  "))


def _sum(results: Sequence[Result]) -> None:
    counts = sum((Counter(result.explained) for result in results), Counter[str]())
    print("\nexplained in docs/pelican.md:")
    for name, count in counts.most_common():
        print(f"  {count:5}  {name}")
    bad = [result.tree for result in results if not result.is_good]
    urls, faults = (sum(n) for n in zip(*((r.urls, len(r.faults)) for r in results), strict=True))
    print(f"\n{len(results)} trees, {urls} URLs: {faults} differences not explained")
    print(f"not the same: {', '.join(bad)}" if bad else "the same, but for what is explained")


def _plain(result: Result) -> dict[str, object]:
    faults = [{name: _said(value) for name, value in vars(fault).items()} for fault in result.faults]
    return {**vars(result), "faults": faults}


def _said(value: object) -> object:
    return value if isinstance(value, (str, bool, int, type(None))) else str(value)


if __name__ == "__main__":
    sys.exit(main())
