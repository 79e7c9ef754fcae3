"""Texts that were read already: one save of one post should cost the reading of one post."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from blogops.website import rst
from blogops.website.rst import Message, Parsed, Task

_ERROR = 3

# The size and the time of each file that a text includes; None where there is none.
_State = tuple[tuple[int, int] | None, ...]


class Memory:
    """Does what `rst.parse_all` does, and only for texts that are not the same as at the last call."""

    def __init__(self) -> None:
        self._known: dict[Task, tuple[Parsed, _State]] = {}

    def __call__(self, tasks: Sequence[Task]) -> Iterator[Parsed | Message]:
        """Yield what was read of each task, in their order."""
        known = {task: parsed for task in tasks if (parsed := self._recalled(task))}
        fresh = rst.parse_all([task for task in tasks if task not in known])
        kept: dict[Task, tuple[Parsed, _State]] = {}
        for task in tasks:
            found = known.get(task) or next(fresh)
            if isinstance(found, Parsed) and _is_sound(found):
                kept[task] = found, _state(task, found)
            yield found
        self._known = kept

    def forget(self) -> None:
        """Read everything again, for what reading depends on has changed."""
        self._known = {}

    def _recalled(self, task: Task) -> Parsed | None:
        parsed, state = self._known.get(task, (None, ()))
        return parsed if parsed and _state(task, parsed) == state else None


def _is_sound(parsed: Parsed) -> bool:
    # An error may be about a file that will be there next time.
    return all(message.level < _ERROR for message in parsed.messages)


def _state(task: Task, parsed: Parsed) -> _State:
    return tuple(_stat(task.options.content / name) for name in parsed.includes)


def _stat(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
