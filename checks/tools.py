"""The measuring programs, and what they found, as plain data. Each one raises when it could not measure."""

import json
import subprocess
from pathlib import Path
from typing import Any

from checks import nginx, serving

HERE = Path(__file__).parent
_VNU = HERE / "node_modules/vnu-jar/build/dist/vnu.jar"


def node(script: str, told: dict[str, Any]) -> Any:
    """Run checks/*script*, telling it *told* on stdin, and return the JSON it prints."""
    done = subprocess.run(
        ["node", script],
        cwd=HERE,
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{script} failed (`make check-site` installs what it needs):\n{done.stderr}")
    return json.loads(done.stdout) if done.stdout else None


def measured(folder: Path, block: tuple[nginx.Directive, ...], page: str) -> dict[str, Any]:
    """Return what the browser finds on a *page* of *folder*, served with the headers of *block*."""
    with serving.served(folder, block) as address:
        told = {"base": address, "pages": [page], "lighthouse": [], "tries": 0}
        facts: dict[str, Any] = node("measure.mjs", told)["pages"][page]
    return facts


def html_validate(files: list[Path]) -> list[str]:
    """Return what html-validate's recommended rules say against *files*."""
    assert files, "nothing to validate"
    found = node("validate.mjs", {"files": [str(file) for file in files]})
    assert len(found) == len(files)
    return [f"{_short(file)}:{message}" for file, messages in found.items() for message in messages]


def vnu(files: list[Path]) -> list[str]:
    """Return the errors and warnings of the Nu checker against *files*: HTML, CSS or SVG."""
    assert files, "nothing to check"
    options = ["--format", "json", "--stdout", "--exit-zero-always", "--also-check-css", "--also-check-svg"]
    command = ["java", "-jar", str(_VNU), *options, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    messages = json.loads(done.stdout)["messages"]
    # What it calls "info" is advice on style, unless it is a warning.
    return [_sentence(message) for message in messages if message["type"] != "info" or "subType" in message]


def nothing(found: list[str]) -> None:
    """Fail with every finding, one a line; pytest would show the first."""
    assert not found, "\n".join([f"{len(found)} found:", *found])


def _sentence(message: dict[str, Any]) -> str:
    name, line = _short(message.get("url", "")), message.get("lastLine", 0)
    kind = message.get("subType", message["type"])
    return f"{name}:{line} {kind}: {message['message']} {message.get('extract', '').strip()!r}"


def _short(path: str) -> str:
    return "/".join(Path(path).parts[-2:])
