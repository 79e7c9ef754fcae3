"""The resources for pyinfra: what ``BENCH_RESOURCES`` lists, each an operation."""

import json
import os
from io import StringIO
from pathlib import Path

from pyinfra.operations import apt, files, server

want = json.loads(Path(os.environ["BENCH_RESOURCES"]).read_text())

apt.packages(packages=want["packages"])
server.user(user=want["user"], home=f"/home/{want['user']}", shell="/bin/bash", create_home=True, system=True)  # noqa: S604 -- a login shell
for path in want["directories"]:
    files.directory(path=path, user="root", group="root", mode="755")
for file in want["files"]:
    files.put(src=StringIO(file["contents"]), dest=file["path"], user="root", group="root", mode="644")
for link in want["links"]:
    files.link(path=link["path"], target=link["target"])
