"""The rooms of the house: who may import whom, and every module alone."""

import ast
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

REPO = Path(__file__).parents[1]
PACKAGE = REPO / "blogops"
OUTSIDE = {"releases", "rollback", "watch", "headers", "errors", "console"}  # what is installed by itself
GROUND = {"errors", "resources", "console", "interrupts", "late", "tasks"}

# room -> the rooms it may import; docs/architecture.md shows the picture.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "resources": set(),
    "console": set(),
    "interrupts": set(),
    "late": set(),
    "tasks": {"errors", "console"},
    "config": {"errors"},
    "headers": {"errors", "console"},
    "website": {"errors", "config", "headers", "late", "resources"},
    "pelican": {"errors", "config"},
    "releases": {"errors"},
    "rollback": {"errors", "console", "releases"},
    "authoring": {"errors", "tasks", "console", "config", "website"},
    "watch": {"errors", "console", "releases"},
    "jobs": {"errors", "config", "headers", "website", "releases", "watch"},
    "service": {"errors", "config", "jobs", "releases"},
    "cli": GROUND | {"authoring", "config", "jobs", "pelican", "releases", "rollback", "watch"},
    "__main__": {"cli", "late"},
    "agent": set(),
    "remote": {"errors", "console", "interrupts"},
    "provision": {"errors", "console", "interrupts", "config", "headers", "resources", "remote", "watch"},
    "fabtools": {"errors", "tasks", "provision", "remote"},
    "vm": GROUND,
    "fabfile": GROUND | {"authoring", "config", "provision", "remote", "vm"},
    "__init__": set(),
}


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "templates" not in path.parts]


def room(path: Path) -> str:
    inside = path.relative_to(PACKAGE).with_suffix("")
    return inside.parts[0]


def imported_names(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def rooms_imported(path: Path) -> set[str]:
    rooms = {name.split(".")[1] for name in imported_names(path) if name.startswith("blogops.")}
    return {name for name in rooms if (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()}


@pytest.mark.parametrize(
    "path", [*modules(), REPO / "fabfile.py"], ids=lambda path: str(path.relative_to(REPO))
)
def test_imports_go_one_way(path: Path) -> None:
    own = "fabfile" if path.name == "fabfile.py" else room(path)
    assert rooms_imported(path) - {own} <= MAY_IMPORT[own]


@pytest.mark.parametrize(
    "path", [path for path in modules() if room(path) == "agent"], ids=lambda path: str(path.name)
)
def test_the_agent_stands_alone(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported_names(path)}
    assert tops <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    "path",
    [path for path in modules() if room(path) in OUTSIDE],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_what_works_without_the_toolkit_needs_the_standard_library_alone(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported_names(path)}
    assert tops <= set(sys.stdlib_module_names) | {"blogops"}


def test_every_module_imports_alone() -> None:
    names = [
        ".".join(path.relative_to(REPO).with_suffix("").parts).removesuffix(".__init__")
        for path in modules()
        if path.name != "__main__.py"
    ]

    def fails(name: str) -> bool:
        done = subprocess.run([sys.executable, "-W", "error", "-c", f"import {name}"], cwd=REPO, check=False)
        return done.returncode != 0

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        failing = list(pool.map(fails, [*names, "fabfile"]))
    assert [name for name, failed in zip([*names, "fabfile"], failing, strict=True) if failed] == []


def test_tornado_is_the_previews_alone() -> None:
    having = [path.name for path in modules() if any(n.startswith("tornado") for n in imported_names(path))]
    assert having == ["serve.py"]
    code = "import sys; sys.modules['tornado'] = None; import blogops.cli, blogops.authoring.check"
    subprocess.run([sys.executable, "-c", code], cwd=REPO, check=True)
    assert "tornado" not in (PACKAGE / "provision/server.lock").read_text(encoding="utf-8")


def test_only_the_console_prints() -> None:
    printing = [
        str(path.relative_to(REPO))
        for path in modules()
        if path.name != "console.py" and room(path) != "agent"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


def test_nothing_is_put_off_in_a_comment() -> None:
    words = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
    listed = subprocess.run(["git", "ls-files"], cwd=REPO, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        path = REPO / name
        if path.suffix in {".py", ".md", ".toml", ".j2", ".html", ".css"} and path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not any(word in text for word in words), name
