"""The only room that speaks SSH: connections that check host keys, rsync, and sending a plan."""

from blogops.remote.commands import run
from blogops.remote.connection import as_user, authorised_key, ready
from blogops.remote.events import Event
from blogops.remote.hosts import asked_for, named, on_each
from blogops.remote.plans import Sending, run_plan
from blogops.remote.sync import push

__all__ = [
    "Event",
    "Sending",
    "as_user",
    "asked_for",
    "authorised_key",
    "named",
    "on_each",
    "push",
    "ready",
    "run",
    "run_plan",
]
