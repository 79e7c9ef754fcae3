"""Reading files within limits, so that a hostile one costs little and harms only itself."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from blogops.website import apart
from blogops.website.apart import Limits, Lost
from blogops.website.rst.model import SEVERE, Message, Options, Parsed

SECONDS = 5
_MEMORY = 1 << 30
_LARGEST_SOURCE = 5_000_000
_LARGEST_HTML = 20_000_000


class Task(NamedTuple):
    """One file to read; see `blogops.website.rst.parse`."""

    text: str
    path: Path
    options: Options


def parse_all(tasks: Sequence[Task]) -> Iterator[Parsed | Message]:
    """Yield what was read of each task, in their order; a `Message` for one that cost too much.

    A task has 5 s of processor time, about 1 GiB of memory, 5 MB of source and 20 MB of HTML.
    """
    load(code=True)
    for made in apart.each(parse_one, tasks, limits()):
        yield refusal(made) if isinstance(made, Lost) else made


def load(*, code: bool = False) -> None:
    """Import docutils, and what *code* is coloured by, once for all the children that read."""
    from blogops.website.rst import reading  # noqa: F401

    if code:
        from blogops.website.rst import highlighting  # noqa: F401


def limits() -> Limits:
    """Return what the reading of one text may take."""
    return Limits(SECONDS, _MEMORY)


def parse_one(task: Task) -> Parsed | Message:
    """Return what was read of *task*, a `Message` for one that is too large; to be called within `limits`."""
    from blogops.website.rst import reading

    if len(task.text) > _LARGEST_SOURCE:
        return _refused(f"is larger than {_LARGEST_SOURCE // 1_000_000} MB: split it")
    try:
        parsed = reading.parse(task.text, task.path, task.options)
    except MemoryError:
        return _refused(f"took more than {_MEMORY >> 30} GiB of memory to read: make it shorter or simpler")
    if len(parsed.html) > _LARGEST_HTML:
        return _refused(f"makes a page of more than {_LARGEST_HTML // 1_000_000} MB: split it")
    return parsed


def refusal(lost: Lost) -> Message:
    """Return why a text was not read whose reader came to an end with it."""
    if lost.took_too_long:
        return _refused(f"took more than {SECONDS} s to read: make it shorter or simpler")
    how = f"was killed by signal {-lost.code}" if lost.code < 0 else f"ended with code {lost.code}"
    return _refused(f"could not be read: the process that read it {how}; take out its largest part")


def _refused(why: str) -> Message:
    return Message(1, 0, why, SEVERE)
