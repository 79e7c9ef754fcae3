"""The toolkit on the server: this very version of blogops, in a virtual environment of its own.

The laptop's sources have a content hash. A server that has that environment needs nothing; one that has
not gets the wheel and installs the rest from the hash-pinned lock.
"""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path

from blogops.config import Config
from blogops.errors import Failed, UsageError
from blogops.provision.supervisor import restart_of
from blogops.provision.words import Require


def describe(require: Require, config: Config) -> None:
    """Require the laptop's version of blogops at ``/srv/NAME/toolkit/current``, as *config* needs it."""
    name = config.server.name
    mark = beside(require, config).rpartition("/")[2]
    current = f"{config.server.root}/toolkit/current"
    require.link(current, mark, notify=[restart_of(f"{name}-service", "sudo", "-n")])


def beside(require: Require, config: Config) -> str:
    """Require the laptop's version beside the one in use, and return its path."""
    pdf = config.build.pdf
    mark = f"{fingerprint()}-pdf" if pdf else fingerprint()
    path = f"{config.server.root}/toolkit/{mark}"
    require.python.locked_virtualenv(
        path, lock=lock(pdf=pdf), fingerprint=mark, wheel=wheel_name(), user=config.server.name, keep=3
    )
    return path


def restart_command(name: str) -> tuple[str, ...]:
    """Return the one command the blog's user may run as root: a new toolkit's service must start."""
    return restart_of(f"{name}-service").command


def lock(*, pdf: bool = False) -> str:
    """Return the hash-pinned requirements of the server half, with WeasyPrint's or without."""
    name = "server-pdf.lock" if pdf else "server.lock"
    return resources.files("blogops.provision").joinpath(name).read_text(encoding="utf-8")


def wheel_name() -> str:
    """Return the file name of the wheel, which is also the name it is asked for by."""
    from blogops import __version__

    return f"blogops-{__version__}-py3-none-any.whl"


@cache
def fingerprint() -> str:
    """Return the content hash of everything that goes into the wheel and its lock."""
    checkout = _checkout()
    digest = hashlib.sha256()
    for path in _sources(checkout):
        digest.update(f"{path.relative_to(checkout)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def blobs() -> dict[str, Callable[[], bytes]]:
    """Return what a server may ask for, by name; it is only made if one does."""
    return {wheel_name(): wheel}


def wheel() -> bytes:
    """Build the wheel of this checkout and return its bytes."""
    with tempfile.TemporaryDirectory(prefix="blogops-") as folder:
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        done = subprocess.run(command, cwd=_checkout(), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"the wheel cannot be built\n{done.stderr.strip()}")
        return next(Path(folder).glob("*.whl")).read_bytes()


def _checkout() -> Path:
    checkout = Path(__file__).resolve().parents[2]
    if not (checkout / "pyproject.toml").is_file():
        raise UsageError(
            "blogops is installed here without its sources, and cannot bring itself to a server",
            hint="Run fab from a clone, installed with `pip install -e .`.",
        )
    return checkout


def _sources(checkout: Path) -> list[Path]:
    found = [checkout / "pyproject.toml"]
    for folder in ("blogops", "templates"):
        found += (path for path in (checkout / folder).rglob("*") if path.is_file() and path.suffix != ".pyc")
    return sorted(found)
