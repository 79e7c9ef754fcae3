"""The pictures of one build: how each is shown, and the files that this needs."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from blogops.config import Config
from blogops.website.digests import digest
from blogops.website.discover import Manuscript, shown
from blogops.website.links import Static
from blogops.website.model import Picture, Place
from blogops.website.notes import Notes
from blogops.website.store import Store, recalled, remember
from blogops.website.sweep import State, state_of

KINDS = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg")
_SCALE = re.compile(r' data-scale="(\d+)"')
_ROW = "pictures"


class _Prepared(NamedTuple):
    """What was made of a file in a *state*, for an address.

    *files* are those made; *wrong* says why none were.
    """

    state: State | None
    url: str
    picture: Picture | None
    files: tuple[tuple[Path, State | None], ...]
    wrong: str

    def stands(self, state: State | None, url: str) -> bool:
        """Tell whether it is still true, by one look at each file that was made."""
        return (
            self.state is not None
            and (self.state, self.url) == (state, url)
            and all(state_of(path) == was for path, was in self.files)
        )


class Pictures:
    """Prepares pictures, each once; what was prepared by an earlier build is found again in the store."""

    def __init__(
        self, config: Config, cache: Path, notes: Notes, manuscript: Manuscript, store: Store | None = None
    ) -> None:
        self._config, self._cache, self._notes = config, cache / "images", notes
        self._manuscript, self._store = manuscript, store or Store()
        # With the places of the files themselves: a folder that moves takes their states along.
        told = repr((config.images, str(config.manuscript), str(self._cache)))
        self._how = digest(told)
        self._known = self._recalled()
        self._now: dict[str, _Prepared] = {}
        self.prepared_now = 0

    def tag(self, static: Static, place: Place, tag: str, first: bool) -> str:
        """Return docutils' *tag* for the picture *static* at *place*, with its size and its versions."""
        picture, scale = self._prepared(static, place), _SCALE.search(tag)
        tag = _SCALE.sub("", tag)
        if not picture:
            return tag
        if scale and " width=" not in tag:
            tag = tag.replace("<img", f'<img width="{max(1, picture.width * int(scale[1]) // 100)}"', 1)
        # A parser of HTML, which a build that settles no text with pictures need not have.
        from blogops.website.images.tag import markup

        return markup(tag, picture, first=first)

    def published(self, static: Static, place: Place) -> Path:
        """Return the file that readers get of *static*: without the camera's notes, if it is a picture."""
        picture = self._prepared(static, place)
        return picture.bytes_path if picture else static.path

    def variants(self, names: Iterable[str], places: Mapping[str, Place]) -> Iterator[tuple[Place, Path]]:
        """Yield the files besides, of the pictures *names* that are shown."""
        for name in sorted(names):
            picture = self._prepared(Static(name, self._config.manuscript / name), places[name])
            for variant in picture.variants if picture else ():
                yield Place(variant.url, variant.url.lstrip("/")), variant.path

    def keep(self) -> None:
        """Remember what was prepared."""
        if self.prepared_now or self._gone():
            kept = {key: made for key, made in self._known.items() if key not in self._gone()}
            self._known = kept | {(name, self._how): made for name, made in self._now.items()}
            remember(self._store, _ROW, self._known)

    def forget(self) -> None:
        """Take out of the cache what is of no picture of the manuscript."""
        if self.prepared_now or self._gone():
            from blogops.website.images.kept import prune  # Pillow

            prune(self._cache, [made.picture for made in self._known.values() if made.picture])

    def _gone(self) -> set[tuple[str, str]]:
        return {key for key in self._known if key[0] not in self._manuscript.states}

    def _recalled(self) -> dict[tuple[str, str], _Prepared]:
        found: dict[tuple[str, str], _Prepared] = recalled(self._store, _ROW) or {}
        return found

    def _prepared(self, static: Static, place: Place) -> Picture | None:
        if static.path.suffix.lower() not in KINDS:
            return None
        if static.name not in self._now:
            state = self._manuscript.states.get(static.name)
            known = self._known.get((static.name, self._how))
            if not (known and known.stands(state, place.url)):
                known = self._made(static, place, state)
            self._now[static.name] = known
            if known.wrong:
                self._notes.warning(shown(static.path, self._config), 1, known.wrong)
        return self._now[static.name].picture

    def _made(self, static: Static, place: Place, state: State | None) -> _Prepared:
        # Pillow, which a build without new pictures need not have.
        from blogops.website.images.kept import prepare
        from blogops.website.images.opening import BadImage

        self.prepared_now += 1
        trusted = state if state and state.is_settled(self._manuscript.seen_at) else None
        try:
            found = prepare(static.path, place.url, self._cache, self._config.images)
        except BadImage as error:
            return _Prepared(trusted, place.url, None, (), f"{error}; copied as it is")
        files = {variant.path for variant in found.variants} | {found.bytes_path} - {static.path}
        made = tuple((path, state_of(path)) for path in sorted(files))
        return _Prepared(trusted, place.url, found, made, "")
