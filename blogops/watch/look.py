"""Whether there is anything to do this minute: a few small files, and nothing that takes time to import."""

import json
import os
import time
from typing import Any

_FIRST_RETRY, _LAST_RETRY = 60, 3600  # seconds between two tries of what fails, doubled from one to the other
_BLIND = 600  # seconds after a run that told nothing of the next, as one of an older toolkit


def why_now(root: str, now: int) -> str:
    """Return why the blog in *root* is to be rebuilt at *now* (seconds since 1970), or nothing."""
    if not os.path.exists(f"{root}/source/blog.toml"):  # noqa: PTH110 - pathlib takes longer than all of this
        return ""  # before the first deploy there is nothing to build
    if os.path.exists(f"{root}/suspended.json"):  # noqa: PTH110
        return ""
    told, kept = read(f"{root}/work/due.json"), read(memory(root))
    if failing := kept.get("failing"):
        return _why_again(failing, str(told.get("built", "")), now)
    if 0 <= now - int(kept.get("blind", 0)) < _BLIND:
        return ""
    return _why(told, utc(now))


def memory(root: str) -> str:
    """Return the path of what the check remembers from minute to minute."""
    return f"{root}/work/watch.json"


def owed(root: str, now: int) -> bool:
    """Tell whether a message that could not be sent is to be sent again."""
    unsent = read(memory(root)).get("unsent") or {"tried": now}
    return not 0 <= now - int(unsent["tried"]) < _RESEND


_RESEND = 600  # seconds


def read(path: str) -> dict[str, Any]:
    """Return the JSON object in *path*, or an empty one where there is none, or half of one."""
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def utc(seconds: int) -> str:
    """Return a time as all of blogops writes it (RFC 3339); as texts, too, the earlier is the smaller."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _why(told: dict[str, Any], now: str) -> str:
    built, daily, coming = (str(told.get(key) or "") for key in ("built", "daily", "next"))
    if not (built and daily):
        return "nothing is known of the last build"
    if now < built:
        return "the clock was set back"
    if coming and coming <= now:
        return "a post is due"
    return "it is time for the daily rebuild" if daily <= now else ""


def _why_again(failing: dict[str, int], built: str, now: int) -> str:
    since, tried = failing["since"], failing["tried"]
    if built > utc(tried):
        return "a deploy went well since the last failure"
    gap = min(max(tried - since, _FIRST_RETRY), _LAST_RETRY)
    return "" if 0 <= now - tried < gap else "the last try failed"
