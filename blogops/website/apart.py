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
import select
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, NoReturn, TypeVar

FEW = 2
"""So many pieces of work are done without a child."""

forked = 0
"""How many children were ever started, for tests that count work."""

# What is not done here within a second of processor time may be hostile: a child can be killed.
_HERE_SECONDS = 1.0
_DEEPEST = 1000
# As much as Linux grants any user.
_PIPE = 1 << 20
# So many pieces wait for a child, which so need not wait for them; and so far may the others be ahead of the
# first piece that is not done, for what came of theirs is held.
_QUEUED, _AHEAD = 8, 512
_NUMBER = 8  # bytes of a piece's number, and of a result's size
_NONE = -1  # no open file

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
    work: Callable[[T], Any],
    items: Sequence[T],
    limits: Limits | None = None,
    *,
    few: int = FEW,
    meanwhile: Callable[[], None] | None = None,
) -> Generator[Any, None, None]:
    """Yield what *work* makes of each of *items*, in their order; a `Lost` for one that never ended.

    *work* may return anything that can be pickled. An exception of it is a fault of this program and ends
    the child like any death. What is to be done *meanwhile* is done here, once the children have begun.
    """
    if len(items) <= few and threading.current_thread() is threading.main_thread():
        if meanwhile:
            meanwhile()
        yield from (_here(work, item, limits) for item in items)
        return
    _give_back()
    lanes = [_Lane(work, items, limits) for _ in range(min(processors(), len(items)))]
    held: dict[int, Any] = {}
    try:
        asked = _ask(lanes, 0, min(_AHEAD, len(items)))
        if meanwhile:
            meanwhile()
        for index in range(len(items)):
            while index not in held:
                # Before the wait: whatever was asked for may be held already.
                asked = _ask(lanes, asked, min(index + _AHEAD, len(items)))
                held |= dict(lane.answer() for lane in _ready(lanes))
            yield held.pop(index)
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
    """A child, and the pieces of the work that it was asked for, by their numbers."""

    def __init__(self, work: Callable[[T], Any], items: Sequence[T], limits: Limits | None) -> None:
        self.work, self.items, self.limits = work, items, limits
        self.left: deque[int] = deque()
        self._pid, self.asking, self.receiving = 0, _NONE, _NONE

    def ask(self, number: int) -> None:
        """Ask for one more piece."""
        if not self._pid:
            self._start()
        self.left.append(number)
        # Of a child that died meanwhile the answer will tell.
        with contextlib.suppress(BrokenPipeError):
            os.write(self.asking, number.to_bytes(_NUMBER, "little"))

    def answer(self) -> tuple[int, Any]:
        """Return the number of the next piece, and what came of it."""
        number = self.left.popleft()
        try:
            size = int.from_bytes(self._read(_NUMBER), "little")
            return number, pickle.loads(self._read(size))  # noqa: S301 (our own child wrote it)
        except EOFError:
            pass  # It died, perhaps while it sent.
        lost = Lost(os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1]))
        self._pid = 0
        self.end()
        left, self.left = self.left, deque()
        for each in left:
            self.ask(each)
        return number, lost

    def end(self) -> None:
        """Leave no process and no open file behind."""
        for file in {self.asking, self.receiving} - {_NONE}:
            os.close(file)
        self.asking = self.receiving = _NONE
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0

    def _start(self) -> None:
        """Fork. Ctrl-C is answered when the child's number is known, or nobody could end it."""
        global forked
        asked, self.asking = os.pipe()
        self.receiving, sending = os.pipe()
        with contextlib.suppress(
            OSError, AttributeError
        ):  # Linux only, and its administrator may allow less.
            fcntl.fcntl(sending, fcntl.F_SETPIPE_SZ, _PIPE)
        forked += 1
        held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._pid = os.fork()
            if self._pid == 0:
                _serve(self, asked, sending)
        finally:
            os.close(asked)
            os.close(sending)
            signal.pthread_sigmask(signal.SIG_SETMASK, held)

    def _read(self, size: int) -> bytes:
        parts = []
        while size:
            part = os.read(self.receiving, size)
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def _ask(lanes: Sequence[_Lane[T]], asked: int, most: int) -> int:
    """Ask for the pieces from *asked* to *most*, as far as the *lanes* want more; return how far it went."""
    while asked < most:
        lane = min(lanes, key=lambda each: len(each.left))
        if len(lane.left) >= _QUEUED:
            break
        lane.ask(asked)
        asked += 1
    return asked


def _ready(lanes: Sequence[_Lane[T]]) -> list[_Lane[T]]:
    """Return those that have an answer, or have died; one of them at the least."""
    busy = {lane.receiving: lane for lane in lanes if lane.left}
    poll = select.poll()
    for file in busy:
        poll.register(file, select.POLLIN)
    return [busy[file] for file, _ in poll.poll()]


def _serve(lane: _Lane[T], asked: int, sending: int) -> NoReturn:
    """Do what is asked and send the results; this is the child, and nothing of the parent's ends with it."""
    code = 1
    try:
        os.close(lane.asking)
        os.close(lane.receiving)
        _prepare(lane.limits)
        stream = os.fdopen(sending, "wb")
        while number := os.read(asked, _NUMBER):
            item = lane.items[int.from_bytes(number, "little")]
            if lane.limits:
                signal.setitimer(signal.ITIMER_PROF, lane.limits.seconds)
            data = pickle.dumps(lane.work(item), pickle.HIGHEST_PROTOCOL)
            signal.setitimer(signal.ITIMER_PROF, 0)
            stream.write(len(data).to_bytes(_NUMBER, "little") + data)
            stream.flush()
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
