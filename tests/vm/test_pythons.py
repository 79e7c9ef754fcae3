"""The agent on the oldest Python it may meet, and on every other one that is here."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from blogops.agent import __file__ as agent_file
from blogops.provision import Action, Require
from blogops.remote.plans import agent_zip

KEYRING = "--keyring=/usr/share/keyrings/debian-archive-keyring.gpg"
RUN = (
    "import sys; sys.path.insert(0, {place!r}); from agent.main import main; "
    "sys.exit(main(sys.stdin.buffer.readline()))"
)


TOUCH = Action(name="touch", command=("touch", "/srv/notified"))


def plan(**options: object) -> bytes:
    """Return a plan of what needs no service."""
    require = Require()
    require.deb.package("python3")
    require.group("editors", gid=4321)
    require.user("writer", extra_groups=["editors"], ssh_public_keys=["ssh-ed25519 AAAAkey me"])
    require.directory("/srv/words", owner="writer", mode="750")
    with require.notify(TOUCH), require.only_if("test -d /srv"):
        require.file("/srv/words/one", "text\n", owner="writer")
        require.file("/etc/checked", "text\n", check=["test", "-e", "/etc/checked"])
        require.link("/srv/words/latest", "one")
        require.absent("/etc/motd")
    require.command("echo done >/srv/made", creates="/srv/made")
    return require.collector.plan().to_json(**options).encode() + b"\n"


def events(done: "subprocess.CompletedProcess[bytes]") -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{")]


@pytest.mark.vm
def test_python_39_in_a_system_of_its_time(vm_host: None, tmp_path: Path) -> None:
    """Debian 11 is no target: it has the oldest Python that is promised."""
    root = tmp_path / "root"
    make = ["mmdebstrap", "--variant=essential", "--include=python3,passwd", KEYRING, "bullseye"]
    subprocess.run(["unshare", "--mount", *make, str(root)], check=True, capture_output=True)
    (root / "agent.pyz").write_bytes(agent_zip())
    inside = ["unshare", "--mount", "--pid", "--fork", f"--mount-proc={root}/proc", "chroot", str(root)]
    command = [*inside, "/usr/bin/python3", "-I", "-S", "-c", RUN.format(place="/agent.pyz")]

    def run(**options: object) -> list[dict[str, Any]]:
        text = plan(lock_timeout=5, **options)
        return events(subprocess.run(command, input=text, capture_output=True, check=False))

    checked = run(check=True)
    assert checked[0]["python"].startswith("3.9.")
    first = run(check=False)
    assert first[-1]["changed"] == checked[-1]["changed"] + checked[-1]["unknown"] > 7
    assert (root / "srv/notified").exists()
    second = run(check=False)
    assert (second[-1]["event"], second[-1]["changed"]) == ("done", 0)


PYTHONS = [found for minor in range(9, 15) if (found := shutil.which(f"python3.{minor}"))]


@pytest.mark.parametrize("python", [*PYTHONS, sys.executable])
def test_every_python_here_runs_a_check(python: str, tmp_path: Path) -> None:
    (tmp_path / "agent.pyz").write_bytes(agent_zip())
    code = RUN.format(place=str(tmp_path / "agent.pyz"))
    if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
        return  # the name is a shim of pyenv's without a Python behind it
    require = Require()
    require.file("/etc/hostname", "x")
    require.user("root-of-nothing")
    text = require.collector.plan().to_json(check=True, lock_timeout=1).encode() + b"\n"
    done = subprocess.run(
        [python, "-W", "error", "-I", "-S", "-c", code], input=text, capture_output=True, check=False
    )
    assert [event["event"] for event in events(done)] == ["hello", "changed", "changed", "done"]


@pytest.mark.parametrize(
    "path", sorted(Path(agent_file).parent.glob("*.py")), ids=lambda path: str(path.name)
)
def test_the_grammar_is_that_of_python_39(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
    future = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    assert future or path.name == "__init__.py", "annotations are evaluated without it"


def test_the_agent_is_small() -> None:
    assert len(agent_zip()) <= 100_000
