"""The tasks ``fab vm.up``, ``vm.ssh``, ``vm.list`` and ``vm.down``."""

import json as json_text
import os
from dataclasses import asdict

from invoke.context import Context
from invoke.tasks import task

from blogops import vm
from blogops.console import say, table
from blogops.errors import UsageError
from blogops.tasks import friendly
from blogops.vm import store
from blogops.vm.lifecycle import running
from blogops.vm.machine import check_debian
from blogops.vm.tools import need

NAME = "the machine's name"


@task(
    help={
        "name": NAME,
        "debian": "the Debian version: 13 or 12",
        "backend": "nspawn (root on Linux) or qemu; chosen if not given",
    }
)
@friendly
def up(context: Context, name: str = "demo", debian: str = "13", backend: str = "") -> None:
    """Boot a blank Debian here (a no-op if it is up already)."""
    machine = vm.up(name, debian=check_debian(debian), backend=backend)
    rows = {
        "log in": f"ssh -F {machine.ssh_config} {name}",
        "website": machine.url,
        "set up": f"fab -S {machine.ssh_config} -H {name} setup",
        "remove": f"fab vm.down --name {name}",
    }
    say(f"{name} is up: Debian {machine.debian} on {machine.backend}", "green")
    for what, value in rows.items():
        say(f"  {what:8} {value}")


@task(help={"name": NAME, "command": "what to run there instead of a login shell"})
@friendly
def ssh(context: Context, name: str = "demo", command: str = "") -> None:
    """Log in to a machine, or run a command in it."""
    machine = vm.get(name)
    need("ssh")
    words = [command] if command else []
    os.execvp("ssh", ["ssh", "-F", str(machine.ssh_config), name, *words])  # noqa: S606


@task(name="list", help={"json": "print JSON, for scripts"})
@friendly
def list_(context: Context, json: bool = False) -> None:
    """List the machines."""
    found = vm.machines()
    if json:
        say(
            json_text.dumps(
                [{**asdict(machine), "up": running(machine)} for machine in found], default=str, indent=2
            )
        )
        return
    if not found:
        say("there is no machine; make one with: fab vm.up")
        return
    heading = ("name", "debian", "backend", "ssh", "website", "state")
    table([heading, *(_row(machine) for machine in found)])


def _row(machine: vm.Machine) -> tuple[str, ...]:
    state = "up" if running(machine) else "stopped"
    return machine.name, str(machine.debian), machine.backend, str(machine.ssh_port), machine.url, state


@task(help={"name": NAME, "all": "every machine"})
@friendly
def down(context: Context, name: str = "", all: bool = False) -> None:
    """Remove a machine with all it left."""
    if bool(name) == all:
        raise UsageError("say which machine to remove", hint="--name NAME, or --all for every one")
    wanted = store.names() if all else [name]
    for each in wanted:
        say(f"{each}: removed" if vm.down(each) else f'there is no machine called "{each}"; nothing to do')
    if not wanted:
        say("there is no machine; nothing to do")
