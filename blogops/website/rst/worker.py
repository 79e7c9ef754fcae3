"""Reading many files in a child process, so that a hostile one costs little and harms only itself."""

import contextlib
import os
import pickle
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from blogops.website.rst.model import SEVERE, Message, Options, Parsed
from blogops.website.rst.reading import parse

SECONDS = 5
_MEMORY = 1 << 30
_LARGEST_SOURCE = 5_000_000
_LARGEST_HTML = 20_000_000
_DEEPEST = 1000


@dataclass(frozen=True)
class Task:
    """One file to read; see `blogops.website.rst.parse`."""

    text: str
    path: Path
    options: Options


def parse_all(tasks: Sequence[Task]) -> Iterator[Parsed | Message]:
    """Yield what was read of each task, in their order; a `Message` for one that cost too much.

    A task has 5 s of processor time, about 1 GiB of memory, 5 MB of source and 20 MB of HTML. A child that
    dies takes the file at work with it, and another goes on after it.
    """
    done = 0
    while done < len(tasks):
        child = _Child()
        try:
            child.start(tasks[done:])
            for result in child.results():
                yield result
                done += 1
            fate = child.fate()
        finally:
            child.end()
        if done < len(tasks):
            yield fate
            done += 1


class _Child:
    """A forked reader of tasks."""

    def __init__(self) -> None:
        receiving, self._sending = os.pipe()
        self._stream: BinaryIO = os.fdopen(receiving, "rb")
        self._pid = 0

    def start(self, tasks: Sequence[Task]) -> None:
        """Fork. Ctrl-C is answered when the child's number is known, or nobody could end it."""
        held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._pid = os.fork()
            if self._pid == 0:
                os.close(self._stream.fileno())
                _serve(tasks, self._sending)
        finally:
            os.close(self._sending)
            signal.pthread_sigmask(signal.SIG_SETMASK, held)

    def results(self) -> Iterator[Parsed | Message]:
        """Yield what the child sends until it ends."""
        # A child that dies while it sends leaves half a result.
        with contextlib.suppress(EOFError, pickle.UnpicklingError):
            while True:
                yield pickle.load(self._stream)  # noqa: S301 (our own child wrote it)

    def fate(self) -> Message:
        """Wait for the end of the child; return why the text at work was not read."""
        status = os.waitpid(self._pid, 0)[1]
        self._pid = 0
        code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGPROF:
            return _refused(f"took more than {SECONDS} s to read: make it shorter or simpler")
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        return _refused(f"could not be read: the process that read it {how}; take out its largest part")

    def end(self) -> None:
        """Leave no process and no open file behind."""
        self._stream.close()
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)


def _refused(why: str) -> Message:
    return Message(1, 0, why, SEVERE)


def _serve(tasks: Sequence[Task], sending: int) -> NoReturn:
    """Read *tasks* and send the results; this is the child, and nothing of the parent's ends with it."""
    code = 1
    try:
        _prepare()
        for task in tasks:
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            data = pickle.dumps(_read(task), pickle.HIGHEST_PROTOCOL)
            signal.setitimer(signal.ITIMER_PROF, 0)
            view = memoryview(data)
            while view:
                view = view[os.write(sending, view) :]
        code = 0
    finally:
        os._exit(code)


def _prepare() -> None:
    # Ctrl-C is the parent's to answer: it ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGPROF, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    _limit_memory()
    # How deep a text may nest must not depend on who asked for it to be read.
    sys.setrecursionlimit(_depth() + _DEEPEST)


def _limit_memory() -> None:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return  # Not Linux, where the server is; its laptop's user is the author.
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = pages * resource.getpagesize() + _MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == -1 else min(wanted, hard), hard))


def _depth() -> int:
    frame, depth = sys._getframe(), 0
    while frame.f_back:
        frame, depth = frame.f_back, depth + 1
    return depth


def _read(task: Task) -> Parsed | Message:
    if len(task.text) > _LARGEST_SOURCE:
        return _refused(f"is larger than {_LARGEST_SOURCE // 1_000_000} MB: split it")
    try:
        parsed = parse(task.text, task.path, task.options)
    except MemoryError:
        return _refused(f"took more than {_MEMORY >> 30} GiB of memory to read: make it shorter or simpler")
    if len(parsed.html) > _LARGEST_HTML:
        return _refused(f"makes a page of more than {_LARGEST_HTML // 1_000_000} MB: split it")
    return parsed
