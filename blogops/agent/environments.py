"""What is in a virtual environment, read from its files: no process is started to find out."""

from __future__ import annotations

import json
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from .host import Host
from .places import read_json, read_text, write_text

_RECORD = ".blogops-requirements.json"
_REQUIREMENT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])?(.*)")


@dataclass
class Record:
    """What blogops brought into an environment.

    *requirements* is each requirement and the version that it was met by, *files* each requirements file
    and its hash. It is *dirty* from before pip starts until ``pip check`` has passed.
    """

    requirements: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    dirty: bool = False


def read_record(path: Path) -> Record:
    """Return the record of the environment at *path*; it is the user's, so only what fits is taken."""
    data = read_json(path / _RECORD)
    requirements, files = _texts(data.get("requirements")), _texts(data.get("files"))
    requirements = {key: value for key, value in requirements.items() if _REQUIREMENT.fullmatch(key)}
    files = {key: value for key, value in files.items() if key.startswith("/")}
    return Record(requirements, files, data.get("dirty") is True)


def write_record(host: Host, path: Path, record: Record, user: str) -> None:
    """Write *record* into the environment at *path*."""
    text = json.dumps(vars(record), indent=1, sort_keys=True, ensure_ascii=False)
    write_text(host, path / _RECORD, f"{text}\n", user)


def settings(path: Path) -> dict[str, str]:
    """Return what ``pyvenv.cfg`` says; empty where there is none."""
    lines = (read_text(path / "pyvenv.cfg") or "").splitlines()
    return {key.strip().lower(): value.strip() for key, _, value in (line.partition("=") for line in lines)}


def minor(version: str) -> str:
    """Return ``3.11`` of ``3.11.2``."""
    return ".".join(version.split(".")[:2])


def installed(path: Path) -> dict[str, str]:
    """Return project -> version of what an environment holds, or sees of the system where it does."""
    known = settings(path)
    version = minor(known.get("version", ""))
    folders = [path / f"lib/python{version}/site-packages"]
    if known.get("include-system-site-packages") == "true":
        system = ("/usr/lib/python3/dist-packages", f"/usr/local/lib/python{version}/dist-packages")
        folders = [*map(Path, system), *folders]
    found: dict[str, str] = {}
    for folder in folders:
        found.update(_distributions(folder))
    return found


def has_pip(path: Path) -> bool:
    """Tell whether pip is there whole: its RECORD is what its installation writes last."""
    return any(path.glob("lib/python3*/site-packages/pip-*.dist-info/RECORD"))


def project(text: str) -> str:
    """Return the name in a requirement, or of a distribution, as pip compares names (PEP 503)."""
    found = _REQUIREMENT.match(text)
    return re.sub(r"[-_.]+", "-", found[1] if found else text).lower()


def satisfied(requirement: str, found: dict[str, str], record: Record) -> bool:
    """Tell whether *requirement* is met by what is installed, as far as files can tell.

    ``==`` is compared. Whether another specifier is met only pip can say: it was asked when the record
    was written, and the answer holds as long as the version is the same.
    """
    version = found.get(project(requirement))
    match = _REQUIREMENT.fullmatch(requirement)
    if version is None or not match:
        return False
    if not match[2] and not match[3]:
        return True
    if record.requirements.get(requirement) == version:
        return True
    exact = re.fullmatch(r"===?([^,*]+)", match[3])
    return bool(exact and not match[2] and _plain(exact[1]) == _plain(version))


def is_empty(path: Path) -> bool:
    """Tell whether a folder holds no file, as one does when making an environment was cut off at once."""
    return not any(not stat.S_ISDIR(each.lstat().st_mode) for each in path.rglob("*") if each.name != "lib64")


def _distributions(folder: Path) -> dict[str, str]:
    found = {}
    for path in (*folder.glob("*.egg-info"), *folder.glob("*.dist-info")):
        name, _, rest = path.stem.partition("-")
        version = rest.split("-py")[0]
        if version and (path.is_file() or (path / "METADATA").is_file() or (path / "PKG-INFO").is_file()):
            found[project(name)] = version
    return found


def _plain(version: str) -> str:
    """Return *version* without what makes no difference (PEP 440): case, a leading v, zeros at the end."""
    release, mark, local = version.strip().lower().removeprefix("v").partition("+")
    return re.sub(r"(\.0)+$", "", release) + mark + re.sub(r"[-_]", ".", local)


def _texts(data: object) -> dict[str, str]:
    items = data.items() if isinstance(data, dict) else ()
    return {key: value for key, value in items if isinstance(key, str) and isinstance(value, str)}
