"""Pictures of the example, for people to look at: ``python -m checks.screenshots FOLDER``."""

import sys
import tempfile
from pathlib import Path

from checks import example, nginx, serving, tools


def main(out: Path) -> None:
    """Take a picture of each kind of page at three widths, light and dark, into *out*."""
    with tempfile.TemporaryDirectory(prefix="blogops-") as folder:
        below = Path(folder)
        draft = example.build(below / "draft", seed_published=False)
        published = example.build(below / "published", seed_published=True)
        post = example.seed_post(draft, published)
        pages = {
            "index": "/",
            "post": post,
            "tags": "/tags.html",
            "archives": "/archives.html",
            "404": "/404.html",
        }
        with serving.served(published.folder, nginx.example()) as address:
            tools.node("shots.mjs", {"base": address, "pages": pages, "out": str(out.resolve())})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
