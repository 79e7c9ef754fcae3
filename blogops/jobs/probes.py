"""What a release is looked at by, once it is live."""

from collections.abc import Iterator
from pathlib import Path

from blogops.config import Config
from blogops.releases import FOLDERS


def probes(config: Config, site: Path, newest: str) -> tuple[tuple[str, str], ...]:
    """Return pairs of an address and the file that answers it: the home page, the newest post, a feed, an
    asset; of each the first that there is.
    """
    feeds = (config.feeds.atom.all, config.feeds.rss.all, config.feeds.json.all)
    wanted = (("index.html",), (newest.lstrip("/"),), feeds, _assets(site))
    found = (next((name for name in names if name and (site / name).is_file()), "") for names in wanted)
    return tuple((_address(name), name) for name in found if name)


def _assets(site: Path) -> Iterator[str]:
    for folder in FOLDERS:
        for path in sorted((site / folder).glob("*")):
            yield path.relative_to(site).as_posix()


def _address(name: str) -> str:
    return "/" + name.removesuffix("index.html") if name.split("/")[-1] == "index.html" else f"/{name}"
