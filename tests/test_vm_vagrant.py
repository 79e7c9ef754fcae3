"""The Vagrantfile is one that Vagrant accepts, and it adds nothing to a blank Debian."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def _vagrant(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    if not shutil.which("vagrant"):
        problem = "vagrant is not installed (apt install vagrant)"
        pytest.fail(problem) if os.environ.get("CI") else pytest.skip(problem)
    # Vagrant fills both folders even when it only validates.
    own = {"VAGRANT_HOME": str(home / "home"), "VAGRANT_DOTFILE_PATH": str(home / "dot")}
    env = {**os.environ, **own, "VAGRANT_CHECKPOINT_DISABLE": "1", "HOME": str(home)}
    return subprocess.run(
        ["vagrant", *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def test_vagrant_accepts_it(tmp_path: Path) -> None:
    done = _vagrant("validate", "--ignore-provider", home=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "validated successfully" in done.stdout
    assert not (ROOT / ".vagrant").exists()


def test_it_provisions_and_shares_nothing() -> None:
    text = (ROOT / "Vagrantfile").read_text()

    assert ".vm.provision " not in text
    assert 'synced_folder ".", "/vagrant", disabled: true' in text
    assert 'provider "libvirt"' in text
    assert 'provider "virtualbox"' in text
