"""The pictures of one build: how each is shown, and the files that this needs."""

import re
from collections.abc import Iterator
from pathlib import Path

from blogops.config import Config
from blogops.website import images
from blogops.website.discover import shown
from blogops.website.links import Static
from blogops.website.model import Place
from blogops.website.notes import Notes

_SCALE = re.compile(r' data-scale="(\d+)"')
_KINDS = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg")


class Pictures:
    """Prepares pictures, each once."""

    def __init__(self, config: Config, cache: Path, notes: Notes) -> None:
        self._config, self._cache, self._notes = config, cache / "images", notes
        self._known: dict[str, images.Picture | None] = {}
        self._shown: dict[str, images.Picture] = {}

    def tag(self, static: Static, place: Place, tag: str, first: bool) -> str:
        """Return docutils' *tag* for the picture *static* at *place*, with its size and its versions."""
        picture, scale = self._prepared(static, place), _SCALE.search(tag)
        tag = _SCALE.sub("", tag)
        if not picture:
            return tag
        self._shown[static.name] = picture
        if scale and " width=" not in tag:
            tag = tag.replace("<img", f'<img width="{max(1, picture.width * int(scale[1]) // 100)}"', 1)
        return images.markup(tag, picture, first=first)

    def published(self, static: Static, place: Place) -> Path:
        """Return the file that readers get of *static*: without the camera's notes, if it is a picture."""
        picture = self._prepared(static, place)
        return picture.bytes_path if picture else static.path

    def variants(self) -> Iterator[tuple[Place, Path]]:
        """Yield the files besides, of the pictures that were shown."""
        for name in sorted(self._shown):
            for variant in self._shown[name].variants:
                yield Place(variant.url, variant.url.lstrip("/")), variant.path

    def forget(self) -> None:
        """Take out of the cache what this build did not use."""
        images.prune(self._cache, [picture for picture in self._known.values() if picture])

    def _prepared(self, static: Static, place: Place) -> images.Picture | None:
        if static.path.suffix.lower() not in _KINDS:
            return None
        if static.name not in self._known:
            try:
                found = images.prepare(static.path, place.url, self._cache, self._config.images)
                self._known[static.name] = found
            except images.BadImage as error:
                self._notes.warning(shown(static.path, self._config), 1, f"{error}; copied as it is")
                self._known[static.name] = None
        return self._known[static.name]
