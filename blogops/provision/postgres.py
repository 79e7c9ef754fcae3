"""``require.postgres``: a PostgreSQL server, its users and its databases."""

import re
from typing import TYPE_CHECKING

from blogops.provision.collector import refuse
from blogops.provision.plan import Resource
from blogops.provision.secret import Secret

if TYPE_CHECKING:
    from blogops.provision.words import Require

# PostgreSQL cuts longer names off, silently (https://www.postgresql.org/docs/current/sql-syntax-lexical.html).
_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,62}")
_OWN_ROLES = ("postgres", "public", "none")
_OWN_DATABASES = ("postgres", "template0", "template1")


class Postgres:
    """``require.postgres``: a PostgreSQL server, its users and its databases."""

    def __init__(self, require: "Require") -> None:
        self._require = require
        self._server: tuple[str, tuple[Resource, ...]] | None = None
        self._users: dict[str, Resource] = {}

    def server(self, *, version: str = "") -> Resource:
        """Require Debian's PostgreSQL, or a *version* that its package sources have, to run.

        Users and databases are those of the cluster at the standard port, 5432.

        ::

            require.postgres.server()
        """
        if not re.fullmatch(r"(\d+(\.\d+)?)?", version):
            raise refuse(f'"{version}" cannot be a version of PostgreSQL', 'Write its number, like "17".')
        if self._server and self._server[0] != version:
            hint = "Say postgres.server(version=…) once, before its users and databases."
            raise refuse(f"another PostgreSQL is required already, in {self._server[1][0].where}", hint)
        return self._started(version)[-1]

    def user(
        self,
        name: str,
        password: str | Secret = "",
        *,
        superuser: bool = False,
        createdb: bool = False,
        createrole: bool = False,
        inherit: bool = True,
        login: bool = True,
        connection_limit: int | None = None,
    ) -> Resource:
        """Require a user of PostgreSQL with this password and exactly these options.

        Without *password* none is set, and one that is there stays: enough for the user of the same name
        on the server, who needs none. The server is sent a SCRAM verifier, never the password.

        ::

            require.postgres.user("myuser", password=Secret.env("DB_PASSWORD"), createdb=True)
        """
        if _role(name) in _OWN_ROLES:
            raise refuse(f"{name} belongs to PostgreSQL and stays as it is")
        if connection_limit is not None and connection_limit < 0:
            raise refuse(f"connection_limit cannot be {connection_limit}", "Leave it out for no limit.")
        want = {
            "password": _password(password),
            "superuser": superuser,
            "createdb": createdb,
            "createrole": createrole,
            "inherit": inherit,
            "login": login,
            "connection_limit": -1 if connection_limit is None else connection_limit,
        }
        with self._require.after(*self._needed()):
            self._users[name] = self._require.collector.add("postgres_user", name, want)
        return self._users[name]

    def database(
        self,
        name: str,
        owner: str,
        *,
        template: str = "template0",
        encoding: str = "UTF8",
        locale: str = "C.UTF-8",
    ) -> Resource:
        """Require a database that belongs to *owner*, a user required before or there already.

        Another owner is corrected. A database with another encoding or locale is an error: PostgreSQL
        cannot change them in place. *template* counts only when the database is made.

        ::

            require.postgres.database("myapp", owner="myuser")
        """
        if _name(name, "database") in _OWN_DATABASES:
            raise refuse(f"the database {name} belongs to PostgreSQL and stays as it is")
        if not re.fullmatch(r"[A-Za-z0-9_-]+", encoding):
            raise refuse(f'"{encoding}" cannot be an encoding', 'For instance "UTF8".')
        if not re.fullmatch(r"[A-Za-z0-9_.@-]+", locale):
            raise refuse(f'"{locale}" cannot be a locale', 'For instance "C.UTF-8".')
        want = {
            "owner": _role(owner),
            "template": _name(template, "database"),
            "encoding": encoding,
            "locale": locale,
        }
        owners = [self._users[owner]] if owner in self._users else []
        with self._require.after(*self._needed(), *owners):
            return self._require.collector.add("postgres_database", name, want)

    def _needed(self) -> tuple[Resource, ...]:
        return self._server[1] if self._server else self._started("")

    def _started(self, version: str) -> tuple[Resource, ...]:
        package = self._require.deb.package(f"postgresql-{version}" if version else "postgresql")
        with self._require.after(package):
            needed = package, self._require.service.started("postgresql")
        if not self._require.collector.conditional:
            self._server = version, needed
        return needed


def _name(name: str, what: str) -> str:
    if not _NAME.fullmatch(name):
        hint = "Use up to 63 lower-case letters, digits, _ and -."
        raise refuse(f'"{name}" cannot be the name of a {what}', hint)
    return name


def _role(name: str) -> str:
    if _name(name, "user").startswith("pg_"):
        raise refuse(f'"{name}" cannot be the name of a user', "PostgreSQL keeps pg_… for its own roles.")
    return name


def _password(password: str | Secret) -> Secret | None:
    secret = password.line() if isinstance(password, Secret) else Secret(password)
    if password == "":
        return None
    if not secret.reveal() or "\0" in secret.reveal():
        raise refuse("PostgreSQL cannot take an empty password, or one with a NUL byte")
    return secret
