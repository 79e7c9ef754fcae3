"""From ``extensions/*.py`` to what they registered, for as long as one build lasts."""

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from blogops.config import Config
from blogops.errors import OpsError
from blogops.website.extensions.origin import Origin
from blogops.website.extensions.page import Page
from blogops.website.sweep import is_within

if TYPE_CHECKING:
    from blogops.website.extensions.blog import Blog

_MODULE = "blogops_extension_"


@dataclass(frozen=True)
class Extensions:
    """What extensions add: Jinja *filters* by name, and the hooks that yield *pages*.

    Each hook takes the ``Collection`` and the ``Config``. A mistake in one comes out as `Failed`.
    """

    filters: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    pages: tuple[Callable[..., Iterable[Page]], ...] = ()


@contextlib.contextmanager
def loaded(config: Config) -> Iterator[Extensions]:
    """Run the extensions of *config*, in the order of their names; nothing of them is left afterwards.

    Posts may use their directives and roles meanwhile, also in processes that are forked. The files are
    read anew each time. Raises `Failed`, which names the file and the line, when one is wrong.
    """
    files = list(_files(config))
    if not files:
        yield Extensions()
        return
    # docutils takes longer to import than many a build takes.
    from docutils.parsers.rst import directives, roles

    from blogops.website.extensions.blog import Blog, Registered

    tables: Any = directives, roles  # Their annotations leave these two out.
    with _restored(tables[0]._directives), _restored(tables[1]._roles), _own_modules():
        registered = Registered(config.site.language)
        for origin in files:
            _run(origin, Blog(origin, registered))
        for name, cls in registered.directives.items():
            directives.register_directive(name, cls)
        for name, function in registered.roles.items():
            roles.register_local_role(name, function)
        yield Extensions(registered.filters, tuple(registered.pages))


@contextlib.contextmanager
def _restored(table: dict[str, Any]) -> Iterator[None]:
    """Put *table* back as it was: docutils has a way to register a name and none to take it back."""
    before = dict(table)
    try:
        yield
    finally:
        for name in [name for name in table if name not in before]:
            del table[name]
        table.update(before)


@contextlib.contextmanager
def _own_modules() -> Iterator[None]:
    """Forget the modules that extensions are; what they imported stays."""
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.startswith(_MODULE)]:
            del sys.modules[name]


def _files(config: Config) -> Iterator[Origin]:
    folder = config.folder / config.content.extensions
    for path in sorted(folder.glob("*.py")):
        if path.name.startswith((".", "_")):
            continue
        origin = Origin(str(path), path.relative_to(config.folder).as_posix())
        if not is_within(path, config.folder.resolve() / config.content.extensions):
            raise origin.refused("a link that leads out of this folder is not followed; put the file here")
        yield origin


def _run(origin: Origin, blog: "Blog") -> None:
    setup = None
    try:
        setup = _module(origin).__dict__.get("setup")
        if callable(setup) and _takes_one(setup):
            setup(blog)
            return
    except OpsError:
        raise
    except (Exception, SystemExit) as error:
        raise origin.failed("this extension", error, setup) from error
    problem = (
        '"setup" must take one argument: def setup(blog)' if setup else 'there is no "def setup(blog)" in it'
    )
    raise origin.refused(problem, setup)


def _module(origin: Origin) -> ModuleType:
    """Run the file of *origin* as a module. Python's own cache of modules would miss a quick change."""
    path = Path(origin.file)
    module = ModuleType(_MODULE + path.stem)
    module.__file__ = origin.file
    sys.modules[module.__name__] = module
    exec(compile(path.read_bytes(), origin.file, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    return module


def _takes_one(setup: Callable[..., Any]) -> bool:
    try:
        inspect.signature(setup).bind("blog")
    except TypeError:
        return False
    return True
