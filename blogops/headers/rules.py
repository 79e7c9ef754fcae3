"""What may be a header of a release; the build says it to the author, and root's program checks it again."""

import json
import re
from collections.abc import Sequence

Rule = tuple[str, str, str]
"""A path (decoded; `*` at its end stands for all below), a header's name and its value."""

# The names, and what nginx's variables and maps call them: variables_hash_bucket_size allows no long ones.
ALLOWED = {
    "Content-Security-Policy": "csp",
    "X-Frame-Options": "frame",
    "Referrer-Policy": "refer",
    "X-Robots-Tag": "robot",
    "Access-Control-Allow-Origin": "acao",
    "Permissions-Policy": "perms",
    "Cross-Origin-Opener-Policy": "coop",
    "Cross-Origin-Embedder-Policy": "coep",
    "Cross-Origin-Resource-Policy": "corp",
    "Content-Language": "lang",
    "Link": "link",
}
MOST = 200  # headers of one release
LARGEST = 64_000  # bytes of all of them
LONGEST_PATH, LONGEST_VALUE = 200, 2_000  # nginx reads no word of 4096 bytes
_NAMES = {name.lower(): name for name in ALLOWED}
_NO_VALUE = re.compile(r"[^ -~]|[\"\\$]")


def rule(path: str, name: str, value: str) -> Rule:
    """Return the rule, its name as in `ALLOWED`; raises `ValueError`, in a sentence for its author."""
    return _path(path), _name(name), _value(value)


def to_json(rules: Sequence[Rule]) -> str:
    """Return *rules* as they lie in a release; raises `ValueError` where they are too many."""
    if len(rules) > MOST:
        raise ValueError(f"{len(rules)} headers are too many; {MOST} are possible")
    text = json.dumps(rules, ensure_ascii=False, indent=1) + "\n"
    if len(text.encode()) > LARGEST:
        raise ValueError(f"the headers are too long; {LARGEST} bytes are possible, all together")
    return text


def from_json(data: bytes) -> tuple[Rule, ...]:
    """Return the rules that `to_json` wrote; or raise `ValueError`, which tells nothing of *data*."""
    if len(data) > LARGEST:
        raise ValueError(f"it has more than {LARGEST} bytes")
    try:
        found = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON in UTF-8") from None
    if not isinstance(found, list) or len(found) > MOST:
        raise ValueError(f"it is not a list of at most {MOST} headers")
    try:
        return tuple(_again(item) for item in found)
    except ValueError:
        raise ValueError("one of its headers is not allowed") from None


def _again(item: object) -> Rule:
    if not isinstance(item, list) or len(item) != 3 or not all(isinstance(word, str) for word in item):
        raise ValueError("not three texts")
    path, name, value = item
    return rule(path, name, value)


def _path(given: str) -> str:
    wrong = not given.startswith("/") or "*" in given[:-1] or re.search(r"[?#\\\x00-\x1f\x7f]|//", given)
    if wrong or re.search(r"/\.", given) or len(given) > LONGEST_PATH:
        raise ValueError(
            f'"{_short(given)}" is not a path; write one like /old.html or /fonts/*, with * at its end alone'
        )
    try:
        given.encode()
    except UnicodeEncodeError:
        raise ValueError("a path is not UTF-8") from None
    return given


def _name(given: str) -> str:
    known = _NAMES.get(given.lower())
    if known:
        return known
    if given.lower() == "cache-control":
        raise ValueError(
            "Cache-Control is blogops' own: what a browser has kept, a rollback could not take back"
        )
    raise ValueError(f'"{_short(given)}" is not a header for here; possible are {", ".join(ALLOWED)}')


def _value(given: str) -> str:
    if wrong := _NO_VALUE.search(given):
        raise ValueError(f'{wrong[0]!a} cannot be in a value: printable ASCII without ", \\ and $')
    if len(given) > LONGEST_VALUE:
        raise ValueError(f"a value of {len(given)} characters is too long; {LONGEST_VALUE} are possible")
    return given


def _short(text: str) -> str:
    return ascii(text[:60])[1:-1]
