"""Links to other sites, asked for gently, and only when the author wants it."""

import datetime as dt
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urldefrag, urlsplit

from blogops.authoring.finding import WARNING, Finding
from blogops.authoring.links import Outside
from blogops.website.cached import put

_KEPT = dt.timedelta(days=7)
_AGENT = "blogops (a check of the links of a blog)"
# A site that will not speak to a program may well speak to a reader.
_NOT_FOR_PROGRAMS = {401, 403, 406, 429, 451, 503, 999}
_NO_HEAD = {400, 403, 404, 405, 406, 500, 501}


@dataclass(frozen=True)
class Manners:
    """How gently to ask: hosts *at_once*; seconds for one answer, *between* two to one host, and in all."""

    at_once: int = 8
    timeout: float = 10.0
    between: float = 0.5
    altogether: float = 300.0
    most: int = 1000


def findings_of(
    links: Iterable[Outside], cache: Path, now: dt.datetime, manners: Manners | None = None
) -> list[Finding]:
    """Return the links that are dead, as warnings: other sites are not the author's.

    What was well is remembered in *cache* for a week. Links beyond the limits of *manners* are told as not
    looked at.
    """
    manners = manners or Manners()
    places: dict[str, list[Outside]] = {}
    for link in links:
        places.setdefault(_asked(link.address), []).append(link)
    known = _remembered(cache, now)
    wanted = [address for address in sorted(places) if address not in known]
    answers = _answers(wanted[: manners.most], manners)
    answers |= {address: "was not looked at: too many links" for address in wanted[manners.most :]}
    well = {address: now.isoformat() for address, problem in answers.items() if not problem}
    put(cache, json.dumps(known | well, indent=0, sort_keys=True).encode())
    return [
        Finding(link.file, link.line, 0, WARNING, "external", f"{link.address} {problem}")
        for address, problem in answers.items()
        for link in places[address]
        if problem
    ]


def _asked(address: str) -> str:
    whole = "https:" + address if address.startswith("//") else address
    return quote(urldefrag(whole).url, safe="/:?#[]@!$&'()*+,;=~%-._")


def _remembered(cache: Path, now: dt.datetime) -> dict[str, str]:
    try:
        found = json.loads(cache.read_text(encoding="utf-8"))
        return {name: day for name, day in found.items() if now - dt.datetime.fromisoformat(day) < _KEPT}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _answers(addresses: Iterable[str], manners: Manners) -> dict[str, str]:
    """Ask each host by one thread, so that none is asked twice at a time."""
    hosts: dict[str, list[str]] = {}
    for address in addresses:
        hosts.setdefault(urlsplit(address).netloc.lower(), []).append(address)
    end = time.monotonic() + manners.altogether
    with ThreadPoolExecutor(manners.at_once) as pool:
        asked = pool.map(lambda each: list(_of_host(each, manners, end)), hosts.values())
        return dict(pair for pairs in asked for pair in pairs)


def _of_host(addresses: Iterable[str], manners: Manners, end: float) -> Iterator[tuple[str, str]]:
    for number, address in enumerate(addresses):
        if time.monotonic() > end:
            yield address, "was not looked at: the time was up"
            continue
        if number:
            time.sleep(manners.between)
        yield address, _problem(address, manners.timeout)


def _problem(address: str, timeout: float) -> str:
    """Return what is wrong with *address*, or nothing."""
    status, problem = _ask(address, "HEAD", timeout)
    if status in _NO_HEAD or (not status and problem == "closed the connection"):
        status, problem = _ask(address, "GET", timeout)
    if problem:
        return problem
    return f"answers {status}" if status >= 400 and status not in _NOT_FOR_PROGRAMS else ""


def _ask(address: str, method: str, timeout: float) -> tuple[int, str]:
    headers: Mapping[str, str] = {"User-Agent": _AGENT, "Accept": "*/*"}
    try:
        request = urllib.request.Request(address, method=method, headers=dict(headers))  # noqa: S310
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            return int(answer.status), ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""
    except TimeoutError:
        return 0, f"gives no answer within {timeout:.0f} s"
    except (http.client.RemoteDisconnected, ConnectionResetError):
        return 0, "closed the connection"
    except (urllib.error.URLError, OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", "") or error
        return 0, f"cannot be reached: {getattr(reason, 'strerror', '') or reason}"
