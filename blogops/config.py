"""blog.toml: one file configures everything, and a mistake in it is told with its path.

The commented reference is ``example/blog.toml``; a test holds it and these dataclasses to each other.
Every problem of a file is reported at once.
"""

import dataclasses
import difflib
import os
import re
import tomllib
import types
import typing
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from blogops.errors import UsageError

FILE_NAME = "blog.toml"
ENVIRONMENT = "BLOGOPS_CONFIG"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Site:
    """What readers see of the blog as a whole."""

    title: str
    url: str
    author: str
    description: str = ""
    language: str = "en"
    timezone: str = "UTC"
    posts_per_page: int = 10
    feed_items: int = 20


@dataclasses.dataclass(frozen=True, kw_only=True)
class Content:
    """Where the manuscript lies; paths are relative to blog.toml."""

    path: str = "content"
    pages: str = "pages"
    static: tuple[str, ...] = ("images", "static")
    templates: str = "templates"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Server:
    """The machine (or machines) the blog lives on."""

    name: str = "blog"
    hosts: tuple[str, ...] = ()
    host_keys: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    http_port: int = 80
    service_port: int = 8710

    @property
    def root(self) -> str:
        """The blog's folder on the server."""
        return f"/srv/{self.name}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Releases:
    """How many releases stay for a rollback."""

    keep: int = 5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rebuild:
    """The scheduled rebuild on the server."""

    schedule: str = "10 4 * * *"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config:
    """A whole blog.toml, and where it was found."""

    path: Path
    site: Site
    content: Content = Content()
    server: Server = Server()
    releases: Releases = Releases()
    rebuild: Rebuild = Rebuild()

    @property
    def folder(self) -> Path:
        """The folder that blog.toml stands in; content paths start there."""
        return self.path.parent

    @property
    def domains(self) -> tuple[str, ...]:
        """The names nginx answers to: `server.domains`, or else the host of `site.url`."""
        return self.server.domains or (urlsplit(self.site.url).hostname or "_",)


def find(given: str = "") -> Path:
    """Return the path of blog.toml: *given*, else ``BLOGOPS_CONFIG``, else the working folder's.

    Raises `UsageError` where there is none.
    """
    path = Path(given or os.environ.get(ENVIRONMENT) or FILE_NAME)
    if path.is_dir():
        path = path / FILE_NAME
    if not path.is_file():
        raise UsageError(
            f"there is no {path}",
            hint=f"Stand in the folder of your {FILE_NAME}, or name it: --config PATH or {ENVIRONMENT}=PATH.",
        )
    if path.name != FILE_NAME:
        raise UsageError(
            f"a blog's file is called {FILE_NAME}",
            where=str(path),
            hint="Give each blog a folder of its own.",
        )
    return path.resolve()


def load(path: Path) -> Config:
    """Read and check *path*; raise one `UsageError` that tells every problem."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"not valid TOML: {error}", where=str(path)) from error
    sections = {field.name: field.type for field in dataclasses.fields(Config) if field.name != "path"}
    problems = [_unknown(key, sections, "") for key in data if key not in sections]
    values: dict[str, Any] = {}
    for name, kind in sections.items():
        table = data.get(name, {})
        if not isinstance(table, dict):
            problems.append(f"{name}: found {_shown(table)}; write a [{name}] table")
            table = {}
        problems += _table_problems(name, table, typing.cast(type, kind))
        values[name] = _well_typed(table, typing.cast(type, kind))
    problems += _value_problems(values)
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        raise UsageError(f"{count}\n" + "\n".join(f"  {problem}" for problem in problems), where=str(path))
    made = {name: _make(typing.cast(type, kind), values[name]) for name, kind in sections.items()}
    return Config(path=path, **made)


def _make(kind: type, table: dict[str, Any]) -> Any:
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in table.items()})


def _unknown(key: str, known: typing.Iterable[str], prefix: str) -> str:
    near = difflib.get_close_matches(key, list(known), n=1)
    advice = f'did you mean "{prefix}{near[0]}"?' if near else f"known here: {', '.join(sorted(known))}"
    return f"{prefix}{key}: unknown key; {advice}"


def _shown(value: object) -> str:
    return (
        f'"{value}"'
        if isinstance(value, str)
        else str(value).lower()
        if value in (True, False)
        else str(value)
    )


_WANTED = {str: "a text in quotes", int: "a whole number"}


def _fits(value: object, kind: object) -> bool:
    if isinstance(kind, types.GenericAlias):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, typing.cast(type, kind)) and not isinstance(value, bool)


def _table_problems(section: str, table: dict[str, Any], kind: type) -> Iterator[str]:
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for key, value in table.items():
        if key not in fields:
            yield _unknown(key, fields, f"{section}.")
        elif not _fits(value, fields[key].type):
            wanted = _WANTED.get(typing.cast(type, fields[key].type), "a list of texts")
            yield f"{section}.{key}: found {_shown(value)}; write {wanted}"
    for name, field in fields.items():
        if field.default is dataclasses.MISSING and name not in table:
            yield f'{section}.{name}: missing; write {name} = "…"'


def _well_typed(table: dict[str, Any], kind: type) -> dict[str, Any]:
    fields = {field.name: field.type for field in dataclasses.fields(kind)}
    return {key: value for key, value in table.items() if key in fields and _fits(value, fields[key])}


_LEAST = (("site", "posts_per_page", 1), ("site", "feed_items", 1), ("releases", "keep", 2))


def _value_problems(values: dict[str, Any]) -> Iterator[str]:
    yield from _site_problems(values["site"])
    yield from _content_problems(values["content"])
    yield from _server_problems(values["server"])
    for section, key, least in _LEAST:
        value = values[section].get(key, least)
        if value < least:
            yield f"{section}.{key}: {value} is too small; write {least} or more"
    yield from _schedule_problems(values["rebuild"].get("schedule", Rebuild.schedule))


def _site_problems(site: dict[str, Any]) -> Iterator[str]:
    address = site.get("url", "http://blog.example.org")
    url = urlsplit(address)
    if url.scheme not in ("http", "https") or not url.hostname or url.path.strip("/") or url.query:
        yield f'site.url: "{address}" is not the address of a site; write one like "https://blog.example.org"'
    zone = site.get("timezone", "UTC")
    zones = zoneinfo.available_timezones()
    if zone not in zones:
        near = difflib.get_close_matches(zone, zones, n=1)
        advice = f'did you mean "{near[0]}"?' if near else 'write one like "Europe/Paris"'
        yield f'site.timezone: "{zone}" is not a time zone; {advice}'
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", site.get("language", "en")):
        yield f'site.language: "{site["language"]}" is not a language code; write one like "fr" or "en"'
    for key in ("title", "author"):
        if not site.get(key, "absent").strip():
            yield f"site.{key}: empty; write a text"


def _content_problems(content: dict[str, Any]) -> Iterator[str]:
    for key, value in content.items():
        for path in [value] if isinstance(value, str) else value:
            if not Path(path).parts or Path(path).is_absolute() or ".." in Path(path).parts:
                yield f'content.{key}: "{path}" is not below the folder of blog.toml; write a path inside it'


def _server_problems(server: dict[str, Any]) -> Iterator[str]:
    name = server.get("name", Server.name)
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", name) or name in _TAKEN_NAMES:
        yield (
            f'server.name: "{name}" cannot be a user name of its own; '
            "write small letters, digits and dashes, at most 31"
        )
    for host in server.get("hosts", []):
        if not re.fullmatch(r"([\w.-]+@)?([\w.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?", host):
            yield f'server.hosts: "{host}" is not a host; write one like "root@blog.example.org"'
    for key in server.get("host_keys", []):
        if not re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}", key):
            yield (
                f'server.host_keys: "{key}" is not a fingerprint; write what '
                "`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` says on the server, from SHA256: on"
            )
    for domain in server.get("domains", []):
        if not re.fullmatch(r"(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", domain):
            yield f'server.domains: "{domain}" is not a domain name; write one like "blog.example.org"'
    for key in ("http_port", "service_port"):
        port = server.get(key, 80)
        if not 0 < port < 65536:
            yield f"server.{key}: {port} is not a port; write a number from 1 to 65535"


_TAKEN_NAMES = {"root", "www-data", "nobody", "daemon", "mail", "sshd", "postgres", "postfix", "cron"}


def _schedule_problems(schedule: str) -> Iterator[str]:
    field = r"(\*|\d{1,2}(-\d{1,2})?)(/\d{1,2})?(,(\*|\d{1,2}(-\d{1,2})?)(/\d{1,2})?)*"
    if not re.fullmatch(rf"{field}( {field}){{4}}", schedule):
        yield f'rebuild.schedule: "{schedule}" is not a cron time; write five fields like "10 4 * * *"'
