"""A host for looks: another root, a listener, and a memory of the programs that ran."""

from pathlib import Path
from typing import Any

from blogops.agent.finding import Finding
from blogops.agent.host import Host


class Listener:
    """A wire that remembers what was said."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def emit(self, event: str, **facts: object) -> None:
        self.events.append({"event": event, **facts})

    def note(self, event: str, **facts: object) -> None:
        pass

    def flush(self) -> None:
        pass

    def blob(self, key: str) -> bytes:
        raise AssertionError(key)

    def stopping(self) -> bool:
        return False

    def names(self) -> list[str]:
        return [event["event"] for event in self.events]


class Remembering(Host):
    """A host that remembers what it *ran*."""

    def __init__(self, root: Path = Path("/")) -> None:
        super().__init__(Listener(), root)
        self.ran: list[list[str]] = []

    def run(self, argv: Any, **options: Any) -> str:
        self.ran.append(list(argv))
        return super().run(argv, **options)


def act(finding: Finding) -> str:
    """Do what *finding* says has to be done, and return why."""
    assert finding.act, finding.why
    finding.act()
    return finding.why


def snapshot(root: Path) -> dict[str, tuple[int, int, int]]:
    """Return inode, time and mode of everything below *root*."""
    states = {str(path): path.lstat() for path in root.rglob("*")}
    return {name: (state.st_ino, state.st_mtime_ns, state.st_mode) for name, state in states.items()}
