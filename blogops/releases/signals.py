"""A run either ends before it changes what is live, or goes through to the end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_STOP = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def undisturbed() -> Iterator[None]:
    """A dropped connection stops nothing; SIGTERM stops as Ctrl-C does, with everything put away."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    with _handling({signal.SIGHUP: signal.SIG_IGN, signal.SIGTERM: stop}):
        yield


@contextmanager
def to_the_end() -> Iterator[None]:
    """From the switch on nothing stops the run: half a second more, and it is recorded or taken back."""
    with _handling(dict.fromkeys(_STOP, signal.SIG_IGN)):
        yield


@contextmanager
def _handling(handlers: dict[signal.Signals, "signal._HANDLER"]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
