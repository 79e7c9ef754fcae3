"""The postgres words, SCRAM verifiers, and the agent's looks against a stand-in for psql."""

import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from looking import Listener

from blogops.agent import postgres, scram
from blogops.agent.finding import Finding, ResourceError
from blogops.agent.host import Host
from blogops.agent.kinds import KINDS
from blogops.errors import UsageError
from blogops.provision import Require, Secret

CLEAR = "correct horse ' battery"
SERVER = [("packages", "postgresql"), ("service", "postgresql")]


def collected(use: Callable[[Require], object]) -> list[tuple[str, str]]:
    require = Require()
    use(require)
    return [(item.kind, item.name) for item in require.collector.plan().resources]


@pytest.mark.parametrize(
    ("use", "resources"),
    [
        (lambda r: r.postgres.server(), SERVER),
        (
            lambda r: r.postgres.server(version="17"),
            [("packages", "postgresql-17"), ("service", "postgresql")],
        ),
        (lambda r: r.postgres.user("me", "secret"), [*SERVER, ("postgres_user", "me")]),
        (lambda r: r.postgres.user("me"), [*SERVER, ("postgres_user", "me")]),
        (lambda r: r.postgres.database("app", "me"), [*SERVER, ("postgres_database", "app")]),
        (
            lambda r: (
                r.postgres.server(version="17"),
                r.postgres.user("me"),
                r.postgres.database("a", "me"),
            ),
            [
                ("packages", "postgresql-17"),
                ("service", "postgresql"),
                ("postgres_user", "me"),
                ("postgres_database", "a"),
            ],
        ),
        (
            lambda r: (r.postgres.user("me", "x"), r.postgres.server(), r.postgres.user("me", Secret("x"))),
            [*SERVER, ("postgres_user", "me")],
        ),
        (lambda r: r.postgres.database("app", "postgres"), [*SERVER, ("postgres_database", "app")]),
    ],
)
def test_words_become_resources(use: Callable[[Require], None], resources: list[tuple[str, str]]) -> None:
    assert collected(use) == resources


@pytest.mark.parametrize(
    ("use", "problem"),
    [
        (lambda r: r.postgres.user("me; DROP TABLE x"), "cannot be the name"),
        (lambda r: r.postgres.user("Me"), "cannot be the name"),
        (lambda r: r.postgres.user("x" * 64), "cannot be the name"),
        (lambda r: r.postgres.user(""), "cannot be the name"),
        (lambda r: r.postgres.user("postgres", "x"), "belongs to PostgreSQL"),
        (lambda r: r.postgres.user("pg_monitor"), "cannot be the name"),
        (lambda r: r.postgres.user("me", Secret("")), "empty password"),
        (lambda r: r.postgres.user("me", "a\0b"), "NUL"),
        (lambda r: r.postgres.user("me", connection_limit=-2), "connection_limit"),
        (lambda r: (r.postgres.user("me", "a"), r.postgres.user("me", "b")), "twice, differently"),
        (lambda r: r.postgres.database('a"b', "me"), "cannot be the name"),
        (lambda r: r.postgres.database("template1", "me"), "belongs to PostgreSQL"),
        (lambda r: r.postgres.database("app", "pg_monitor"), "cannot be the name"),
        (lambda r: r.postgres.database("app", "me", encoding="UTF8'"), "cannot be an encoding"),
        (lambda r: r.postgres.database("app", "me", locale="C UTF-8"), "cannot be a locale"),
        (lambda r: r.postgres.database("app", "me", template="a;b"), "cannot be the name"),
        (lambda r: r.postgres.server(version="latest"), "cannot be a version"),
        (lambda r: (r.postgres.user("me"), r.postgres.server(version="17")), "required already"),
    ],
)
def test_what_cannot_work_is_refused_with_the_line(use: Callable[[Require], None], problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as caught:
        use(Require())
    assert caught.value.where.startswith(f"{__file__}:")


def test_each_depends_on_the_server_and_a_database_on_its_owner() -> None:
    require = Require()
    user = require.postgres.user("me")
    database = require.postgres.database("app", "me")
    assert user.after == ("packages postgresql", "service postgresql")
    assert database.after == (*user.after, "postgres_user me")


def test_a_server_under_a_condition_is_not_the_server_of_the_rest() -> None:
    require = Require()
    with require.only_if("false"):
        require.postgres.user("me")
    assert require.postgres._server is None


def test_the_password_is_in_the_sent_plan_and_in_no_shown_one() -> None:
    require = Require()
    require.postgres.user("me", CLEAR)
    plan = require.collector.plan()
    assert CLEAR not in repr(plan)
    assert CLEAR not in str(plan)
    sent = json.loads(plan.to_json())
    assert sent["secrets"] == [CLEAR]
    assert sent["resources"][-1]["want"]["password"] == CLEAR


def test_a_verifier_checks_the_exchange_of_rfc_7677() -> None:
    salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    head, keys = scram.verifier("pencil", salt).rsplit("$", 1)
    assert head == "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ=="
    stored, server = (base64.b64decode(key) for key in keys.split(":"))
    nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    said = (
        f"n=user,r=rOprNGfwEbeRWgbNEkqO,r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r={nonce}".encode()
    )
    proof = base64.b64decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    signature = hmac.digest(stored, said, "sha256")
    client = bytes(a ^ b for a, b in zip(proof, signature, strict=True))
    assert hashlib.sha256(client).digest() == stored
    signed = base64.b64encode(hmac.digest(server, said, "sha256")).decode()
    assert signed == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


@pytest.mark.parametrize(
    ("password", "prepared"),
    [
        ("a\u0007b", "a\u0007b"),  # ASCII is left alone
        ("I\u00adX", "IX"),  # RFC 4013, §3
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("\u00ad", "\u00ad"),  # nothing would be left
        ("\u0627\u0031", "\u0627\u0031"),  # prohibited by the rules for bidirectional text
        ("\ue000", "\ue000"),  # private use is prohibited
        ("\u1d36\u00a0", "\u1d36\u00a0"),  # unassigned in Unicode 3.2; PostgreSQL looks before it normalises
    ],
)
def test_passwords_are_prepared_as_postgresql_does(password: str, prepared: str) -> None:
    assert scram.prepared(password) == prepared


def test_only_a_verifier_of_this_password_matches() -> None:
    stored = scram.verifier("pâté", iterations=100)
    assert scram.matches("pâté", stored)
    assert scram.matches("pa\u0302te\u0301", stored)
    assert scram.verifier("a") != scram.verifier("a")
    for other in (
        "",
        "md5" + "0" * 32,
        "SCRAM-SHA-256$0:AA==$AA==:AA==",
        stored[:-4] + "AAA=",
        "SCRAM-SHA-256$1:A$A:A",
    ):
        assert not scram.matches("pâté", other)
    assert not scram.matches("pate", stored)


# Answers the agent's questions from a file, and does its statements there. It is no SQL parser: what it
# does not know ends it, as an error of the server would.
PSQL = f"""#!{sys.executable}
import json, re, sys
from pathlib import Path
here = Path(__file__).parent
sql = sys.stdin.read()
with open(here / "log", "a") as log: log.write(json.dumps([sys.argv, sql]) + "\\n")
if (here / "down").exists():
    sys.exit('psql: error: connection to server on socket "/run/s" failed: No such file or directory')
file = here / "state.json"
state = json.loads(file.read_text()) if file.exists() else {{"roles": {{}}, "databases": {{}}}}
COLUMNS = "superuser createdb createrole inherit login".split()
CREATE = "CREATE DATABASE \\"(.*?)\\" OWNER \\"(.*?)\\" .*ENCODING '(.*?)' LC_COLLATE '(.*?)'"
NEW = dict(superuser=False, createdb=False, createrole=False, inherit=True, login=False,
           connection_limit=-1, password=None)
names = re.findall("'([^']*)'", sql.split("pg_roles")[-1].split("pg_authid")[-1])
if "FROM pg_authid" in sql:
    role = state["roles"].get(names[0])
    print(json.dumps(role) if role else "")
elif "FROM pg_roles" in sql:
    owner, encoding, database = names[0], names[2], names[-1]
    print(json.dumps({{"owner": owner in [*state["roles"], "postgres"],
                       "encoding": {{"UTF8": "UTF8", "LATIN1": "LATIN1"}}.get(encoding, ""),
                       "database": state["databases"].get(database)}}))
elif found := re.search('(CREATE|ALTER) ROLE "(.*?)"(.*);', sql):
    role = state["roles"][found[2]] if found[1] == "ALTER" else dict(NEW)
    for word in found[3].lower().split():
        if word.removeprefix("no") in COLUMNS: role[word.removeprefix("no")] = not word.startswith("no")
    if limit := re.search(r"CONNECTION LIMIT (-?\\d+)", found[3]): role["connection_limit"] = int(limit[1])
    if password := re.search("PASSWORD '(.*)'", found[3]): role["password"] = password[1]
    state["roles"][found[2]] = role
elif found := re.search(CREATE, sql):
    if found[4].startswith("xx"): sys.exit('psql:<stdin>:5: ERROR:  invalid locale name: "xx"')
    state["databases"][found[1]] = dict(owner=found[2], encoding=found[3], collate=found[4], ctype=found[4])
elif found := re.search('ALTER DATABASE "(.*?)" OWNER TO "(.*?)"', sql):
    state["databases"][found[1]]["owner"] = found[2]
else:
    sys.exit("psql:<stdin>:5: ERROR:  syntax error")
file.write_text(json.dumps(state))
"""


class Here(Host):
    """This machine, where everything runs as whoever runs the tests."""

    def run(self, argv: Sequence[str], *, stdin: str = "", user: str = "", **options: Any) -> str:
        assert user == ("postgres" if argv[0] == "psql" else "")
        return super().run(argv, stdin=stdin, **options)


class Server:
    """The stand-in, what it was told, and what is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = Here(Listener())
        self.host.environment["PATH"] = f"{folder}:/usr/bin:/bin"
        self.script("psql", PSQL)
        self.script("systemctl", "#!/bin/sh\nexit 0\n")

    def script(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def look(self, kind: str, name: str, use: Callable[[Require], object]) -> Finding:
        require = Require()
        use(require)
        sent = json.loads(require.collector.plan().to_json())["resources"]
        item = next(each for each in sent if (each["kind"], each["name"]) == (kind, name))
        return KINDS[kind](self.host, name, item["want"])

    def bring(self, kind: str, name: str, use: Callable[[Require], object]) -> str:
        finding = self.look(kind, name, use)
        if finding.act:
            finding.act()
        assert self.look(kind, name, use).act is None
        return finding.why

    @property
    def calls(self) -> list[Any]:
        lines = (self.folder / "log").read_text().splitlines()
        return [json.loads(line) for line in lines]

    @property
    def state(self) -> Any:
        return json.loads((self.folder / "state.json").read_text())

    def drift(self, kind: str, name: str, **values: object) -> None:
        state = self.state
        state[kind][name].update(values)
        (self.folder / "state.json").write_text(json.dumps(state))


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def me(require: Require) -> None:
    require.postgres.user("me", CLEAR, createdb=True)


def app(require: Require) -> None:
    require.postgres.database("app", "me")


def test_a_user_is_made_once_with_one_question_and_one_statement(server: Server) -> None:
    finding = server.look("postgres_user", "me", me)
    assert (finding.why, len(server.calls)) == ("created", 1)
    assert finding.act
    finding.act()
    assert len(server.calls) == 2
    role = server.state["roles"]["me"]
    assert (role["createdb"], role["login"], role["superuser"]) == (True, True, False)
    assert scram.matches(CLEAR, role["password"])
    again = server.look("postgres_user", "me", me)
    assert (again.why, again.act) == ("exists", None)


def test_no_password_goes_to_psql_at_all(server: Server) -> None:
    server.bring("postgres_user", "me", me)
    server.drift("roles", "me", password="md5" + "0" * 32)
    server.bring("postgres_user", "me", me)
    assert "horse" not in json.dumps(server.calls)
    assert "SCRAM" not in json.dumps([argv for argv, _ in server.calls])
    writes = [sql for _, sql in server.calls if "SCRAM" in sql]
    assert all("SET log_statement = 'none'" in sql for sql in writes)


def test_what_drifted_is_brought_back_and_nothing_else_is_written(server: Server) -> None:
    server.bring("postgres_user", "me", me)
    server.drift("roles", "me", createdb=False, connection_limit=5)
    problem = "NOCREATEDB, wanted CREATEDB; CONNECTION LIMIT 5, wanted CONNECTION LIMIT -1"
    assert server.bring("postgres_user", "me", me) == problem
    assert server.calls[-2][1].splitlines()[-1] == 'ALTER ROLE "me" CREATEDB CONNECTION LIMIT -1;'
    server.drift("roles", "me", password=scram.verifier("other"))
    assert server.bring("postgres_user", "me", me) == "another password"


def test_a_user_required_without_a_password_keeps_theirs(server: Server) -> None:
    server.bring("postgres_user", "me", me)
    kept = server.state["roles"]["me"]["password"]
    assert (
        server.bring("postgres_user", "me", lambda r: r.postgres.user("me")) == "CREATEDB, wanted NOCREATEDB"
    )
    assert server.state["roles"]["me"]["password"] == kept


def test_a_database_is_made_and_its_owner_brought_back(server: Server) -> None:
    server.bring("postgres_user", "me", me)
    assert server.bring("postgres_database", "app", app) == "created for me"
    server.drift("databases", "app", owner="postgres", collate="C.utf8")
    assert server.bring("postgres_database", "app", app) == "owner postgres, wanted me"


def test_a_database_without_its_owner_is_an_error_that_names_it(server: Server) -> None:
    with pytest.raises(ResourceError, match='no PostgreSQL user "me" to own the database app'):
        server.look("postgres_database", "app", app)


@pytest.mark.parametrize("drift", [{"encoding": "SQL_ASCII"}, {"collate": "C"}, {"ctype": "fr_FR.UTF-8"}])
def test_another_encoding_or_locale_is_an_error_that_says_what_to_do(
    server: Server, drift: dict[str, str]
) -> None:
    server.bring("postgres_user", "me", me)
    server.bring("postgres_database", "app", app)
    server.drift("databases", "app", **drift)
    with pytest.raises(ResourceError, match=r"cannot change them in place.*pg_dump app") as caught:
        server.look("postgres_database", "app", app)
    assert all(value in str(caught.value) for value in drift.values())


def test_what_the_server_does_not_know_is_said(server: Server) -> None:
    server.bring("postgres_user", "me", me)
    with pytest.raises(ResourceError, match="no encoding called KLINGON"):
        server.look("postgres_database", "a", lambda r: r.postgres.database("a", "me", encoding="KLINGON"))
    with pytest.raises(ResourceError, match=r"says: invalid locale name.*; generate xx on the server"):
        server.bring("postgres_database", "a", lambda r: r.postgres.database("a", "me", locale="xx"))


def test_a_server_that_is_down_is_not_an_empty_one(server: Server) -> None:
    (server.folder / "down").touch()
    server.script("systemctl", "#!/bin/sh\nexit 3\n")
    with pytest.raises(ResourceError, match="PostgreSQL is not running"):
        server.look("postgres_user", "me", me)
    assert len(server.calls) == 1


def test_a_server_that_is_starting_is_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    (server.folder / "down").touch()
    monkeypatch.setattr(postgres, "_START_LIMIT", 0.0)
    with pytest.raises(ResourceError, match="is active, but its server does not answer"):
        server.look("postgres_user", "me", me)
    monkeypatch.setattr(postgres, "_START_LIMIT", 10.0)
    server.script("systemctl", f"#!/bin/sh\nrm -f {server.folder}/down\n")
    assert server.look("postgres_user", "me", me).why == "created"


def test_without_psql_there_is_no_postgresql(server: Server) -> None:
    server.host.environment["PATH"] = "/nowhere"
    with pytest.raises(ResourceError, match="not installed here"):
        server.look("postgres_user", "me", me)


def test_sql_is_quoted() -> None:
    assert postgres._literal("it's") == "'it''s'"
    assert postgres._literal("a\\'b") == "E'a\\\\''b'"
    assert postgres._identifier('a"b') == '"a""b"'
