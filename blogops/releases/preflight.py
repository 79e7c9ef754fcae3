"""Before anything is touched: is there room, may we write, does nginx live, is the clock sane?"""

import os
import pwd
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from blogops.errors import Failed, UsageError
from blogops.releases.health import vhost_of
from blogops.releases.layout import Layout
from blogops.releases.ledger import Ledger
from blogops.releases.stage import Release

_LEAST_BYTES, _LEAST_FILES = 1_000_000, 100  # of one release, where none tells
_WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)  # no clock that is right is before these lines
_TOLERANCE = timedelta(minutes=5)  # what a time server may take back


def check_room(layout: Layout, live: str) -> None:
    """Raise `Failed`, with the numbers, unless two more releases like *live* would fit."""
    release = Release.read(layout, live) if live else None
    size = 2 * max(release.bytes if release else 0, _LEAST_BYTES)
    files = 2 * max(release.files if release else 0, _LEAST_FILES)
    disk = os.statvfs(layout.root)
    free, inodes = disk.f_bavail * disk.f_frsize, disk.f_favail
    if free < size or (disk.f_files and inodes < files):  # some file systems count no inodes
        raise Failed(
            f"the disk is too full: two releases take {size / 1e6:.1f} MB and {files} inodes, "
            f"{free / 1e6:.1f} MB and {inodes} inodes are free",
            where=str(layout.root),
            hint="Make room (`df -h`, `df -i`), or keep fewer releases. What was live is live still.",
        )


def check_writable(layout: Layout) -> None:
    """Raise `Failed` for the first folder that we have to write in and may not."""
    for folder in (layout.root, layout.releases, layout.work):
        if not os.access(folder, os.W_OK | os.X_OK):
            raise Failed(
                "nothing can be written here",
                where=str(folder),
                hint="Run it as the user who owns the blog; is the disk mounted read-only?",
            )


def check_user(layout: Layout) -> None:
    """Raise `UsageError` for root on a server's blog of another: what root makes, they could not write."""
    if os.geteuid() or not (layout.vhost and layout.root.is_dir()):
        return
    owner = layout.root.stat().st_uid
    if not owner:
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:  # whose account went
        name = str(owner)
    raise UsageError(
        f"the blog is {name}'s, who could not write what root makes here",
        where=str(layout.root),
        hint=f"Say `runuser -u {name} --` before it. Nothing was changed.",
    )


def check_clock(ledger: Ledger) -> None:
    """Raise `Failed` if the clock is before the last attempt that went well, or before this was written."""
    now, told = datetime.now(UTC), ledger.newest()
    last = datetime.fromisoformat(told) if told else _WRITTEN
    if now < max(last - _TOLERANCE, _WRITTEN):
        raise Failed(
            f"the clock says {now:%Y-%m-%dT%H:%M:%SZ}, and the last attempt was at {last:%Y-%m-%dT%H:%M:%SZ}",
            hint="Set the clock (`timedatectl`). If it is right and was wrong before: `fab deploy --force`.",
        )


def check_daemons(layout: Layout) -> Iterator[str]:
    """Yield what is wrong with cron and supervisor; raise `Failed` where nginx itself is not alive."""
    vhost = vhost_of(layout)
    if layout.vhost and not vhost:
        yield f"{layout.vhost} cannot be read, so the release's health is not checked: run `fab setup`"
    for name, pid_file in vhost.daemons if vhost else ():
        if is_alive(Path(pid_file)):
            continue
        if name == "nginx":
            raise Failed(
                "nginx is not running, so nobody could see the release",
                where=pid_file,
                hint="As root there: `systemctl status nginx`, `nginx -t`. What was live is live still.",
            )
        yield f"{name} is not running ({pid_file}); as root there: `systemctl status {name}`"


def is_alive(pid_file: Path) -> bool:
    """Tell whether the process that wrote *pid_file* is there."""
    try:
        return Path("/proc", str(int(pid_file.read_text()))).is_dir()
    except (OSError, ValueError):
        return False
