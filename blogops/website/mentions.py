"""Files that no text links to, and that something else of the author's names: a template, a style sheet."""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from blogops.config import Config

# What may name another file.
_READ = (".css", ".html", ".htm", ".js", ".svg", ".xml", ".txt", ".json", ".webmanifest")


def mentioned(names: Collection[str], files: Iterable[Path], config: Config) -> set[str]:
    """Return those of *names*, below the content folder, that blog.toml names, a template or one of *files*.

    A mention is the last part of a name: a style sheet names what lies beside it.
    """
    if not names:
        return set()
    told = "\n".join(
        (config.theme.logo, config.theme.icon, *config.theme.menu.values(), *_texts(files, config))
    )
    return {name for name in names if _is_in(posixpath.basename(name), told)}


def _texts(files: Iterable[Path], config: Config) -> Iterator[str]:
    for path in (*(config.folder / config.content.templates).rglob("*"), *files):
        if path.suffix.lower() in _READ and path.is_file():
            yield path.read_text(encoding="utf-8", errors="replace")


def _is_in(name: str, text: str) -> bool:
    spelled = "|".join(map(re.escape, {name, quote(name)}))
    return re.search(rf"(?<![\w.-])(?:{spelled})(?![\w-])", text) is not None
