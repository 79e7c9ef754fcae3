"""A new post or page: a file with its fields filled in, to be written in at once."""

import datetime as dt
import re
import traceback
import zoneinfo
from dataclasses import dataclass
from pathlib import Path

import jinja2
from docutils.utils import column_width
from jinja2.sandbox import SandboxedEnvironment

from blogops.authoring.manuscript import texts
from blogops.config import Config
from blogops.errors import Failed, Refused, UsageError
from blogops.website.discover import shown
from blogops.website.languages import code_of
from blogops.website.model import Entry
from blogops.website.slugs import slugs_for

# What docutils would take for markup, and what a line may not begin with.
_MARKUP = re.compile(r"[\\*`|]|_(?![^\W_])|^(?=[-+=~#.:>\"'^<•‣⁃])|^(?=\(?\w{1,5}[.)](\s|$))")

_BUILT_IN = """\
{{ rule }}
{{ title }}
{{ rule }}

{% if date %}
:date: {{ date }}
{% endif %}
{% if lang %}
:lang: {{ lang }}
{% endif %}
{% if slug %}
:slug: {{ slug }}
{% endif %}
{% if not page %}
:tags:
{% endif %}
{% if category %}
:category: {{ category }}
{% endif %}
:status: {{ status }}

"""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the author asks for; *language*, *category* and *slug* are empty where nothing was said."""

    title: str
    category: str = ""
    language: str = ""
    slug: str = ""
    page: bool = False
    publish: bool = False


def new(config: Config, wanted: Wanted, now: dt.datetime) -> Path:
    """Write the file of a new post and return its path; an existing file is never touched.

    Raises `UsageError` for a title or a category that gives no slug or a language that is none, `Refused`
    where the slug or the file is taken, `Failed` where the author's template is wrong or the file cannot be
    written.
    """
    slug = _slug(config, wanted)
    language = code_of(wanted.language) if wanted.language else config.site.language
    if not language:
        raise UsageError(f'"{wanted.language}" is not a language code', hint='Write one like "fr" or "en".')
    if wanted.category and not slugs_for("category", config).of(wanted.category):
        hint = "Name one with a letter or a digit. Nothing was written."
        raise UsageError(f'"{wanted.category}" is no name of a category', hint=hint)
    every = [entry for entry, _ in texts(config, now)] if config.manuscript.is_dir() else []
    _refuse_taken(slug, language, wanted, every)
    path = _path(config, wanted, slug, language)
    _write(path, _text(config, wanted, language, now), config)
    return path


def _slug(config: Config, wanted: Wanted) -> str:
    if "\n" in wanted.title or not wanted.title.strip():
        raise UsageError("a title is one line of text", hint='Say `fab new "A title"`.')
    slug = wanted.slug or slugs_for("slug", config).of(wanted.title)
    if not re.fullmatch(r"\w[\w.-]*", slug):
        hint = "Name one of letters, digits and dashes: --slug WORDS-WITH-DASHES."
        raise UsageError(f'"{wanted.slug or wanted.title}" gives no slug', hint=hint)
    return slug


def _refuse_taken(slug: str, language: str, wanted: Wanted, every: list[Entry]) -> None:
    for entry in every:
        if (entry.slug, entry.lang, entry.source.page) == (slug, language, wanted.page):
            raise Refused(
                f'the slug "{slug}" is taken',
                where=entry.source.shown,
                hint="Choose another title, or another slug: --slug. Nothing was written.",
            )


def _path(config: Config, wanted: Wanted, slug: str, language: str) -> Path:
    stem = slug if language == config.site.language else f"{slug}-{language}"
    return _folder(config, wanted) / f"{stem}.rst"


def _folder(config: Config, wanted: Wanted) -> Path:
    if wanted.page and not config.content.pages:
        raise UsageError(
            "content.pages names no folder", where=str(config.path), hint="Name one, or write a post."
        )
    folders = config.content.pages if wanted.page else config.content.posts
    start = config.manuscript / (folders[0] if folders else "")
    folder = slugs_for("category", config).of(wanted.category)
    # An author who keeps a folder for a category wants its posts there.
    named = [
        start / name for name in (wanted.category, folder) if name[:1] not in ("", ".") and "/" not in name
    ]
    return next((each for each in named if each.is_dir() and not wanted.page), start)


def _text(config: Config, wanted: Wanted, language: str, now: dt.datetime) -> str:
    title = _MARKUP.sub(lambda match: "\\" + match[0], wanted.title.strip())
    date = now.astimezone(zoneinfo.ZoneInfo(config.site.timezone))
    values = {
        "title": title,
        "rule": "#" * max(4, column_width(title.expandtabs())),
        "slug": wanted.slug or (_slug(config, wanted) if config.metadata.slug_from == "basename" else ""),
        "date": "" if wanted.page else date.strftime("%Y-%m-%d %H:%M"),
        "lang": "" if language == config.site.language else language,
        "category": wanted.category,
        "status": "published" if wanted.publish else "draft",
        "author": config.site.author,
        "page": wanted.page,
    }
    name, template = _template(config, wanted)
    try:
        return _environment().from_string(template).render(values)
    except Exception as error:
        said = str(error) if isinstance(error, jinja2.TemplateError) else f"{type(error).__name__}: {error}"
        raise Failed(
            f"the template is wrong: {said}", where=f"{name}{_line(error)}", hint="Nothing was written."
        ) from error


def _line(error: Exception) -> str:
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f":{error.lineno}"
    # Jinja2 gives its frames the lines of the template.
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"
    ]
    return f":{lines[-1]}" if lines else ""


def _template(config: Config, wanted: Wanted) -> tuple[str, str]:
    """Return the author's template for the category, or for every post, or the built-in one."""
    folder = config.folder / config.content.templates / "new"
    category = slugs_for("category", config).of(wanted.category)
    names = ["page"] if wanted.page else [*([category] if category else []), "post"]
    for path in (folder / f"{name}.rst" for name in names):
        if path.is_file():
            try:
                return shown(path, config), path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise Failed(
                    f"cannot be read: {error}", where=shown(path, config), hint="Save it as UTF-8."
                ) from error
    return "the built-in template", _BUILT_IN


def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )


def _write(path: Path, text: str, config: Config) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        hint = "Choose another title, or another slug: --slug. Nothing was written."
        raise Refused("there is such a file already", where=shown(path, config), hint=hint) from error
    except OSError as error:
        raise Failed(f"cannot be written: {error.strerror}", where=shown(path, config)) from error
