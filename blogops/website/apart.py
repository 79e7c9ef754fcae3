"""Work done in a child process, so that what an author wrote can cost only so much."""

import multiprocessing
import resource
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection

_MEMORY = 2 << 30


class Undone(Exception):
    """The work was not done; the message says why."""


def done(work: Callable[[], bytes], *, seconds: int) -> bytes:
    """Return what *work* gives, within so many *seconds* of processor time and 2 GiB of address space.

    Raises `Undone` when it takes more, or fails.
    """
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(work, seconds, sending), daemon=True)
    child.start()
    sending.close()
    try:
        with receiving:
            said, made = receiving.recv()
    except EOFError:
        child.join()
        raise Undone(_fate(child.exitcode, seconds)) from None
    finally:
        child.kill()
        child.join()
    if said:
        raise Undone(said)
    result: bytes = made
    return result


def _work(work: Callable[[], bytes], seconds: int, sending: "Connection[object, object]") -> None:
    # Ctrl-C is the parent's to answer: it ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    for limit, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, _MEMORY),
    ):
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    try:
        answer = ("", work())
    # A library that meets what it did not expect may raise anything.
    except Exception as error:
        answer = (f"{type(error).__name__}: {error}".rstrip(": "), b"")
    sending.send(answer)


def _fate(code: int | None, seconds: int) -> str:
    if code == -signal.SIGXCPU:
        return f"it took more than {seconds} s"
    return f"the process that made it ended with code {code}"
