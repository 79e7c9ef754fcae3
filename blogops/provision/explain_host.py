"""Files, accounts, services and the machine itself, as shell commands."""

import re
import shlex
from collections.abc import Mapping
from typing import Any

from blogops.provision.plan import Resource
from blogops.provision.shell import HIDDEN, Explain, as_user, given, line, placed, shown, unless, written


def _absent(item: Resource) -> list[str]:
    remove = "-rf" if item.want["tree"] else "-f"
    return [line("rm", remove, "--", item.name), *_check(item.want)]


def _directory(item: Resource) -> list[str]:
    return placed(item.name, item.want, "-d")


def _file(item: Resource) -> list[str]:
    want = item.want
    if "sha256" in want:
        sent = f"«{want['size']} bytes with SHA-256 {want['sha256']}»"
        lines = placed(item.name, want, sent)
    else:
        lines = written(item.name, HIDDEN if want["secret"] else want["contents"], want)
    if want["keep"]:
        return unless(line("test", "-e", item.name), *lines)
    return [*lines, *_check(want)]


def _link(item: Resource) -> list[str]:
    return [line("ln", "-sfn", item.want["target"], item.name), *_check(item.want)]


def _check(want: Mapping[str, Any]) -> list[str]:
    return [line(*want["check"])] if want["check"] else []


def _group(item: Resource) -> list[str]:
    system = ["--system"] if item.want["system"] else []
    number = ["--gid", item.want["gid"]] if item.want["gid"] is not None else []
    there = line("getent", "group", item.name) + " >/dev/null"
    lines = unless(there, line("groupadd", *system, *number, item.name))
    return [*lines, line("groupmod", *number, item.name)] if number else lines


def _user(item: Resource) -> list[str]:
    there = line("id", item.name) + " >/dev/null 2>&1"
    if item.want.get("implied"):
        shell = ["--shell", "/bin/bash"]
        return unless(there, line("useradd", "--create-home", "--user-group", *shell, item.name))
    options = _account_options(item.want)
    home = ["--create-home" if item.want["create_home"] else "--no-create-home"]
    group = ["--gid", item.want["group"]] if item.want["group"] else ["--user-group"]
    system = ["--system"] if item.want["system"] else []
    comment = ["--comment", item.want["comment"]]
    create = line("useradd", *home, *group, *system, *comment, *options, item.name)
    append = ["--append"] if item.want["extra_groups"] else []
    return [f"if {there}; then", line("usermod", *append, *options, item.name), "else", create, "fi"]


def _account_options(want: Mapping[str, Any]) -> list[Any]:
    number = ["--uid", want["uid"]] if want["uid"] is not None else []
    groups = ["--groups", ",".join(want["extra_groups"])] if want["extra_groups"] else []
    return ["--home", want["home"], "--shell", want["shell"], *number, *groups]


def _nouser(item: Resource) -> list[str]:
    there = line("id", item.name) + " >/dev/null 2>&1"
    kill = line("pkill", "-KILL", "-u", item.name)
    return [f"if {there}; then", kill, line("userdel", "--force", "--remove", item.name), "fi"]


def _authorized_keys(item: Resource) -> list[str]:
    user, path = item.want["user"], f"~{item.want['user']}/.ssh/authorized_keys"  # a name needs no quotes
    own = f"-o {user} -g $(id -gn {user})"
    lines = [f"install -d -m 700 {own} ~{user}/.ssh"]
    if item.want["exclusive"]:
        text = "".join(f"{key}\n" for key in item.want["keys"])
        return [*lines, f"install -m 600 {own} /dev/null {path}", *given(f"cat >{path}", text)]
    lines += unless(f"test -e {path}", f"install -m 600 {own} /dev/null {path}")
    for key in item.want["keys"]:
        lines += unless(f"grep -qxF {shlex.quote(key)} {path}", f"echo {shlex.quote(key)} >>{path}")
    return lines


def _service(item: Resource) -> list[str]:
    want, unit = item.want, item.want["unit"]
    if since := want.get("since"):
        began = f'"$(systemctl show -P ActiveEnterTimestamp {shlex.quote(unit)})"'
        newer = f"{line('find', *since)} -newermt {began} | grep -q ."
        restart = line("systemctl", "restart", unit)
        return [f"if {newer}; then", restart, "else", line("systemctl", "start", unit), "fi"]
    lines = []
    if "enabled" in want:
        now = ["--now"] if want.get("active") is want["enabled"] else []
        lines = [line("systemctl", "enable" if want["enabled"] else "disable", *now, unit)]
    return (
        lines if want.get("active") else [f"{each} || true" for each in lines] if "active" in want else lines
    )


def _program(item: Resource) -> list[str]:
    update = line("supervisorctl", "update", item.name)
    return [update, line("supervisorctl", "start", item.name)] if item.want["running"] else [update]


def _command(item: Resource) -> list[str]:
    want = item.want
    variables = [f"{name}={shown(value)}" for name, value in want["environment"].items()]
    place = line("cd", want["directory"])

    def run(text: str) -> str:
        words = ["env", *variables] if variables else []
        return f"({place} && {as_user(want['user'], *words, '/bin/sh', '-c', text)})"

    tests = [line("test", "-e", want["creates"])] if want["creates"] else []
    tests += [run(want["unless"])] if want["unless"] else []
    return unless(f"{{ {' && '.join(tests)}; }}", run(want["command"]))


def _hostname(item: Resource) -> list[str]:
    name = item.want["name"]
    if not name:
        plain = r"'^([A-Za-z0-9-]+\.)*[A-Za-z0-9-]*[A-Za-z-][A-Za-z0-9-]*$'"
        return unless(
            f"hostname | grep -qxE {plain}", "echo 'this name of the machine is too odd for postfix'"
        )
    known = line("grep", "-qwF", name, "/etc/hosts")
    names = " ".join(dict.fromkeys([name, name.split(".")[0]]))
    return [
        *unless(known, f"echo {shlex.quote(f'127.0.1.1 {names}')} >>/etc/hosts"),
        f"echo {shlex.quote(name)} >{shlex.quote(item.name)}",
        line("hostname", name),
    ]


def _locale(item: Resource) -> list[str]:
    name = item.want["locale"]
    if item.want["default"]:
        return [line("update-locale", f"LANG={name}")]
    entry = line("grep", f"^{re.escape(name)} ", "/usr/share/i18n/SUPPORTED")
    return [f"{entry} >>/etc/locale.gen", "locale-gen --keep-existing"]


def _sysctl(item: Resource) -> list[str]:
    return [line("sysctl", "-w", f"{item.name}={item.want['value']}")]


KINDS: dict[str, Explain] = {
    "absent": _absent,
    "authorized_keys": _authorized_keys,
    "command": _command,
    "directory": _directory,
    "file": _file,
    "group": _group,
    "hostname": _hostname,
    "link": _link,
    "locale": _locale,
    "nouser": _nouser,
    "program": _program,
    "service": _service,
    "sysctl": _sysctl,
    "user": _user,
}
