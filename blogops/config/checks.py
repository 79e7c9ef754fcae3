"""Values of blog.toml that have the right type and cannot be meant."""

import datetime as dt
import difflib
import re
import string
import zoneinfo
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from blogops.config.schema import Metadata, Rebuild, Server, Urls

Tables = dict[str, dict[str, Any]]

_LEAST = (
    ("lists", "per_page", 1),
    ("lists", "orphans", 0),
    ("lists", "summary_words", 0),
    ("lists", "summary_paragraphs", 0),
    ("lists", "related", 0),
    ("feeds", "items", 1),
    ("feeds", "kilobytes", 1),
    ("releases", "keep", 2),
    ("releases", "keep_scheduled", 1),
    ("releases", "max_age", 0),
    ("releases", "max_megabytes", 0),
    ("releases", "keep_assets", 0),
    ("releases", "shrink", 0),
)
_MOST = (("releases", "shrink", 100),)
_ONE_OF = (
    ("metadata", "slug_from", ("title", "basename")),
    ("feeds", "ids", ("stable", "pelican")),
    ("alerts", "webhook_form", ("json", "slack", "ntfy")),
    *(("build", key, ("stop", "tell", "ignore")) for key in ("warning", "error", "metadata", "alt", "link")),
)
_TAKEN_NAMES = {"root", "www-data", "nobody", "daemon", "mail", "sshd", "postgres", "postfix", "cron"}


def value_problems(tables: Tables) -> Iterator[str]:
    """Yield a sentence for each value that cannot be meant."""
    yield from _site_problems(tables["site"])
    yield from _content_problems(tables["content"])
    yield from _git_problems(tables["content"])
    yield from _metadata_problems(tables["metadata"])
    yield from _address_problems(tables["urls"])
    yield from _theme_problems(tables["theme"])
    yield from _server_problems(tables["server"])
    for section, key, least in _LEAST:
        value = tables[section].get(key, least)
        if value < least:
            yield f"{section}.{key}: {value} is too small; write {least} or more"
    for section, key, most in _MOST:
        value = tables[section].get(key, most)
        if value > most:
            yield f"{section}.{key}: {value} is too much; write {most} or less"
    for section, key, choices in _ONE_OF:
        value = tables[section].get(key, choices[0])
        if value not in choices:
            yield f'{section}.{key}: "{value}" is unknown; write one of {", ".join(choices)}'
    yield from _alert_problems(tables["alerts"])
    yield from _metrics_problems(tables["metrics"])
    yield from _hour_problems(tables["rebuild"].get("at", Rebuild().at))


def _site_problems(site: dict[str, Any]) -> Iterator[str]:
    address = site.get("url", "http://blog.example.org")
    if not _is_site(address):
        yield f'site.url: "{address}" is not the address of a site; write one like "https://blog.example.org"'
    yield from _zone_problems(site.get("timezone", "UTC"))
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?", site.get("language", "en")):
        yield f'site.language: "{site["language"]}" is not a language code; write one like "fr" or "en"'
    for key in ("title", "author"):
        if not site.get(key, "absent").strip():
            yield f"site.{key}: empty; write a text"
    for profile in site.get("profiles", ()):
        if not re.match(r"https?://[^/]", profile):
            yield f'site.profiles: "{profile}" is not an address; write one like "https://example.social/@me"'


def _is_site(address: str) -> bool:
    try:
        url = urlsplit(address)
        url.port  # noqa: B018 - looks at it
    except ValueError:
        return False
    clean = not (re.search(r"[\x00-\x20\x7f]", address) or url.path.strip("/") or url.query)
    return clean and url.scheme in ("http", "https") and bool(url.hostname)


def _is_zone(name: str) -> bool:
    # Listing all of them takes longer than all else of a build with nothing to do.
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return not name.startswith(("posix", "right/"))


def _zone_problems(zone: str) -> Iterator[str]:
    if not _is_zone(zone):
        zones = zoneinfo.available_timezones()
        near = difflib.get_close_matches(zone, zones, n=1)
        advice = f'did you mean "{near[0]}"?' if near else 'write one like "Europe/Paris"'
        yield f'site.timezone: "{zone}" is not a time zone; {advice}'


def _content_problems(content: dict[str, Any]) -> Iterator[str]:
    for key, value in content.items():
        if key in _GIT:
            continue
        for path in [value] if isinstance(value, str) else value:
            parts = PurePosixPath(path).parts
            if key != "ignore" and (not parts or path.startswith("/") or ".." in parts or "\0" in path):
                yield f'content.{key}: "{path}" is not below the folder of blog.toml; write a path inside it'


_GIT = ("git", "branch", "git_host_keys")
_PATH = "[!-~]+"
_HOST = r"[A-Za-z0-9][A-Za-z0-9.-]*"
_USER = r"([A-Za-z0-9_][A-Za-z0-9_.-]*@)?"
# No transport helper (gitremote-helpers(7)), no path of this machine, nothing that looks like an option.
_REPOSITORY = re.compile(
    rf"https://{_HOST}(:\d{{1,5}})?/{_PATH}|ssh://{_USER}{_HOST}(:\d{{1,5}})?/{_PATH}|{_USER}{_HOST}:(?!:|//){_PATH}"
)
_BRANCH = re.compile(r"(?!.*(\.\.|//|/\.|@\{|\.lock(/|$)))\w[\w./+@#-]*(?<![/.])")


def _git_problems(content: dict[str, Any]) -> Iterator[str]:
    address, branch = content.get("git", ""), content.get("branch", "main")
    if re.match(r"([^:/?#]*:)?//[^/?#]*@", address) and not re.match(
        rf"ssh://{_USER}[^:@/]+(:\d+)?/", address
    ):
        yield (
            "content.git: the address holds a user or a password; write it without them, or write "
            '"git@forge.example.org:me/blog.git", and `fab setup` makes a key that may read it'
        )
    elif address and not _REPOSITORY.fullmatch(address):
        yield (
            f'content.git: "{address}" is not the address of a repository; write one like '
            '"https://forge.example.org/me/blog.git" or "git@forge.example.org:me/blog.git"'
        )
    if not _BRANCH.fullmatch(branch):
        yield f'content.branch: "{branch}" cannot be a branch; write one like "main"'
    for key in content.get("git_host_keys", ()):
        if not re.fullmatch(r"\S+ (ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/=]+( .*)?", key):
            yield (
                f'content.git_host_keys: "{key}" is not a line of known_hosts; write one like '
                '"forge.example.org ssh-ed25519 AAAA…"'
            )


def _metadata_problems(metadata: dict[str, Any]) -> Iterator[str]:
    patterns = {key: metadata.get(key, getattr(Metadata(), key)) for key in ("file_name", "file_path")}
    rules: dict[str, str] = {}
    for key in ("slug_rules", "tag_rules", "category_rules", "author_rules"):
        for index, (pattern, replacement) in enumerate(metadata.get(key, ())):
            patterns[f"{key}[{index}]"], rules[f"{key}[{index}]"] = pattern, replacement
    for key, pattern in patterns.items():
        try:
            re.compile(pattern)
        except re.error as error:
            yield f'metadata.{key}: "{pattern}" is not a regular expression: {error}'
            continue
        try:
            re.sub(pattern, rules.get(key, ""), "")
        except (re.error, IndexError) as error:
            yield f'metadata.{key}: "{rules[key]}" cannot stand for what was found: {error}'


# What fills the addresses of lists; those of texts and labels are told with the text that cannot fill them.
_DATE = {"date": dt.datetime(2026, 1, 31, tzinfo=dt.UTC)}
_PAGE = {
    "name": "a",
    "base_name": "a",
    "number": 2,
    "extension": ".html",
    "url": "/a.html",
    "save_as": "a.html",
}
_FILLED_BY: dict[str, dict[str, Any]] = {
    **{key: {} for key in ("index", "archives", "categories", "tags", "authors")},
    **{f"{span}{end}": _DATE for span in ("year", "month", "day") for end in ("", "_save_as")},
    "numbered": _PAGE,
}


def _address_problems(urls: dict[str, Any]) -> Iterator[str]:
    for key, pattern in urls.items():
        try:
            names = [name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None]
        except ValueError as error:
            yield f'urls.{key}: "{pattern}" is not a pattern: {error}'
            continue
        if not all(re.fullmatch(r"\w+", name) for name in names) or re.search(_NEVER_IN_A_PLACE, pattern):
            default = getattr(Urls(), key)
            yield f'urls.{key}: "{pattern}" is not a pattern of an address; write one like "{default}"'
        elif key in _FILLED_BY:
            yield from _list_problems(key, pattern, _FILLED_BY[key])


_NEVER_IN_A_PLACE = r"\.\.|[\x00-\x1f\x7f\\]|^/*\.$"


def _list_problems(key: str, pattern: str, fields: dict[str, Any]) -> Iterator[str]:
    try:
        pattern.format(**fields)
    except LookupError:
        known = " and ".join(f"{{{name}}}" for name in fields) or "no field"
        yield f'urls.{key}: "{pattern}" has a field that no such page has; known here: {known}'
    except (ValueError, TypeError) as error:
        yield f'urls.{key}: "{pattern}" cannot be filled: {error}'


def _theme_problems(theme: dict[str, Any]) -> Iterator[str]:
    for key in ("accent", "accent_dark"):
        colour = theme.get(key, "")
        if colour and not re.fullmatch(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", colour):
            yield f'theme.{key}: "{colour}" is not a colour; write one like "#9a3412"'
    for key in ("logo", "icon"):
        if "\0" in theme.get(key, ""):
            yield f"theme.{key}: no file is called so; write the path of a picture"


# A bare address of IPv6 has no port: nobody could tell where it begins.
_SSH_HOST = re.compile(
    r"([\w.-]+@)?(([\w.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?|[0-9a-fA-F.]*(:[0-9a-fA-F.]*){2,})"
)


def _server_problems(server: dict[str, Any]) -> Iterator[str]:
    name = server.get("name", Server().name)
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", name) or name in _TAKEN_NAMES:
        yield (
            f'server.name: "{name}" cannot be a user name of its own; '
            "write small letters, digits and dashes, at most 31"
        )
    for host in server.get("hosts", []):
        if not _SSH_HOST.fullmatch(host):
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


def _metrics_problems(metrics: dict[str, Any]) -> Iterator[str]:
    token, statsd = metrics.get("token", ""), metrics.get("statsd", "")
    yield from _secret_problems("metrics.token", token)
    if statsd and not re.fullmatch(r"([\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}", statsd):
        yield f'metrics.statsd: "{statsd}" is not a host and port; write one like "127.0.0.1:8125"'


def _alert_problems(alerts: dict[str, Any]) -> Iterator[str]:
    for address in alerts.get("mail", ()):
        if not re.fullmatch(r"[^@\s,<>]+@[^@\s,<>]+", address):
            yield f'alerts.mail: "{address}" is not a mail address; write one like "me@example.org"'
    for key in ("webhook", "sentry", "ping"):
        yield from _secret_problems(f"alerts.{key}", alerts.get(key, ""))


def _secret_problems(key: str, named: str) -> Iterator[str]:
    # What stands there may be the secret itself: it is not repeated.
    if not re.fullmatch(r"(env:[A-Za-z_]\w*|file:[^\0\n]+)?", named):
        example = f"BLOG_{key.rpartition('.')[2].upper()}"
        yield f'{key}: no secret belongs in here; write "env:{example}" or "file:PATH"'


def _hour_problems(at: str) -> Iterator[str]:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", at):
        yield f'rebuild.at: "{at}" is not a time of day; write one like "04:10"'
