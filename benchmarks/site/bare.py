"""``python -m benchmarks.site.bare FOLDER OUT``: each post by docutils' publish_parts."""

import sys
from pathlib import Path

from docutils.core import publish_parts


def main() -> None:
    folder, out = map(Path, sys.argv[1:])
    out.mkdir(exist_ok=True)
    for path in sorted(folder.rglob("*.rst")):
        parts = publish_parts(
            path.read_text(encoding="utf-8"),
            source_path=str(path),
            writer="html5",
            settings_overrides={"_disable_config": True, "initial_header_level": 2},
        )
        (out / f"{path.stem}.html").write_text(parts["body"], encoding="utf-8")


if __name__ == "__main__":
    main()
