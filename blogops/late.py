"""Modules that libraries import at their head and that hardly any run needs: imported when they are used."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


class _Late(ModuleType):
    """Stands for a module: each name is a function that calls the real one, and imports it then."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*args: object, **options: object) -> Any:
            return getattr(import_module(self.__name__), name)(*args, **options)

        return call


@contextmanager
def late(*names: str) -> Iterator[None]:
    """Let what is imported meanwhile take functions from the modules *names*, to be called later.

    Whoever imports one afterwards gets the module itself; one that is there already stays.
    """
    stand_ins = {name: _Late(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]
