"""The record of each machine: one JSON file in its folder, written before anything is made."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from blogops.errors import Refused
from blogops.vm.machine import Machine, cache, check_name, folder


@dataclass(frozen=True)
class Record:
    """A machine and whether it was ever finished; an unfinished one is cleared by the next command."""

    machine: Machine
    ready: bool = False


def write(record: Record) -> None:
    """Write *record* aside and rename it, so that a crash leaves the old one or the new one."""
    place = record.machine.folder
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.mkdir(exist_ok=True, mode=0o700)
    aside = place / ".machine.json"
    aside.write_text(json.dumps({**asdict(record.machine), "ready": record.ready}, default=str, indent=2))
    aside.rename(place / "machine.json")


def finished(machine: Machine) -> Machine:
    """Note that *machine* answers, and return it."""
    write(Record(machine, ready=True))
    return machine


def read(name: str) -> Record | None:
    """Return what is known of the machine called *name*."""
    try:
        fields = json.loads((folder(name) / "machine.json").read_text())
        ready = fields.pop("ready")
        machine = Machine(**fields)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    machine = replace(machine, folder=Path(machine.folder), ssh_config=Path(machine.ssh_config))
    return Record(machine, ready=bool(ready))


def names() -> list[str]:
    """Return the name of every machine, finished or not."""
    home = cache() / "vm"
    return sorted(entry.name for entry in home.iterdir() if entry.is_dir()) if home.is_dir() else []


def records() -> list[Record]:
    """Return every record, finished or not."""
    return [record for record in map(read, names()) if record]


def machines() -> list[Machine]:
    """Return the machines that were made and not removed, by name."""
    return [record.machine for record in records() if record.ready]


def get(name: str) -> Machine:
    """Return the machine called *name*; there being none is refused."""
    record = read(check_name(name))
    if record and record.ready:
        return record.machine
    known = ", ".join(machine.name for machine in machines())
    hint = f"there is {known}" if known else f"make it with: fab vm.up --name {name}"
    raise Refused(f'there is no machine called "{name}"', hint=hint)
