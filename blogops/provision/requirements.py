"""Requirements as pip reads them (PEP 508), checked before anything is sent, and whose an environment is."""

import re
from pathlib import PurePosixPath

from blogops.provision.collector import absolute, account, refuse

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_EXTRAS = rf"\[{_NAME}(?:,{_NAME})*\]"
_VERSION = r"(?:===|==|~=|!=|<=|>=|<|>)[A-Za-z0-9][A-Za-z0-9.!+_-]*(?:\.\*)?"
_REQUIREMENT = re.compile(rf"({_NAME})(?:{_EXTRAS})?(?:{_VERSION}(?:,{_VERSION})*)?")
_REFERENCE = re.compile(r"(?:git\+)?(?:https?|ssh|file)://[^\s;]+")


def requirement(text: str) -> str:
    """Return *text* without its blanks if it is a name with optional extras and versions, else raise."""
    plain = re.sub(r"\s*([\[\],=<>!~]+)\s*", r"\1", text.strip())
    if _REQUIREMENT.fullmatch(plain):
        return plain
    hint = 'Write a name, its extras and its versions, like "gunicorn[gevent]>=20,<24".'
    raise refuse(f'"{text}" is not a requirement', hint)


def reference(name: str, url: str) -> str:
    """Return the requirement for *name* at *url*, or raise."""
    if not _REFERENCE.fullmatch(url):
        raise refuse(f'"{url}" is not the address of a package', "Give a https:// or git+https:// address.")
    if re.search(r"[<>=!~]", name):
        raise refuse(f'"{name}" has an address and versions', "The address says which version it is.")
    return f"{requirement(name)} @ {without_password(url)}"


def project(text: str) -> str:
    """Return the name in a requirement as pip compares names (PEP 503)."""
    found = re.match(_NAME, text)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else text


def without_password(url: str) -> str:
    """Return *url* if it carries no password, else raise: it would be in events, and in ``ps``."""
    if re.match(r"[a-z+]+://[^/@]*:[^/@]*@", url):
        raise refuse("an address with a password would be shown", "Use a key, or a ~/.netrc of the user.")
    return url


def owner_of(path: str, user: str) -> str:
    """Return *user*; not given, what lies below ``/home/NAME`` is NAME's, all else root's."""
    parts = PurePosixPath(absolute(path)).parts
    if user:
        return account(user)
    return account(parts[2]) if parts[:2] == ("/", "home") and len(parts) > 3 else "root"
