"""What a release keeps beside its pages: where old addresses lead, and its headers."""

import json
from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from blogops.releases import HEADERS, MANIFEST, MOVES

if TYPE_CHECKING:
    from blogops.website import Manifest


class Moving(NamedTuple):
    """What a release keeps *beside* its pages, by file name, and how many addresses it moves or ends."""

    beside: dict[str, str]
    moved: int
    gone: int
    warnings: tuple[str, ...]


NOTHING = Moving(beside={}, moved=0, gone=0, warnings=())


def moving(live: Path | None, manifest: str, files: Container[str]) -> Moving:
    """Return what a site of these *files* has to tell, by its *manifest*, seen from the live release.

    A release that an earlier toolkit made says nothing of its addresses; one whose files are damaged is
    taken for such a one, with a warning: nothing that lies there may keep a blog from being published.
    """
    from blogops import website  # which a rollback need not pay
    from blogops.headers import to_json

    now = website.Manifest.from_json(manifest)
    warnings: list[str] = []
    before, carried = _before(live, warnings) if live else (None, {})
    moves = website.moves(now, before, carried, files)
    since = [target for old, target in moves.items() if old not in carried]
    headers = {HEADERS: to_json(now.headers)} if now.headers else {}
    told = json.dumps(moves, ensure_ascii=False, indent=1) + "\n"
    return Moving(
        beside={MANIFEST: now.json, MOVES: told, **headers},
        moved=len(since) - since.count(None),
        gone=since.count(None),
        warnings=tuple(warnings),
    )


def _before(release: Path, warnings: list[str]) -> "tuple[Manifest | None, dict[str, str | None]]":
    from blogops.website import Manifest

    try:
        before = Manifest.from_json((release / MANIFEST).read_text(encoding="utf-8"))
        return before, _carried((release / MOVES).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None, {}
    except (OSError, ValueError) as error:
        warnings.append(f"{release}: what it tells of old addresses cannot be read, they answer 404: {error}")
        return None, {}


def _carried(text: str) -> dict[str, str | None]:
    found = json.loads(text)
    if not (isinstance(found, dict) and all(isinstance(target, str | None) for target in found.values())):
        raise ValueError(f"{MOVES} is no table of paths")
    return found
