"""Building a whole site; at once where nothing has changed since it was built the last time."""

import datetime as dt
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blogops.config import Config
from blogops.errors import Failed
from blogops.website.report import BuildReport, Progress
from blogops.website.stamp import Stamp, stamped
from blogops.website.store import DATABASE, Damaged, Store


def build(
    config: Config,
    out: Path,
    *,
    now: dt.datetime,
    cache: Path | None = None,
    preview: bool = False,
    keep_going: bool = False,
    may_skip: bool = True,
    progress: Progress | None = None,
) -> BuildReport:
    """Build the site of *config* into *out*, which afterwards holds exactly that site.

    Posts dated after *now* are withheld, and drafts; a *preview* shows both. *keep_going* leaves broken posts
    out of a preview rather than stop. What was read, and what is costly and can be used again, is kept in the
    folder *cache* (default: beside *out*), which several trees may share and anybody may delete. *progress*
    hears of long work. Unless *may_skip*, a build of which nothing has changed tells its manifest too.

    Raises `UsageError` when there is no content folder, and one `Failed` that names the file and line of
    every problem; *out* is then as it was.
    """
    cache = cache or out.parent / f"{out.name}.cache"
    config = _for_preview(config) if preview else config
    with _written_to(out), Store(cache / DATABASE) as store:

        def looked() -> Stamp:
            return Stamp.now(config, out, now, preview=preview, keep_going=keep_going)

        stamp = looked()
        known = stamped(store, stamp) if may_skip else None
        if known:
            return known
        from blogops.website.making import Maker  # docutils, Jinja2 and the like take longer than all above

        def made(stamp: Stamp) -> BuildReport:
            maker = Maker(config, stamp, store, cache, progress or _unheard)
            report = maker.make(preview=preview, keep_going=keep_going)
            stamp.keep(store, report, maker.due, maker.states)
            return report

        with _without_collector():
            try:
                return made(stamp)
            except Damaged:
                store.clear()
                return made(looked())


def _unheard(_what: str, _done: int, _of: int) -> None:
    pass


def _for_preview(config: Config) -> Config:
    """Return *config* without what takes time and a preview does not show."""
    return config._replace(build=config.build._replace(compress=False, pdf=False))


@contextmanager
def _without_collector() -> Iterator[None]:
    """Leave cycles alone for a while: a build holds hundreds of thousands of objects, and drops few."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _written_to(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Failed(
            f"the site cannot be written: {error.strerror or error}",
            where=str(error.filename or out),
            hint="Look at the free space and the owner of that folder (df -h, ls -ld), and build again.",
        ) from error
