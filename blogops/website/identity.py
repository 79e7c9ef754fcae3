"""What feed readers know a post by.

RFC 4287, section 4.2.6: an id never changes, whatever else of the entry does.
"""

import uuid
from urllib.parse import unquote, urlsplit

from blogops.config import Config
from blogops.website.model import Place, Source

_NAMESPACE = uuid.UUID("6f5f1d0e-57b4-5d2b-9d5e-0b7a3f7d1c42")


def identity(given: str, source: Source, day: str, place: Place, config: Config) -> str:
    """Return the id of the post *source*, first published on *day* (ISO 8601), now at *place*.

    The author's own (*given*, the field ``:id:``) comes first. A stable one is made from the blog's author,
    the day and the name of the file, so it survives a new slug, title or domain; ``fab mv`` writes it down
    before the file gets another name. Pelican's is made from the domain and the address.
    """
    if given:
        return given
    if config.feeds.ids == "pelican":
        return f"tag:{urlsplit(config.site.url).hostname},{day}:{unquote(place.url)}"
    name = f"{config.site.author}\n{day}\n{source.name.removesuffix('.rst')}"
    return uuid.uuid5(_NAMESPACE, name).urn
