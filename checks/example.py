"""The example, built as it is (the seed post a draft) and with the seed post published."""

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import lxml.html

from blogops import website
from blogops.config import load
from checks.nginx import REPO

SEED = "retours-pyconfr-2012.rst"
_SEED_TITLE = "Retours sur PyconFR 2012"
_DRAFT = ":status: draft\n"


@dataclass(frozen=True)
class Built:
    """A built site: its folder, and the address its pages say they have (`site.url`)."""

    folder: Path
    root: str

    def files(self, *suffixes: str) -> list[Path]:
        """Return the files with one of *suffixes*, in the order of their paths."""
        return sorted(path for path in self.folder.rglob("*") if path.suffix in suffixes and path.is_file())

    def address(self, file: Path) -> str:
        """Return the address of *file*, from the root of the site."""
        path = f"/{file.relative_to(self.folder).as_posix()}"
        return quote("/" if path == "/index.html" else path)

    def pages(self) -> list[str]:
        """Return the addresses of all pages."""
        return [self.address(path) for path in self.files(".html")]

    def own(self, url: str) -> str | None:
        """Return *url* from the root of the site on, or None for one of another site."""
        parts, root = urlsplit(url), urlsplit(self.root)
        if (parts.scheme, parts.netloc) not in (("", ""), (root.scheme, root.netloc)):
            return None
        return parts._replace(scheme="", netloc="").geturl() or "/"


def build(folder: Path, *, seed_published: bool) -> Built:
    """Copy the example to *folder* and build it there."""
    source = folder / "example"
    shutil.copytree(REPO / "example", source, ignore=shutil.ignore_patterns("var"))
    if seed_published:
        post = source / "content" / SEED
        text = post.read_text(encoding="utf-8")
        assert _DRAFT in text, f"{SEED} is a draft no more"
        post.write_text(text.replace(_DRAFT, "", 1), encoding="utf-8")
    config = load(source / "blog.toml")
    website.build(config, folder / "site", now=dt.datetime.now(dt.UTC))
    return Built((folder / "site").resolve(), config.site.url.rstrip("/"))


def seed_post(draft: Built, published: Built) -> str:
    """Return the address of the seed post: of the pages that only *published* has, the one with its title."""
    known = {page.relative_to(draft.folder) for page in draft.files(".html")}
    new = [page for page in published.files(".html") if page.relative_to(published.folder) not in known]
    (page,) = (page for page in new if _SEED_TITLE in _heading(page))
    return published.address(page)


def _heading(page: Path) -> str:
    found = lxml.html.parse(page).getroot().xpath("string(//h1)")
    return " ".join(found.split())
