"""Where the manuscript lies, as Pelican's settings and the tree itself tell it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from blogops.pelican.model import Draft

_MARKDOWN = (".md", ".markdown", ".mkd", ".mdown")
_OTHER_SOURCES = (*_MARKDOWN, ".html", ".htm", ".ipynb", ".org", ".adoc")
_SOURCES = (".rst", *_OTHER_SOURCES)
_RAW = re.compile(r"^[ \t]*\.\. (?:raw|brut)::[ \t]+html|^[ \t]*\.\. role::.*\(raw\)", re.MULTILINE)


def carry(draft: Draft) -> None:
    """Carry over where posts, pages and static files are."""
    path = _path(draft)
    root = draft.found.folder / path
    posts = [name for name in _names(draft, "ARTICLE_PATHS") if name not in ("", ".")]
    if posts:
        draft.put("content", "posts", posts, "ARTICLE_PATHS")
    if draft.has("PAGE_PATHS"):
        pages = _names(draft, "PAGE_PATHS")
        if not all(name.strip("./") for name in pages):
            draft.leave("PAGE_PATHS", "the whole manuscript: pages need a folder of their own")
        draft.put("content", "pages", [name for name in pages if name.strip("./")], "PAGE_PATHS")
    draft.put("content", "static", list(_static(draft, root)), "STATIC_PATHS")
    _ignored(draft)
    _excluded(draft, root)
    _paths(draft)
    draft.note("build", "link", "tell", "a dead link is told and stops no release, as with Pelican")
    if any(_RAW.search(_read(file)) for file in files(root) if file.suffix == ".rst"):
        draft.note(
            "build", "raw_html", True, "posts hold HTML of their own (.. raw:: html), as Pelican lets them"
        )


def _path(draft: Draft) -> str:
    """Return the folder of the manuscript, below that of pelicanconf.py."""
    folder = draft.found.folder
    if not draft.has("PATH") and (folder / "content").is_dir():
        draft.note("content", "path", "content", "PATH is not given: the folder that `pelican content` reads")
        return "content"
    given = draft.get("PATH") or "."
    path = os.path.relpath(folder / str(given), folder)
    if path.startswith("..") or not isinstance(given, str):
        draft.leave("PATH", f"{given!r} is not below {folder.name}/; move blog.toml beside that folder")
        path = "content"
    elif path == ".":
        draft.leave("PATH", 'the manuscript needs a folder of its own: move it to "content"')
        path = "content"
    draft.put("content", "path", PurePosixPath(path).as_posix(), "PATH")
    return path


def _names(draft: Draft, setting: str) -> list[str]:
    """Return the paths of *setting* that are below the manuscript; the others are left."""
    found: list[str] = []
    for name in draft.items(setting):
        if not isinstance(name, str) or name.startswith("/") or ".." in PurePosixPath(name).parts:
            draft.leave(setting, f"{name!r} is not below the folder of the manuscript: copy it there")
        else:
            found.append(name.rstrip("/"))
    return found


def _static(draft: Draft, root: Path) -> Iterator[str]:
    names = _names(draft, "STATIC_PATHS") if draft.has("STATIC_PATHS") else ["images"]
    for name in names:
        if name not in ("", "."):
            yield name
        elif root.is_dir():
            # "" is the whole folder; blogops wants to be told what is copied.
            yield from sorted(
                path.name
                for path in root.iterdir()
                if not path.name.startswith(".") and path.suffix not in _SOURCES
            )


def _ignored(draft: Draft) -> None:
    patterns = (str(name) for name in draft.items("IGNORE_FILES"))
    kept = [name for name in patterns if name not in ("**/.*", ".*", ".#*")]
    if kept:
        draft.put("content", "ignore", [".*", *kept], "IGNORE_FILES")


def _excluded(draft: Draft, root: Path) -> None:
    """Carry over the folders that hold neither posts nor pages; tell of files that would be copied."""
    pages = tuple(_names(draft, "PAGE_PATHS")) or ("pages",)

    def is_of_pages(name: str) -> bool:
        return any(PurePosixPath(name).is_relative_to(page) for page in pages)

    # Pelican looks for articles and for pages apart; what is excluded from the ones may be the others.
    names = [name for name in _names(draft, "ARTICLE_EXCLUDES") if not is_of_pages(name)]
    names += [name for name in _names(draft, "PAGE_EXCLUDES") if is_of_pages(name)]
    draft.put("content", "exclude", names, "ARTICLE_EXCLUDES", "PAGE_EXCLUDES")
    for name in _names(draft, "STATIC_EXCLUDES"):
        if any(files(root / name)):
            draft.leave("STATIC_EXCLUDES", f'"{name}" would be copied: move it out of the static folders')


def _paths(draft: Draft) -> None:
    given = draft.get("EXTRA_PATH_METADATA")
    found: dict[str, dict[str, str]] = {}
    for path, fields in given.items() if isinstance(given, dict) else ():
        texts = {str(key): value for key, value in _fields(fields) if isinstance(value, str)}
        if len(texts) != len(dict(_fields(fields))) or ".." in PurePosixPath(str(path)).parts:
            draft.leave("EXTRA_PATH_METADATA", f"{path!r}: not texts, or not below the manuscript")
        else:
            found[str(path)] = texts
    if found:
        draft.put("metadata", "paths", found, "EXTRA_PATH_METADATA")


def _fields(fields: Any) -> Iterator[tuple[Any, Any]]:
    yield from fields.items() if isinstance(fields, dict) else ()


def files(root: Path) -> Iterator[Path]:
    """Yield the files at and below *root*, without hidden ones, in a stable order."""
    if root.is_file():
        yield root
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


def unbuilt(root: Path, static: tuple[str, ...]) -> tuple[str, ...]:
    """Return the texts below *root* in a form that blogops does not build, as paths below it."""
    found = (
        path.relative_to(root).as_posix() for path in files(root) if path.suffix.lower() in _OTHER_SOURCES
    )
    copied = tuple(f"{name}/" for name in static)
    return tuple(name for name in found if name.lower().endswith(_MARKDOWN) or not name.startswith(copied))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
