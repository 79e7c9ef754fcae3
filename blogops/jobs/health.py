"""The question after a switch: does nginx serve the new release?"""

import time
from pathlib import Path
from urllib.parse import quote

from blogops.config import Config
from blogops.errors import Failed
from blogops.jobs.place import Place

TIMEOUT = 3.0  # seconds for one answer
PATIENCE = 2.0  # seconds in which nginx may still be starting


def check_health(config: Config, public: Path, newest: str) -> None:
    """Fetch the home page and the *newest* post through nginx; raise `Failed` if they are not *public*'s."""
    for path, file in (("/", "index.html"), (newest, newest.lstrip("/"))):
        if path:
            _check(config, path, (public / file).read_bytes())


def problem_of(at: Place, config: Config, newest: str) -> str:
    """Return what is wrong with the live release as nginx serves it; nothing where nginx does not."""
    if not at.served:
        return ""
    try:
        check_health(config, at.layout.current / "public", newest)
    except (Failed, OSError) as error:
        return str(error)
    return ""


def _check(config: Config, path: str, wanted: bytes) -> None:
    deadline = time.monotonic() + PATIENCE
    while problem := _problem(config, path, wanted):
        if time.monotonic() > deadline:
            raise Failed(problem)
        time.sleep(0.1)


def _problem(config: Config, path: str, wanted: bytes) -> str:
    import http.client  # not for a rebuild with nothing to do

    port, host = config.server.http_port, config.domains[0]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", quote(path), headers={"Host": host})
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return f"nginx does not answer on port {port}: {error}"
    finally:
        connection.close()
    if answer.status != 200:
        return f"nginx answers {path} of {host} with status {answer.status}"
    return "" if body == wanted else f"nginx serves another {path} of {host} than the new release's"
