"""PostgreSQL's users and databases, through psql: SQL goes in on stdin, nothing of it is in argv."""

from __future__ import annotations

import json
import shutil
import time
from typing import Any

from . import scram
from .finding import Finding, ResourceError
from .host import Host

# Terse, or an error would repeat the statement that it is about.
_PSQL = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse", "-d", "postgres"]
# English errors, for the sentences made of them; and no verifier in the server's log, whatever it is to log.
_SESSION = """SET lc_messages = 'C';
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
"""
_START_LIMIT = 15.0  # seconds that a server which was just started may take to answer
_OPTIONS = {
    "superuser": "rolsuper",
    "createdb": "rolcreatedb",
    "createrole": "rolcreaterole",
    "inherit": "rolinherit",
    "login": "rolcanlogin",
    "connection_limit": "rolconnlimit",
}


def look_postgres_user(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``postgres_user``: has this password and these options; its other settings and memberships stay."""
    found = _role(host, name)
    drifted = [option for option in _OPTIONS if found.get(option) != want[option]]
    problems = [f"{_option(each, found)}, wanted {_option(each, want)}" for each in drifted if found]
    password = want["password"] or ""
    if password and scram.matches(password, found.get("password") or ""):
        password = ""
    elif password:
        problems.append("another password")
    if found and not problems:
        return Finding("exists")
    statement = f"{'ALTER' if found else 'CREATE'} ROLE {_identifier(name)}"
    clauses = [_option(option, want) for option in drifted]
    return Finding(
        "; ".join(problems) if found else "created", lambda: _write_role(host, statement, clauses, password)
    )


def _role(host: Host, name: str) -> dict[str, Any]:
    columns = ", ".join(
        f"'{key}', {column}" for key, column in {**_OPTIONS, "password": "rolpassword"}.items()
    )
    sql = f"SELECT json_build_object({columns}) FROM pg_authid WHERE rolname = {_literal(name)};"  # noqa: S608
    answer = _psql(host, sql)
    return dict(json.loads(answer)) if answer else {}


def _write_role(host: Host, statement: str, clauses: list[str], password: str) -> None:
    secret = [f"PASSWORD {_literal(scram.verifier(password))}"] if password else []
    _psql(host, " ".join([statement, *clauses, *secret]) + ";")


def _option(option: str, values: dict[str, Any]) -> str:
    if option == "connection_limit":
        return f"CONNECTION LIMIT {int(values[option])}"
    return option.upper() if values[option] else f"NO{option.upper()}"


def look_postgres_database(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``postgres_database``: belongs to this owner; made with this encoding and locale, or an error."""
    facts = _facts(host, name, want)
    owner, found = want["owner"], facts["database"]
    if not facts["encoding"]:
        raise ResourceError(f"PostgreSQL knows no encoding called {want['encoding']}")
    if found:
        _check_in_place(name, want, facts["encoding"], found)
    if not facts["owner"]:
        hint = f'say require.postgres.user("{owner}", …) before it'
        raise ResourceError(f'there is no PostgreSQL user "{owner}" to own the database {name}; {hint}')
    if not found:
        return Finding(f"created for {owner}", lambda: _create_database(host, name, want))
    if found["owner"] == owner:
        return Finding(f"belongs to {owner}")
    sql = f"ALTER DATABASE {_identifier(name)} OWNER TO {_identifier(owner)};"
    return Finding(f"owner {found['owner']}, wanted {owner}", lambda: _write(host, sql))


def _facts(host: Host, name: str, want: dict[str, Any]) -> dict[str, Any]:
    """Return what the server knows of the database, its owner to be and the encoding, in one question."""
    sql = f"""SELECT json_build_object(
        'owner', EXISTS (SELECT FROM pg_roles WHERE rolname = {_literal(want["owner"])}),
        'encoding', pg_encoding_to_char(pg_char_to_encoding({_literal(want["encoding"])})),
        'database', (SELECT json_build_object(
            'owner', pg_get_userbyid(datdba), 'encoding', pg_encoding_to_char(encoding),
            'collate', datcollate, 'ctype', datctype
        ) FROM pg_database WHERE datname = {_literal(name)}));"""  # noqa: S608
    return dict(json.loads(_psql(host, sql)))


def _check_in_place(name: str, want: dict[str, Any], encoding: str, found: dict[str, Any]) -> None:
    locales = list(dict.fromkeys([found["collate"], found["ctype"]]))
    if found["encoding"] == encoding and {_spelled(each) for each in locales} == {_spelled(want["locale"])}:
        return
    raise ResourceError(
        f"the database {name} has the encoding {found['encoding']} and the locale {' and '.join(locales)}, "
        f"wanted {encoding} and {want['locale']}; PostgreSQL cannot change them in place. Either require "
        f"what it has, or move it: pg_dump {name}, ALTER DATABASE … RENAME, run this again, then restore"
    )


def _spelled(locale: str) -> str:
    """Return *locale* in one spelling: en_US.utf8 is en_US.UTF-8."""
    return locale.lower().replace("-", "")


def _create_database(host: Host, name: str, want: dict[str, Any]) -> None:
    sql = (
        f"CREATE DATABASE {_identifier(name)} OWNER {_identifier(want['owner'])}"
        f" TEMPLATE {_identifier(want['template'])} ENCODING {_literal(want['encoding'])}"
        f" LC_COLLATE {_literal(want['locale'])} LC_CTYPE {_literal(want['locale'])};"
    )
    try:
        _psql(host, sql)
    except ResourceError as error:
        if "invalid" not in str(error) or "locale" not in str(error):
            raise
        hint = f"generate {want['locale']} on the server and restart PostgreSQL, or take C.UTF-8"
        raise ResourceError(f"{error}; {hint}") from error


def _write(host: Host, sql: str) -> None:
    _psql(host, sql)


def _psql(host: Host, sql: str) -> str:
    """Run *sql* as the superuser and return what it answers; wait where the server is still starting."""
    if not shutil.which("psql", path=host.environment["PATH"]):
        raise ResourceError("PostgreSQL is not installed here: there is no psql")
    deadline = time.monotonic() + _START_LIMIT
    while True:
        try:
            return host.run(_PSQL, stdin=_SESSION + sql, user="postgres").strip()
        except ResourceError as error:
            _raise_unless_starting(host, str(error), deadline)
        time.sleep(0.2)


def _raise_unless_starting(host: Host, problem: str, deadline: float) -> None:
    # An error of the server is "psql:<stdin>:5: ERROR: …"; without a connection it is "psql: error: …".
    if "psql: error: " not in problem:
        _, found, words = problem.rpartition("ERROR: ")
        raise ResourceError(f"PostgreSQL says: {words.strip()}" if found else problem)
    words = problem.partition("psql: error: ")[2]
    if not host.succeeds(["systemctl", "is-active", "--quiet", "postgresql.service"]):
        raise ResourceError(f"PostgreSQL is not running, so nothing is known of it: {words}")
    if time.monotonic() > deadline:
        hint = "see pg_lsclusters, and journalctl -u 'postgresql@*'"
        raise ResourceError(
            f"the service postgresql is active, but its server does not answer ({hint}): {words}"
        )


def _literal(text: str) -> str:
    """Return *text* as an SQL string, whatever ``standard_conforming_strings`` says."""
    quoted = "'" + text.replace("'", "''") + "'"
    return "E" + quoted.replace("\\", "\\\\") if "\\" in text else quoted


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
