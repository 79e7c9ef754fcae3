"""A blog that is the same on each run: ``write(FOLDER, posts=1000)``, and photos for it.

``.venv/bin/python -m benchmarks.site.corpus FOLDER --posts 1000`` writes one that ``blogops build --root
FOLDER`` builds: French and English 70 to 30, about 5.5 KB a post, 40 tags, 8 categories, 3 % drafts.
"""

import argparse
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.site import pictures
from benchmarks.site.body import Composer
from benchmarks.site.post import Post, all_posts
from benchmarks.site.syntax import Rst, Syntax

SEED = 5
SETTINGS = Path(__file__).with_name("settings")
PHOTOS = "images/photos"


@dataclass(frozen=True)
class Corpus:
    """What was written: the posts, the folder of their files, and the bytes of all of them."""

    posts: tuple[Post, ...]
    folder: Path
    syntax: Syntax
    seed: int
    bytes: int

    def file(self, post: Post) -> Path:
        """Return the file of *post*."""
        return self.folder / f"{post.path}{self.syntax.suffix}"

    def rewrite(self, post: Post, as_post: Post | None = None, end: str = "") -> None:
        """Write the file of *post* anew: with the metadata of *as_post*, and *end* as its last paragraph."""
        earlier = [other for other in self.published if other.number < post.number]
        body = Composer(post, earlier, self.syntax, self.seed).body()
        text = self.syntax.file(as_post or post, f"{body}\n\n{end}" if end else body)
        self.file(post).write_text(text, encoding="utf-8")

    @property
    def published(self) -> list[Post]:
        """The posts that are not drafts, the oldest first."""
        return [post for post in self.posts if not post.draft]


def write(folder: Path, posts: int = 1000, seed: int = SEED) -> Corpus:
    """Write blog.toml, ``content/`` with so many posts, and ``content/images/`` into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SETTINGS / "blog.toml", folder / "blog.toml")
    pictures.small(folder / "content/images", seed)
    return write_posts(folder / "content", Rst(), posts, seed)


def write_posts(folder: Path, syntax: Syntax, posts: int, seed: int = SEED) -> Corpus:
    """Write so many posts in *syntax* into *folder*, one folder a year."""
    size = 0
    everything = all_posts(posts, seed)
    for post, text in _texts(everything, syntax, seed):
        path = folder / f"{post.path}{syntax.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        size += path.write_bytes(text.encode())
    return Corpus(tuple(everything), folder, syntax, seed, size)


def _texts(posts: list[Post], syntax: Syntax, seed: int) -> Iterator[tuple[Post, str]]:
    earlier: list[Post] = []
    for post in posts:
        yield post, syntax.file(post, Composer(post, earlier, syntax, seed).body())
        if not post.draft:
            earlier.append(post)


def photos(corpus: Corpus, count: int = 200, seed: int = SEED) -> None:
    """Add so many photos to *corpus*, each below the text of another of its first posts."""
    folder = corpus.folder / PHOTOS
    folder.mkdir(parents=True, exist_ok=True)
    for number, post in enumerate(corpus.published[:count]):
        name = f"photo-{number:03}.jpg"
        pictures.photo(folder / name, seed)
        shown = corpus.syntax.image(f"photos/{name}", f"{post.own[0].title()} {number}")
        with corpus.file(post).open("a", encoding="utf-8") as file:
            file.write(f"\n{shown}\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="corpus", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--photos", type=int, default=0)
    given = parser.parse_args()
    made = write(given.folder, given.posts)
    photos(made, given.photos)
    print(f"{len(made.posts)} posts, {made.bytes} bytes, in {made.folder}")


if __name__ == "__main__":
    main()
