"""``--explain``: a plan as the shell commands it stands for, for people who want to know, or to leave."""

import shlex

from blogops.provision import explain_host, explain_software
from blogops.provision.plan import Action, Plan, Resource

_KINDS = {**explain_host.KINDS, **explain_software.KINDS}
_HEAD = """\
# What this plan stands for, in shell: to be run by root. blogops looks before each of these and runs only
# what is needed; it writes files beside their place first, and takes all of them back if one is refused.
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8"""


def explain(plan: Plan) -> list[str]:
    """Return the plan as lines of shell, each resource below its line of the fabfile; secrets stay hidden."""
    lines = _HEAD.split("\n")
    for item in plan.resources:
        lines += ["", f"# {item.where}: {item.title}", *_conditional(item, _KINDS[item.kind](item))]
    actions = _notifications(plan)
    if actions:
        lines += ["", "# Each only if something that it belongs to has changed:"]
        lines += [shlex.join(action.command) for action in actions]
    return lines


def _conditional(item: Resource, lines: list[str]) -> list[str]:
    for condition in reversed(item.only_if):
        lines = [f"if sh -c {shlex.quote(condition)}; then", *lines, "fi"]
    return lines


def _notifications(plan: Plan) -> list[Action]:
    """Return each action once; a restart makes a reload needless."""
    found = {action.name: action for item in plan.resources for action in item.notify}
    return [
        action
        for name, action in found.items()
        if not (name.endswith(" reload") and f"{name[:-7]} restart" in found)
    ]
