"""``make bench-provision``: the same resources by blogops, pyinfra and Ansible, near and far.

``.venv/bin/python -m benchmarks.provisioning --ours`` leaves the others out, and takes two minutes.
"""

import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import peers
from benchmarks.peers import wanted
from benchmarks.peers.wanted import PACKAGES, Wanted
from benchmarks.tools import FAB, distant, fab_true, python_version, quiet, ssh, timed
from blogops import vm
from blogops.console import table

DELAYS = (0, 50, 200)
COUNTS = (20, 60)
FLAT = (12, 800)  # about 8 and 500 files: what the number of resources costs blogops
SSH_TRUE, FAB_TRUE = "ssh HOST true", "fab -H HOST -- true"
WORKS = {f"no-op {count}": f"{count} resources, nothing to change" for count in COUNTS}
WORKS |= {"apply": f"{COUNTS[0]} resources, first apply"}
RUNS = 3
LONG = 10.0  # seconds; a run as long as this is not repeated, or the bench would take an hour

# The apt module wants python3-apt, and would install it by itself.
PREPARE = f"""
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q -y --no-install-recommends install python3 python3-apt {" ".join(PACKAGES)}
"""


@dataclass(frozen=True)
class Reach:
    """Where a tool runs, and by which way it reaches the machine."""

    name: str
    config: Path
    folder: Path
    peers: Path


@dataclass(frozen=True)
class Tool:
    """A tool, how it is run, and where it says how much it changed."""

    name: str
    run: Callable[[Reach], str]
    changed: str

    def converge(self, reach: Reach) -> int:
        """Bring the resources about; return how many the tool says it changed."""
        said = self.run(reach)
        found = re.search(self.changed, said)
        if not found:
            sys.exit(f"{self.name} did not say what it changed:\n{said}")
        return int(found[1].replace("-", "0"))


def run_blogops(reach: Reach) -> str:
    return _run(
        reach, str(FAB), "-r", str(peers.FOLDER), "-S", str(reach.config), "-H", reach.name, "converge"
    )


def run_pyinfra(reach: Reach) -> str:
    config = f"ssh_config_file={reach.config}"
    deploy = str(peers.FOLDER / "deploy.py")
    return _run(reach, str(reach.peers / "bin/pyinfra"), "-y", "--data", config, f"@ssh/{reach.name}", deploy)


def run_ansible(reach: Reach, *, mitogen: bool = False) -> str:
    environment = {
        "ANSIBLE_CONFIG": str(peers.FOLDER / "ansible.cfg"),
        "ANSIBLE_HOME": str(reach.folder / "ansible"),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(reach.folder / "masters"),
        "LC_ALL": "C.UTF-8",  # Ansible refuses to start in another encoding
    }
    if mitogen:
        [plugins] = reach.peers.glob("lib/python3*/site-packages/ansible_mitogen/plugins/strategy")
        environment |= {"ANSIBLE_STRATEGY": "mitogen_linear", "ANSIBLE_STRATEGY_PLUGINS": str(plugins)}
    words = ["-i", f"{reach.name},", "--ssh-common-args", f"-F {reach.config}", "-e", f"@{_list(reach)}"]
    program = str(reach.peers / "bin/ansible-playbook")
    return _run(reach, program, *words, str(peers.FOLDER / "playbook.yml"), environment=environment)


def _run(reach: Reach, *command: str, environment: Mapping[str, str] | None = None) -> str:
    everything = {**os.environ, "BENCH_RESOURCES": str(_list(reach)), **(environment or {})}
    return quiet(*command, cwd=reach.folder, environment=everything)


def _list(reach: Reach) -> Path:
    return reach.folder / "resources.json"


BLOGOPS = Tool("blogops", run_blogops, r"\d+ resources, (\d+) changed")
TOOLS = (
    BLOGOPS,
    Tool("pyinfra -y", run_pyinfra, r"Grand total +\d+ +(\d+|-) "),
    Tool("Ansible, pipelining", run_ansible, r" changed=(\d+) "),
    Tool("Ansible + Mitogen", partial(run_ansible, mitogen=True), r" changed=(\d+) "),
)


class Bench:
    """One machine, the seconds measured so far, and progress on stderr."""

    def __init__(self, machine: vm.Machine, folder: Path, environment: Path, tools: Sequence[Tool]) -> None:
        self.machine = machine
        self.tools = tools
        self.folder = folder
        self.environment = environment
        self.seconds: dict[tuple[str, str, int], float] = {}

    def measure(self, delay: int) -> None:
        """Measure everything at one distance."""
        with distant(self.machine, delay, self.folder) as config:
            reach = Reach(self.machine.name, config, self.folder, self.environment)
            self.time("reach", SSH_TRUE, delay, partial(ssh, config, reach.name, "true"))
            # In a folder without a fabfile: what Fabric costs, and nothing of ours.
            self.time("reach", FAB_TRUE, delay, partial(fab_true, config, reach.name, self.folder))
            for count in COUNTS:
                self.no_op(reach, delay, wanted.resources(count), self.tools)
            for count in FLAT:
                self.no_op(reach, delay, wanted.resources(count), [BLOGOPS])
            self.first_apply(reach, delay, wanted.resources(COUNTS[0]))
            self.close_masters()

    def no_op(self, reach: Reach, delay: int, want: Wanted, tools: Sequence[Tool]) -> None:
        """Time each tool on a machine where blogops has already brought everything about."""
        _list(reach).write_text(want.to_json())
        self.wipe()
        BLOGOPS.converge(reach)
        self.verify(want)
        for tool in tools:

            def nothing(tool: Tool = tool) -> None:
                if changed := tool.converge(reach):
                    sys.exit(f"{tool.name} changed {changed} where there was nothing to change")

            self.time(f"no-op {want.count}", tool.name, delay, nothing)

    def first_apply(self, reach: Reach, delay: int, want: Wanted) -> None:
        """Time each tool on a machine that has the packages and nothing else."""
        _list(reach).write_text(want.to_json())
        for tool in self.tools:

            def everything(tool: Tool = tool) -> None:
                if not tool.converge(reach):
                    sys.exit(f"{tool.name} says that it changed nothing")

            self.time(
                "apply", tool.name, delay, everything, before=self.wipe, after=partial(self.verify, want)
            )

    def time(
        self,
        work: str,
        name: str,
        delay: int,
        act: Callable[[], object],
        before: Callable[[], object] = lambda: None,
        after: Callable[[], object] = lambda: None,
    ) -> None:
        """Keep the median of `RUNS` timings of *act*, or of one if it takes long."""
        took: list[float] = []
        while len(took) < RUNS and not (took and took[0] >= LONG):
            self.close_masters()
            before()
            took.append(timed(act))
            after()
        self.seconds[work, name, delay] = statistics.median(took)
        runs = " ".join(f"{one:.2f}" for one in took)
        print(f"{delay:3} ms  {work}: {name}: {runs}", file=sys.stderr)

    def wipe(self) -> None:
        """Remove what the resources are, and the agent too: a first apply has to send it."""
        self.shell(f"rm -rf {wanted.ROOT} /var/lib/blogops; userdel -r {wanted.USER} 2>/dev/null || true")

    def verify(self, want: Wanted) -> None:
        """End the bench unless everything is there."""
        self.shell("set -e\n" + "\n".join(want.checks()))

    def shell(self, script: str) -> None:
        """Run *script* on the machine, by the short way."""
        ssh(self.machine.ssh_config, self.machine.name, "sh -s", script)

    def close_masters(self) -> None:
        """End the connections Ansible left open: each timed run starts with none."""
        for socket in (self.folder / "masters").glob("*"):
            subprocess.run(
                ["ssh", "-o", f"ControlPath={socket}", "-O", "exit", "any"], capture_output=True, check=False
            )


def rows(seconds: Mapping[tuple[str, str, int], float], tools: Sequence[Tool]) -> list[tuple[str, ...]]:
    """Return the table: a column of seconds for each distance, and beside it what they are a multiple of."""
    heading = [cell for delay in DELAYS for cell in (f"{delay} ms", "ratio")]
    all_rows: list[tuple[str, ...]] = [("seconds", "tool", *heading)]
    for name in (SSH_TRUE, FAB_TRUE):
        cells = [cell for delay in DELAYS for cell in (f"{seconds['reach', name, delay]:.2f}", "")]
        all_rows.append(("reaching the host", name, *cells))
    for work, words in WORKS.items():
        all_rows += [(words, tool.name, *_cells(seconds, work, tool.name)) for tool in tools]
    for count in COUNTS:
        cells = _cells(seconds, f"no-op {count}", BLOGOPS.name, ("reach", FAB_TRUE))
        all_rows.append((f"the same {count}, to fab -- true", BLOGOPS.name, *cells))
    for count in FLAT:
        cells = _cells(seconds, f"no-op {count}", BLOGOPS.name, (f"no-op {FLAT[0]}", BLOGOPS.name))
        all_rows.append((f"{count} resources, nothing to change", BLOGOPS.name, *cells))
    return all_rows


def _cells(
    seconds: Mapping[tuple[str, str, int], float], work: str, name: str, base: tuple[str, str] | None = None
) -> list[str]:
    cells: list[str] = []
    for delay in DELAYS:
        mine = seconds[work, name, delay]
        ratio = mine / seconds[(*(base or (work, BLOGOPS.name)), delay)]
        cells += [f"{mine:.2f}", f"{ratio:.2f}" if ratio < 2 else f"{ratio:.1f}"]
    return cells


def told(load: float) -> str:
    """Return what was measured on what, for above the table."""
    machine = f"{platform.platform()}, {os.cpu_count()} cores, load before {load:.1f}"
    return f"""
{machine}, Python {platform.python_version()}, the peers' {python_version()}
{", ".join(peers.versions())}
one host, a blank Debian 13 on this machine; the median of {RUNS} runs, or one run of {LONG:.0f} s and more
"""


def main() -> None:
    load = os.getloadavg()[0]
    tools = (BLOGOPS,) if "--ours" in sys.argv else TOOLS
    environment = peers.installed()
    name = f"p{os.getpid()}"
    folder = Path(tempfile.mkdtemp(prefix="blogops-bench-"))
    try:
        bench = Bench(vm.up(name), folder, environment, tools)
        bench.shell(PREPARE)
        for delay in DELAYS:
            bench.measure(delay)
    finally:
        vm.down(name)
        shutil.rmtree(folder)
    print(told(load))
    table(rows(bench.seconds, tools))


if __name__ == "__main__":
    main()
