"""The question after a switch: does nginx serve this release?"""

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from blogops.releases.layout import Layout
from blogops.releases.stage import Release

if TYPE_CHECKING:
    import http.client

PATIENCE = 3.0  # seconds for all answers together: what is unhealthy is taken back within five
_LAST = 0.7  # seconds that must be left for asking once more
HEADER = "X-Release"  # nginx names the release that it serves


class Vhost(NamedTuple):
    """Which of nginx's sites the blog is, as `fab setup` wrote it down.

    *daemons* are pairs of a name and the file with its process number, *service* is the port of the service
    behind nginx, and *statsd* where measurements are sent, ``HOST:PORT``. *headers* is the command that
    brings the headers of releases into the folder *maps*.
    """

    host: str
    port: int
    daemons: tuple[tuple[str, str], ...] = ()
    headers: tuple[str, ...] = ()
    maps: str = ""
    service: int = 0
    statsd: str = ""


def vhost_of(layout: Layout) -> Vhost | None:
    """Return the site that serves the releases; None where none does."""
    if layout.vhost is None:
        return None
    try:
        told = json.loads(layout.vhost.read_text(encoding="utf-8"))
        daemons = tuple((str(name), str(file)) for name, file in told["daemons"].items())
        headers = tuple(str(word) for word in told.get("headers", ()))
        return Vhost(
            host=str(told["host"]),
            port=int(told["port"]),
            daemons=daemons,
            headers=headers,
            maps=str(told.get("maps", "")),
            service=int(told.get("service", 0)),
            statsd=str(told.get("statsd", "")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def problem_of(layout: Layout, release_id: str) -> str:
    """Return what is wrong with *release_id* as nginx serves it, in a sentence; nothing where nginx does not.

    It is asked again until it is well, for `PATIENCE` seconds: nginx may be starting.
    """
    vhost = vhost_of(layout)
    if vhost is None:
        return ""
    deadline = time.monotonic() + PATIENCE
    while problem := next(_problems(vhost, layout, release_id, deadline), ""):
        if time.monotonic() + _LAST >= deadline:
            break
        time.sleep(0.1)
    return problem


def _problems(vhost: Vhost, layout: Layout, release_id: str, deadline: float) -> Iterator[str]:
    release = Release.read(layout, release_id)
    public = layout.public(release_id)
    for address, file in (release.probes if release else ()) or (("/", "index.html"),):
        try:
            wanted = (public / file).read_bytes()
        except OSError as error:
            yield f"{address} of {vhost.host} has no file: {error}"
        else:
            yield from _asked(vhost, address, wanted, release_id, deadline)


def _asked(vhost: Vhost, address: str, wanted: bytes, release_id: str, deadline: float) -> Iterator[str]:
    import http.client  # not for a rebuild with nothing to do

    left = max(deadline - time.monotonic(), 0.1)
    connection = http.client.HTTPConnection("127.0.0.1", vhost.port, timeout=left)
    try:
        connection.request("GET", quote(address), headers={"Host": vhost.host})
        answer = connection.getresponse()
        body = _body(answer, deadline)
    except (OSError, http.client.HTTPException) as error:
        yield f"nginx does not answer on port {vhost.port}: {error}"
        return
    finally:
        connection.close()
    if answer.status != 200:
        yield f"nginx answers {address} of {vhost.host} with status {answer.status}"
    elif answer.getheader(HEADER) != release_id:
        yield f"nginx names {answer.getheader(HEADER) or 'no release'} for {address} of {vhost.host}"
    elif body != wanted:
        yield f"nginx serves another {address} of {vhost.host} than this release's"


def _body(answer: "http.client.HTTPResponse", deadline: float) -> bytes:
    """Return the body; one that dribbles in for ever is none."""
    parts = []
    while part := answer.read1(1 << 20):
        parts.append(part)
        if time.monotonic() > deadline:
            raise TimeoutError("too slow")
    return b"".join(parts)
