"""PostgreSQL on a blank Debian: made, kept, brought back; and the password found nowhere it could leak."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fabric import Config, Connection

from blogops import provision, vm
from blogops.errors import Failed
from blogops.provision import Outcome, Require, Secret

pytestmark = pytest.mark.vm

CLEAR = "Tr0ub4dor-’-zebra"  # not ASCII, so that SASLprep has its part
SEEN = "ON_ERROR_STOP=1"  # in the argv of every psql of ours: proves that the sampler would have seen more

# Looks at the argv and environment of every process, many times a second, for the lines of /root/words.
SAMPLER = """
while :; do
    cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -aoFf /root/words
done >/root/seen
"""

ROWS = """
SELECT xmin, rolname FROM pg_authid WHERE rolname = 'myuser'
UNION ALL SELECT xmin, datname FROM pg_database WHERE datname = 'myapp'
"""


@dataclass
class Box:
    """A machine, a connection to it, and what the runs on it said."""

    machine: vm.Machine
    c: Connection

    def ssh(self, command: str, stdin: str = "") -> str:
        line = ["ssh", "-F", str(self.machine.ssh_config), self.machine.name, command]
        done = subprocess.run(line, input=stdin, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def sql(self, statement: str) -> str:
        return self.ssh("runuser -u postgres -- psql -XqAt -v ON_ERROR_STOP=yes", statement).strip()

    def login(self, password: str) -> str:
        """Return who psql is by password over TCP, or nothing."""
        script = (
            "read -r PGPASSWORD; export PGPASSWORD; psql -wXAt -h 127.0.0.1 -U myuser myapp -c 'SELECT user'"
        )
        return self.ssh(f"{script} || true", f"{password}\n").strip()

    def apply(self, use: Callable[[Require], object], *, check: bool = False) -> Outcome:
        with provision.on(self.c, check=check) as require:
            use(require)
        return require.outcome


@pytest.fixture(scope="module", params=[13, 12], ids=["debian13", "debian12"])
def box(
    request: pytest.FixtureRequest, vm_host: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Box]:
    name = f"t{request.param}7-{os.getpid()}"
    try:
        machine = vm.up(name, debian=request.param)
        config = Config(runtime_ssh_path=str(machine.ssh_config))
        with Connection(machine.name, config=config) as connection:
            yield Box(machine, connection)
    finally:
        vm.down(name)


def database(require: Require) -> None:
    require.user("myuser")
    require.postgres.server()
    require.postgres.user("myuser", Secret(CLEAR), createdb=True)
    require.postgres.database("myapp", "myuser")


def test_01_from_blank_to_a_login(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    box.ssh("cat >/root/words", f"{CLEAR}\n{SEEN}\n")
    box.ssh("cat >/root/sampler", SAMPLER)
    box.ssh("systemd-run --quiet --unit=sampler sh /root/sampler")
    outcome = box.apply(database)
    box.ssh("systemctl stop sampler")
    assert outcome.changed >= 4
    assert CLEAR not in "".join(capsys.readouterr())
    assert box.login(CLEAR) == "myuser"
    assert box.login("wrong") == ""
    assert box.ssh("runuser -u myuser -- psql -XAt myapp -c 'CREATE TABLE t (); SELECT user'").endswith(
        "myuser\n"
    )
    encoding = box.sql(
        "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = 'myapp'"
    )
    assert encoding == "UTF8|C.UTF-8"


def test_02_the_password_is_nowhere(box: Box) -> None:
    seen = box.ssh("sort /root/seen | uniq -c")
    assert SEEN in seen
    assert CLEAR not in seen
    search = "grep -rlF -f /root/password /var /etc /home /run /tmp /usr/local 2>/dev/null || true"
    box.ssh("cat >/root/password", f"{CLEAR}\n")
    assert box.ssh(search) == ""
    assert box.ssh("journalctl --no-pager | grep -cF -f /root/password || true") == "0\n"
    assert box.ssh("ls /var/log/postgresql /var/lib/blogops").strip()


def test_03_a_second_run_writes_nothing(box: Box) -> None:
    before = box.sql(ROWS)
    assert box.apply(database).changed == 0
    assert box.sql(ROWS) == before


def test_04_what_drifted_is_brought_back(box: Box) -> None:
    # A server that logs every statement must not get to log the verifier either.
    box.sql("ALTER SYSTEM SET log_statement = 'all'; ALTER SYSTEM SET log_min_duration_statement = 0;")
    box.sql("SELECT pg_reload_conf()")
    box.sql("ALTER ROLE myuser NOCREATEDB CREATEROLE CONNECTION LIMIT 3 PASSWORD 'other'")
    box.sql("ALTER DATABASE myapp OWNER TO postgres")
    drifted = box.sql(ROWS)
    assert box.apply(database, check=True).changed == 2
    assert box.sql(ROWS) == drifted
    assert box.login("other") == "myuser"
    assert box.apply(database).changed == 2
    assert box.login(CLEAR) == "myuser"
    assert box.login("other") == ""
    role = "SELECT rolcreatedb, rolcreaterole, rolconnlimit FROM pg_roles WHERE rolname = 'myuser'"
    assert box.sql(role) == "t|f|-1"
    assert box.sql("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'myapp'") == "myuser"
    assert box.apply(database).changed == 0
    assert box.ssh("grep -rhE 'SCRAM-SHA-256.[0-9]+:' /var/log/postgresql || true") == ""


def test_05_an_md5_password_becomes_a_scram_one(box: Box) -> None:
    box.sql(f"SET password_encryption = 'md5'; ALTER ROLE myuser PASSWORD '{CLEAR}'")
    assert box.apply(database).changed == 1
    assert box.login(CLEAR) == "myuser"


def test_06_the_verifier_of_the_server_itself_is_known(box: Box) -> None:
    box.sql(f"ALTER ROLE myuser PASSWORD '{CLEAR}'")
    assert box.apply(database).changed == 0


def test_07_what_cannot_be_brought_about_is_said_and_nothing_is_lost(box: Box) -> None:
    with pytest.raises(Failed, match="cannot change them in place"):
        box.apply(lambda r: r.postgres.database("myapp", "myuser", encoding="LATIN1", locale="C"))
    with pytest.raises(Failed, match='no PostgreSQL user "nobody-there"'):
        box.apply(lambda r: r.postgres.database("other", "nobody-there"))
    with pytest.raises(Failed, match=r"invalid.*locale"):
        box.apply(lambda r: r.postgres.database("other", "myuser", locale="xx_XX.UTF-8"))
    assert box.sql("SELECT count(*) FROM pg_database WHERE datname IN ('myapp', 'other')") == "1"
    assert "t" in box.ssh("runuser -u myuser -- psql -XAt myapp -c '\\dt'")


def test_08_a_stopped_server_is_started_and_a_dead_one_is_an_error(box: Box) -> None:
    box.ssh("systemctl stop postgresql")
    assert box.apply(database).changed == 1
    box.ssh("systemctl stop 'postgresql@*'")
    with pytest.raises(Failed, match="is active, but its server does not answer") as caught:
        box.apply(database)
    assert str(Path(__file__)) in caught.value.where
