"""One run: walk the resources, judge the files, run the notifications, say what happened."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from . import preflight
from .finding import Finding, ResourceError
from .host import Host

Look = Callable[[Host, str, dict[str, Any]], Finding]

EXIT_REFUSED, EXIT_FAILED, EXIT_STOPPED = 3, 4, 130

_APT_KINDS = ("packages", "nopackages", "apt_index")


class Bug(ResourceError):
    """A fault of ours; not even ``--check`` passes over it."""


class Run:
    """The plan on *host*; the first failure stops it. Looks are found in *kinds*."""

    def __init__(self, host: Host, plan: Mapping[str, Any], kinds: Mapping[str, Look]) -> None:
        self._host = host
        self._plan = plan
        self._kinds = kinds
        self._check: bool = plan["check"]
        self._began = time.monotonic()
        self._changed: dict[str, dict[str, Any]] = {}
        self._unknown: list[str] = []
        self._conditions: dict[str, bool] = {}
        self._to_judge = Counter(
            tuple(item["want"]["check"]) for item in plan["resources"] if item["want"].get("check")
        )
        self.before_an_act: Callable[[], None] = lambda: None

    def walk(self) -> int:
        """Return the exit code; whatever happens is said in events."""
        if (code := self._refused()) is not None:
            return code
        done = 0
        item: dict[str, Any] = {"kind": "run", "name": "", "where": ""}
        try:
            for item in self._items():
                if self._host.wire.stopping():
                    return self._stopped(done)
                self._bring(item)
                self._judge(item["want"].get("check"))
                done += not item.get("silent")
            self._notify()
            self._end()
        except Refusal as refusal:
            return self._failed(refusal.item, refusal)
        except ResourceError as error:
            return self._failed(item, error)
        self._say_done()
        return 0

    def _refused(self) -> int | None:
        resources = self._plan["resources"]
        for item in resources:
            if item["kind"] not in self._kinds:
                raise Bug(f"the agent knows no {item['kind']}")
        for item, why in preflight.absences(self._host, resources):
            self._host.wire.emit("refused", resource=title(item), where=item["where"], why=why)
            return EXIT_REFUSED
        return None

    def _items(self) -> Iterator[dict[str, Any]]:
        if not self._check:
            preflight.wait_for_cloud_init(self._host)
            if paths := self._host.undo.leftovers():
                self._emit(
                    "restored", "files", f"{', '.join(paths)}: a run was killed before they were checked"
                )
        resources = self._plan["resources"]
        if any(item["kind"] in _APT_KINDS for item in resources):
            want = {"dry": self._check}
            yield {"kind": "dpkg", "name": "packages", "want": want, "silent": True, "where": ""}
        yield from resources

    def _bring(self, item: dict[str, Any]) -> None:
        began = time.monotonic()
        hits = [name for name in item.get("after", ()) if name in self._changed or name in self._unknown]
        if self._check and item.get("only_if") and hits:
            return self._cannot_know(item, hits)
        if not all(self._holds(condition) for condition in item.get("only_if", ())):
            return self._emit("skipped", title(item), f"not here: `{' && '.join(item['only_if'])}` fails")
        finding = self._looked(item, hits)
        if finding is None:
            return self._cannot_know(item, hits)
        if finding.act:
            self._act(item, finding.act)
        elif self._check and hits:
            return self._cannot_know(item, hits)
        if finding.act or not item.get("silent"):
            seconds = round(time.monotonic() - began, 3)
            event = "changed" if finding.act else "kept"
            self._emit(event, title(item), finding.why, diff=finding.diff, seconds=seconds)
        return None

    def _holds(self, condition: str) -> bool:
        if condition not in self._conditions:
            self._conditions[condition] = self._host.succeeds(["/bin/sh", "-c", condition])
        return self._conditions[condition]

    def _looked(self, item: dict[str, Any], hits: list[str]) -> Finding | None:
        """Return what a look finds; None where ``--check`` cannot know it before the rest is applied."""
        try:
            with _in_words():
                return self._kinds[item["kind"]](self._host, item["name"], item["want"])
        except Bug:
            raise
        except ResourceError:
            if self._check and (self._changed or self._unknown):
                hits.extend([] if hits else list(self._changed)[-1:])
                return None
            raise

    def _cannot_know(self, item: dict[str, Any], hits: list[str]) -> None:
        self._unknown.append(title(item))
        self._emit("unknown", title(item), f"unknown, after {', '.join(hits)}")

    def _act(self, item: dict[str, Any], act: Callable[[], None]) -> None:
        name = title(item)
        # Written down before the act: a run cut off between change and reload is finished by the next.
        actions = self._plan["actions"]
        self._host.pending.add({each: actions[each] for each in item.get("notify", ())}, name)
        self._changed[name] = item
        if self._check:
            for settled in item["want"].get("settles", ()):
                self._host.pending.remove(settled)
            return
        self._host.wire.flush()
        self.before_an_act()
        self._host.undo.title = name
        with _in_words():
            act()
        self._conditions.clear()

    def _judge(self, check: list[str] | None) -> None:
        """Run the checks whose last file is written."""
        if check:
            self._to_judge[tuple(check)] -= 1
        for command, titles in self._host.undo.unjudged().items():
            if self._to_judge[command] <= 0:
                self._judged(command, titles)

    def _judged(self, command: tuple[str, ...], titles: list[str]) -> None:
        try:
            self._host.run(command)
        except ResourceError as error:
            self._take_back(command, error, titles)
        self._host.undo.accepted(command)

    def _take_back(self, command: tuple[str, ...], error: ResourceError, titles: list[str]) -> None:
        """Give every file its old bytes back and raise, naming the file that was refused."""
        for name in (restored := self._host.undo.back()):
            self._changed.pop(name, None)
            self._host.pending.disown(name)
            self._emit("restored", name, "is what it was")
        # Some readers (supervisor) hold in memory what they refused. And it shows who broke it.
        again = self._host.succeeds(command)
        why = "" if again else "\nIt refuses the old state too: something was wrong before this run."
        words = (
            f"{error}\nThe {len(restored)} files of this run are what they were; nothing was reloaded.{why}"
        )
        raise Refusal(words, self._culprit(titles, str(error)))

    def _culprit(self, titles: list[str], error: str) -> dict[str, Any]:
        items: list[dict[str, Any]] = [item for item in self._plan["resources"] if title(item) in titles]
        named = [item for item in items if item["name"] in error]
        return (named or items)[-1]

    def _notify(self) -> None:
        for name, command in self._host.pending.all().items():
            why = " ".join(command)
            if not self._check:
                try:
                    why = self._notified(command)
                except ResourceError as error:
                    raise Refusal(str(error), {"kind": "notification", "name": name, "where": ""}) from error
                self._host.pending.remove(name)
            self._emit("notified", name, why)

    def _notified(self, command: list[str]) -> str:
        """Run *command*, unless that could never succeed; return what to say of it."""
        from .services import nobody_to_tell

        if why := nobody_to_tell(self._host, command):
            return f"{why}, nothing to do"
        self._host.run(command)
        return " ".join(command)

    def _failed(self, item: dict[str, Any], error: ResourceError) -> int:
        why = str(error) + self._judge_the_rest()
        self._host.wire.emit("failed", resource=title(item), where=item["where"], why=why)
        return EXIT_FAILED

    def _stopped(self, done: int) -> int:
        trouble = self._judge_the_rest()
        self._host.wire.emit(
            "stopped",
            resources=done,
            left=len(self._plan["resources"]) - done,
            changed=len(self._changed),
            owed=list(self._host.pending.all()),
            why=trouble.strip(),
        )
        return EXIT_STOPPED

    def _judge_the_rest(self) -> str:
        """Judge what a run that ends early has written; return what went wrong, for the last event."""
        trouble = ""
        for command, titles in self._host.undo.unjudged().items():
            try:
                self._judged(command, titles)
            except ResourceError as error:
                trouble += f"\n{error}"
        try:
            self._end()
        except ResourceError as error:
            trouble += f"\n{error}"
        return trouble

    def _end(self) -> None:
        """Let go of what could have come back."""
        try:
            with _in_words():
                self._host.undo.end()
        except ResourceError as error:
            raise Refusal(str(error), {"kind": "run", "name": "", "where": ""}) from error

    def _say_done(self) -> None:
        self._host.wire.emit(
            "done",
            resources=len(self._plan["resources"]),
            changed=len(self._changed),
            unknown=len(self._unknown),
            seconds=round(time.monotonic() - self._began, 3),
        )

    def _emit(self, event: str, resource: str, why: str, **facts: object) -> None:
        self._host.wire.emit(event, resource=resource, why=why, **facts)


class Refusal(ResourceError):
    """A failure that is another resource's than the one at work."""

    def __init__(self, problem: str, item: dict[str, Any]) -> None:
        super().__init__(problem)
        self.item = item


def title(item: Mapping[str, Any]) -> str:
    """Return the name of a resource among all kinds."""
    return f"{item['kind']} {item['name']}".strip()


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except ResourceError:
        raise
    except OSError as error:
        raise ResourceError(str(error)) from error
    except Exception as error:
        import traceback

        raise Bug(f"a bug in blogops: {traceback.format_exc()}") from error
