"""What is known of a post, from the most general to its own fields, in Pelican's order of precedence.

https://docs.getpelican.com/en/latest/content.html#file-metadata
"""

import posixpath
import re
from collections.abc import Mapping

from blogops.config import Config
from blogops.config.schema import Metadata
from blogops.website.model import Source
from blogops.website.rst import Field, Parsed

Fields = Mapping[str, Field]

# Fields that mean something to blogops.
KNOWN = (
    *("aliases", "author", "authors", "category", "date", "description", "expires", "id", "image"),
    *("keywords", "lang", "modified", "save_as", "series", "series_index", "slug", "status", "summary"),
    *("tags", "template", "timezone", "title", "translation", "url"),
)
# Those that are nothing when they are empty.
_DISCARDED_WHEN_EMPTY = ("author", "authors", "category", "slug", "status", "tags")


def outer(source: Source, config: Config) -> dict[str, Field]:
    """Return what blog.toml and the name of the file tell of a post, before it is read."""
    told = config.metadata
    found = {name.lower(): _told(value) for name, value in told.defaults.items()}
    found["category"] = _told(told.category)
    if told.date:
        found["date"] = _told(told.date)
    found |= by_path(source.name, told)
    return found | {name: field for name, field in _named(source, told).items() if _says(name, field)}


def gathered(source: Source, parsed: Parsed, config: Config) -> dict[str, Field]:
    """Return every field of a post, its own ones last and so strongest."""
    own = {name: field for name, field in parsed.fields.items() if _says(name, field)}
    return outer(source, config) | own


def by_path(name: str, told: Metadata) -> dict[str, Field]:
    """Return the fields that blog.toml gives to the file *name* or a folder above it."""
    found: dict[str, Field] = {}
    for path in sorted(told.paths):
        if name == path or name.startswith(f"{path.rstrip('/')}/"):
            found |= {field.lower(): _told(value) for field, value in told.paths[path].items()}
    return found


def _named(source: Source, told: Metadata) -> dict[str, Field]:
    """Return what the name of the file and of its folder tell; what is found first stays."""
    folder, file = posixpath.split(source.name)
    checks = [(told.file_name, posixpath.splitext(file)[0]), (told.file_path, source.name)]
    if told.folder_category:
        checks.append((r"(?P<category>.*)", posixpath.basename(folder)))
    found: dict[str, Field] = {}
    for pattern, name in checks:
        match = re.match(pattern, name) if pattern and name else None
        for group, value in match.groupdict().items() if match else ():
            if value is not None:
                found.setdefault(group.lower(), _told(value))
    return found


def _told(value: str) -> Field:
    return Field(value=value, html=value, line=1)


def _says(name: str, field: Field) -> bool:
    return bool(field.value.strip()) or name not in _DISCARDED_WHEN_EMPTY
