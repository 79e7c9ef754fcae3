"""The theme: Jinja2 templates, the author's own first, the style sheet, the icon and the logo."""

import datetime as dt
import functools
import hashlib
import json
import re
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from jinja2 import meta
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Expr
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from blogops import resources
from blogops.config import Config
from blogops.errors import Failed
from blogops.website.addresses import place
from blogops.website.colours import colours
from blogops.website.dates import local
from blogops.website.digests import digest
from blogops.website.extensions import Extensions
from blogops.website.lists import Pager
from blogops.website.memory import Memory
from blogops.website.model import Entry, Label
from blogops.website.output import Output
from blogops.website.store import keep, kept
from blogops.website.sweep import is_within
from blogops.website.watching import Watched
from blogops.website.words import counted, direction, language_name, shown_date

_OF_A_MAPPING = frozenset(dir(MappingProxyType))
_SPECIAL = re.compile("[&<>\"']")
_TIME = Markup('<time datetime="%s">%s</time>')
_JSON: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":")}
_ENCODER = json.JSONEncoder(**_JSON)
# In turn: what is quoted, comments, the last semicolon of a rule, and spaces around signs.
_SPARE = re.compile(
    r"""("[^"]*"|'[^']*')|/\*.*?\*/\s*|;\s*(?=})|\s*([{};,])\s*|(?<=:)\s+|^\s+|\s+$""",
    re.DOTALL,
)


class _Records(dict[type, bool]):
    """Whether a type is a frozen record of ours: an entry, a list, or one of our named tuples."""

    def __missing__(self, kind: type) -> bool:
        ours = kind.__module__.startswith("blogops.")
        self[kind] = kind in (Entry, Watched, Pager) or (ours and hasattr(kind, "_fields"))
        return self[kind]


_RECORDS = _Records()


class Theme:
    """Renders the templates of one site."""

    def __init__(self, config: Config, extensions: Extensions, memory: Memory | None = None) -> None:
        self._memory = memory or Memory()
        self._config = config
        self._own = config.folder / config.content.templates
        self._stock = resources.templates("site")
        self._environment = _environment(self._own, self._stock)
        self._environment.bytecode_cache = _Compiled(self._memory)
        self._environment.filters.update(extensions.filters)
        self._environment.filters.update(_filters(ZoneInfo(config.site.timezone)))
        self._environment.globals.update(_globals(config))
        self._assets = tuple(self._made())
        self._addresses = self._asset_addresses()
        self._environment.globals.update(self._addresses)
        self._environment.begin()
        told = {name: value for name, value in self._environment.globals.items() if not callable(value)}
        self._told = digest(repr(sorted(told.items(), key=lambda pair: pair[0])))
        self._digests: dict[str, str] = {}

    def render(self, template: str, context: Mapping[str, Any]) -> bytes:
        """Return *template* filled in. Raises `Failed`, with file and line, when the template is wrong."""
        try:
            return self._environment.get_template(template).render(context).encode()
        except jinja2.TemplateSyntaxError as error:
            raise self._broken(error, Path(error.filename or template), error.lineno) from error
        # A filter is an author's code and may raise anything.
        except Exception as error:
            raise self._broken(error, *_place_of(error, template)) from error

    def prepare(self, templates: Iterable[str], entries: Iterable[Entry]) -> None:
        """Compile *templates* and all that they use, and word what pages say of *entries*.

        Children would do it too, and forget it.
        """
        for name in {each for template in templates for each in self._closure(template)}:
            self.has(name)
        day, reading_time = (self._environment.filters[name] for name in ("day", "reading_time"))
        for entry in entries:
            for language in {self._config.site.language, entry.lang}:
                reading_time(entry.minutes, language)
                if entry.date:
                    day(entry.date, language)

    def has(self, template: str) -> bool:
        """Tell whether there is such a template, the author's or the theme's."""
        try:
            self._environment.get_template(template)
        except jinja2.TemplateNotFound:
            return False
        except jinja2.TemplateSyntaxError:
            # There it is; what is wrong with it is told when it is rendered.
            return True
        return True

    def digest(self, template: str) -> str:
        """Return a digest of *template*, of all it extends, includes or imports, and of what they get."""
        if template not in self._digests:
            sources = {name: self._source(name) for name in sorted(self._closure(template))}
            self._digests[template] = digest(repr((self._told, sources)))
        return self._digests[template]

    def _closure(self, template: str) -> set[str]:
        """Return the names of the templates that *template* may use, itself among them."""
        found: set[str] = set()
        left = [template]
        while left:
            name = left.pop()
            if name not in found:
                found.add(name)
                left += self._references(name)
        return found

    def _references(self, name: str) -> list[str]:
        source, known = self._source(name), self._memory.known.references
        if source is None:
            return []
        key = digest(source)
        if key not in known:
            try:
                known[key] = tuple(meta.find_referenced_templates(self._environment.parse(source)))
            except jinja2.TemplateSyntaxError:
                return []  # Whoever renders it tells of it.
        # A name that is worked out may be any.
        names = known[key]
        return self._environment.list_templates() if None in names else [each for each in names if each]

    def _source(self, name: str) -> str | None:
        """Return the source of a template; None if there is none, which an include may allow."""
        try:
            assert self._environment.loader  # noqa: S101 - we gave it one
            return self._environment.loader.get_source(self._environment, name)[0]
        except jinja2.TemplateNotFound:
            return None

    def assets(self) -> tuple[Output, ...]:
        """Return what the pages need besides: each is named after its own bytes, to be cached for ever."""
        return self._assets

    @property
    def icon(self) -> str:
        """The address of the icon."""
        return self._addresses["icon"]

    @property
    def logo(self) -> str:
        """The address of the logo, or nothing."""
        return self._addresses["logo"]

    def _made(self) -> list[Output]:
        style = _compact(self.render("style.css", {}).decode()).encode()
        made = [_asset("style.css", "the theme's style sheet", style)]
        icon = self._config.theme.icon
        made.append(
            self._file("icon", icon) if icon else _asset("icon.svg", "the theme's icon", self._icon())
        )
        if self._config.theme.logo:
            made.append(self._file("logo", self._config.theme.logo))
        return made

    def _icon(self) -> bytes:
        return self.render("icon.svg", {})

    def _file(self, key: str, name: str) -> Output:
        path = self._config.manuscript / name
        try:
            if not is_within(path, self._config.manuscript.resolve()):
                raise FileNotFoundError
            return _asset(key + path.suffix.lower(), f"theme.{key}", path.read_bytes())
        except OSError as error:
            raise Failed(
                f'theme.{key}: there is no file "{name}" in {self._config.content.path}',
                where=str(self._config.path),
                hint="Nothing was built. Put the picture there, or name the right one.",
            ) from error

    def _asset_addresses(self) -> dict[str, str]:
        found = {PurePosixPath(each.place.path).name.split(".")[0]: each.place.url for each in self._assets}
        return {"css": found["style"], "icon": found["icon"], "logo": found.get("logo", "")}

    def _broken(self, error: Exception, path: Path, line: int) -> Failed:
        if path.is_relative_to(self._config.folder):
            path = path.relative_to(self._config.folder)
        elif path.is_relative_to(self._stock):
            path = path.relative_to(self._stock)
        where = f"{path.as_posix()}:{line}" if line else path.as_posix()
        return Failed(f"the template is wrong: {_said(error)}", where=where, hint="Nothing was built.")


class _Compiled(jinja2.BytecodeCache):
    """Templates as Python compiled them, kept in the store; Jinja2 compares the source of each.

    Jinja2 works out what is constant when it compiles: what an author's filter makes of a text, for one. So
    what other code compiled is not used.
    """

    def __init__(self, memory: Memory) -> None:
        self._store, self._by = memory.store, memory.reading

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept of a template, if it is of the same source."""
        data = kept(self._store, f"template/{bucket.key}", self._by)
        if data is not None:
            bucket.bytecode_from_string(data)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template."""
        keep(self._store, f"template/{bucket.key}", self._by, bucket.bytecode_to_string())


class _Code(CodeGenerator):
    """Python from templates that escapes what they write by `_Sandbox.escaped`."""

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")


class _Template(jinja2.Template):
    """A template that is imported with the globals that all have: Jinja2 looks for others each time."""

    def _get_default_module(self, ctx: Context | None = None) -> Any:
        return super()._get_default_module()


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox, quicker where it has nothing to forbid."""

    code_generator_class = _Code
    template_class = _Template

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._templates: dict[str, jinja2.Template] = {}
        self._has_begun = False

    def begin(self) -> None:
        """From now on no global variable changes: each template has all of them at hand."""
        self._templates.clear()
        self._has_begun = True

    @staticmethod
    def escaped(value: Any) -> str:
        """Return *value* as it may stand in HTML; most words have nothing to escape."""
        kind = type(value)
        if kind is Markup or (kind is str and _SPECIAL.search(value) is None):
            return value  # type: ignore[no-any-return]
        return str(escape(value))

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> jinja2.Template:
        """Return a template; no file of them changes while a site is made."""
        if name not in self._templates:
            found = self._templates[name] = super().get_template(name, parent, globals)
            if self._has_begun:
                found.globals = dict(found.globals)  # Jinja2's mapping looks into two, name by name
        return self._templates[name]

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what a template calls; a macro is a template's own."""
        if type(obj) is Macro:
            # What Jinja2 gives to functions that want to know where they are called; a macro does not.
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return obj(*args, **kwargs)
        return super().call(context, obj, *args, **kwargs)

    def getattr(self, obj: Any, attribute: str) -> Any:
        # What is asked most: a public field of a frozen record, which the sandbox allows after a dozen
        # questions. A method among them is still judged when it is called.
        kind = type(obj)
        if _RECORDS[kind] and attribute[:1] != "_":
            try:
                return getattr(obj, attribute)
            except AttributeError:
                return self.undefined(obj=obj, name=attribute)
        # And the words of a language.
        if kind is MappingProxyType and attribute in obj and attribute not in _OF_A_MAPPING:
            return obj[attribute]
        return super().getattr(obj, attribute)


def _environment(own: Path, stock: Path) -> _Sandbox:
    theirs = jinja2.FileSystemLoader(stock)
    # "!base.html" is the theme's, for an author's base.html that changes a part of it.
    loaders = [jinja2.FileSystemLoader(own), theirs, jinja2.PrefixLoader({"": theirs}, delimiter="!")]
    environment = _Sandbox(
        loader=jinja2.ChoiceLoader(loaders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.policies |= {"json.dumps_function": _json, "json.dumps_kwargs": {}}
    return environment


def _json(value: Any, **options: Any) -> str:
    return json.dumps(value, **_JSON, **options) if options else _ENCODER.encode(value)


def _filters(zone: ZoneInfo) -> dict[str, Any]:
    @functools.lru_cache(maxsize=1 << 12)
    def day(moment: dt.datetime, language: str) -> str:
        return shown_date(moment.astimezone(zone).date(), language)

    def reading_time(minutes: int, language: str) -> str:
        return counted("reading_time", minutes, language)

    @functools.lru_cache(maxsize=1 << 12)
    def iso(moment: dt.datetime) -> str:
        return local(moment, zone).isoformat()

    @functools.lru_cache(maxsize=1 << 12)
    def time(moment: dt.datetime, language: str) -> Markup:
        return _TIME % (iso(moment), day(moment, language))

    said = {"day": day, "iso": iso, "reading_time": reading_time, "language_name": language_name}
    return {**said, "time": time, "foreign": _foreign, "link": _link}


@functools.cache
def _foreign(language: str, page: str) -> Markup:
    """Return the attributes that a text in *language* needs on a page in another, or in none yet."""
    if language == page:
        return Markup()
    way = direction(language)
    if way == (direction(page) if page else "ltr"):
        return Markup(' lang="{}"').format(language)
    return Markup(' lang="{}" dir="{}"').format(language, way)


@functools.lru_cache(maxsize=1 << 12)
def _link(label: Label) -> str | Markup:
    """Return the name of *label*, as a link where its list has an address."""
    return Markup('<a href="{}">{}</a>').format(label.url, label.name) if label.url else label.name


def _globals(config: Config) -> dict[str, Any]:
    site = config.site
    if site.typography:
        from blogops.website.typography import typeset  # takes longer to import than most builds to plan

        title, description = (typeset(text, site.language) for text in (site.title, site.description))
        site = site._replace(title=title, description=description)
    return {
        "site": site,
        "root": config.site.url.rstrip("/"),
        "colours": MappingProxyType(colours(config)),
        "links": tuple(config.theme.menu.items()),
    }


def _compact(style: str) -> str:
    """Return *style* without the spaces and comments that only people need; what is quoted stays."""
    return _SPARE.sub(lambda match: match[1] or match[2] or "", style)


def _asset(name: str, origin: str, data: bytes) -> Output:
    stem, suffix = name.rsplit(".", 1)
    digest = hashlib.sha256(data).hexdigest()[:8]
    return Output(place(f"theme/{stem}.{digest}.{suffix}"), origin, data)


def _place_of(error: Exception, template: str) -> tuple[Path, int]:
    """Return the last place in a template on the way to *error*; Jinja2 gives its frames their lines."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [(Path(frame.filename), frame.lineno or 0) for frame in frames if _is_template(frame.filename)]
    return places[-1] if places else (Path(template), 0)


def _is_template(name: str) -> bool:
    return not name.endswith(".py") and not name.startswith("<")


def _said(error: Exception) -> str:
    if isinstance(error, jinja2.TemplateNotFound):
        return f'there is no template "{error.name}"'
    return str(error) or type(error).__name__
