"""blogops, Pelican, Nikola and Hugo: the tree each gets, its command, and where its pages are."""

import atexit
import functools
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.site import corpus, pictures
from benchmarks.site.corpus import SEED, SETTINGS, Corpus, write_posts
from benchmarks.site.measuring import Limits, Spent, run
from benchmarks.site.post import Post, all_posts
from benchmarks.site.syntax import Markdown, NikolaRst, Rst, Syntax
from benchmarks.site.words import slug
from benchmarks.tools import pins, quiet, virtualenv
from blogops.provision import toolkit
from blogops.vm.machine import cache

_HERE = Path(__file__).parent


class Builder(ABC):
    """One tool, and a tree of so many posts for it, below the folder of caches."""

    name: str
    syntax: Syntax = Rst()
    manuscript = "content"
    output = "output"
    made: tuple[str, ...] = ("output",)  # what a build leaves, and a cold one starts without

    def __init__(self, posts: int, suffix: str = "") -> None:
        self.posts = posts
        label = re.sub(r"\W.*", "", self.name).lower()
        self.folder = cache() / "bench/site" / f"{label}-{posts}{suffix}"

    @abstractmethod
    def command(self) -> list[str]:
        """Return what builds the tree."""

    @abstractmethod
    def settle(self) -> None:
        """Write what the tree needs beside the posts."""

    @abstractmethod
    def page(self, post: Post) -> Path:
        """Return the page of *post*, below the output."""

    @abstractmethod
    def tag(self, tag: str) -> Path:
        """Return the newest posts of *tag*, below the output."""

    def environment(self) -> Mapping[str, str]:
        return {}

    @functools.cached_property
    def corpus(self) -> Corpus:
        """The posts; written when the generator, the settings or their number changed."""
        mark = self.folder / "written-for.json"
        wanted = {"for": _fingerprint(), "posts": self.posts}
        if mark.is_file() and (known := json.loads(mark.read_text())) == {**wanted, "bytes": known["bytes"]}:
            posts = tuple(all_posts(self.posts, SEED))
            return Corpus(posts, self.folder / self.manuscript, self.syntax, SEED, known["bytes"])
        print(f"writing {self.posts} posts for {self.name} into {self.folder}", file=sys.stderr)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.settle()
        made = write_posts(self.folder / self.manuscript, self.syntax, self.posts)
        mark.write_text(json.dumps({**wanted, "bytes": made.bytes}))  # last, so that a cut run is run again
        return made

    def build(self, limits: Limits | None = None) -> Spent:
        """Build the tree as it is."""
        _ = self.corpus  # written, if it is not there yet
        return run(self.command(), self.folder, self.environment(), limits)

    def clean(self) -> None:
        """Take what builds made out of the way: the next one is cold.

        It is removed when the bench ends: where files were removed, ext4 takes some minutes to make new ones
        as quickly as before.
        """
        for name in self.made:
            for path in self.folder.glob(name):
                path.rename(Path(tempfile.mkdtemp(dir=_taken_away())) / path.name)

    @property
    def site(self) -> Path:
        return self.folder / self.output

    def pages(self) -> int:
        """Return how many HTML pages the last build left."""
        return sum(1 for _ in self.site.rglob("*.html"))

    def read(self, path: Path) -> str:
        """Return the text of a file below the output, "" where there is none."""
        found = self.site / path
        return found.read_text(encoding="utf-8") if found.is_file() else ""


@functools.cache
def _taken_away() -> Path:
    """Return the folder for what is removed when the bench ends."""
    made = Path(tempfile.mkdtemp(prefix="taken-away-", dir=cache() / "bench/site"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


@functools.cache
def installed() -> Path:
    """Return the virtualenv of this checkout, which is installed there as on a server: by lock and wheel."""
    place = virtualenv("site-blogops", Path(toolkit.__file__).with_name("server.lock"))
    mark, wanted = place / "installed-wheel", toolkit.fingerprint()
    if not mark.is_file() or mark.read_text() != wanted:
        with tempfile.TemporaryDirectory() as folder:
            wheel = Path(folder, toolkit.wheel_name())
            wheel.write_bytes(toolkit.wheel())
            install = ("install", "-qq", "--no-deps", "--force-reinstall", str(wheel))
            quiet(str(place / "bin/pip"), *install)
        mark.write_text(wanted)  # last, so that a cut run is run again
    return place


def _fingerprint() -> str:
    """Return a digest of all that writes trees, settings included."""
    digest = hashlib.sha256()
    names = ("body", "corpus", "pictures", "post", "snippets", "syntax", "words", "builders")
    files = [*(_HERE / f"{name}.py" for name in names), _HERE / "vocabulary.toml", *SETTINGS.rglob("*")]
    for path in sorted(files):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


class Blogops(Builder):
    """Ours."""

    name = "blogops"
    output = "var/work/site"
    made = ("var", "templates")

    def command(self) -> list[str]:
        return self.task("build")

    def task(self, name: str) -> list[str]:
        """Return the command of the server half *name*."""
        return [str(installed() / "bin/blogops"), name, "--root", str(self.folder)]

    def settle(self) -> None:
        shutil.copyfile(SETTINGS / "blog.toml", self.folder / "blog.toml")
        pictures.small(self.folder / "content/images", SEED)

    def page(self, post: Post) -> Path:
        return Path(f"{post.slug}.html" if post.lang == "fr" else f"{post.slug}-{post.lang}.html")

    def tag(self, tag: str) -> Path:
        return Path(f"tag/{slug(tag)}.html")


class WithVariants(Blogops):
    """Ours, with the smaller versions of pictures that readers get, and so many photos."""

    def __init__(self, posts: int, photos: int) -> None:
        super().__init__(posts, f"-photos-{photos}")
        self.photos = photos

    def settle(self) -> None:
        super().settle()
        settings = self.folder / "blog.toml"
        settings.write_text(settings.read_text().replace("variants = false", "variants = true"))

    def add_photos(self) -> None:
        """Show the photos; those that are there already stay as they are."""
        if self.photos and not (self.corpus.folder / corpus.PHOTOS).is_dir():
            corpus.photos(self.corpus, self.photos)


class Pelican(Builder):
    """Its tree is ours, with its own settings."""

    name = "Pelican"
    made = ("output", "cache")
    cached = False  # whether it keeps what it read for the next run

    def command(self) -> list[str]:
        program = virtualenv("site-pelican", SETTINGS / "pelican.txt") / "bin/pelican"
        words = [str(program), "-s", "pelicanconf.py", "--fatal", "errors"]
        if self.cached:
            words += ["-e", "CACHE_CONTENT=true", "LOAD_CONTENT_CACHE=true"]
        return words

    def settle(self) -> None:
        shutil.copyfile(SETTINGS / "pelicanconf.py", self.folder / "pelicanconf.py")
        pictures.small(self.folder / "content/images", SEED)

    def page(self, post: Post) -> Path:
        return Path(f"{post.slug}.html" if post.lang == "fr" else f"{post.slug}-{post.lang}.html")

    def tag(self, tag: str) -> Path:
        return Path(f"tag/{slug(tag)}.html")


class Nikola(Builder):
    """Two processes, as many as it has use for."""

    name = "Nikola -n 2"
    syntax = NikolaRst()
    manuscript = "posts"
    made = ("output", "cache", ".doit.db*")

    def command(self) -> list[str]:
        return [str(virtualenv("site-nikola", SETTINGS / "nikola.txt") / "bin/nikola"), "build", "-n", "2"]

    def settle(self) -> None:
        shutil.copyfile(SETTINGS / "nikolaconf.py", self.folder / "conf.py")
        pictures.small(self.folder / "files/images", SEED)

    def page(self, post: Post) -> Path:
        return Path("posts", post.path, "index.html")

    def tag(self, tag: str) -> Path:
        return Path("categories", slug(tag), "index.html")


class Hugo(Builder):
    """The Markdown twin, by Debian's package."""

    name = "Hugo"
    syntax = Markdown()
    manuscript = "content/posts"
    output = "public"
    made = ("public", "resources", ".hugo_build.lock")

    def command(self) -> list[str]:
        return ["hugo"]

    def settle(self) -> None:
        shutil.copytree(SETTINGS / "hugo", self.folder, dirs_exist_ok=True)
        pictures.small(self.folder / "static/images", SEED)

    def page(self, post: Post) -> Path:
        return Path(post.slug, "index.html")

    def tag(self, tag: str) -> Path:
        return Path("tags", tag.lower().replace(" ", "-"), "index.html")


class Docutils(Builder):
    """No builder: docutils' own function, one post after the other, for what reading alone costs."""

    name = "docutils alone"

    def command(self) -> list[str]:
        python = str(installed() / "bin/python")
        return [python, "-m", "benchmarks.site.bare", str(self.corpus.folder), str(self.site)]

    def environment(self) -> Mapping[str, str]:
        return {"PYTHONPATH": str(_HERE.parents[1])}

    def settle(self) -> None:
        self.folder.joinpath(self.manuscript).mkdir()

    def page(self, post: Post) -> Path:
        return Path(f"{post.slug}.html")

    def tag(self, tag: str) -> Path:
        return Path("none")


def install_hugo() -> None:
    """Install Debian's package, or say how."""
    if shutil.which("hugo"):
        return
    print("installing Debian's package hugo", file=sys.stderr)
    done = subprocess.run(
        ["apt-get", "-q", "-y", "install", "hugo"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"Hugo is missing. As root: apt-get update && apt-get install hugo\n{done.stderr}")


def versions(tools: Sequence[Builder]) -> list[str]:
    """Return what is compared, with versions, for people."""
    names = ("blogops", "docutils", "Pygments", "Jinja2")
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    numbers = quiet(str(installed() / "bin/python"), "-c", code, *names).split()
    found = [f"{name} {number}" for name, number in zip(names, numbers, strict=True)]
    for tool, pinned in (("Pelican", "pelican"), ("Nikola -n 2", "nikola")):
        if any(one.name == tool for one in tools):
            found += _pins(pinned)
    if any(one.name == "Hugo" for one in tools):
        said = subprocess.run(["hugo", "version"], capture_output=True, text=True, check=True).stdout
        found.append(" ".join(said.split()[:2]))
    return found


def _pins(tool: str) -> list[str]:
    by_name = {pin.lower().partition("==")[0]: pin for pin in pins(SETTINGS / f"{tool}.txt")}
    own, *rest = (by_name[name].replace("==", " ") for name in (tool, "docutils", "pygments"))
    return [f"{own} ({', '.join(rest)})"]
