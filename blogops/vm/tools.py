"""Runs other people's programs: found or named with the Debian package they are in, and never for ever."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from blogops.errors import Failed

PACKAGES = {
    "cp": "coreutils",
    "debugfs": "e2fsprogs",
    "ip": "iproute2",
    "mke2fs": "e2fsprogs",
    "mmdebstrap": "mmdebstrap",
    "newuidmap": "uidmap",
    "pasta": "passt",
    "qemu-system-x86_64": "qemu-system-x86",
    "setsid": "util-linux",
    "rm": "coreutils",
    "sh": "dash",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "systemd-nspawn": "systemd-container",
    "tar": "tar",
    "umount": "mount",
    "unshare": "util-linux",
}


def search_path() -> str:
    """Return PATH with the sbin folders, which a plain user's PATH lacks."""
    return os.pathsep.join(filter(None, [os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))


def has(tool: str) -> bool:
    """Tell whether *tool* is installed."""
    return shutil.which(tool, path=search_path()) is not None


def need(*tools: str) -> None:
    """Fail, naming every missing tool and the packages to install."""
    missing = [tool for tool in tools if not has(tool)]
    if missing:
        packages = sorted({PACKAGES[tool] for tool in missing})
        raise Failed(
            f"this machine lacks {', '.join(missing)}",
            hint=f"install with: sudo apt install {' '.join(packages)}",
        )


def as_root() -> list[str]:
    """Return what makes a plain user root of their own files, so that a Debian's owners can be kept."""
    if os.geteuid() == 0:
        return []
    need("unshare", "newuidmap")
    return ["unshare", "--user", "--map-root-user", "--map-auto"]


def run(argv: Sequence[str], *, timeout: float, keep: Sequence[int] = (), ok: Sequence[int] = (0,)) -> str:
    """Run *argv* and return what it wrote; *keep* are descriptors (locks) it shares."""
    need(argv[0])
    process = _start(argv, keep)
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{argv[0]} did not end within {timeout:.0f} s", hint=" ".join(argv)) from error
    finally:
        _end(process)
    if process.returncode not in ok:
        raise Failed(f"{argv[0]} failed with status {process.returncode}", hint=last_lines(output))
    return output


def _start(argv: Sequence[str], keep: Sequence[int]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "PATH": search_path(), "LC_ALL": "C.UTF-8"},
        start_new_session=True,
        pass_fds=keep,
    )


def _end(process: subprocess.Popen[str]) -> None:
    """End the program and its children if it still runs: a timeout, or Ctrl-C."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + 5
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout:
        process.stdout.close()


def daemon(argv: Sequence[str], log: Path) -> None:
    """Start *argv* in a session of its own, so it outlives this process and its terminal."""
    need(argv[0], "setsid")
    with log.open("ab") as output:
        subprocess.run(
            ["setsid", "--fork", *argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={"PATH": search_path(), "LC_ALL": "C.UTF-8"},
            cwd="/",
            check=True,
            timeout=30,
        )


def remove_tree(place: Path) -> None:
    """Remove *place* and all in it, but never what is mounted there: a crash may leave the host's /dev."""
    for mounted in _mounts(place):
        run(["umount", "--lazy", mounted], timeout=30)
    if left := _mounts(place):
        raise Failed(f"{left[0]} is still mounted", hint=f"unmount it, then remove {place}")
    # A half made without root has owners that the user alone could not remove.
    run([*as_root(), "rm", "-rf", "--one-file-system", str(place)], timeout=300)


def _mounts(place: Path) -> list[str]:
    """Return the mount points at and below *place*, deepest first."""
    lines = Path("/proc/self/mounts").read_text().splitlines()
    points = [line.split()[1].encode().decode("unicode_escape") for line in lines]
    inside = [point for point in points if Path(point).is_relative_to(place.resolve())]
    return sorted(inside, key=len, reverse=True)


def last_lines(text: str, count: int = 12) -> str:
    """Return the last *count* lines of *text*, indented as the hint of an error."""
    return "\n  ".join(text.strip().splitlines()[-count:])
