"""Virtual environments, made whole or not at all, and what is installed in them."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import places
from .environments import (
    Record,
    has_pip,
    installed,
    is_empty,
    minor,
    project,
    read_record,
    satisfied,
    settings,
    write_record,
)
from .finding import Finding, ResourceError
from .host import Host
from .writing import state_of

_PYTHON = "/usr/bin/python3"
_INSTALL = ("install", "--quiet", "--disable-pip-version-check", "--no-input")


def look_virtualenv(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``virtualenv``: whole, and of the Python that is on this host now."""
    path = host.path(name)
    if not _aside(path).exists() and _is_missing(path, name, want["user"]):
        return Finding("created", lambda: _build(host, path, want))
    fault = _fault(path, want)
    if not fault:
        return Finding(f"is whole, Python {settings(path)['version']}")
    return Finding(f"made anew: {fault}", lambda: _rebuild(host, path, want))


def look_python_packages(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``python_packages``: each is in the environment in a version that will do."""
    path, wanted = host.path(want["virtualenv"]), want["requirements"]
    record, found = read_record(path), installed(path)
    missing = [each for each in wanted if not satisfied(each, found, record)]
    if not missing and not record.dirty:
        return Finding(", ".join(f"{project(each)} {found[project(each)]}" for each in wanted))
    if not missing:
        return Finding(
            "installed again: pip was cut off, or had failed", lambda: _install(host, want, wanted)
        )
    return Finding(f"installed {', '.join(missing)}", lambda: _install(host, want, missing))


def look_python_requirements(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``python_requirements``: the file is the one that was installed from."""
    path, file = host.path(want["virtualenv"]), host.path(want["file"])
    record = read_record(path)
    digest = _digest(file, want["file"], set())
    if record.files.get(want["file"]) == digest and not record.dirty:
        return Finding("is installed as it stands")
    why = "installed again, the file changed" if want["file"] in record.files else "installed"
    return Finding(why, lambda: _install(host, want, [], {want["file"]: digest}))


def _aside(path: Path) -> Path:
    """Return where the old environment waits while the new one is made; there, it tells of a cut."""
    return path.with_name(f".{path.name}.blogops-old")


def _is_missing(path: Path, name: str, user: str) -> bool:
    """Tell whether there is nothing at *path*; raise where there is what is no environment of *user*."""
    state = state_of(path)
    if state is None:
        return True
    if not stat.S_ISDIR(state.st_mode):
        raise ResourceError(f"{name} exists and is not a virtual environment; move it away")
    places.check_owner(name, state, user)
    if (path / "pyvenv.cfg").exists():
        return False
    if not is_empty(path):
        raise ResourceError(f"{name} exists and is not a virtual environment; move it away")
    return True


def _fault(path: Path, want: dict[str, Any]) -> str:
    """Return why the environment has to be made anew, or nothing."""
    known = settings(path)
    version, base = minor(known.get("version", "")), _base_version(want["venv_python"])
    if _aside(path).exists():
        return "it was being made anew when the run was cut off"
    if not version:
        return "it is half made"
    if not (path / "bin/python").exists() or not Path(known.get("home", "/nowhere")).is_dir():
        return "its Python is gone"
    if base and version != base:
        return f"it is for Python {version}, this host has {base}"
    if not has_pip(path):
        return "it has no pip"
    system = known.get("include-system-site-packages", "false") == "true"
    return "" if system == want["system_site_packages"] else f"system_site_packages was {system}"


def _base_version(python: str) -> str:
    """Return the ``3.11`` in what /usr/bin/python3 points to; empty where no name tells."""
    found = re.search(r"python(\d+\.\d+)$", str(Path(python).resolve()))
    return found[1] if found else ""


def _build(host: Host, path: Path, want: dict[str, Any]) -> None:
    """Make the environment at its own place, as scripts hold their absolute path."""
    user = want["user"]
    host.wire.emit("doing", resource=str(path), why=f"{want['venv_python']} -m venv")
    places.make(host, path, user)
    options = ["--system-site-packages"] if want["system_site_packages"] else []
    try:
        host.run([want["venv_python"], "-I", "-m", "venv", *options, str(path)], user=user)
    except BaseException:
        places.remove(host, path, user)
        raise


def _rebuild(host: Host, path: Path, want: dict[str, Any]) -> None:
    """Make the environment anew with what was recorded; the old one comes back if that fails."""
    user, old = want["user"], _aside(path)
    if not old.exists():
        places.move(host, path, old, user)
    elif path.exists():
        places.remove(host, path, user)
    try:
        _build(host, path, want)
        _restore(host, path, read_record(old), user)
    except BaseException:
        places.remove(host, path, user)
        places.move(host, old, path, user)
        raise
    # Another name first: a removal that fails or is cut off leaves no environment to be made anew.
    gone = path.with_name(f".{path.name}.blogops-gone-{os.urandom(4).hex()}")
    places.move(host, old, gone, user)
    places.remove(host, gone, user)


def _restore(host: Host, path: Path, record: Record, user: str) -> None:
    """Install into the new environment at *path* what is recorded of the old one."""
    want = {"virtualenv": "", "user": user, "beside": []}
    try:
        for file, digest in record.files.items():
            if host.path(file).is_file():
                _pip_install(host, path, want, [], {file: digest})
        if record.requirements:
            _pip_install(host, path, want, list(record.requirements), {})
    except ResourceError as error:
        hint = f"The old environment is back. Where your plan names all that is to be in it, remove {path}."
        raise ResourceError(f"{error}\n{hint}") from error


def _install(
    host: Host, want: dict[str, Any], missing: Sequence[str], files: dict[str, str] | None = None
) -> None:
    path = host.path(want["virtualenv"])
    if not settings(path):
        raise ResourceError(f"there is no virtual environment at {want['virtualenv']}")
    state = state_of(path)
    if state:
        places.check_owner(want["virtualenv"], state, want["user"])
    _pip_install(host, path, want, missing, files or {})


def _pip_install(
    host: Host, path: Path, want: dict[str, Any], missing: Sequence[str], files: dict[str, str]
) -> None:
    """Ask pip once for what is *missing*, with what is wanted beside it, and record it when all fits."""
    user, record = want["user"], read_record(path)
    beside = _kept(want["beside"], path, missing)
    record.dirty = True
    write_record(host, path, record, user)
    for file in files:
        _pip_file(host, path, user, host.path(file), beside)
    if missing:
        _pip(host, path, user, [*_INSTALL, *missing, *beside])
    _pip(host, path, user, ["check"])
    record.requirements = _met(record, [*beside, *missing], installed(path))
    record.files.update(files)
    record.dirty = False
    write_record(host, path, record, user)


def _met(record: Record, asked: Sequence[str], found: dict[str, str]) -> dict[str, str]:
    """Return what is to be recorded: what was *asked* for now, and of the past what it does not replace."""
    names = {project(each) for each in asked}
    kept = {each: version for each, version in record.requirements.items() if project(each) not in names}
    return {**kept, **{each: found[project(each)] for each in asked if project(each) in found}}


def _kept(beside: Sequence[str], path: Path, missing: Sequence[str]) -> list[str]:
    """Return of *beside* what is installed; an address would be fetched again, so none of those."""
    found, names = installed(path), {project(each) for each in missing}
    return [
        each for each in beside if project(each) in found and project(each) not in names and "@" not in each
    ]


def _pip_file(host: Host, path: Path, user: str, file: Path, beside: Sequence[str]) -> None:
    # With hashes in the file pip takes nothing beside it that has none.
    hashed = "--hash" in (places.read_text(file) or "")
    extra = [] if hashed else beside
    _pip(host, path, user, [*_INSTALL, "--requirement", str(file), *extra], cwd=str(file.parent))


def _pip(host: Host, path: Path, user: str, words: Sequence[str], cwd: str = "/") -> None:
    """Run the environment's own pip; ``-I`` keeps a json.py beside the requirements out of it."""
    host.wire.emit("doing", resource=str(path), why=f"pip {' '.join(words)}")
    python = str(path / "bin/python")
    host.run([python, "-I", "-m", "pip", *words], user=user, cwd=cwd)


def _digest(file: Path, name: str, seen: set[Path]) -> str:
    """Return the hash of a requirements file and of those that it names."""
    text = places.read_text(file.resolve())
    if text is None:
        raise ResourceError(f"there is no file {name} on this host")
    seen.add(file)
    import hashlib

    digest = hashlib.sha256(text.encode())
    for other in re.findall(r"^\s*(?:-r|-c|--requirement|--constraint)[ =]+(\S+)", text, re.MULTILINE):
        beside = file.parent / other
        if beside not in seen and "://" not in other:
            digest.update(_digest(beside, str(Path(name).parent / other), seen).encode())
    return digest.hexdigest()
