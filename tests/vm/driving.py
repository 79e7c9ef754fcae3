"""What a person would type, and what they would see: `fab` and `ssh` against a test's machine."""

import http.client
import os
import shutil
import subprocess
import sys
import textwrap
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from blogops import vm

REPO = Path(__file__).parents[2]
FAB = Path(sys.executable).with_name("fab")


@dataclass
class Driver:
    """One machine, and a folder with the fabfile (or the blog) it is driven from."""

    machine: vm.Machine
    folder: Path

    def fabfile(self, body: str, task: str = "setup") -> None:
        """Write a fabfile whose one task says *body* in the words of require."""
        head = "from blogops import fabtools, provision\nfrom blogops.fabtools import require, task\n"
        lines = textwrap.indent(textwrap.dedent(body).strip(), "    ")
        (self.folder / "fabfile.py").write_text(f"{head}\n\n@task\ndef {task}():\n{lines}\n")

    def command(self, *words: str, host: str = "", config: Path | None = None) -> list[str]:
        """Return the command line of `fab` for this machine."""
        settings = str(config or self.machine.ssh_config)
        return [str(FAB), "-S", settings, "-H", host or self.machine.name, *words]

    def start(self, *words: str, host: str = "", config: Path | None = None) -> "subprocess.Popen[str]":
        """Start `fab` in a session of its own, so that a signal reaches it alone."""
        return subprocess.Popen(
            self.command(*words, host=host, config=config),
            cwd=self.folder,
            env=environment(self.folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def fab(
        self, *words: str, host: str = "", config: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `fab`; never a traceback."""
        running = self.start(*words, host=host, config=config)
        stdout, stderr = running.communicate(timeout=600)
        assert "Traceback" not in stderr, stderr
        return subprocess.CompletedProcess(running.args, running.returncode, stdout, stderr)

    def done(self, *words: str) -> str:
        """Run `fab`, which must succeed, and return what it said."""
        ended = self.fab(*words)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def ssh(self, command: str, *, check: bool = True) -> str:
        """Run *command* there as root, not by way of blogops."""
        line = ["ssh", "-F", str(self.machine.ssh_config), self.machine.name, command]
        ended = subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)
        assert ended.returncode == 0 or not check, ended.stdout + ended.stderr
        return ended.stdout

    def code(self, path: str) -> int:
        """Return nginx's answer to a reader who asks the example blog for *path*."""
        asked = http.client.HTTPConnection("127.0.0.1", self.machine.http_port, timeout=30)
        with closing(asked):
            asked.request("GET", path, headers={"Host": "blog.example.org"})
            return asked.getresponse().status

    def background(self, command: str) -> None:
        """Start *command* there as a service that outlives the connection."""
        self.ssh(f"systemd-run --quiet --collect sh -c {_quoted(command)}")

    def state_of(self, *paths: str) -> str:
        """Return name, inode, time, mode and owner of everything below *paths*."""
        return self.ssh(f"find {' '.join(paths)} -xdev -printf '%p %i %T@ %m %u\\n' 2>/dev/null | sort")

    def bytes_of(self, *paths: str) -> str:
        """Return the hash of every file below *paths*, and where links lead."""
        names = " ".join(paths)
        return self.ssh(
            f"find {names} -xdev -type f -exec sha256sum {{}} + | sort; "
            f"find {names} -xdev -type l -printf '%p %l\\n' | sort"
        )


def write_example(folder: Path) -> None:
    """Write the example blog and its fabfile into *folder*, a new one."""
    shutil.copytree(REPO / "example", folder)
    shutil.copy(REPO / "fabfile.py", folder)


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a user without colours, and without a known_hosts of their own."""
    return {**os.environ, "NO_COLOR": "1", "HOME": str(home), "PYTHONUNBUFFERED": "1"}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
