"""Work done in child processes: on all processors, in order, and within limits.

What an author wrote can cost only so much, and harms only itself. A piece of work that dies takes nothing
with it: another child goes on behind it. A few pieces are done right here, under the same limits, for a
child costs more than a text; what goes beyond them here is given to a child, which then has the last word.
"""

import contextlib
import fcntl
import gc
import os
import pickle
import resource
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Generic, NamedTuple, NoReturn, TypeVar

FEW = 2
"""So many pieces of work are done without a child."""

forked = 0
"""How many children were ever started, for tests that count work."""

# What is not done here within a second of processor time may be hostile: a child can be killed.
_HERE_SECONDS = 1.0
_DEEPEST = 1000
# As much as Linux grants any user; a child is ahead by so much of what is asked of the others.
_PIPE = 1 << 20

T = TypeVar("T")


class Limits(NamedTuple):
    """What one piece of work may take: seconds of processor time, bytes of memory beside what is there."""

    seconds: int
    memory: int


class Lost(NamedTuple):
    """A piece of work that did not end by itself; *code* is the child's, negative for a signal."""

    code: int

    @property
    def took_too_long(self) -> bool:
        """Tell whether it had used up its time."""
        return self.code == -signal.SIGPROF


class Undone(Exception):
    """The work was not done; the message says why."""


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each(
    work: Callable[[T], Any], items: Sequence[T], limits: Limits | None = None, *, few: int = FEW
) -> Generator[Any, None, None]:
    """Yield what *work* makes of each of *items*, in their order; a `Lost` for one that never ended.

    *work* may return anything that can be pickled. An exception of it is a fault of this program and ends
    the child like any death.
    """
    if len(items) <= few and threading.current_thread() is threading.main_thread():
        yield from (_here(work, item, limits) for item in items)
        return
    _give_back()
    count = min(processors(), len(items))
    lanes = [_Lane(work, items[number::count], limits) for number in range(count)]
    try:
        for lane in lanes:
            lane.start()
        for index in range(len(items)):
            yield lanes[index % count].next()
    finally:
        for lane in lanes:
            lane.end()


def _give_back() -> None:
    """Return to the system what was freed: each child would write to it, and so come to hold it too."""
    import ctypes  # takes as long as reading two texts

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc alone
    if trim:
        trim(0)


def done(work: Callable[[], bytes], limits: Limits) -> bytes:
    """Return what *work* gives, from a child of its own. Raises `Undone` when it takes too much, or fails."""

    def answer(_: None) -> tuple[str, bytes]:
        try:
            return "", work()
        # A library that meets what it did not expect may raise anything.
        except Exception as error:
            return f"{type(error).__name__}: {error}".rstrip(": "), b""

    (made,) = each(answer, [None], limits, few=0)
    if isinstance(made, Lost):
        late = f"it took more than {limits.seconds} s"
        raise Undone(late if made.took_too_long else f"the process that made it ended with code {made.code}")
    said, result = made
    if said:
        raise Undone(said)
    return bytes(result)


class _Over(BaseException):
    """Here is not the place for so much work; no handler of ordinary exceptions may catch it."""


def _here(work: Callable[[T], Any], item: T, limits: Limits | None) -> Any:
    if limits is None:
        return work(item)
    try:
        with _limited(limits):
            return work(item)
    except (_Over, MemoryError):
        return next(iter(each(work, [item], limits, few=0)))


@contextlib.contextmanager
def _limited(limits: Limits) -> Iterator[None]:
    """Hold this process to *limits* for a while."""

    def over(number: int, frame: object) -> NoReturn:
        raise _Over

    before, depth = signal.signal(signal.SIGPROF, over), sys.getrecursionlimit()
    memory = resource.getrlimit(resource.RLIMIT_AS)
    try:
        _limit_memory(limits.memory)
        _limit_depth()
        signal.setitimer(signal.ITIMER_PROF, min(_HERE_SECONDS, limits.seconds))
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        sys.setrecursionlimit(depth)
        resource.setrlimit(resource.RLIMIT_AS, memory)


class _Lane(Generic[T]):
    """Every so many-th piece of the work, and the child that does it."""

    def __init__(self, work: Callable[[T], Any], items: Sequence[T], limits: Limits | None) -> None:
        self._work, self._items, self._limits = work, items, limits
        self._done = 0
        self._pid = 0
        self._stream: BinaryIO | None = None

    def start(self) -> None:
        """Fork. Ctrl-C is answered when the child's number is known, or nobody could end it."""
        global forked
        receiving, sending = os.pipe()
        self._stream = os.fdopen(receiving, "rb")
        with contextlib.suppress(
            OSError, AttributeError
        ):  # Linux only, and its administrator may allow less.
            fcntl.fcntl(sending, fcntl.F_SETPIPE_SZ, _PIPE)
        forked += 1
        held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._pid = os.fork()
            if self._pid == 0:
                os.close(receiving)
                _serve(self._work, self._items[self._done :], self._limits, sending)
        finally:
            os.close(sending)
            signal.pthread_sigmask(signal.SIG_SETMASK, held)

    def next(self) -> Any:
        """Return what came of the next piece."""
        self._done += 1
        # A child that dies while it sends leaves half a result.
        with contextlib.suppress(EOFError, pickle.UnpicklingError):
            assert self._stream  # noqa: S101 - a lane is started before it is asked
            return pickle.load(self._stream)  # noqa: S301 (our own child wrote it)
        lost = Lost(os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1]))
        self._pid = 0
        self.end()
        if self._done < len(self._items):
            self.start()
        return lost

    def end(self) -> None:
        """Leave no process and no open file behind."""
        if self._stream:
            self._stream.close()
            self._stream = None
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0


def _serve(work: Callable[[T], Any], items: Sequence[T], limits: Limits | None, sending: int) -> NoReturn:
    """Do the work and send the results; this is the child, and nothing of the parent's ends with it."""
    code = 1
    try:
        _prepare(limits)
        for item in items:
            if limits:
                signal.setitimer(signal.ITIMER_PROF, limits.seconds)
            data = pickle.dumps(work(item), pickle.HIGHEST_PROTOCOL)
            signal.setitimer(signal.ITIMER_PROF, 0)
            view = memoryview(data)
            while view:
                view = view[os.write(sending, view) :]
        code = 0
    finally:
        os._exit(code)


def _prepare(limits: Limits | None) -> None:
    # Ctrl-C is the parent's to answer: it ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGPROF, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if limits:
        _limit_memory(limits.memory)
    _limit_depth()
    # What a text leaves behind in cycles is collected; what the parent holds is not looked at each time.
    gc.freeze()
    gc.enable()


def _limit_depth() -> None:
    # How deep a text may nest must not depend on who asked for it to be read.
    sys.setrecursionlimit(_depth() + _DEEPEST)


def _limit_memory(more: int) -> None:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return  # Not Linux, where the server is; its laptop's user is the author.
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = pages * resource.getpagesize() + more
    most = min(limit for limit in (wanted, soft, hard) if limit != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _depth() -> int:
    frame, depth = sys._getframe(), 0
    while frame.f_back:
        frame, depth = frame.f_back, depth + 1
    return depth
