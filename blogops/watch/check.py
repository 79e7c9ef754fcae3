"""Rebuild what is due, and tell the owner when that begins to fail, and when it goes well again."""

import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from blogops import console
from blogops.errors import ExitCode, Failed, UsageError
from blogops.releases import Layout, Ledger, Outcome, check_user
from blogops.watch import messages
from blogops.watch.channels import Channels, ping, send
from blogops.watch.look import owed, utc, why_now
from blogops.watch.messages import Message
from blogops.watch.rebuild import Ended, rebuild
from blogops.watch.remember import Memory, remembered

_DAY = 86400  # seconds after which nobody wants to hear an old message


def check(root: Path, *, by_hand: bool = False) -> int:
    """Rebuild the blog in *root* if anything is due, or *by_hand* whatever is; return its exit code.

    Raises `Busy` where another check is at work, `Failed` where nothing can be remembered, and `UsageError`
    for root.
    """
    began = int(time.time())
    layout, channels = Layout.on_server(root), Channels.of(root.name)
    try:
        check_user(layout)
        with remembered(str(root)) as kept:
            if owed(str(root), began):
                _send_again(channels, kept, began)
            if not (by_hand or why_now(str(root), began)):
                return int(ExitCode.DONE)
            due = messages.overdue(layout, began)
            ended = rebuild(root, quiet=not by_hand)
            if ended.code != ExitCode.BUSY:  # then the next minute comes
                for message in _news(layout, channels.site, kept, ended, due):
                    _tell(channels, kept, message)
            if not ended.code:
                _warn("ping", ping(channels))
            return ended.code
    except OSError as error:
        raise Failed(f"the check cannot work: {error}", where=str(root)) from error


def try_channels(root: Path, who: str) -> dict[str, str]:
    """Send a message by every channel; return what went wrong with each, or nothing.

    Raises `UsageError` where there is no channel.
    """
    channels = Channels.of(root.name)
    message = messages.test(channels.site, Layout.on_server(root), who, int(time.time()))
    results = {name: send(channels, name, message) for name in channels.names()}
    if channels.ping:
        results["ping"] = ping(channels)
    if not results:
        raise UsageError("no alert is configured", hint="See [alerts] in blog.toml, and run `fab setup`.")
    return results


def _news(layout: Layout, site: str, kept: Memory, ended: Ended, due: list[str]) -> Iterable[Message]:
    """Yield what the owner does not know yet of how a run *ended*, and remember it."""
    now, failing = int(time.time()), kept.failing
    if ended.code:
        console.complain(f"{utc(now)} the scheduled rebuild ended with {ended.code}")
        kept.failing = {"since": failing["since"] if failing else now, "tried": now}
        if not failing:
            yield messages.failed(site, layout, ended.lines, ended.code, now)
        return
    kept.failing, kept.blind = None, 0 if layout.due.exists() else now
    if failing:
        yield messages.recovered(site, layout, failing["since"], now)
    ledger = Ledger(layout.ledger)
    pin, last = ledger.pin(), ledger.attempts[-1] if ledger.attempts else None
    if pin and last and last.outcome is Outcome.WAITING and kept.waiting != pin.time:
        kept.waiting = pin.time
        yield messages.waiting(site, layout, last, ledger.pinned(), due)


def _tell(channels: Channels, kept: Memory, message: Message, names: list[str] | None = None) -> None:
    """Send *message*; what a channel does not take is kept, and replaces an older one that is."""
    deaf = []
    for name in channels.names() if names is None else names:
        if problem := send(channels, name, message):
            _warn(name, problem)
            deaf.append(name)
    now = int(time.time())
    kept.unsent = {"message": asdict(message), "channels": deaf, "since": now, "tried": now} if deaf else None


def _send_again(channels: Channels, kept: Memory, now: int) -> None:
    assert kept.unsent  # noqa: S101 - it is owed
    since, names = kept.unsent["since"], [n for n in kept.unsent["channels"] if n in channels.names()]
    if 0 <= now - since < _DAY:
        _tell(channels, kept, Message(**kept.unsent["message"]), names)
        if kept.unsent:
            kept.unsent["since"] = since
    else:
        kept.unsent = None


def _warn(name: str, problem: str) -> None:
    if problem:
        console.warn(f"{utc(int(time.time()))} {name}: {problem}")
