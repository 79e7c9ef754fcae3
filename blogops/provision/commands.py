"""``require.command``: what no other word says, with the question whether it was done already."""

import hashlib
import json
import re
from collections.abc import Mapping

from blogops.provision.accounts import Accounts
from blogops.provision.collector import absolute, one_line, refuse
from blogops.provision.plan import Resource
from blogops.provision.secret import Secret

_SHOWN = 60  # characters of the command line that stand for it in what a run tells


class Commands(Accounts):
    """``require.command``."""

    def command(
        self,
        command: str,
        *,
        unless: str = "",
        creates: str = "",
        user: str = "",
        directory: str = "/",
        environment: Mapping[str, str | Secret] | None = None,
    ) -> Resource:
        """Require that *command*, a line for ``/bin/sh``, has done its work.

        It is run as *user* (root by default, else required with it) in *directory*, but not where the path
        *creates* exists and the command *unless* succeeds, of which one is needed. What is given must
        hold afterwards too, or the run ends there. ``--check`` asks *unless* as well: it must change nothing.

        ::

            require.command("/srv/app/load-schema", unless="/srv/app/has-schema", user="myuser")
        """
        if not one_line(command).strip():
            raise refuse("a command is one line that is not empty")
        if not unless.strip() and not creates:
            raise refuse(
                f"it would run each time: {command}", 'Say unless="a command", or creates="/a/path".'
            )
        want = {
            "command": command,
            "unless": one_line(unless),
            "creates": absolute(creates) if creates else "",
            "user": user,
            "directory": absolute(directory),
            "environment": _environment(environment or {}),
        }
        if user:
            self.implied_user(user)
        return self.collector.add("command", self._named(want), want)

    def _named(self, want: Mapping[str, object]) -> str:
        """Return the command line, with a hash where it is shortened or stands for two commands."""
        command = str(want["command"])
        taken = self.collector.find("command", command)
        if len(command) <= _SHOWN and (taken is None or taken.want == want):
            return command
        told = {key: value for key, value in want.items() if key != "environment"}  # may hold secrets
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:6]
        shown = command if len(command) <= _SHOWN else f"{command[: _SHOWN - 1]}…"
        return f"{shown} ({digest})"


def _environment(given: Mapping[str, str | Secret]) -> dict[str, str | Secret]:
    known = {key: value.line() if isinstance(value, Secret) else value for key, value in given.items()}
    for key, value in known.items():
        text = value.reveal() if isinstance(value, Secret) else value
        if not re.fullmatch(r"[A-Za-z_]\w*", key, re.ASCII) or "\0" in text:
            raise refuse(f'"{key}" cannot be set in an environment')
    return known
