"""A small blog as plain data, and everything that an author, a clock or a disk may do to it in one step."""

import copy
import dataclasses
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

NAMES = (
    *("a.rst", "b.rst", "essays/c.rst", "essays/d.rst", "2026-01-09-e.rst", "f.rst"),
    *("pages/about.rst", "pages/contact.rst"),
)
TITLES = ("Bread", "On salt", "Water's *edge*", "Bread & butter", "Ovens", "Bread")
TEXTS = (
    "Plain text.",
    "A longer text, with `code` and *stress*; and enough words to be cut in a summary of few words only.",
    "Twin text.",
    "A heading\n~~~~~~~~~\n\nBelow.\n\nAnother one\n~~~~~~~~~~~\n\nBelow.\n\nThird one\n~~~~~~~~~\n\nBelow.",
    ".. code:: python\n\n   print('bread')",
    "*Not closed",
)
TAGS = ("", "red", "red, blue", "blue, green", "green", "Red")
# The third and the fourth are one moment, told in two ways.
DATES = (
    *("2026-01-02 10:00", "2026-01-03", "2026-02-01 09:00 +0100", "2026-02-01 08:00 +0000", "2026-03-05"),
    *("2026-06-01 00:00", "2026-09-01", "2027-01-01", ""),
)
MOMENTS = (
    *("2026-04-01T00:00", "2026-05-31T23:59", "2026-06-01T00:00", "2026-10-01T00:00", "2028-01-01T00:00"),
    "2026-02-02T00:00",
)
FIELDS: Mapping[str, tuple[str, ...]] = {
    "category": ("", "misc", "bread", "Bread", "salt"),
    "status": ("", "draft", "hidden", "skip", "published", "scheduled"),
    # The second is a moment of MOMENTS, the third is before many dates.
    "expires": ("", "2026-06-01 00:00", "2026-02-02 00:00", "2026-05-31 23:59 Z", "2027-06-01"),
    "slug": ("", "other", "twin"),
    "summary": ("", "In short.", "In short: `there <{filename}/a.rst>`__."),
    "description": ("", "One sentence.", "Another sentence."),
    "modified": ("", "2026-03-06", "2026-03-07"),
    "authors": ("", "Ada", "Ada, Rémy"),
    "series": ("", "Loaves", "Crumbs"),
    "series_index": ("", "1", "2"),
    "lang": ("", "en", "fr"),
    "translation": ("", "true"),
    "image": ("", "{static}/images/a.png", "{attach}/images/b.png"),
    "template": ("", "special"),
    "aliases": ("", "/old-address.html", "/older.html"),
    "save_as": ("", "files/notes.txt", "moved/here.html"),
    "id": ("", "urn:x:1", "urn:x:2"),
    "mood": ("", "good", "bad"),
}
LINKS = (
    "`One <{filename}/a.rst>`__.",
    "`Two <{filename}/essays/c.rst#below>`__.",
    "`Page <{filename}/pages/about.rst>`__.",
    "`File <{static}/files/notes.txt>`__.",
    "`File <{attach}/files/notes.txt>`__.",
    "`Tag <{tag}red>`__ and `category <{category}bread>`__.",
    ".. image:: /images/a.png\n   :alt: A",
    ".. image:: {static}/images/b.png\n   :alt: B",
    ".. image:: {attach}/images/a.png\n   :alt: A",
    ".. include:: /parts/x.inc",
    ".. include:: /parts/y.inc\n   :literal:",
    ".. box:: hello",
)
BASE_MACRO = '{% extends "!base.html" %}\n{% from "mine.html" import sign %}\n'
NUMBERS = (
    '{% extends "base.html" %}\n{% block main %}'
    "<h1>{{ title }}</h1>{% for post in posts %}<p>{{ post.title }} {{ post.words }}</p>{% endfor %}"
    "{% endblock %}"
)
EXTENSION = """
from pathlib import Path
from docutils import nodes
from docutils.parsers.rst import Directive
from blogops.website.extensions import Page

BESIDE = Path(__file__).parent / "data.txt"

def shout(value):
    return f"{value}MARK" + (BESIDE.read_text() if BESIDE.exists() else "")

def spilled(entry):
    return "{title} {words}".format(**vars(entry))

class Box(Directive):
    has_content = True
    required_arguments = 1
    def run(self):
        return [nodes.paragraph("", shout(self.arguments[0]))]

def hook(found, config):
    yield Page("numbers.html", template="numbers.html", context={"title": "N", "posts": POSTS})
    yield Page("posts.json", body=" ".join(post.title for post in found.posts))

def setup(blog):
    blog.filter("shout", shout)
    blog.filter("spilled", spilled)
    blog.directive("box", Box)
    blog.pages(hook)
"""


def _extended(mark: str, posts: str) -> str:
    return EXTENSION.replace("MARK", mark).replace("POSTS", posts)


def png(colour: str, size: int = 40, level: int = 0) -> bytes:
    """Return a picture; all of one *size* and *level* 0 have as many bytes."""
    held = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(held, "png", compress_level=level)
    return held.getvalue()


_JSON = json.dumps({"numbers": list(range(300))}).encode()
# What a file may hold, by its path; None: it is not there.
FILES: Mapping[str, tuple[bytes | None, ...]] = {
    "content/parts/x.inc": (None, b"Included.", b"Included `too <{filename}/b.rst>`__.", b"* Broken *list"),
    "content/parts/y.inc": (None, b"As it is.", b"As it was."),
    "content/images/a.png": (None, png("red"), png("blue"), png("red", 24, 9), b"no picture"),
    "content/images/b.png": (None, png("red"), png("green")),
    "content/images/c.svg": (None, b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>'),
    "content/files/notes.txt": (None, b"Notes.\n", b"Noted.\n"),
    "content/static/data.json": (None, _JSON, _JSON.replace(b"1", b"2")),
    "content/static/data.json.gz": (None, b"by hand"),
    "content/static/index.txt": (None, b"static"),
    "content/.hidden": (None, b"x"),
    "headers": (None, b"/*\n Link: <a>\n", b"/*\n Link: <b>\n/\n X-Frame-Options:\n", b" Link: a\n"),
    "redirects": (None, b"/was.html /a.html\n", b"/was.html /b.html\n/gone.html 410\n"),
    "extensions/data.txt": (None, b"!", b"?"),
    "extensions/mine.py": (
        _extended("!", "found.posts").encode(),
        _extended("?", "found.posts").encode(),
        _extended("!", "found.posts[:1]").encode(),
        _extended("!", "{*found.posts[:1]}").encode(),
        b"def setup(blog):\n    pass\n",
        b"def setup(blog):\n    blog.nowhere()\n",
        None,
    ),
    "templates/base.html": (
        None,
        b'{% extends "!base.html" %}\n{% block footer %}<p>Mine.</p>{{ super() }}{% endblock %}\n',
        (BASE_MACRO + "{% block footer %}{{ sign(title) }}{% endblock %}\n").encode(),
        (BASE_MACRO + "{% block footer %}{{ sign(url) }}{% endblock %}\n").encode(),
        b'{% extends "!base.html" %}\n{% block footer %}{{ nowhere.at.all }}{% endblock %}\n',
    ),
    "templates/mine.html": (
        b"{% macro sign(what) %}<b>{{ what }}</b>{% endmacro %}",
        b"{% macro sign(what) %}<i>{{ what }}</i>{% endmacro %}",
    ),
    "templates/note.html": (None, b"", b"Note.", b"Note on {{ title }}."),
    "templates/card-0.html": (None, b"Even.", b"Still even."),
    "templates/card-1.html": (None, b"Odd.", b"{% include 'note.html' ignore missing %}"),
    "templates/listing.html": (
        None,
        b'{% extends "!listing.html" %}\n{% block main %}{{ super() }}'
        b'{% include "card-" ~ posts|length % 2 ~ ".html" ignore missing %}{% endblock %}\n',
        b'{% extends "base.html" %}\n{% block main %}'
        b"{% for post in posts %}<p>{{ post.title }} {{ post.fields.get('mood') }}</p>{% endfor %}"
        b"{% endblock %}\n",
        b"{% block main %}",
    ),
    "templates/post.html": (
        None,
        b'{% extends "!post.html" %}\n{% block main %}{{ super() }}'
        b"{% if entry.tags %}{% include ['note.html', 'card-0.html'] ignore missing %}{% endif %}"
        b"{% endblock %}\n",
        b'{% extends "!post.html" %}\n{% block main %}{{ super() }}{{ entry.date }}'
        b"{% for name, value in entry.fields.items() %}{{ name }}={{ value }};{% endfor %}{% endblock %}\n",
        b'{% extends "!post.html" %}\n{% block main %}{{ super() }}'
        b"{% if older %}{{ older.summary }}{{ older.changed }}{% endif %}{{ parts|length }}{% endblock %}\n",
        b'{% extends "!post.html" %}\n'
        b'{% block main %}{{ "always"|shout }}{{ newer|spilled if newer }}{% endblock %}\n',
    ),
    "templates/special.html": (
        b'{% extends "post.html" %}\n{% block title %}Special{% endblock %}\n',
        b'{% extends "post.html" %}\n{% block title %}Special {{ title }}{% endblock %}\n',
    ),
    "templates/numbers.html": (NUMBERS.encode(), NUMBERS.replace("words", "minutes").encode()),
}
SETTINGS: Mapping[tuple[str, str], tuple[Any, ...]] = {
    ("site", "title"): ("Crumbs", "Crusts"),
    ("site", "description"): ("", "All of it."),
    ("site", "language"): ("en", "fr"),
    ("site", "timezone"): ("UTC", "Europe/Paris"),
    ("site", "typography"): (True, False),
    ("site", "profiles"): ([], ["https://example.net/me"]),
    ("theme", "accent"): ("", "#9a3412"),
    ("theme", "logo"): ("", "images/c.svg"),
    ("theme", "menu"): ({}, {"Elsewhere": "https://example.net/"}),
    ("content", "static"): (["images", "static"], ["images", "static", "files"], ["images"]),
    ("lists", "per_page"): (2, 1, 10),
    ("lists", "orphans"): (0, 1),
    ("lists", "order"): ("reversed-date", "title"),
    ("lists", "related"): (2, 0),
    ("lists", "summary_words"): (8, 0, 3),
    ("lists", "summary_end"): ("…", "..."),
    ("feeds", "items"): (20, 1),
    ("feeds", "summaries"): (False, True),
    ("feeds", "ids"): ("stable", "pelican"),
    ("feeds", "kilobytes"): (512, 1),
    ("urls", "tag"): ("tag/{slug}.html", "t/{slug}/", ""),
    ("urls", "post"): ("{slug}.html", "{date:%Y}/{slug}.html", "{category}/{slug}/"),
    ("urls", "page"): ("pages/{slug}.html", "{slug}-{date:%H%M}.html"),
    ("urls", "month"): ("", "{date:%Y}/{date:%m}/"),
    ("metadata", "slug_from"): ("title", "basename"),
    ("metadata", "known"): (["mood"], []),
    ("metadata", "paths"): ({}, {"essays": {"category": "salt"}}, {"images/b.png": {"path": "b.png"}}),
    ("images", "variants"): (False, True),
    ("images", "widths"): ([16], [16, 32]),
    ("build", "compress"): (False, True),
    ("build", "warning"): ("tell", "ignore", "stop"),
    ("build", "error"): ("tell", "stop"),
    ("build", "link"): ("tell", "stop", "ignore"),
    ("build", "code"): ({}, {"linenos": "inline"}),
    ("releases", "keep"): (5, 6),
}
_ALWAYS: Mapping[tuple[str, str], Any] = {
    ("site", "url"): "http://blog.example.org",
    ("site", "author"): "Rémy",
    # Fewer files, and so more steps in the same time.
    ("feeds.atom", "tag"): "",
    ("feeds.rss", "all"): "",
    ("feeds.rss", "tag"): "",
    ("feeds.rss", "author"): "",
    ("feeds.rss", "language"): "",
    ("feeds.json", "category"): "",
    ("feeds.json", "author"): "",
    ("feeds.json", "language"): "",
}


@dataclass
class Post:
    """A post or a page: its title, its fields, and its paragraphs."""

    title: str
    fields: dict[str, str]
    paragraphs: list[str]

    def source(self) -> bytes:
        """Return it as its author writes it."""
        fields = "".join(f":{name}: {value}\n" for name, value in self.fields.items() if value)
        text = "\n\n".join(self.paragraphs)
        return f"{self.title}\n{'=' * len(self.title)}\n\n{fields}\n{text}\n".encode()


@dataclass
class Draft:
    """All that a site is made from, as data; *now* is when it is built."""

    posts: dict[str, Post] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    settings: dict[tuple[str, str], Any] = field(default_factory=dict)
    now: str = MOMENTS[0]

    def copy(self) -> "Draft":
        """Return another one that is the same."""
        return copy.deepcopy(self)

    def held(self) -> dict[str, bytes]:
        """Return every file of the blog's folder."""
        posts = {f"content/{name}": post.source() for name, post in self.posts.items()}
        return {**posts, **self.files, "blog.toml": _toml({**_ALWAYS, **self.settings}).encode()}


def first() -> Draft:
    """Return a small blog with something of everything in it."""
    made = Draft(settings={key: values[0] for key, values in SETTINGS.items()})
    for number, name in enumerate(("a.rst", "b.rst", "essays/c.rst", "pages/about.rst")):
        fields = {"date": DATES[number], "tags": TAGS[number], "series": ("Loaves", "Loaves", "", "")[number]}
        made.posts[name] = Post(TITLES[number], fields, [TEXTS[number], LINKS[number], LINKS[number + 6]])
    made.posts["a-fr.rst"] = Post("Pain", {"date": DATES[1], "slug": "bread", "lang": "fr"}, ["Du pain."])
    for name in ("parts/x.inc", "images/a.png", "images/b.png", "images/c.svg", "files/notes.txt"):
        made.files[f"content/{name}"] = FILES[f"content/{name}"][1] or b""
    for name in ("mine.html", "special.html", "numbers.html"):
        made.files[f"templates/{name}"] = FILES[f"templates/{name}"][0] or b""
    made.files["extensions/mine.py"] = FILES["extensions/mine.py"][0] or b""
    return made


def _toml(settings: Mapping[tuple[str, str], Any]) -> str:
    tables: dict[str, list[str]] = {}
    for (table, key), value in settings.items():
        tables.setdefault(table, []).append(f"{key} = {_value(value)}")
    return "\n".join(f"[{table}]\n" + "\n".join(lines) + "\n" for table, lines in tables.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_value(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


class Step(NamedTuple):
    """One step of a script: what is done, and two numbers that choose to what and how."""

    what: str
    one: int = 0
    two: int = 0


Edit = Callable[[Draft, int, int], None]


def _chosen(draft: Draft, one: int) -> Post:
    return draft.posts[sorted(draft.posts)[one % len(draft.posts)]]


def _add(draft: Draft, one: int, two: int) -> None:
    free = [name for name in NAMES if name not in draft.posts]
    if free:
        name = free[one % len(free)]
        date = "" if name.startswith("pages/") else DATES[two % 5]
        draft.posts[name] = Post(TITLES[two % 6], {"date": date, "tags": TAGS[one % 6]}, [TEXTS[two % 5]])


def _delete(draft: Draft, one: int, two: int) -> None:
    if len(draft.posts) > 3:
        del draft.posts[sorted(draft.posts)[one % len(draft.posts)]]


def _rename(draft: Draft, one: int, two: int) -> None:
    free = [name for name in NAMES if name not in draft.posts]
    if free:
        draft.posts[free[two % len(free)]] = draft.posts.pop(sorted(draft.posts)[one % len(draft.posts)])


def _text(draft: Draft, one: int, two: int) -> None:
    _chosen(draft, one).paragraphs[:1] = [TEXTS[two % len(TEXTS)]]


def _retitle(draft: Draft, one: int, two: int) -> None:
    _chosen(draft, one).title = TITLES[two % len(TITLES)]


def _retag(draft: Draft, one: int, two: int) -> None:
    _chosen(draft, one).fields["tags"] = TAGS[two % len(TAGS)]


def _redate(draft: Draft, one: int, two: int) -> None:
    _chosen(draft, one).fields["date"] = DATES[two % len(DATES)]


def _field(draft: Draft, one: int, two: int) -> None:
    name = list(FIELDS)[two % len(FIELDS)]
    _chosen(draft, one).fields[name] = FIELDS[name][(one * 7 + two) % len(FIELDS[name])]


def _status(draft: Draft, one: int, two: int) -> None:
    _chosen(draft, one).fields["status"] = FIELDS["status"][two % len(FIELDS["status"])]


def _reorder(draft: Draft, one: int, two: int) -> None:
    post = _chosen(draft, one)
    post.fields = dict(reversed(post.fields.items()))


def _translate(draft: Draft, one: int, two: int) -> None:
    name = sorted(draft.posts)[one % len(draft.posts)]
    slug = draft.posts[name].fields.get("slug") or "bread"
    fields = {**draft.posts[name].fields, "lang": ("fr", "de")[two % 2], "slug": slug}
    draft.posts[f"{name[:-4]}-fr.rst"] = Post("Traduit", fields, ["Traduit."])


def _link(draft: Draft, one: int, two: int) -> None:
    _chosen(draft, one).paragraphs.append(LINKS[two % len(LINKS)])


def _unlink(draft: Draft, one: int, two: int) -> None:
    post = _chosen(draft, one)
    post.paragraphs = post.paragraphs[:1] + post.paragraphs[1:-1]


def _file(folder: str) -> Edit:
    names = [name for name in FILES if name.startswith(folder)]

    def edit(draft: Draft, one: int, two: int) -> None:
        name = names[one % len(names)]
        data = FILES[name][two % len(FILES[name])]
        draft.files.pop(name, None)
        if data is not None:
            draft.files[name] = data

    return edit


def _setting(draft: Draft, one: int, two: int) -> None:
    # Two small numbers reach them all.
    keys = list(SETTINGS)
    key = keys[(one * 3 + two) % len(keys)]
    draft.settings[key] = SETTINGS[key][(one + two) % len(SETTINGS[key])]


def _clock(draft: Draft, one: int, two: int) -> None:
    draft.now = MOMENTS[one % len(MOMENTS)]


def _swap(draft: Draft, one: int, two: int) -> None:
    """Edit a text, whose size stays."""
    post = _chosen(draft, one)
    post.paragraphs[0] = post.paragraphs[0].swapcase()


def _break(draft: Draft, one: int, two: int) -> None:
    _chosen(draft, one).fields["date"] = ("never", "2026-13-45")[two % 2]


EDITS: Mapping[str, Edit] = {
    "add": _add,
    "delete": _delete,
    "rename": _rename,
    "text": _text,
    "retitle": _retitle,
    "retag": _retag,
    "redate": _redate,
    "field": _field,
    "status": _status,
    "reorder fields": _reorder,
    "translate": _translate,
    "link": _link,
    "unlink": _unlink,
    "part": _file("content/parts/"),
    "image": _file("content/images/"),
    "static": _file("content/"),
    "template": _file("templates/"),
    "extension": _file("extensions/"),
    "redirects": _file("redirects"),
    "headers": _file("headers"),
    "setting": _setting,
    "clock": _clock,
    "sneak": _swap,
    "break": _break,
}
"""What an author does, by its name."""


class Folder:
    """The blog's folder on the disk, which follows a `Draft`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held: dict[str, bytes] = {}

    def follow(self, draft: Draft, *, keeps_times: bool = False) -> None:
        """Write what has changed; half of it as editors do that write aside, half in its place."""
        wanted = draft.held()
        for name in self._held.keys() - wanted.keys():
            (self.path / name).unlink()
        for name, data in wanted.items():
            if self._held.get(name) != data:
                self._write(name, data, keeps_times=keeps_times)
        self._held = wanted

    def touch(self, one: int) -> None:
        """Give a file another time, and its bytes once more."""
        name = sorted(self._held)[one % len(self._held)]
        (self.path / name).write_bytes(self._held[name])

    def move(self, path: Path) -> None:
        """Give the folder another name."""
        self.path = self.path.rename(path)

    def _write(self, name: str, data: bytes, *, keeps_times: bool) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.stat() if path.exists() else None
        if len(data) % 2 and not keeps_times:
            aside = path.with_name(f".{path.name}.swp")
            aside.write_bytes(data)
            aside.replace(path)
        else:
            path.write_bytes(data)
        if keeps_times and before:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def damage(cache: Path, one: int, two: int) -> None:
    """Harm what builds remember."""
    files = sorted(path for path in cache.rglob("*") if path.is_file())
    database = cache / "builds.sqlite"
    if not database.exists():
        return
    size = database.stat().st_size
    if one % 6 == 0:
        database.unlink()
    elif one % 6 == 1:
        os.truncate(database, size * two // 12)
    elif one % 6 == 2:
        database.write_bytes(b"")
    elif one % 6 == 3:
        shutil.rmtree(cache)
    elif one % 6 == 4:
        _flip(files[two % len(files)], one + two)
    else:
        _flip(database, two)


def _flip(path: Path, seed: int) -> None:
    data = bytearray(path.read_bytes())
    for number in range(1, 12):
        if data:
            data[(seed * 7919 + number * number * 104729) % len(data)] ^= 0xFF
    path.write_bytes(bytes(data))


def meddle(out: Path, one: int, two: int) -> None:
    """Do to the built files what nobody should."""
    files = sorted(path for path in out.rglob("*") if path.is_file() and not path.is_symlink())
    if not files:
        return
    path, two = files[one * 5 % len(files)], two % 12
    if two == 0:
        shutil.rmtree(out)
    elif two < 4:
        path.write_bytes((b"other", path.read_bytes().swapcase(), path.read_bytes())[two - 1])
    elif two < 9:
        path.unlink()
        _put_instead(path, files[-1], two)
    elif two == 9:
        (out / "stray.html").write_bytes(b"stray")
    elif two == 10:
        shutil.rmtree(out / "category", ignore_errors=True)
        (out / "category").write_bytes(b"x")
    elif not (out / "stray").exists():
        (out / "stray").symlink_to(out)


def _put_instead(path: Path, other: Path, how: int) -> None:
    """Put something in the place of a file, or nothing (4)."""
    if how == 5:
        path.symlink_to(other)
    elif how == 6:
        os.mkfifo(path)
    elif how > 6:
        path.mkdir()
        if how == 8:
            (path / "inside").write_bytes(b"x")


def files_of(out: Path) -> dict[str, bytes]:
    """Return all files below *out* with their bytes; of what is no plain file, what it is instead."""
    found = {}
    for path in sorted(out.rglob("*")) if out.is_dir() else ():
        plain = path.is_file() and not path.is_symlink()
        if plain or not path.is_dir() or path.is_symlink():
            found[path.relative_to(out).as_posix()] = path.read_bytes() if plain else b"\0no plain file"
    return found


def numbers_of(out: Path) -> dict[str, tuple[int, int]]:
    """Return the inode and the time of every plain file below *out*."""
    every = (
        (path, path.lstat()) for path in sorted(out.rglob("*")) if path.is_file() and not path.is_symlink()
    )
    return {path.relative_to(out).as_posix(): (told.st_ino, told.st_mtime_ns) for path, told in every}


def folders_of(out: Path) -> set[str]:
    """Return all folders below *out*."""
    return {
        path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_dir() and not path.is_symlink()
    }


def facts_of(report: Any) -> Iterator[tuple[str, Any]]:
    """Yield what two builds of one site tell alike."""
    for each in dataclasses.fields(report):
        if each.name not in ("work", "stages", "slowest", "manifest"):
            yield each.name, getattr(report, each.name)
