"""Headers of single paths: nginx must know those of a release before it may become live."""

from pathlib import Path

from blogops.errors import ExitCode, Failed
from blogops.releases.health import Vhost, vhost_of
from blogops.releases.layout import HEADERS, Layout
from blogops.releases.removal import remove_tree


def publish_headers(layout: Layout, release_id: str) -> None:
    """Have root's program tell nginx the headers of all releases, if there are or were any.

    Raises `Failed` where it cannot; the release, which nobody has seen yet, is removed then.
    """
    vhost = vhost_of(layout)
    if vhost is None or not _matters(layout, release_id, vhost):
        return
    try:
        _run(vhost.headers)
    except BaseException:
        remove_tree(layout.release(release_id))
        raise


def _matters(layout: Layout, release_id: str, vhost: Vhost) -> bool:
    held = any(Path(vhost.maps).glob("*.map")) if vhost.maps else False
    return held or (layout.release(release_id) / HEADERS).is_file()


def _run(command: tuple[str, ...]) -> None:
    import subprocess  # not for a rebuild with nothing to do

    mend = "What was live is live still."
    if not command:
        raise Failed("this server cannot set headers of single paths yet", hint=f"Run `fab setup`. {mend}")
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != ExitCode.DONE:
        problem = done.stderr.strip().removeprefix("error: ")
        raise Failed(f"nginx did not get the headers of the release: {problem}", hint=mend)
