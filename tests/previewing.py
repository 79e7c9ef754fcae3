"""A running `fab serve` on a folder, for tests that meet it as a browser does."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tornado.websocket import websocket_connect

PATIENCE = 60.0
SERVE = """
import sys
from pathlib import Path
from blogops import console
from blogops.authoring.serve import serve
serve(Path(sys.argv[1]), port=0, browser=False, tell=console.say)
"""


@dataclass
class Served:
    """A running preview of a folder."""

    folder: Path
    process: subprocess.Popen[str]
    root: str

    def get(self, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        request = urllib.request.Request(self.root + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode(errors="replace"), dict(answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(), dict(error.headers)

    def page(self, path: str) -> str:
        return self.get(path)[1]

    def write(self, name: str, text: str) -> None:
        """Write a file at once, as many editors do: a half-written one would be a change of its own."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)

    def save(self, name: str, text: str) -> float:
        """Write a file, and return how long it took until an open page was told of a change."""
        return asyncio.run(self._saved(name, text))

    async def _saved(self, name: str, text: str) -> float:
        client = await websocket_connect(self.root.replace("http", "ws") + "/_preview/changes")
        before = await asyncio.wait_for(client.read_message(), PATIENCE)
        began = time.monotonic()
        self.write(name, text)
        after = await asyncio.wait_for(client.read_message(), PATIENCE)
        seconds = time.monotonic() - began
        assert after != before
        client.close()
        while await client.read_message() is not None:
            pass
        return seconds

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said


def started(folder: Path, before: str = "") -> Served:
    """Show *folder*, in a process that does what *before* says first."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", before + SERVE, str(folder / "blog.toml")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
        start_new_session=True,
    )
    assert process.stdout
    for line in process.stdout:
        found = re.match(r"(http://127\.0\.0\.1:\d+)/ shows your site", line)
        if found:
            return Served(folder, process, found[1])
    raise AssertionError(f"ended with {process.wait()}")
