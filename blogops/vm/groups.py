"""Control groups of the machines on a host without systemd (a container, a minimal VM).

Without one of its own, two machines would share `/system.slice/ssh.service`, and stopping a service in
one would look into the other.
"""

import time
from pathlib import Path

# Told to keep its unit, nspawn leaves a reboot to its caller, and says so with this status.
AGAIN = 'while "$0" "$@"; [ $? -eq 133 ]; do :; done'


def host_has_systemd() -> bool:
    """Tell whether systemd runs this host (the test of ``sd_booted``)."""
    return Path("/run/systemd/system").is_dir()


def inside(name: str, argv: list[str]) -> list[str]:
    """Return *argv* (nspawn's), wrapped so that it runs in a control group called *name*."""
    if host_has_systemd():
        return argv
    joins = [f'mkdir -p "{home}/{name}" && echo $$ >"{home}/{name}/cgroup.procs"' for home in _homes()]
    # A host that keeps its groups read-only still boots one machine.
    return ["sh", "-c", "\n".join([*joins, AGAIN]), *argv]


def remove(name: str) -> None:
    """Remove the groups called *name*; their processes are gone or going."""
    for home in _homes():
        for _ in range(20):
            if _emptied(home / name):
                break
            time.sleep(0.05)


def _emptied(group: Path) -> bool:
    inner = sorted(group.rglob("*/"), key=lambda path: len(path.parts), reverse=True)
    try:
        for path in [*(path for path in inner if path.is_dir()), group]:
            path.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _homes() -> list[Path]:
    """Return where the hierarchies that systemd uses are mounted: v2, and v1's own."""
    lines = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    return [Path(words[1]) for words in lines if _is_systemds(words[2], words[1])]


def _is_systemds(kind: str, place: str) -> bool:
    return kind == "cgroup2" or (kind == "cgroup" and Path(place).name == "systemd")
