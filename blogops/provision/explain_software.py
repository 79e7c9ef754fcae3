"""Packages, environments, working copies, databases and mail, as shell commands."""

from typing import Any

from blogops.provision.plan import Resource
from blogops.provision.shell import HIDDEN, Explain, as_user, given, line, placed, shown, unless, written

_APT = ("apt-get", "-y")
_ROLE = ("superuser", "createdb", "createrole", "inherit", "login")


def _apt_index(item: Resource) -> list[str]:
    return ["apt-get update"]


def _apt_source(item: Resource) -> list[str]:
    rights = {"mode": "644"}
    return [
        "install -d -m 755 /etc/apt/keyrings",
        *written(f"/etc/apt/keyrings/{item.name}.asc", item.want["key"], rights),
        *written(f"/etc/apt/sources.list.d/{item.name}.sources", item.want["stanza"], rights),
        "apt-get update",
    ]


def _preseed(item: Resource) -> list[str]:
    answers = item.want["answers"].items()
    text = "".join(
        f"{item.name} {question} {kind} {_hidden(kind, value)}\n" for question, (kind, value) in answers
    )
    return given("debconf-set-selections", text)


def _hidden(kind: str, value: Any) -> Any:
    return HIDDEN if kind == "password" else shown(value)


def _dpkg(item: Resource) -> list[str]:
    return ["dpkg --configure -a"]


def _packages(item: Resource) -> list[str]:
    versions = item.want["versions"]
    names = [f"{name}={versions[name]}" if name in versions else name for name in item.want["packages"]]
    options = ["--allow-downgrades"] if versions else []
    return [line(*_APT, "install", "--no-install-recommends", *options, *names)]


def _nopackages(item: Resource) -> list[str]:
    return [line(*_APT, "purge" if item.want["purge"] else "remove", *item.want["packages"])]


def _folder(path: str, user: str) -> list[str]:
    return placed(path, {"owner": user, "mode": "755"}, "-d")


def _virtualenv(item: Resource) -> list[str]:
    want = item.want
    options = ["--system-site-packages"] if want["system_site_packages"] else []
    make = as_user(want["user"], want["venv_python"], "-m", "venv", *options, item.name)
    return unless(line("test", "-e", f"{item.name}/bin/pip"), *_folder(item.name, want["user"]), make)


def _python_packages(item: Resource) -> list[str]:
    return [_pip(item, item.want["virtualenv"], *item.want["requirements"])]


def _python_requirements(item: Resource) -> list[str]:
    return [_pip(item, item.want["virtualenv"], "--requirement", item.want["file"])]


def _pip(item: Resource, environment: str, *words: Any) -> str:
    return as_user(item.want["user"], f"{environment}/bin/pip", "install", *words)


def _locked_virtualenv(item: Resource) -> list[str]:
    want, user = item.want, item.want["user"]
    exact = ["--require-hashes", "--only-binary=:all:", "--no-deps", "--requirement", "/dev/stdin"]
    lines = [
        *_folder(item.name, user),
        as_user(user, "/usr/bin/python3", "-m", "venv", item.name),
        *given(_pip(item, item.name, *exact), want["lock"]),
    ]
    if want["wheel"]:
        lines.append(_pip(item, item.name, "--no-deps", "--no-index", f"«{want['wheel']}»"))
    return unless(line("test", "-e", item.name), *lines)


def _git_working_copy(item: Resource) -> list[str]:
    url, branch, user = item.want["remote_url"], item.want["branch"], item.want["user"]
    inside = [
        ["remote", "set-url", "origin", url],
        *([["fetch", "origin"]] if item.want["update"] else []),
        ["checkout", branch],
        *([["merge", "--ff-only", f"origin/{branch}"]] if item.want["update"] else []),
    ]
    clone = as_user(user, "git", "clone", "--branch", branch, "--", url, item.name)
    there = line("test", "-e", f"{item.name}/.git")
    follow = [as_user(user, "git", "-C", item.name, *words) for words in inside]
    return [f"if {there}; then", *follow, "else", *_folder(item.name, user), clone, "fi"]


def _postgres_user(item: Resource) -> list[str]:
    want = item.want
    clauses = [each.upper() if want[each] else f"NO{each.upper()}" for each in _ROLE]
    clauses.append(f"CONNECTION LIMIT {want['connection_limit']}")
    clauses += [f"PASSWORD '{HIDDEN}'"] if want["password"] else []
    role = f"ROLE {_identifier(item.name)} {' '.join(clauses)};\n"
    wanted = f"SELECT 1 FROM pg_roles WHERE rolname = {_literal(item.name)}"  # noqa: S608
    there = f"{_psql('-c', wanted, '--tuples-only')} | grep -q 1"
    return [
        f"if {there}; then",
        *given(_psql(), f"ALTER {role}"),
        "else",
        *given(_psql(), f"CREATE {role}"),
        "fi",
    ]


def _postgres_database(item: Resource) -> list[str]:
    want = item.want
    options = [f"--{key}={want[key]}" for key in ("owner", "template", "encoding", "locale")]
    owner = f"ALTER DATABASE {_identifier(item.name)} OWNER TO {_identifier(want['owner'])}"
    there = as_user("postgres", "psql", "-d", item.name, "-c", "") + " >/dev/null 2>&1"
    create = as_user("postgres", "createdb", *options, item.name)
    return [f"if {there}; then", _psql("-c", owner), "else", create, "fi"]


def _psql(*words: str) -> str:
    return as_user("postgres", "psql", "-d", "postgres", *words)


def _identifier(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def _literal(text: str) -> str:
    return "'{}'".format(text.replace("'", "''"))


def _postfix_settings(item: Resource) -> list[str]:
    settings = [f"{name} = {value}" for name, value in item.want["settings"].items()]
    return [line("postconf", "-e", *settings), line(*item.want["check"])]


KINDS: dict[str, Explain] = {
    "apt_index": _apt_index,
    "apt_source": _apt_source,
    "dpkg": _dpkg,
    "git_working_copy": _git_working_copy,
    "locked_virtualenv": _locked_virtualenv,
    "nopackages": _nopackages,
    "packages": _packages,
    "postfix_settings": _postfix_settings,
    "postgres_database": _postgres_database,
    "postgres_user": _postgres_user,
    "preseed": _preseed,
    "python_packages": _python_packages,
    "python_requirements": _python_requirements,
    "virtualenv": _virtualenv,
}
