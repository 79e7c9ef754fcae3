"""``/usr/local/lib/blogops-NAME/due``: cron runs it each minute as the blog's user."""

import sys
import time

from blogops.watch.look import owed, utc, why_now


def main() -> int:
    """Run the program: at once over where nothing is due; return its exit code (docs/exit-codes.md)."""
    folder = sys.argv[0].rpartition("/")[0]
    root, now = f"/srv/{folder.rpartition('/')[2].removeprefix('blogops-')}", int(time.time())
    if not (owed(root, now) or why_now(root, now)):
        return 0
    # All of this takes longer to import than what is above takes to run.
    from pathlib import Path

    from blogops import console
    from blogops.errors import Busy, OpsError
    from blogops.watch.check import check

    try:
        return check(Path(root))
    except Busy as error:
        return int(error.exit_code)
    except OpsError as error:
        console.complain(f"{utc(now)} error: {error}")
        return int(error.exit_code)


if __name__ == "__main__":
    sys.exit(main())
