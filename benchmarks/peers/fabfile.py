"""The resources for blogops: what ``BENCH_RESOURCES`` lists, in one plan."""

import json
import os
from pathlib import Path

from fabric import Connection, task

from blogops import provision


@task
def converge(c: Connection) -> None:
    """Bring about everything that the list names."""
    want = json.loads(Path(os.environ["BENCH_RESOURCES"]).read_text())
    with provision.on(c) as require:
        require.deb.packages(want["packages"])
        require.user(want["user"], home=f"/home/{want['user']}", shell="/bin/bash")  # noqa: S604 -- a login shell
        for path in want["directories"]:
            require.directory(path, mode="755")
        for file in want["files"]:
            require.file(file["path"], file["contents"], mode="644")
        for link in want["links"]:
            require.link(link["path"], link["target"])
