"""Setting a field at the head of a text; every other byte stays as its author left it."""

import re

from blogops.errors import Refused

_FIELD = re.compile(rb":((?:[^:\\\r\n]|\\.)+):(?:[ \t]|\r?$|\r?\n)")
_ENDS = re.compile(rb"\r\n|\n|\r")


def set_field(data: bytes, name: str, value: str, among: tuple[int, ...], shown: str) -> bytes:
    """Return the text *data* with the field *name* set to *value*.

    *among* are the lines (from 1) at which fields of the text start; a new one comes after the last of them.
    Without any it comes below the title. Line ends stay what they are. Raises `Refused` where the fields
    cannot be found; *shown* is the file's name for its author.
    """
    lines = data.splitlines(keepends=True)
    starts = [line - 1 for line in among if 0 < line <= len(lines) and _FIELD.match(lines[line - 1])]
    written = f":{name}: {value}".encode() + _end_of_line(data)
    for start in starts:
        match = _FIELD.match(lines[start])
        if match and match[1].decode(errors="replace").lower() == name:
            lines[start : _end_of_field(lines, start)] = [written]
            return b"".join(lines)
    if not starts:
        return _below_the_title(lines, written, shown)
    end = _end_of_field(lines, max(starts))
    if end == len(lines) and not lines[-1].endswith((b"\n", b"\r")):
        lines[-1] += _end_of_line(data)
    lines.insert(end, written)
    return b"".join(lines)


def _end_of_line(data: bytes) -> bytes:
    found = _ENDS.search(data)
    return found[0] if found else b"\n"


def _end_of_field(lines: list[bytes], start: int) -> int:
    """Return the line after the field at *start*: what goes on with it is indented, blank lines apart."""
    end = start + 1
    for number, line in enumerate(lines[end:], end):
        if line.strip() and not line.startswith((b" ", b"\t")):
            break
        if line.strip():
            end = number + 1
    return end


def _below_the_title(lines: list[bytes], written: bytes, shown: str) -> bytes:
    for index, line in enumerate(lines[:3]):
        underline = line.strip()
        if index and len(set(underline)) == 1 and not underline[:1].isalnum() and lines[index - 1].strip():
            after = lines[index + 1 :]
            blank = _end_of_line(written)
            between = [] if after and not after[0].strip() else [blank]
            return b"".join([*lines[: index + 1], blank, written, *between, *after])
    raise Refused(
        "its title is not at its head", where=shown, hint="Write :date: below it. Nothing was changed."
    )
