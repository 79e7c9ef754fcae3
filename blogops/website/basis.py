"""What everything depends on beside the manuscript: our code, the settings, the author's extensions."""

import hashlib

from blogops.config import Config
from blogops.website.digests import digest
from blogops.website.sweep import contents
from blogops.website.versions import versions

# The tables of blog.toml that what is known of a text may depend on.
_TABLES = ("site", "content", "metadata", "urls", "lists", "feeds", "images", "build")


def reading(extended: str) -> str:
    """Return a digest of what the reading of any text depends on; *extended* is that of the extensions."""
    return digest(f"{versions()}\0{extended}")


def basis(config: Config, extended: str, *, preview: bool) -> str:
    """Return a digest of what the entries of one tree depend on."""
    tables = [getattr(config, name) for name in _TABLES]
    return digest(repr((versions(), extended, preview, tables)))


def of_extensions(config: Config) -> str:
    """Return a digest of every file in the folder of the extensions: their code, and what it may read."""
    found = hashlib.blake2b(digest_size=16)
    for name, data in contents(config.folder / config.content.extensions):
        found.update(f"{name}\0{len(data)}\0".encode("utf-8", "surrogatepass") + data)
    return found.hexdigest()
