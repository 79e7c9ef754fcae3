"""Headers as an author writes them: a `headers` file, whose lines are those of Netlify's ``_headers``."""

from urllib.parse import unquote_to_bytes

from blogops.config import Config
from blogops.errors import Failed
from blogops.headers import Rule, rule, to_json
from blogops.website.discover import shown
from blogops.website.notes import Notes


def written(config: Config, notes: Notes) -> tuple[Rule, ...]:
    """Return the rules of the manuscript's headers file, in its order; wrong lines go to *notes*."""
    path = config.folder / config.content.headers
    if not path.is_file():
        return ()
    file = shown(path, config)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"cannot be read: {error}", where=file, hint="Save it as UTF-8.") from error
    return parse_headers(text, file, notes)


def parse_headers(text: str, shown: str, notes: Notes) -> tuple[Rule, ...]:
    """Return the rules of a headers file: a line with a path, then indented lines ``Name: value``.

    A line that begins with ``#`` is a comment. Wrong lines go to *notes* as problems of the file *shown*.
    """
    found: list[Rule] = []
    path = ""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            if line[0] in " \t":
                found.append(_header(path, line.strip(" \t\r")))
            else:
                path = ""  # lines below a wrong one belong to none
                path = _path(line.rstrip(" \t\r"))
        except ValueError as error:
            notes.problem(shown, number, str(error))
    try:
        to_json(found)
    except ValueError as error:
        notes.problem(shown, 1, str(error))
    return tuple(found)


def _path(line: str) -> str:
    try:
        path = unquote_to_bytes(line).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f'"{line}" is not UTF-8 when it is decoded') from None
    return rule(path, "Link", "")[0]


def _header(path: str, line: str) -> Rule:
    name, colon, value = line.partition(":")
    if not colon:
        raise ValueError('write "Name: value"')
    if not path:
        raise ValueError("this header belongs to no path; write the path in a line above, not indented")
    return rule(path, name.rstrip(), value.strip(" \t"))
