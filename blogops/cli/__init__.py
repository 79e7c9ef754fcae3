"""The command ``blogops``: the server half, and the same on any folder with a blog.toml."""

import gc
import os
import sys
from typing import TextIO, cast

from invoke.collection import Collection

from blogops.cli.program import BlankConfig, OpsProgram, Steady
from blogops.cli.tasks import TASKS


def main() -> None:
    """Run the command line."""
    os.umask(0o022)  # nginx and the service are other users, and read what we make
    sys.stdout, sys.stderr = (cast(TextIO, Steady(stream)) for stream in (sys.stdout, sys.stderr))
    # Invoke copies all that it knows of each task before it reads the line.
    words = {word.replace("-", "_") for word in sys.argv}
    named = [task for task in TASKS if task.name in words] or TASKS
    namespace = Collection(*named)
    try:
        OpsProgram(name="blogops", binary="blogops", namespace=namespace, config_class=BlankConfig).run()
    finally:
        gc.freeze()  # or Python looks for cycles in all of them before it ends
